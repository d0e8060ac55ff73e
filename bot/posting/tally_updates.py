"""Records votes at once, and updates the paper's cards within a second."""

import asyncio
import logging
from collections.abc import Mapping

from bot.domain.channel import Channel, Context, Platform
from bot.domain.vote import PaperStatus, Vote, VoteSource
from bot.ports.clock import Clock
from bot.ports.store.store import Store
from bot.ports.surface import Surface
from bot.ports.texts import Summarizer
from bot.posting.redraw import Redraw

PAUSE = 0.3
"""Seconds that a redraw waits for further votes."""
_log = logging.getLogger(__name__)


class TallyUpdater:
    """Records votes and redraws the paper's cards. Votes that come close together share one redraw."""

    def __init__(
        self,
        store: Store,
        summarizer: Summarizer,
        surfaces: Mapping[Platform, Surface],
        clock: Clock,
    ) -> None:
        self._store = store
        self._summarizer = summarizer
        self._surfaces = surfaces
        self._clock = clock
        self._pending: set[tuple[int, int]] = set()
        self._redrawing: dict[tuple[int, int], asyncio.Task[None]] = {}

    async def cast(self, context: Context, paper_id: int, value: Vote) -> PaperStatus:
        """Record a vote by command, and return the paper's status for that person afterwards."""
        async with self._store.writing() as tx:
            await tx.votes.cast(context, paper_id, value, VoteSource.COMMAND, self._clock.now())
            status = await tx.paper_statuses.get(context.channel.id, [paper_id], context.person.id)
        self.changed(context.channel, paper_id)
        return status[paper_id]

    def changed(self, channel: Channel, paper_id: int) -> None:
        """Schedule a redraw of the paper's cards in the channel.

        One redraw of them runs at a time. A vote that comes meanwhile starts another one after it: of two
        edits at once, the platform might apply the older one last.
        """
        if channel.platform in self._surfaces:
            key = (channel.id, paper_id)
            self._pending.add(key)
            if key not in self._redrawing:
                task = asyncio.create_task(self._redraw_soon(channel, paper_id))
                self._redrawing[key] = task
                task.add_done_callback(lambda done: self._ended(done, channel, paper_id))

    async def settle(self) -> None:
        """Wait until every scheduled redraw is done."""
        while self._redrawing:
            await asyncio.wait(self._redrawing.values())

    async def _redraw_soon(self, channel: Channel, paper_id: int) -> None:
        await asyncio.sleep(PAUSE)
        self._pending.discard((channel.id, paper_id))
        surface = self._surfaces[channel.platform]
        await Redraw(self._store, self._summarizer, surface, self._clock, channel, paper_id).run()

    def _ended(self, task: asyncio.Task[None], channel: Channel, paper_id: int) -> None:
        key = (channel.id, paper_id)
        del self._redrawing[key]
        if task.cancelled():
            self._pending.discard(key)
            return
        if (error := task.exception()) is not None:
            _log.error("Redrawing cards failed", exc_info=error)
        if key in self._pending:
            self.changed(channel, paper_id)
