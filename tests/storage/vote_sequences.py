"""Random sequences of votes, a platform that keeps its own account of them, and what should be made of them.

A platform of the one kind tells when something happened, in no order, perhaps twice, perhaps after hours.
One of the other kind tells no time, but keeps its order: two gateways hear everything, each at its own pace
and by its own clock. Either loses what happens while nobody listens; then reactions are counted anew, and
while the count is read, people go on.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.conversation.apply_event import apply_event
from bot.conversation.dispatcher import _resolve
from bot.domain.channel import Context
from bot.domain.message import MessageRef
from bot.domain.vote import KnownReactions, Reaction, Vote, VoteSource
from bot.protocol.events import Event, ReactionChanged, ReactionsSnapshot
from storage.sql.store import SqlStore
from storage.sql.tables import PersonRow, VoteRow
from tests.storage.making import NOW, origin, show

PEOPLE = ("ann", "bob")
EMOJI = {"+1": Vote.UP, "+1::skin-tone-2": Vote.UP, "-1": Vote.DOWN, "-1::skin-tone-5": Vote.DOWN}
SECOND = timedelta(seconds=1)
AT_ONCE = 5
"""How many sequences are under way at a time."""
RACE = 1_000_000
"""An even number, so that its platform tells the time, and no sequence's."""
UNSURE = 0.9 * SECOND
"""How much earlier than its beginning a count may say that it began: Slack tells its time to the second."""
YEAR = timedelta(days=365)
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Happening:
    """One reaction that somebody added or took away."""

    number: int
    person: str
    emoji: str
    added: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A vote that may count, and between which times it may be thought to have been given."""

    value: Vote
    first: datetime
    last: datetime


@dataclass(slots=True)
class Platform:
    """What really stands on the one message."""

    stands: dict[Key, datetime] = field(default_factory=dict)
    happened: list[Happening] = field(default_factory=list)
    now: datetime = NOW

    def toggle(self, person: str, emoji: str) -> Happening:
        self.now += SECOND
        added = (person, emoji) not in self.stands
        if added:
            self.stands[person, emoji] = self.now
        else:
            del self.stands[person, emoji]
        happening = Happening(len(self.happened), person, emoji, added, self.now)
        self.happened.append(happening)
        return happening


class Sequence:
    """One sequence on a message of its own, in a channel of its own."""

    def __init__(self, store: SqlStore, paper: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.store = store
        self.paper = paper
        self.channel = f"channel-{seed}"
        self.message = MessageRef(self.channel, "m")
        self.platform = Platform()
        self.cast: dict[str, list[tuple[Vote, datetime]]] = {name: [] for name in PEOPLE}
        self.counted: datetime | None = None
        self.timed = seed % 2 == 0

    async def wrong(self) -> str:
        """Play it through; what is not as on the platform, if anything."""
        async with self.store.writing() as tx:
            context = await tx.directory.resolve(origin("ann", self.channel), NOW)
            await show(tx, context, "m", self.paper)
        await (self._play_timed() if self.timed else self._play_in_order())
        return await self._differences(context)

    async def _play_timed(self) -> None:
        late: list[Happening] = []
        missed = False
        for _ in range(self.random.randint(1, 4)):
            heard: list[Happening] = []
            down = self.random.random() < 0.3
            for _ in range(self.random.randint(1, 4)):
                told = self._somebody_reacts()
                fate = self.random.random()
                if down and fate < 0.6:
                    missed = True
                elif fate < 0.4:
                    late.append(told)
                else:
                    heard += [told] * self.random.choice((1, 1, 2))
            await self._maybe_cast()
            heard += self._some_of(late)
            self.random.shuffle(heard)
            works = [self._hear(each) for each in heard]
            if missed and not down:
                works.append(self._count())
                missed = False
            await asyncio.gather(*works)
        if missed:
            await self._count()
        self.random.shuffle(late)
        await asyncio.gather(*(self._hear(each) for each in late))

    async def _play_in_order(self) -> None:
        gateways = [Gateway(self, skew * 3600 * SECOND) for skew in self.random.choices((0, 3, -3), k=2)]
        for _ in range(self.random.randint(1, 4)):
            for _ in range(self.random.randint(1, 4)):
                told = self._somebody_reacts()
                for each in gateways:
                    each.notify(told, lost=self.random.random() < 0.15)
            await asyncio.gather(*(each.work(self.random.randint(0, 6)) for each in gateways))
        await asyncio.gather(*(each.work(None) for each in gateways))

    def _somebody_reacts(self) -> Happening:
        return self.platform.toggle(self.random.choice(PEOPLE), self.random.choice(list(EMOJI)))

    def _some_of(self, late: list[Happening]) -> list[Happening]:
        picked = [each for each in late if self.random.random() < 0.5]
        late[:] = [each for each in late if each not in picked]
        return picked

    async def _maybe_cast(self) -> None:
        if self.random.random() < 0.2:
            person, value = self.random.choice(PEOPLE), self.random.choice(list(Vote))
            self.platform.now += SECOND
            at = self.platform.now
            self.cast[person].append((value, at))
            async with self.store.writing() as tx:
                context = await tx.directory.resolve(origin(person, self.channel), NOW)
                await tx.votes.cast(context, self.paper, value, VoteSource.BUTTON, at)

    async def _hear(self, told: Happening) -> None:
        await self.take(self.event(told, told.at, f"{self.channel} {told.number}"))

    def event(self, told: Happening, at: datetime, event_id: str | None) -> ReactionChanged:
        return ReactionChanged(
            origin=origin(told.person, self.channel),
            message=self.message,
            reaction=Reaction(told.emoji, EMOJI[told.emoji]),
            added=told.added,
            at=at,
            timed=self.timed,
            event_id=event_id,
        )

    async def _count(self) -> None:
        """Count as an adapter does, while people go on."""
        began = self.platform.now
        known = await self.known()
        during = [self._somebody_reacts() for _ in range(self.random.randint(0, 2))]
        standing = tuple(self.platform.stands)
        after = [self._somebody_reacts() for _ in range(self.random.randint(0, 2))]
        early = self.random.choice((timedelta(), UNSURE))
        snapshot = self.snapshot(standing, began - early, known)
        await asyncio.gather(self.take(snapshot), *(self._hear(each) for each in (*during, *after)))
        self.counted = self.platform.now

    async def known(self) -> KnownReactions:
        async with self.store.reading() as tx:
            return await tx.reactions.list_known(origin("ann", self.channel), self.message)

    def snapshot(self, standing: Iterable[Key], at: datetime, known: KnownReactions) -> ReactionsSnapshot:
        votes = tuple((person, Reaction(emoji, EMOJI[emoji])) for person, emoji in standing)
        return ReactionsSnapshot(
            origin=origin("ann", self.channel),
            message=self.message,
            votes=votes,
            at=at,
            known=known,
            timed=self.timed,
        )

    async def take(self, event: Event) -> None:
        """Take an event as the bot does: what it changes, in one transaction with having taken it."""
        async with self.store.writing() as tx:
            context = await _resolve(tx, event, NOW)
            if context is not None:
                await apply_event(tx, event, context, NOW)

    async def _differences(self, context: Context) -> str:
        wanted = (
            select(PersonRow.external_id, VoteRow.emoji)
            .join(PersonRow, PersonRow.id == VoteRow.person_id)
            .where(
                VoteRow.channel_id == context.channel.id,
                VoteRow.message.is_not(None),
                VoteRow.ended_at.is_(None),
            )
        )
        async with self.store.reading() as tx:
            stored = {(row.external_id, row.emoji) for row in await tx._connection.run(wanted)}
            if stored != set(self.platform.stands):
                return f"{self.channel}: {stored} where {set(self.platform.stands)} stand"
            for person in PEOPLE:
                (known,) = await tx.directory.find_contexts([origin(person, self.channel)])
                if known is not None:
                    asked = context.channel.id, [self.paper], known.person.id
                    vote = (await tx.paper_statuses.get(*asked))[self.paper].own_vote
                    if vote not in self._possible(person):
                        return f"{self.channel}: {person} has {vote}"
        return ""

    def _possible(self, person: str) -> set[Vote]:
        """What somebody's vote may be: the latest, by the times that may be known of each."""
        said = [Said(value, at, at) for value, at in self.cast[person]]
        for (who, emoji), since in self.platform.stands.items():
            if who == person:
                said.append(self._said(EMOJI[emoji], since))
        if not said:
            return {Vote.NONE}
        surely = max(each.first for each in said)
        return {each.value for each in said if each.last >= surely}

    def _said(self, value: Vote, since: datetime) -> Said:
        if not self.timed:
            return Said(
                value, datetime.min.replace(tzinfo=NOW.tzinfo), datetime.max.replace(tzinfo=NOW.tzinfo)
            )
        if self.counted is None or self.counted < since:
            return Said(value, since, since)
        return Said(value, since - 2 * UNSURE, self.counted)


@dataclass(slots=True)
class Gateway:
    """A process that hears a platform's events in their order, and counts anew after it missed some."""

    sequence: Sequence
    skew: timedelta
    waiting: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    missed: bool = False

    def notify(self, told: Happening, *, lost: bool) -> None:
        """Hear of something, or miss it: whoever missed something counts before hearing on."""
        if lost:
            self.missed = True
            return
        if self.missed:
            self.waiting.append(self._count)
            self.missed = False
        at = told.at + self.skew
        self.waiting.append(lambda: self.sequence.take(self.sequence.event(told, at, None)))

    async def work(self, most: int | None) -> None:
        """Deal with so much of what waits, or with all."""
        async for one in self._next(most):
            await one()

    async def _next(self, most: int | None) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        if most is None and self.missed:
            self.waiting.append(self._count)
        for _ in range(len(self.waiting) if most is None else min(most, len(self.waiting))):
            yield self.waiting.pop(0)

    async def _count(self) -> None:
        known = await self.sequence.known()
        standing = tuple(self.sequence.platform.stands)
        at = self.sequence.platform.now + self.skew
        await self.sequence.take(self.sequence.snapshot(standing, at, known))


async def play(store: SqlStore, paper: int, seeds: Iterable[int]) -> list[str]:
    """Play sequences, a few of them at a time; what went wrong."""
    left, wrong = iter(seeds), []

    async def some() -> None:
        for seed in left:
            told = await Sequence(store, paper, seed).wrong()
            if told:
                wrong.append(told)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return wrong


async def race(store: SqlStore, paper: int, pairs: int) -> int:
    """Let people add a reaction and take it away, both heard at once; how many votes are left of that."""
    sequence = Sequence(store, paper, RACE)
    async with store.writing() as tx:
        context = await tx.directory.resolve(origin("ann", sequence.channel), NOW)
        await show(tx, context, "m", paper)
    told = []
    for number in range(pairs):
        person = f"person {number}"
        told += [
            Happening(2 * number, person, "+1", added=True, at=NOW + number * SECOND),
            Happening(2 * number + 1, person, "+1", added=False, at=NOW + (number + 0.1) * SECOND),
        ]
    await asyncio.gather(*(sequence._hear(each) for each in told))
    async with store.reading() as tx:
        votes = (await tx.votes.tallies(context.channel.id, [paper]))[paper]
    return votes.up + votes.down
