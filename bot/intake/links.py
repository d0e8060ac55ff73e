"""Follows links to papers in people's messages, in channels that have turned this on."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.channel import Context, LinkFollowing
from bot.domain.identifiers import parse
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.intake.lookup import find_by_name, look_up
from bot.ports.clock import Clock
from bot.ports.library import Library
from bot.ports.sources import Catalogue
from bot.ports.store.store import Store, Transaction
from bot.protocol.replies import LinkCard

CARD_INTERVAL = timedelta(minutes=30)
"""A paper linked again within this time is recorded, but gets no second card."""
MAX_LINKS = 5
"""Only the first links of a message are followed."""
_log = logging.getLogger(__name__)


async def remember(
    tx: Transaction, context: Context, message: MessageRef, links: Sequence[str], at: datetime
) -> None:
    """Record which known papers a person's message links to, if the channel follows links."""
    if context.channel.settings.link_following is LinkFollowing.ON:
        known = [await find_by_name(tx, link, context.team_id) for link in links[:MAX_LINKS]]
        await _record(tx, context, message, [each for each in known if each is not None], at)


async def forget_others(tx: Transaction, context: Context, message: MessageRef, links: Sequence[str]) -> None:
    """Remove the papers that an edited message no longer links to."""
    known = [await find_by_name(tx, link, context.team_id) for link in links[:MAX_LINKS]]
    await tx.reactions.lock(context.channel.id, message)
    await tx.messages.unlink(context.channel.id, message, {each for each in known if each is not None})


async def _record(
    tx: Transaction, context: Context, message: MessageRef, paper_ids: Sequence[int], at: datetime
) -> None:
    shown = [ShownMessage(context.channel.id, each, message, MessageKind.LINKED) for each in paper_ids]
    await tx.messages.record(context.channel, shown, at)


@dataclass(frozen=True, slots=True)
class LinkFollower:
    """Adds the papers that people link to, and builds a card for each with the channel's own history."""

    store: Store
    library: Library
    catalogues: Sequence[Catalogue]
    clock: Clock

    async def find_papers(self, context: Context, links: Sequence[str]) -> dict[str, int]:
        """Return the papers behind the links, by link. Unknown ones are fetched from the catalogues."""
        found: dict[str, int] = {}
        for link in links[:MAX_LINKS]:
            async with self.store.reading() as tx:
                paper_id = await find_by_name(tx, link, context.team_id)
            if paper_id is None:
                paper_id = await self._add(link)
            if paper_id is not None and paper_id not in found.values():
                found[link] = paper_id
        return found

    async def follow(self, context: Context, message: MessageRef, links: Sequence[str]) -> list[LinkCard]:
        """Record the papers that a message links to, and return the cards to answer it with."""
        if context.channel.settings.link_following is LinkFollowing.OFF:
            return []
        found, now = await self.find_papers(context, links), self.clock.now()
        async with self.store.writing() as tx:
            await _record(tx, context, message, list(found.values()), now)
            status = await tx.paper_statuses.get(context.channel.id, list(found.values()))
            papers = await tx.papers.get(list(found.values()), context.team_id)
            cards = []
            for link, paper_id in found.items():
                since = now - CARD_INTERVAL
                if await tx.messages.claim_link_answer(context.channel, paper_id, now, since):
                    root = message.thread or message.message
                    discussion = await tx.discussions.latest_thread(context.channel.id, paper_id, root)
                    zone = context.channel.settings.timezone
                    cards.append(LinkCard(papers[paper_id], status[paper_id], link, discussion, zone))
        return cards

    async def _add(self, link: str) -> int | None:
        identifier = parse(link)
        if identifier is None:
            return None
        draft, unreached = await look_up(self.catalogues, identifier)
        if draft is None:
            _log.info(
                "%s was not found. Sources that could not be reached: %s",
                identifier,
                ", ".join(unreached) or "none",
            )
            return None
        report = await self.library.add([draft])
        return report.stored[0][0]
