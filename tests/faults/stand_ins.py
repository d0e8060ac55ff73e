"""Small parts that stand in the way, or in the place, of real ones."""

import asyncio
from collections import defaultdict
from datetime import timedelta

from adapters.slack import SLACK
from bot.domain.errors import NotSent


class Slow:
    """Slack, with channels whose answers wait until a test lets them go."""

    platform = SLACK
    own_clock = None
    post_interval = timedelta(seconds=1)
    single_posts = False
    max_resends = None

    def __init__(self, surface, *channels):
        self._surface = surface
        self._held = {channel: asyncio.Event() for channel in channels}
        self.reached = defaultdict(asyncio.Event)

    async def send(self, channel, reply, token, thread):
        self.reached[channel.external_id].set()
        message = await self._surface.send(channel, reply, token, thread)
        if channel.external_id in self._held:
            await self._held[channel.external_id].wait()
        return message

    async def find(self, *wanted):
        return await self._surface.find(*wanted)

    async def notify(self, *told):
        await self._surface.notify(*told)

    def let_go(self, channel):
        self._held[channel].set()


class Waiting:
    """Slack, whose first post waits before it goes out until a test lets it."""

    platform = SLACK
    own_clock = None
    post_interval = timedelta(seconds=1)
    single_posts = False
    max_resends = None

    def __init__(self, surface):
        self._surface = surface
        self.reached, self.gone_on = asyncio.Event(), asyncio.Event()

    async def send(self, *post):
        self.reached.set()
        await self.gone_on.wait()
        return await self._surface.send(*post)

    async def find(self, *wanted):
        return await self._surface.find(*wanted)


class Unreachable:
    """Slack, which cannot be reached until a test says so."""

    platform = SLACK
    own_clock = None
    post_interval = timedelta(seconds=1)
    single_posts = False
    max_resends = None

    def __init__(self, surface):
        self._surface = surface
        self.reachable = False

    async def send(self, *post):
        self._require()
        return await self._surface.send(*post)

    async def notify(self, *told):
        self._require()
        await self._surface.notify(*told)

    def _require(self):
        if not self.reachable:
            raise NotSent("Slack could not be reached.")


class Idle:
    """In place of what plans and what reads papers: there is nothing to do."""

    def __init__(self):
        self.asked = 0

    async def plan_due(self):
        self.asked += 1
        return 0

    async def next_due(self):
        return None

    async def refresh(self):
        return 0
