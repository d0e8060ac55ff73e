"""Papers that people link to: remembered where a channel wants that, and answered for now and then."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.channel import Context, LinkFollowing
from bot.domain.identifiers import parse
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.intake.lookup import known_as, look_up
from bot.ports.clock import Clock
from bot.ports.library import Library
from bot.ports.sources import Catalogue
from bot.ports.store.store import Store, Transaction
from bot.protocol.replies import LinkCard

ANSWERED_AGAIN_AFTER = timedelta(minutes=30)
"""A paper that is linked to again before that is remembered without a word."""
LINKS_FOLLOWED = 5
"""So many links of one message are looked at."""
_log = logging.getLogger(__name__)


async def remember(
    tx: Transaction, context: Context, message: MessageRef, links: Sequence[str], at: datetime
) -> None:
    """Note which known papers a person's message links to, if the channel wants that."""
    if context.channel.settings.link_following is LinkFollowing.ON:
        known = [await known_as(tx, link, context.team_id) for link in links[:LINKS_FOLLOWED]]
        await _note(tx, context, message, [each for each in known if each is not None], at)


async def forget_others(tx: Transaction, context: Context, message: MessageRef, links: Sequence[str]) -> None:
    """Forget the papers that a message no longer links to."""
    known = [await known_as(tx, link, context.team_id) for link in links[:LINKS_FOLLOWED]]
    await tx.reactions.lock(context.channel.id, message)
    await tx.messages.unlink(context.channel.id, message, {each for each in known if each is not None})


async def _note(
    tx: Transaction, context: Context, message: MessageRef, paper_ids: Sequence[int], at: datetime
) -> None:
    shown = [ShownMessage(context.channel.id, each, message, MessageKind.LINKED) for each in paper_ids]
    await tx.messages.record(context.channel, shown, at)


@dataclass(frozen=True, slots=True)
class LinkFollower:
    """Brings in papers that people link to, and says what the channel has had to do with them."""

    store: Store
    library: Library
    catalogues: Sequence[Catalogue]
    clock: Clock

    async def papers_behind(self, context: Context, links: Sequence[str]) -> dict[str, int]:
        """Give the papers that links lead to, by link; those that are new are asked for at their sources."""
        found: dict[str, int] = {}
        for link in links[:LINKS_FOLLOWED]:
            async with self.store.reading() as tx:
                paper_id = await known_as(tx, link, context.team_id)
            if paper_id is None:
                paper_id = await self._brought_in(link)
            if paper_id is not None and paper_id not in found.values():
                found[link] = paper_id
        return found

    async def follow(self, context: Context, message: MessageRef, links: Sequence[str]) -> list[LinkCard]:
        """Remember what a message links to; give the cards that it is to be answered with, if any."""
        if context.channel.settings.link_following is LinkFollowing.OFF:
            return []
        found, now = await self.papers_behind(context, links), self.clock.now()
        async with self.store.writing() as tx:
            await _note(tx, context, message, list(found.values()), now)
            status = await tx.paper_statuses.get(context.channel.id, list(found.values()))
            papers = await tx.papers.get(list(found.values()), context.team_id)
            cards = []
            for link, paper_id in found.items():
                since = now - ANSWERED_AGAIN_AFTER
                if await tx.messages.claim_link_answer(context.channel, paper_id, now, since):
                    root = message.thread or message.message
                    talk = await tx.discussions.latest_thread(context.channel.id, paper_id, root)
                    zone = context.channel.settings.timezone
                    cards.append(LinkCard(papers[paper_id], status[paper_id], link, talk, zone))
        return cards

    async def _brought_in(self, link: str) -> int | None:
        identifier = parse(link)
        if identifier is None:
            return None
        draft, unreached = await look_up(self.catalogues, identifier)
        if draft is None:
            _log.info("%s was not found; not reached: %s", identifier, ", ".join(unreached) or "none")
            return None
        report = await self.library.add([draft])
        return report.stored[0][0]
