"""Topics that end or are paused while their papers are on the way, on both databases."""

from datetime import timedelta

import pytest

from adapters.console import CONSOLE
from bot.domain.errors import NotSent
from bot.domain.paper import PaperDraft
from bot.posting.clocks import Clocks
from storage.sql.migrations import migrate
from storage.sql.repositories.queues import EPOCH
from tests.delivering import delivery_over

EXPERTS, BRIDGES = "mixture of experts", "cracks in bridges"
NEW = PaperDraft(
    "Merging Experts after Training",
    "A mixture of experts is merged into one dense model after training. The merged model keeps its skill.",
    "test",
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def settings(request, settings):
    if request.param == "sqlite":
        yield settings
        return
    async with request.getfixturevalue("postgres").database(migrate) as url:
        yield settings.model_copy(update={"database_url": url})


@pytest.fixture(params=["unsubscribe {topic}", "subscriptions pause:{number}"])
def ending(request):
    return request.param


class Meanwhile:
    """A console over which somebody says something while a post is being sent; that post may not arrive."""

    platform = CONSOLE
    own_clock = None
    post_interval = timedelta()
    single_posts = False
    max_resends = None

    def __init__(self, world, number, saying, failure=None):
        self._world, self._left, self._saying, self._failure = world, number, saying, failure

    async def send(self, *post):
        self._left -= 1
        if self._left == 0:
            await self._saying()
            if self._failure:
                raise self._failure
        return await self._world.surface.send(*post)


def posts(world):
    messages = [each for each in world.surface.history.latest() if each.draft.token]
    return sorted(messages, key=lambda each: each.number)


async def planned(world, *topics):
    """Subscribe to topics and plan their first digest; who asked, and each topic's number."""
    ada = world.person("ada")
    subscribed = [await ada.says(f"subscribe {topic} at:09:00 tz:Europe/Paris") for topic in topics]
    world.clock.forward(hours=2)
    await world.parts.planner.plan_due()
    return ada, [each.subscription.id for each in subscribed]


async def deliver(world, surface):
    surfaces = {CONSOLE: surface}
    delivery = delivery_over(world.parts.store, surfaces, Clocks(world.clock, surfaces), "test")
    for _ in range(3):
        await delivery.deliver()
        world.clock.forward(hours=1)


async def assert_no_trouble(world):
    async with world.parts.store.reading() as tx:
        assert await tx.outbox.list_troubles(EPOCH) == []


async def test_a_topic_that_ends_before_its_digest_is_sent_posts_nothing(world, ending):
    ada, [number] = await planned(world, EXPERTS)
    await ada.says(ending.format(topic=EXPERTS, number=number))
    for _ in range(3):
        await world.parts.worker.work_off()
        world.clock.forward(days=1)
    assert posts(world) == []
    await assert_no_trouble(world)


async def test_a_topic_that_ends_amid_its_parts_posts_no_more(world, ending):
    ada, [number] = await planned(world, EXPERTS)
    saying = ending.format(topic=EXPERTS, number=number)
    await deliver(world, Meanwhile(world, 2, lambda: ada.says(saying)))
    assert len(posts(world)) == 2, "the part that was under way is the last"
    await assert_no_trouble(world)


async def test_a_topic_that_ends_while_its_platform_is_away_posts_nothing(world, ending):
    ada, [number] = await planned(world, EXPERTS)
    saying = ending.format(topic=EXPERTS, number=number)
    away = NotSent("busy", retry_after=300)
    await deliver(world, Meanwhile(world, 1, lambda: ada.says(saying), away))
    assert posts(world) == []
    await assert_no_trouble(world)


async def test_one_of_two_topics_ends_and_the_other_goes_on(world, ending):
    ada, [number, _] = await planned(world, EXPERTS, BRIDGES)
    await ada.says(ending.format(topic=EXPERTS, number=number))
    await world.parts.worker.work_off()
    overview, part = posts(world)
    for message in (overview, part):
        assert BRIDGES in message.draft.text
        assert EXPERTS not in message.draft.text
    await assert_no_trouble(world)


async def test_a_topic_paused_and_resumed_the_same_day_goes_on_with_the_next_digest(world):
    ada, [number] = await planned(world, EXPERTS)
    await deliver(world, Meanwhile(world, 2, lambda: ada.says(f"subscriptions pause:{number}")))
    await ada.says(f"subscriptions resume:{number}")
    await world.parts.worker.work_off()
    assert len(posts(world)) == 2, "the day has had its digest"
    await world.parts.library.add([NEW])
    world.clock.forward(days=1)
    await world.parts.worker.work_off()
    parts = [message.draft.text for message in posts(world) if message.draft.thread]
    assert len(parts) == len(set(parts)) == 3
    assert len(posts(world)) == 5
    await assert_no_trouble(world)
