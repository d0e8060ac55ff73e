"""Which papers subscriptions would be posted, each under the topic that it fits best."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.channel import Channel
from bot.domain.paper import Match, PaperFilter
from bot.domain.post import DigestItem
from bot.domain.subscription import Subscription, SubscriptionSpec
from bot.ports.search import Search
from bot.ports.store.store import Store, Transaction

WINDOW = timedelta(days=7)
"""How far back a digest looks: a paper that arrives late is still posted, and the first one has something."""
AT_ONCE = 64
"""So many topics are matched together."""


@dataclass(frozen=True, slots=True)
class TopicQuery:
    """What a channel wants to be posted."""

    channel: Channel
    spec: SubscriptionSpec


class TopicMatcher:
    """The papers of the last days as they stood when it was first asked.

    However many channels want a topic, it is matched once with open papers, and once with those of each team
    that has some of its own.
    """

    def __init__(self, store: Store, search: Search, today: date) -> None:
        """Take the day from which it looks back."""
        self._store = store
        self._search = search
        self._since = today - WINDOW
        self._recent: dict[int | None, frozenset[int]] = {}
        """The papers by whose they are, None the open ones."""
        self._passing: dict[tuple[frozenset[str], int | None], frozenset[int]] = {}
        self._matches: dict[tuple[str, int | None], list[Match]] = {}

    async def match(self, queries: Sequence[TopicQuery]) -> list[list[Match]]:
        """For each wish, the papers that the channel was not posted and that pass all that is wanted.

        Best first, and not yet cut to the `top` of them.
        """
        async with self._store.reading() as tx:
            await self._look(tx, queries)
            posted = await tx.papers.posted({query.channel.id for query in queries}, self._since)
        await self._match({(query.spec.topic, owner) for query in queries for owner in self._owners(query)})
        found = [self._open(query, posted.get(query.channel.id, frozenset())) for query in queries]
        return await self._popular(queries, found)

    async def _look(self, tx: Transaction, queries: Sequence[TopicQuery]) -> None:
        if None not in self._recent:
            self._recent[None] = await tx.papers.arrived(self._since)
        if teams := {query.channel.team_id for query in queries} - self._recent.keys():
            own = await tx.papers.arrived_in(teams, self._since)
            self._recent.update((team_id, own.get(team_id, frozenset())) for team_id in teams)
        for wanted in {(query.spec.categories, owner) for query in queries for owner in self._owners(query)}:
            categories, owner = wanted
            if categories and wanted not in self._passing:
                self._passing[wanted] = await tx.papers.filter(PaperFilter(categories=categories), owner)

    def _owners(self, query: TopicQuery) -> list[int | None]:
        """Whose papers a wish may be posted: open ones, and the team's where it has any."""
        team_id = query.channel.team_id
        return [None, team_id] if self._recent[team_id] else [None]

    async def _match(self, wanted: Collection[tuple[str, int | None]]) -> None:
        new = [each for each in wanted if each not in self._matches]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            found = await asyncio.gather(
                *(self._search.match_topic(topic, self._recent[owner]) for topic, owner in some)
            )
            self._matches.update(zip(some, found, strict=True))

    def _open(self, query: TopicQuery, posted: frozenset[int]) -> list[Match]:
        categories = query.spec.categories
        matches = [
            match
            for owner in self._owners(query)
            for match in self._matches[query.spec.topic, owner]
            if match.paper_id not in posted
            and (not categories or match.paper_id in self._passing[categories, owner])
        ]
        return sorted(matches, key=lambda match: (-match.score, match.paper_id))

    async def _popular(self, queries: Sequence[TopicQuery], found: list[list[Match]]) -> list[list[Match]]:
        """Leave out what has too few up-votes for a wish."""
        picky = [
            (query, matches) for query, matches in zip(queries, found, strict=True) if query.spec.min_votes
        ]
        if not picky:
            return found
        async with self._store.reading() as tx:
            upvotes = await tx.papers.upvotes(
                {match.paper_id for _, matches in picky for match in matches},
                {query.channel.team_id for query, _ in picky},
            )
        return [_voted(query, matches, upvotes) for query, matches in zip(queries, found, strict=True)]


def _voted(query: TopicQuery, matches: list[Match], upvotes: Mapping[int, Mapping[int, int]]) -> list[Match]:
    least, votes = query.spec.min_votes, upvotes.get(query.channel.team_id, {})
    return [match for match in matches if not least or votes.get(match.paper_id, 0) >= least]


def share_out(matches: Sequence[tuple[Subscription, Sequence[Match]]]) -> tuple[DigestItem, ...]:
    """Give each paper to the subscription that it fits best, and each subscription its `top`.

    The items come in the order of the subscriptions, best first within each.
    """
    offers = sorted(
        (
            DigestItem(match.paper_id, subscription.id, match.score)
            for subscription, matches in matches
            for match in matches
        ),
        key=lambda item: (-item.score, item.subscription_id, item.paper_id),
    )
    room = {subscription.id: subscription.spec.top for subscription, _ in matches}
    taken: dict[int, DigestItem] = {}
    for item in offers:
        if item.paper_id not in taken and room[item.subscription_id]:
            room[item.subscription_id] -= 1
            taken[item.paper_id] = item
    order = {subscription.id: place for place, (subscription, _) in enumerate(matches)}
    return tuple(sorted(taken.values(), key=lambda item: (order[item.subscription_id], -item.score)))
