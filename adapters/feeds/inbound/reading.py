"""Collects what a feed shows, for the person whose address it is."""

from collections.abc import Sequence

from adapters.feeds.render.atom import Entry, FeedText
from bot.conversation.services import Services
from bot.domain.account import Membership
from bot.domain.api_token import FeedAddress
from bot.domain.channel import Channel, Context

MOST_ENTRIES = 50


class FeedReader:
    """Returns the contents of feeds."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def found(self, query: str, address: str) -> FeedText:
        """Return the open papers that fit a query best, the latest first."""
        matches = await self._services.search.search(query, MOST_ENTRIES, None, None)
        async with self._services.store.reading() as tx:
            papers = await tx.papers.get([each.paper_id for each in matches])
        entries = [Entry(each, each.added) for each in papers.values()]
        return FeedText(f"search {query}", f"Papers on “{query}”", _latest_first(entries), address)

    async def of_address(self, feed: FeedAddress, topic: int | None, address: str) -> FeedText | None:
        """Return the feed of a secret address; None if its person may no longer read it.

        Raises:
            DeliveryError: the platform does not say whether they may.

        """
        if not await self._services.accounts.is_member(feed.membership):
            return None
        if feed.channel is None:
            return await self._saved(feed, address)
        if not feed.channel.direct:
            readable = await self._services.accounts.readable_channels(feed.membership)
            if feed.channel.external_id not in readable:
                return None
        return await self._posted(feed.channel, topic, address)

    async def _saved(self, feed: FeedAddress, address: str) -> FeedText:
        membership = feed.membership
        context = await self._own_context(membership)
        async with self._services.store.reading() as tx:
            rows, _ = await tx.saved.page(context, MOST_ENTRIES, 0)
            papers = await tx.papers.get([paper_id for paper_id, _ in rows], membership.team_id)
        entries = [Entry(papers[paper_id], at) for paper_id, at in rows if paper_id in papers]
        name = f"saved {membership.platform} {membership.workspace} {membership.person.external_id}"
        return FeedText(name, "Your reading list", entries, address)

    async def _own_context(self, membership: Membership) -> Context:
        """Return a person's own place. It is created once for whoever has only been in channels so far."""
        async with self._services.store.reading() as tx:
            [context] = await tx.directory.find_contexts([membership.origin()])
        if context is not None:
            return context
        async with self._services.store.writing() as tx:
            return await tx.directory.resolve(membership.origin(), self._services.clock.now())

    async def _posted(self, channel: Channel, topic: int | None, address: str) -> FeedText:
        async with self._services.store.reading() as tx:
            rows = await tx.digests.posted(channel.id, topic, MOST_ENTRIES)
            papers = await tx.papers.get([each.paper_id for each in rows], channel.team_id)
        entries = [
            Entry(papers[each.paper_id], each.at, each.topic) for each in rows if each.paper_id in papers
        ]
        place = f"{channel.platform} {channel.workspace} {channel.external_id}"
        title = f"Papers in {channel.name}" if channel.name else "Your papers"
        if topic is None:
            return FeedText(f"channel {place}", title, entries, address)
        words = f" on “{rows[0].topic}”" if rows else ""
        return FeedText(f"channel {place} topic {topic}", f"{title}{words}", entries, address)


def _latest_first(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda each: (each.at, each.paper.id), reverse=True)
