"""Matches subscriptions with recent papers, and gives each paper to the topic that it fits best."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

from bot.domain.channel import Channel
from bot.domain.paper import Match, Paper, PaperFilter
from bot.domain.post import DigestItem
from bot.domain.subscription import Subscription, SubscriptionSpec
from bot.domain.trending import rank
from bot.ports.search import Search
from bot.ports.store.store import Store, Transaction
from bot.posting.copies import CANDIDATES, chosen_copies

WINDOW = timedelta(days=7)
"""How far back a digest looks, so that late papers are posted and a first digest is not empty."""
MOST_RANKED = 1000
"""Papers ranked for what trends, at most."""
TRENDING_SCORE = 0.01
"""The score of the paper that trends most."""


_TopicKey: TypeAlias = tuple[str, frozenset[str], bool, int | None]
"""What decides which papers a query may get: its topic, categories, whether it wants what trends, its team.

The team is None where no paper of its own can match. Channels with the same key share what was found for it.
"""


@dataclass(frozen=True, slots=True)
class TopicQuery:
    """A channel, and the topic with its filters that it subscribes to."""

    channel: Channel
    spec: SubscriptionSpec


class TopicMatcher:
    """Matches topics with the papers of the last days, and caches what it found.

    Use one matcher for one round of planning. However many channels subscribe to a topic, it is matched
    once with the open papers, and once with the own papers of each team that has any.
    """

    def __init__(self, store: Store, search: Search, today: date) -> None:
        self._store = store
        self._search = search
        self._today = today
        self._since = today - WINDOW
        self._recent: dict[int | None, frozenset[int]] = {}
        """Recent papers by the team that owns them; None for open papers."""
        self._allowed: dict[tuple[frozenset[str], int | None], frozenset[int]] = {}
        self._matches: dict[tuple[str, int | None], list[Match]] = {}
        self._compared: frozenset[int] = frozenset()
        """Papers whose copies were looked for."""
        self._pairs: list[tuple[int, int, float]] = []
        """Those that may be copies, with their cosine."""
        self._copies: dict[int, int] = {}
        """By paper with copies: the one of them to show."""
        self._offers: dict[_TopicKey, list[Match]] = {}
        """What matches, best first, each copy once."""
        self._trending: dict[int, list[Match]] = {}
        """What trends, by team."""

    async def match(self, queries: Sequence[TopicQuery]) -> list[list[Match]]:
        """Return for each query the matching papers that its channel has not been sent, best first.

        Filters apply, the subscription's `top` limit does not.
        """
        async with self._store.reading() as tx:
            await self._load(tx, queries)
            posted = await tx.papers.posted({query.channel.id for query in queries}, self._since)
        topics = [query for query in queries if not query.spec.trending]
        await self._match({(query.spec.topic, owner) for query in topics for owner in self._owners(query)})
        await self._compare(queries, posted)
        found = [self._unposted(query, posted.get(query.channel.id, frozenset())) for query in queries]
        return await self._with_enough_votes(queries, found)

    async def _load(self, tx: Transaction, queries: Sequence[TopicQuery]) -> None:
        if None not in self._recent:
            self._recent[None] = await tx.papers.arrived(self._since)
        if teams := {query.channel.team_id for query in queries} - self._recent.keys():
            own = await tx.papers.arrived_in(teams, self._since)
            self._recent.update((team_id, own.get(team_id, frozenset())) for team_id in teams)
        for key in {(query.spec.categories, owner) for query in queries for owner in self._owners(query)}:
            categories, owner = key
            if categories and key not in self._allowed:
                self._allowed[key] = await tx.papers.filter(PaperFilter(categories=categories), owner)

        for team_id in {query.channel.team_id for query in queries if query.spec.trending}:
            if team_id not in self._trending:
                self._trending[team_id] = await self._rank(tx, team_id)

    async def _rank(self, tx: Transaction, team_id: int) -> list[Match]:
        """Rank the team's recent papers as `trending` does. Any topic that a paper fits counts for more."""
        until = self._today + timedelta(days=1)  # where it is tomorrow already
        activities = await tx.papers.activity_between(team_id, self._since, until, MOST_RANKED)
        recent = self._recent[None] | self._recent[team_id]
        ranked = [each for each in rank(activities, self._today) if each.paper_id in recent]
        return [Match(each.paper_id, TRENDING_SCORE / place) for place, each in enumerate(ranked, 1)]

    def _owners(self, query: TopicQuery) -> list[int | None]:
        """Return whose papers a query may match: open ones, and the team's own if it has any."""
        team_id = query.channel.team_id
        return [None, team_id] if self._recent[team_id] else [None]

    async def _match(self, keys: Collection[tuple[str, int | None]]) -> None:
        new: defaultdict[int | None, list[str]] = defaultdict(list)
        for topic, owner in keys:
            if (topic, owner) not in self._matches:
                new[owner].append(topic)
        for owner, topics in new.items():
            found = await self._search.match_topics(topics, self._recent[owner])
            self._matches.update(
                ((topic, owner), matches) for topic, matches in zip(topics, found, strict=True)
            )

    async def _compare(self, queries: Sequence[TopicQuery], posted: Mapping[int, frozenset[int]]) -> None:
        """Find the copies among all papers that these queries match, or whose channels have them already."""
        distinct = {self._topic_key(query): query for query in queries}
        matched = {each.paper_id for query in distinct.values() for each in self._candidates(query)}
        new = matched.union(*posted.values()) - self._compared
        if not new:
            return
        self._compared |= new
        pairs = await self._search.near_copies(new, self._compared, CANDIDATES)
        if not pairs:
            return
        self._pairs += pairs
        near = {paper_id for one, other, _ in self._pairs for paper_id in (one, other)}
        papers: dict[int, Paper] = {}
        async with self._store.reading() as tx:
            for owner, own in self._recent.items():
                if ids := near & own:
                    papers.update(await tx.papers.get(ids, owner))
            separated = await tx.paper_rows.separated()
        self._copies = chosen_copies(papers, self._pairs, separated)
        self._offers.clear()

    def _candidates(self, query: TopicQuery) -> list[Match]:
        categories = query.spec.categories
        return [
            match
            for owner in self._owners(query)
            for match in self._of(query, owner)
            if not categories or match.paper_id in self._allowed[categories, owner]
        ]

    def _unposted(self, query: TopicQuery, posted: frozenset[int]) -> list[Match]:
        """Return the matches that the channel has not been sent, not even as a copy, each copy once."""
        key = self._topic_key(query)
        if key not in self._offers:
            self._offers[key] = self._each_copy_once(self._candidates(query))
        if not posted:
            return self._offers[key]
        gone = {self._copies.get(paper_id, paper_id) for paper_id in posted}
        return [match for match in self._offers[key] if match.paper_id not in gone]

    def _each_copy_once(self, matches: list[Match]) -> list[Match]:
        kept: dict[int, Match] = {}
        for match in sorted(matches, key=lambda match: (-match.score, match.paper_id)):
            shown = self._copies.get(match.paper_id, match.paper_id)
            if shown not in kept:
                kept[shown] = match if shown == match.paper_id else replace(match, paper_id=shown)
        return list(kept.values())

    def _topic_key(self, query: TopicQuery) -> _TopicKey:
        spec, team_id = query.spec, query.channel.team_id
        own = spec.trending or bool(self._recent[team_id])
        return spec.topic, spec.categories, spec.trending, team_id if own else None

    def _of(self, query: TopicQuery, owner: int | None) -> list[Match]:
        """Return a query's matches among an owner's papers. What trends is ranked over all owners at once."""
        if not query.spec.trending:
            return self._matches[query.spec.topic, owner]
        own = self._recent[owner]
        return [each for each in self._trending[query.channel.team_id] if each.paper_id in own]

    async def _with_enough_votes(
        self, queries: Sequence[TopicQuery], found: list[list[Match]]
    ) -> list[list[Match]]:
        """Leave out papers with fewer up-votes than their query demands."""
        demanding = [
            (query, matches) for query, matches in zip(queries, found, strict=True) if query.spec.min_votes
        ]
        if not demanding:
            return found
        async with self._store.reading() as tx:
            upvotes = await tx.papers.upvotes(
                {match.paper_id for _, matches in demanding for match in matches},
                {query.channel.team_id for query, _ in demanding},
            )
        return [_enough_votes(query, matches, upvotes) for query, matches in zip(queries, found, strict=True)]


def _enough_votes(
    query: TopicQuery, matches: list[Match], upvotes: Mapping[int, Mapping[int, int]]
) -> list[Match]:
    least, votes = query.spec.min_votes, upvotes.get(query.channel.team_id, {})
    return [match for match in matches if not least or votes.get(match.paper_id, 0) >= least]


def assign_papers(matches: Sequence[tuple[Subscription, Sequence[Match]]]) -> tuple[DigestItem, ...]:
    """Give each paper to the subscription that it fits best, and each subscription at most its `top`.

    The items follow the order of the subscriptions, best first within each. A full subscription passes a
    paper on to the next best one.
    """
    offers = sorted(
        (-match.score, subscription.id, match.paper_id)
        for subscription, matches in matches
        for match in matches
    )
    room = {subscription.id: subscription.spec.top for subscription, _ in matches}
    left = sum(room.values())
    assigned: dict[int, DigestItem] = {}
    for score, subscription_id, paper_id in offers:
        if not left:
            break
        if paper_id not in assigned and room[subscription_id]:
            room[subscription_id] -= 1
            left -= 1
            assigned[paper_id] = DigestItem(paper_id, subscription_id, -score)
    order = {subscription.id: place for place, (subscription, _) in enumerate(matches)}
    return tuple(sorted(assigned.values(), key=lambda item: (order[item.subscription_id], -item.score)))
