"""Changes of messages over an hour old, which Discord takes only so often."""

from datetime import UTC, datetime

import pytest

from adapters.discord.outbound.channels import DiscordChannel
from adapters.discord.outbound.client import Rest
from adapters.discord.outbound.messages import Poster
from adapters.discord.outbound.pacing import OLD_EDITS_APART
from adapters.discord.render.components import message, text
from bot.domain.errors import NotSent
from bot.domain.message import MessageRef
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from storage.shared.rate_limits import LocalRateLimiter
from tests.servers.discord.state import PAPERS, READING

EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
HOUR = 3600


class Counting:
    """The server's clock, as ours."""

    def __init__(self, clock):
        self._clock = clock

    def now(self):
        return datetime.fromtimestamp(self._clock(), UTC)

    def elapsed(self):
        return self._clock()

    async def sleep(self, seconds):
        self._clock.advance(seconds)


@pytest.fixture
async def poster(server):
    limiter = LocalRateLimiter(pause=server.clock.sleep, clock=server.clock)
    clock = PlatformClock("Discord", Counting(server.clock))
    async with Rest(server.token, server.api, server.gateway_url, Pacer("Discord", limiter), clock) as rest:
        yield Poster(rest)


async def posted(poster, number=1, channel=PAPERS):
    target = DiscordChannel(str(channel), 0)
    return [await poster.post(target, message([text("old")])) for _ in range(number)]


async def waits(poster, one):
    """Redraw a message: how long it has to wait, 0 where it is redrawn."""
    try:
        await poster.edit(one, message([text("new")]))
    except NotSent as failure:
        return failure.retry_after
    return 0.0


def statuses(server):
    return [call.status for call in server.calls_of(EDIT)]


async def test_they_take_turns_in_each_channel_and_discord_is_not_asked_too_early(server, poster):
    old = await posted(poster, 2)
    (elsewhere,) = await posted(poster, channel=READING)
    server.clock.advance(2 * HOUR)
    (young,) = await posted(poster)
    assert await waits(poster, old[0]) == 0
    assert 0 < await waits(poster, old[1]) <= OLD_EDITS_APART
    assert [await waits(poster, each) for each in (elsewhere, young, young)] == [0, 0, 0]
    server.clock.advance(OLD_EDITS_APART)
    assert await waits(poster, old[1]) == 0
    assert statuses(server) == [200] * 5


async def test_what_discord_refuses_as_too_early_comes_when_it_says(server, poster):
    old = await posted(poster, 2)
    server.clock.advance(2 * HOUR)
    server.world.old_edits.most, server.world.old_edits.seconds = 1, 100.0
    assert await waits(poster, old[0]) == 0
    server.clock.advance(OLD_EDITS_APART)
    assert await waits(poster, old[1]) == pytest.approx(100 - OLD_EDITS_APART, abs=1)
    assert statuses(server) == [200, 429]
    server.clock.advance(50)
    assert await waits(poster, old[1]) > 40
    assert statuses(server) == [200, 429], "nobody asks before that"
    server.clock.advance(50)
    assert await waits(poster, old[1]) == 0
    assert "new" in str(server.messages(PAPERS)[1].components)


async def test_where_nobody_knows_the_time_discord_tells_what_is_old(server, poster):
    (old,) = await posted(poster)
    server.clock.advance(2 * HOUR)
    poster._rest.clock = PlatformClock("Discord", Counting(server.clock))
    server.world.old_edits.most = 0
    assert await waits(poster, old) > 0
    assert isinstance(old, MessageRef)
