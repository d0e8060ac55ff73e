"""Redraws the cards of one paper in one channel until they show its current votes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.channel import Channel
from bot.domain.errors import DeliveryError, NotSent, PermanentFailure
from bot.domain.message import DiscussionThread, MessageKind, MessageRef, ShownMessage
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus, TallyCount
from bot.ports.clock import Clock
from bot.ports.store.store import Store, Transaction
from bot.ports.surface import Surface
from bot.ports.texts import Summarizer
from bot.posting.shown_messages import restore_quotes
from bot.protocol.replies import Discussion, LinkCard, PaperCard, Reply, Summary

CARDS_REDRAWN = 5
"""Only this many of the latest messages that show a paper are kept up to date."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a failed redraw is retried: the first pause, doubled up to the longest."""
TRIED_FOR = 3600.0
"""Seconds after which retries stop. The next vote or recount starts a new redraw."""
_log = logging.getLogger(__name__)


async def outdated(tx: Transaction, channel_id: int, paper_id: int) -> bool:
    """Whether any card of the paper shows votes that are out of date."""
    status = await tx.paper_statuses.get(channel_id, [paper_id])
    showing = await tx.messages.find_cards(channel_id, paper_id, CARDS_REDRAWN)
    return paper_id in status and any(each.tally != status[paper_id].tally for each in showing)


@dataclass(frozen=True, slots=True)
class _Round:
    """The outdated cards, and what to draw on them, from one transaction."""

    paper: Paper
    status: PaperStatus
    cards: Sequence[ShownMessage]
    discussions: dict[MessageRef, DiscussionThread | None]


@dataclass(slots=True)
class Redraw:
    """Redraws the cards of one paper in one channel.

    Another process may redraw the same cards at the same time, and the platform may apply the two edits in
    either order. So each process reads the votes again after its own edits, and redraws a card on which it
    drew older votes, even if the store says that the other process has drawn the newer ones.
    """

    store: Store
    summarizer: Summarizer
    surface: Surface
    clock: Clock
    channel: Channel
    paper_id: int
    _last_drawn: dict[MessageRef, TallyCount] = field(default_factory=dict)
    _refused: set[MessageRef] = field(default_factory=set)
    _failing_since: float | None = None
    _pause: float = FIRST_PAUSE

    async def run(self) -> None:
        """Redraw until every card is up to date, or until redraws have failed for `TRIED_FOR` seconds."""
        while (pause := await self._redraw()) is not None:
            if pause > 0:
                await self.clock.sleep(pause)

    async def _redraw(self) -> float | None:
        """Redraw once. Return the seconds until the next attempt, None if no more is needed."""
        found = await self._read()
        if found is None:
            return None
        drawn, failures = [], []
        for card in found.cards:
            reply = await self._render(found, card)
            failure = None if reply is None else await self._replace(card.message, reply)
            if failure is None:
                drawn.append(card.message)
            elif isinstance(failure, PermanentFailure):
                # The message is gone, or too old to edit: asking again would only fail again.
                self._refused.add(card.message)
            else:
                failures.append(failure)
        await self._note(found, drawn)
        return self._pause_after(failures)

    async def _read(self) -> _Round | None:
        """Load the outdated cards; None if there are none."""
        async with self.store.reading() as tx:
            papers = await tx.papers.get([self.paper_id], self.channel.team_id)
            status = await tx.paper_statuses.get(self.channel.id, [self.paper_id])
            showing = await tx.messages.find_cards(self.channel.id, self.paper_id, CARDS_REDRAWN)
            if self.paper_id not in papers:
                return None
            tally = status[self.paper_id].tally
            cards = [each for each in showing if self._is_outdated(each, tally)]
            discussions = {each.message: await self._find_discussion(tx, each) for each in cards}
        return _Round(papers[self.paper_id], status[self.paper_id], cards, discussions) if cards else None

    def _is_outdated(self, card: ShownMessage, tally: TallyCount) -> bool:
        if card.message in self._refused:
            return False
        return card.tally != tally or self._last_drawn.get(card.message, tally) != tally

    async def _find_discussion(self, tx: Transaction, card: ShownMessage) -> DiscussionThread | None:
        """Return the latest discussion of a linked paper, other than the one under the link itself."""
        match card.kind:
            case MessageKind.LINK:
                root = card.message.thread
            case MessageKind.LINKED:
                root = card.message.thread or card.message.message
            case _:
                return None
        return await tx.discussions.latest_thread(self.channel.id, self.paper_id, root)

    async def _render(self, found: _Round, card: ShownMessage) -> Reply | None:
        paper, status = found.paper, found.status
        match card.kind:
            case MessageKind.CARD | MessageKind.WHOLE:
                return PaperCard(paper, status, card.note, whole=card.kind is MessageKind.WHOLE)
            case MessageKind.DISCUSSION:
                return Discussion(paper, card.note, status)
            case MessageKind.SUMMARY if restored := restore_quotes(card.note, paper, status):
                return restored
            case MessageKind.SUMMARY:
                return Summary(paper, await self.summarizer.summarize(paper, int(card.note)), status)
            case MessageKind.LINK | MessageKind.LINKED:
                discussion = found.discussions[card.message]
                return LinkCard(paper, status, card.note, discussion, self.channel.settings.timezone)
            case MessageKind.LISTED:
                return None

    async def _replace(self, message: MessageRef, reply: Reply) -> DeliveryError | None:
        try:
            await self.surface.replace(self.channel, message, reply)
        except DeliveryError as failure:
            _log.warning("Could not redraw message %s: %s", message.message, failure)
            return failure
        return None

    async def _note(self, found: _Round, drawn: Sequence[MessageRef]) -> None:
        """Record the votes that the cards show now."""
        if drawn:
            async with self.store.writing() as tx:
                for message in drawn:
                    await tx.messages.record_tally(
                        self.channel.id, self.paper_id, message, found.status.tally
                    )
            self._last_drawn |= dict.fromkeys(drawn, found.status.tally)

    def _pause_after(self, failures: Sequence[DeliveryError]) -> float | None:
        if not failures:
            self._failing_since, self._pause = None, FIRST_PAUSE
            return 0.0
        now = self.clock.elapsed()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since >= TRIED_FOR:
            _log.error(
                "Cards of paper %s in channel %s show old votes until the next vote: %s",
                self.paper_id,
                self.channel.id,
                failures[0],
            )
            return None
        retry_after = max(each.retry_after if isinstance(each, NotSent) else 0.0 for each in failures)
        pause = min(LONGEST_PAUSE, max(self._pause, retry_after))
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        return pause
