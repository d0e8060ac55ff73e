"""The daily post, from the subscription to the thread, over days and faults."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.console import CONSOLE
from app.todays import post_todays
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.post import PostState
from bot.domain.source import SourceRun, SourceState
from bot.domain.vote import TallyCount, Vote
from bot.posting.clocks import Clocks
from bot.posting.delivery import MAX_PAUSE, RETRY_FOR
from bot.posting.planner import DigestPlanner
from bot.protocol.replies import Digest, Notice, PaperCard
from storage.shared.wakeup import LocalWakeup
from storage.sql.repositories.queues import EPOCH
from tests.delivering import delivery_over

NEW = PaperDraft(
    "Merging Experts after Training",
    "A mixture of experts is merged into one dense model after training. The merged model keeps its skill.",
    "test",
)

DOI, OTHER_DOI = (Identifier(Scheme.DOI, f"10.1145/{number}") for number in (1, 2))
JOURNAL = replace(NEW, authors=("Ada Example", "Bob Sample"), identifiers=frozenset({DOI}))
PREPRINT = replace(
    JOURNAL,
    abstract=f"{NEW.abstract} We tell how.",
    identifiers=frozenset({OTHER_DOI, Identifier(Scheme.ARXIV, "2406.00001")}),
)


def posts(world):
    """The bot's own messages in the record that carry a token, oldest first."""
    messages = [each for each in world.surface.history.latest() if each.draft.token]
    return sorted(messages, key=lambda each: each.number)


async def subscribed(world, line="subscribe mixture of experts at:09:00 tz:Europe/Paris"):
    ada = world.person("ada")
    await ada.says(line)
    return ada


async def test_nothing_is_posted_before_its_time_and_each_paper_is_a_part_of_its_own_after(world):
    await subscribed(world)
    await world.parts.worker.work_off()
    assert posts(world) == []
    world.clock.forward(hours=1)
    await world.parts.worker.work_off()
    overview, *parts = posts(world)
    assert len(parts) == 2
    assert all(part.draft.thread == str(overview.number) for part in parts)
    assert "mixture of experts" in overview.draft.text


async def test_no_paper_is_posted_twice_and_new_ones_are(world):
    await subscribed(world)
    for _ in range(3):
        world.clock.forward(days=1)
        await world.parts.worker.work_off()
    assert len(posts(world)) == 3
    await world.parts.library.add([NEW])
    world.clock.forward(days=1)
    await world.parts.worker.work_off()
    assert [part.draft.thread is None for part in posts(world)[3:]] == [True, False]
    assert NEW.title in posts(world)[-1].draft.text


async def test_a_paper_under_two_ids_is_posted_once_and_its_copy_not_the_next_day(world):
    report = await world.parts.library.add([JOURNAL, PREPRINT])
    assert len({paper_id for paper_id, _ in report.stored}) == 2
    ada = await subscribed(world)
    await subscribed(world, "subscribe merging experts at:09:00 tz:Europe/Paris")
    for _ in range(3):
        world.clock.forward(days=1)
        await world.parts.worker.work_off()
    shown = [message.draft.text for message in posts(world) if NEW.title in message.draft.text]
    (card,) = [text for text in shown if "We tell how" in text or "mixture of experts is merged" in text]
    assert f"#{report.stored[1][0]}" in card
    assert isinstance(await ada.says(f"show #{report.stored[0][0]}"), PaperCard)


async def test_a_copy_that_comes_later_is_not_posted(world):
    await world.parts.library.add([PREPRINT])
    await subscribed(world)
    world.clock.forward(days=1)
    await world.parts.worker.work_off()
    before = len(posts(world))
    await world.parts.library.add([JOURNAL])
    world.clock.forward(days=1)
    await world.parts.worker.work_off()
    assert len(posts(world)) == before


async def test_todays_digest_can_be_posted_ahead_and_is_not_posted_again(world):
    await subscribed(world)
    assert await post_todays(world.parts) == ["#general at 09:00 Europe/Paris: posted now"]
    assert await post_todays(world.parts) == ["#general at 09:00 Europe/Paris: nothing to post"]
    world.clock.forward(hours=2)
    await world.parts.worker.work_off()
    assert len(posts(world)) == 3


async def test_gardening_posts_nothing_and_says_so_once_a_week(world):
    await subscribed(world, "subscribe gardening at:09:00 tz:Europe/Paris")
    for _ in range(10):
        world.clock.forward(days=1)
        await world.parts.worker.work_off()
    quiet = posts(world)
    assert len(quiet) == 2
    assert all("Nothing new" in message.draft.text for message in quiet)


async def record_run(world, state, **since):
    at = world.clock.now() - timedelta(**since)
    async with world.parts.store.writing() as tx:
        await tx.source_runs.record(SourceRun("huggingface", at.date(), state, 0, at, "timed out"))


async def test_a_source_that_failed_is_told_that_day_once_and_nothing_more_is_said(world):
    await subscribed(world, "subscribe gardening at:09:00 tz:Europe/Paris")
    world.clock.forward(days=1)
    await world.parts.worker.work_off()
    world.clock.forward(days=1)
    await record_run(world, SourceState.FAILED, hours=20)
    await world.parts.worker.work_off()
    await post_todays(world.parts)
    [told] = [message.draft.text for message in posts(world) if "Hugging Face" in message.draft.text]
    assert "Tuesday, 24 November" in told
    assert "Nothing new" not in told
    world.clock.forward(days=1)
    await world.parts.worker.work_off()
    assert len(posts(world)) == 2, "the run is too old by now"


async def test_warnings_do_not_put_off_what_is_said_once_a_week(world):
    await subscribed(world, "subscribe gardening at:09:00 tz:Europe/Paris")
    for _ in range(8):
        world.clock.forward(days=1)
        await record_run(world, SourceState.PARTIAL, hours=1)
        await world.parts.worker.work_off()
    said = ["Nothing new" in message.draft.text for message in posts(world)]
    assert said == [True, *[False] * 6, True]


async def test_papers_that_another_process_took_in_are_posted(world, open_world):
    async with open_world() as other:
        await subscribed(world)
        await other.parts.library.add([NEW])
    world.clock.forward(hours=2)
    await world.parts.worker.work_off()
    assert NEW.title in world.shown


async def test_a_post_ahead_of_its_time_moves_the_next_one_to_tomorrow(world):
    ada = await subscribed(world)
    assert (await ada.says("subscriptions")).rows[0].next_post.day == 23
    await post_todays(world.parts)
    assert (await ada.says("subscriptions")).rows[0].next_post.day == 24
    assert (await ada.says("subscribe bridges at:09:00 tz:Europe/Paris")).next_post.day == 24


async def test_a_change_of_one_option_keeps_the_others(world):
    ada = await subscribed(world, "subscribe bridges at:18:30 tz:Europe/Paris days:mon-fri top:3 cat:cs.CV")
    await ada.says("subscribe Bridges min:2")
    [row] = (await ada.says("subscriptions")).rows
    wanted = row.subscription.spec
    assert (wanted.min_votes, wanted.top, wanted.categories) == (2, 3, {"cs.CV"})
    assert (wanted.slot.at.hour, wanted.slot.timezone, len(wanted.days)) == (18, "Europe/Paris", 5)


async def test_a_posted_paper_keeps_its_topic_after_the_subscription_ended(world):
    ada = await subscribed(world)
    world.clock.forward(hours=2)
    await world.parts.worker.work_off()
    await ada.says("unsubscribe mixture of experts")
    part = posts(world)[-1]
    await ada.reacts(part.ref, Vote.UP)
    await world.parts.tally_updates.settle()
    redrawn = world.surface.history.message(part.number).draft.text
    assert "👍 1" in redrawn
    assert "mixture of experts" in redrawn


async def test_days_missed_are_one_digest(world):
    await subscribed(world)
    world.clock.forward(days=5)
    await world.parts.worker.work_off()
    assert len([message for message in posts(world) if message.draft.thread is None]) == 1


async def test_a_paper_goes_under_one_topic_and_top_limits_them(world):
    ada = await subscribed(world, "subscribe mixture of experts top:1 at:09:00 tz:Europe/Paris")
    await ada.says("subscribe routing tokens to experts at:09:00 tz:Europe/Paris")
    world.clock.forward(hours=2)
    await world.parts.worker.work_off()
    papers = [message.draft.text.splitlines()[1] for message in posts(world) if message.draft.thread]
    assert len(papers) == len(set(papers)) == 2


async def test_min_counts_up_votes(world):
    ada = await subscribed(world, "subscribe mixture of experts min:2 at:09:00 tz:Europe/Paris")
    world.clock.forward(hours=2)
    number = (await ada.says("search serving experts cheaper memory")).hits[0].paper.id
    await ada.says(f"vote #{number}")
    assert (await ada.says("digest")).sections == ()
    await world.person("bob", "#vision").says(f"vote #{number}")
    assert [hit.paper.id for hit in (await ada.says("digest")).sections[0].hits] == [number]


async def test_flat_posts_have_no_thread(world):
    ada = world.person("ada")
    await ada.says("settings layout:flat")
    await subscribed(world)
    world.clock.forward(hours=2)
    await world.parts.worker.work_off()
    assert [message.draft.thread for message in posts(world)] == [None, None, None]


async def test_votes_on_a_posted_part_are_shown_on_it(world):
    ada = await subscribed(world)
    world.clock.forward(hours=2)
    await world.parts.worker.work_off()
    part = posts(world)[-1]
    await ada.reacts(part.ref, Vote.UP)
    await world.person("bob").reacts(part.ref, Vote.UP)
    await world.parts.tally_updates.settle()
    assert "👍 2" in world.surface.history.message(part.number).draft.text
    assert (await ada.says("top")).rows[0].tally == TallyCount(2, 0)


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
async def test_the_hour_stays_local_over_the_nights_when_clocks_change(world, night):
    world.clock.time = datetime(night.year, night.month, night.day - 2, 12, tzinfo=UTC)
    await subscribed(world, "subscribe gardening at:09:00 tz:Europe/Paris")
    paris = ZoneInfo("Europe/Paris")
    times = []
    for _ in range(4):
        async with world.parts.store.reading() as tx:
            world.clock.time = await tx.schedule.next_due([CONSOLE])
        await world.parts.worker.work_off()
        times.append(world.clock.time.astimezone(paris))
    days = [night + timedelta(days=step) for step in (-1, 0, 1, 2)]
    assert [each.date() for each in times] == days
    assert {(each.hour, each.minute) for each in times} == {(9, 0)}
    assert {each.astimezone(UTC).hour for each in times} == {7, 8}


class Faulty:
    """A surface that fails as it is told, and passes everything else on."""

    def __init__(self, surface, faults):
        self._surface = surface
        self.faults = list(faults)
        self.platform, self.own_clock, self.post_interval = CONSOLE, None, timedelta()
        self.max_resends = None

    async def send(self, channel, reply, token, thread):
        fault = self.faults.pop(0) if self.faults else None
        if fault == "accepted":
            await self._surface.send(channel, reply, token, thread)
            raise DeliveryUnknown("no answer")
        if fault == "lost":
            raise DeliveryUnknown("no answer")
        if isinstance(fault, Exception):
            raise fault
        return await self._surface.send(channel, reply, token, thread)

    async def find(self, channel, token, since, *further):
        if self.faults and self.faults[0] == "blind":
            self.faults.pop(0)
            raise DeliveryUnknown("cannot look")
        if self.faults and self.faults[0] == "closed":
            self.faults.pop(0)
            raise NotSent("its history cannot be read")
        return await self._surface.find(channel, token, since, *further)

    async def replace(self, channel, message, reply):
        await self._surface.replace(channel, message, reply)


async def deliver_with(world, faults, rounds=40):
    await subscribed(world)
    world.clock.forward(hours=2)
    await world.parts.planner.plan_due()
    surface = Faulty(world.surface, faults)
    surfaces = {CONSOLE: surface}
    delivery = delivery_over(world.parts.store, surfaces, Clocks(world.clock, surfaces), "test")
    for _ in range(rounds):
        while await delivery.deliver():
            pass
        world.clock.forward(minutes=10)


async def troubles(world):
    async with world.parts.store.reading() as tx:
        return await tx.outbox.list_troubles(EPOCH)


@pytest.mark.parametrize(
    "faults",
    [
        ["accepted"],
        ["lost"],
        ["accepted", "blind", "accepted", "lost"],
        ["accepted", "closed", "closed", "lost"],
        [NotSent("busy", retry_after=30), "lost", NotSent("busy")],
        [None, "accepted", "accepted"],
    ],
)
async def test_no_fault_loses_or_doubles_a_post(world, faults):
    await deliver_with(world, faults)
    assert len(posts(world)) == 3
    assert len({message.draft.token for message in posts(world)}) == 3
    assert await troubles(world) == []


async def test_a_refused_overview_is_given_up_with_its_parts(world):
    await deliver_with(world, [PermanentFailure("the channel is gone")])
    assert posts(world) == []
    [trouble] = await troubles(world)
    assert (trouble.post.state, trouble.open, trouble.failed) == (PostState.FAILED, 0, 3)
    assert "gone" in trouble.detail


async def test_an_outage_of_hours_loses_nothing(world):
    await deliver_with(world, [NotSent("broken")] * 30)
    assert len(posts(world)) == 3
    assert await troubles(world) == []


async def test_a_post_that_does_not_go_out_for_a_day_is_given_up_and_its_papers_come_later(world):
    attempts = RETRY_FOR // MAX_PAUSE + 20
    await deliver_with(world, [NotSent("broken")] * attempts, rounds=attempts)
    assert posts(world) == []
    assert await troubles(world)
    await world.parts.worker.work_off()
    assert len(posts(world)) == 3


async def test_a_post_that_crashes_holds_up_no_other_channel(world):
    await subscribed(world)
    await world.person("bob", "#vision").says("subscribe mixture of experts at:09:00 tz:Europe/Paris")
    world.clock.forward(hours=2)
    await world.parts.planner.plan_due()
    surfaces = {CONSOLE: Faulty(world.surface, [KeyError("bug")])}
    delivery = delivery_over(world.parts.store, surfaces, Clocks(world.clock, surfaces), "test")
    for _ in range(10):
        while await delivery.deliver():
            pass
        world.clock.forward(minutes=10)
    assert len(posts(world)) == 6
    assert len({message.draft.token for message in posts(world)}) == 6


class Breaking:
    """A search that fails for one topic."""

    def __init__(self, search, topic):
        self._search = search
        self.topic = topic

    async def match_topics(self, topics, among):
        if self.topic in topics:
            raise RuntimeError("cannot match this")
        return await self._search.match_topics(topics, among)

    async def near_copies(self, *asked):
        return await self._search.near_copies(*asked)


async def test_a_channel_that_cannot_be_planned_holds_up_no_other_and_is_tried_again(world):
    await subscribed(world, "subscribe bridges at:09:00 tz:Europe/Paris")
    await world.person("bob", "#vision").says("subscribe mixture of experts at:09:00 tz:Europe/Paris")
    world.clock.forward(hours=1)
    search = Breaking(world.parts.planner._search, "bridges")
    planner = DigestPlanner(world.parts.store, search, world.parts.clocks, LocalWakeup())
    assert await planner.plan_due() == 2
    assert await planner.plan_due() == 0
    await world.parts.worker.work_off()
    assert {message.draft.channel for message in posts(world)} == {"#vision"}
    search.topic = "nothing"
    world.clock.forward(minutes=10)
    assert await planner.plan_due() == 1
    await world.parts.worker.work_off()
    assert {message.draft.channel for message in posts(world)} == {"#vision", "#general"}


class Held:
    """A search that waits to be let go on."""

    def __init__(self, search):
        self._search = search
        self.asked, self.may_go = asyncio.Event(), asyncio.Event()

    async def match_topics(self, topics, among):
        self.asked.set()
        await self.may_go.wait()
        return await self._search.match_topics(topics, among)

    async def near_copies(self, *asked):
        return await self._search.near_copies(*asked)


@pytest.mark.parametrize("minutes", [0, 5])
async def test_what_one_process_plans_no_other_does_and_one_that_is_too_late_plans_nothing(world, minutes):
    await subscribed(world)
    world.clock.forward(hours=2)
    search = Held(world.parts.planner._search)
    slow = DigestPlanner(world.parts.store, search, world.parts.clocks, LocalWakeup())
    planning = asyncio.create_task(slow.plan_due())
    await search.asked.wait()
    world.clock.forward(minutes=minutes)
    assert await world.parts.planner.plan_due() == (1 if minutes else 0)
    search.may_go.set()
    await planning
    await world.parts.worker.work_off()
    assert len(posts(world)) == 3


async def test_a_digest_that_was_planned_but_not_sent_is_one_with_the_next(world):
    await subscribed(world)
    world.clock.forward(hours=2)
    await world.parts.planner.plan_due()
    await world.parts.library.add([NEW])
    world.clock.forward(days=2)
    await world.parts.worker.work_off()
    overview, *parts = posts(world)
    assert {part.draft.thread for part in parts} == {str(overview.number)}
    assert len(parts) == 3
    assert NEW.title in overview.draft.text


async def test_everything_is_there_after_a_restart(open_world, clock):
    async with open_world() as world:
        await world.parts.library.add([NEW])
        ada = await subscribed(world)
        clock.forward(hours=2)
        await world.parts.worker.work_off()
        part = posts(world)[-1]
        await ada.reacts(part.ref, Vote.UP)
        search = await ada.says("search merging experts")
        number = search.hits[0].paper.id
        await ada.says(f"save #{number}")
        await ada.says(f"discuss #{number}")
    async with open_world() as world:
        ada, bob = world.person("ada"), world.person("bob")
        assert (await ada.says("search merging experts")).hits[0].paper.id == number
        assert (await ada.says("saved")).rows[0].paper.id == number
        assert (await ada.says("top")).rows[0].tally == TallyCount(1, 0)
        assert len((await ada.says("subscriptions")).rows) == 1
        assert (await ada.says("history")).rows[0].paper.id == number
        await bob.reacts(part.ref, Vote.UP)
        assert (await bob.says("top")).rows[0].tally == TallyCount(2, 0)
        clock.forward(days=1)
        await world.parts.worker.work_off()
        assert len(posts(world)) == 2


async def test_a_preview_is_a_digest_with_its_topic(world):
    ada = await subscribed(world)
    preview = await ada.says("digest")
    assert isinstance(preview, Digest)
    assert preview.sections[0].topic == "mixture of experts"
    assert isinstance(await world.person("ada", "#other").says("digest"), Notice)
    assert isinstance(await ada.says("show bridges"), PaperCard)
