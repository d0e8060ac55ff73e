"""Votes: recorded at once, and shown on the paper's cards within a second."""

import asyncio
import logging
from collections.abc import Mapping

from bot.errors import DeliveryError, NotSent
from bot.models import (
    Channel,
    Here,
    Marks,
    MessageRef,
    Paper,
    Platform,
    Shown,
    ShownMessage,
    Vote,
    VoteSource,
)
from bot.ports import Clock, Summarizer, Surface
from bot.replies import Discussion, LinkCard, PaperCard, Reply, Summary
from bot.repositories import Store
from bot.showing import quoted_again

CARDS_REDRAWN = 5
"""How many of the latest messages that show a paper follow its tally."""
LONGEST_WAIT = 60.0
"""Seconds after which a redraw is tried again, however long the platform asks to wait."""
_log = logging.getLogger(__name__)


class Voting:
    """Casts votes, and redraws the cards; changes that come close together are one redraw."""

    def __init__(
        self,
        store: Store,
        summarizer: Summarizer,
        surfaces: Mapping[Platform, Surface],
        clock: Clock,
        pause: float = 0.3,
    ) -> None:
        """Take the surfaces to redraw on and how many seconds to wait for further votes."""
        self._store = store
        self._summarizer = summarizer
        self._surfaces = surfaces
        self._clock = clock
        self._pause = pause
        self._wanted: set[tuple[int, int]] = set()
        self._redrawing: dict[tuple[int, int], asyncio.Task[None]] = {}

    async def cast(self, here: Here, paper_id: int, value: Vote) -> Marks:
        """Record a vote by command and give the person's marks after it."""
        async with self._store.writing() as tx:
            await tx.votes.cast(here, paper_id, value, VoteSource.COMMAND, self._clock.now())
            marks = await tx.marking.marks(here.channel.id, [paper_id], here.person.id)
        self.changed(here.channel, paper_id)
        return marks[paper_id]

    def changed(self, channel: Channel, paper_id: int) -> None:
        """See to it that the paper's cards in the channel show the votes as they are now.

        One redraw of them at a time: what changes meanwhile is drawn after it, never beside it. As other
        processes redraw too, each looks at the votes once more afterwards: the last to draw is right.
        """
        if channel.platform in self._surfaces:
            key = (channel.id, paper_id)
            self._wanted.add(key)
            if key not in self._redrawing:
                task = asyncio.create_task(self._redraw_soon(channel, paper_id))
                self._redrawing[key] = task
                task.add_done_callback(lambda done: self._ended(done, channel, paper_id))

    async def settle(self) -> None:
        """Wait until every redraw that was asked for is done."""
        while self._redrawing:
            await asyncio.wait(self._redrawing.values())

    async def _redraw_soon(self, channel: Channel, paper_id: int) -> None:
        await asyncio.sleep(self._pause)
        self._wanted.discard((channel.id, paper_id))
        async with self._store.reading() as tx:
            showing = await tx.messages.showing(channel.id, paper_id, CARDS_REDRAWN)
            papers = await tx.papers.get([paper_id], channel.team_id)
            marks = await tx.marking.marks(channel.id, [paper_id])
            talks = {
                each.message: await tx.discussions.latest_on(channel.id, paper_id, each.message.thread)
                for each in showing
                if each.shown is Shown.LINK
            }
        if paper_id not in papers:
            return
        surface, wait = self._surfaces[channel.platform], 0.0
        for shown in showing:
            card = LinkCard(
                papers[paper_id], marks[paper_id], "", talks.get(shown.message), channel.settings.timezone
            )
            reply = card if shown.shown is Shown.LINK else await self._draw(shown, card.paper, card.marks)
            if reply is not None:
                wait = max(wait, await _replace(surface, channel, shown.message, reply))
        async with self._store.reading() as tx:
            marks_now = await tx.marking.marks(channel.id, [paper_id])
        if wait or marks_now != marks:
            self._wanted.add((channel.id, paper_id))
            await asyncio.sleep(min(wait, LONGEST_WAIT))

    async def _draw(self, shown: ShownMessage, paper: Paper, marks: Marks) -> Reply | None:
        match shown.shown:
            case Shown.CARD | Shown.WHOLE:
                return PaperCard(paper, marks, shown.note, whole=shown.shown is Shown.WHOLE)
            case Shown.DISCUSSION:
                return Discussion(paper, shown.note, marks)
            case Shown.SUMMARY if again := quoted_again(shown.note, paper, marks):
                return again
            case Shown.SUMMARY:
                quotes = await self._summarizer.summarize(paper, int(shown.note))
                return Summary(paper, quotes, marks)
            case Shown.LINK | Shown.LINKED | Shown.LISTED:
                return None

    def _ended(self, task: asyncio.Task[None], channel: Channel, paper_id: int) -> None:
        key = (channel.id, paper_id)
        del self._redrawing[key]
        if task.cancelled():
            self._wanted.discard(key)
            return
        if (error := task.exception()) is not None:
            _log.error("Cards could not be redrawn", exc_info=error)
        if key in self._wanted:
            self.changed(channel, paper_id)


async def _replace(surface: Surface, channel: Channel, message: MessageRef, reply: Reply) -> float:
    """Redraw one message; give how many seconds the platform asks to wait before it is tried again."""
    try:
        await surface.replace(channel, message, reply)
    except DeliveryError as failure:
        _log.warning("Message %s was not redrawn: %s", message.message, failure)
        return failure.retry_after if isinstance(failure, NotSent) else 0.0
    return 0.0
