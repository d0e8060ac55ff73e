"""Digests under a simulated clock: at most one a slot and local date, and none left out.

Each run is made up by hypothesis: zones and hours where clocks change, leap days, downtimes, clocks that are
set wrong and put right again, and settings that change between planning and sending.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import SetClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.console import CONSOLE
from bot.domain.channel import Channel, Layout, Origin, Platform
from bot.domain.message import MessageRef
from bot.domain.post import DigestKey
from bot.domain.subscription import EVERY_DAY, Slot, SubscriptionSpec, Weekday
from bot.posting import planner as planning
from bot.posting.clocks import Clocks
from bot.posting.due_times import reschedule
from bot.posting.planner import DigestPlanner
from bot.protocol.replies import Digest
from storage.shared.wakeup import LocalWakeup
from storage.sql.store import SqlStore
from tests.delivering import delivery_over

FEW_HOURS = timedelta(hours=4)
"""A date that begins so long after a steady stretch and ends so long before its end lies wholly within."""
ZONES = (
    "Europe/Paris",
    "America/New_York",
    "America/Santiago",  # its clocks change at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # without 30 December 2011
    "Asia/Kathmandu",
    "UTC",
)
BEGINNINGS = (
    datetime(2011, 12, 27, 9, tzinfo=UTC),
    datetime(2024, 2, 26, 9, tzinfo=UTC),
    datetime(2024, 4, 4, 9, tzinfo=UTC),
    datetime(2024, 9, 5, 9, tzinfo=UTC),
    datetime(2026, 3, 27, 9, tzinfo=UTC),
    datetime(2026, 10, 23, 9, tzinfo=UTC),
)
SLOTS = st.builds(
    Slot,
    st.sampled_from([time(0), time(0, 15), time(1, 45), time(2, 30), time(9), time(23, 50)]),
    st.sampled_from(ZONES),
)
DAYS = st.just(EVERY_DAY) | st.frozensets(st.sampled_from(Weekday), min_size=1)
STEPS = st.one_of(
    st.tuples(st.just("works"), st.integers(1, 96)),
    st.tuples(st.just("is down"), st.integers(1, 200)),
    st.tuples(st.just("has a wrong clock"), st.sampled_from([-5000, -30, -2, 2, 30, 500, 9000])),
    st.tuples(st.just("is given another slot"), SLOTS, DAYS),
    st.tuples(st.just("is laid out"), st.sampled_from(Layout)),
    st.tuples(st.just("is paused for"), st.integers(0, 72)),
    st.tuples(st.just("unsubscribes for"), st.integers(0, 72)),
)
"""Settings change between planning and sending."""


class NoPapers:
    """A search that finds nothing."""

    async def match_topics(self, topics, _among):
        return [[] for _ in topics]


@dataclass(slots=True)
class Recorder:
    """A surface that notes what was sent."""

    platform: Platform = CONSOLE
    own_clock: None = None
    post_interval: timedelta = timedelta()
    single_posts: bool = False
    max_resends: None = None
    dates: list[tuple[str, date]] = field(default_factory=list)
    """By channel."""
    tokens: list[str] = field(default_factory=list)

    async def send(
        self, channel: Channel, reply: Digest, token: str, _thread: MessageRef | None
    ) -> MessageRef:
        self.dates.append((channel.external_id, reply.day))
        self.tokens.append(token)
        return MessageRef(channel.external_id, token)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the process worked, its clock was right and the slot was the same."""

    slot: Slot
    days: frozenset[Weekday]
    begin: datetime
    end: datetime

    @property
    def dates(self) -> set[date]:
        """The dates that lie wholly within and should have a digest."""
        zone = ZoneInfo(self.slot.timezone)
        first, last = (self.begin + FEW_HOURS).astimezone(zone), (self.end - FEW_HOURS).astimezone(zone)
        between = {first.date() + timedelta(days=step) for step in range(1, (last - first).days + 2)}
        return {day for day in between if day < last.date() and self._is_there(day)}

    def _is_there(self, day: date) -> bool:
        noon = datetime.combine(day, time(12), ZoneInfo(self.slot.timezone))
        real = noon.astimezone(UTC).astimezone(noon.tzinfo)
        return real.date() == day and Weekday(day.weekday()) in self.days


class DiscordChannel:
    """A channel, its subscription, and when it should have had digests."""

    def __init__(self, name: str, slot: Slot, days: frozenset[Weekday]) -> None:
        self.name, self.slot, self.days = name, slot, days
        self.stretches: list[Stretch] = []

    async def subscribe(self, store: SqlStore, now: datetime, slot: Slot, days: frozenset[Weekday]) -> None:
        async with store.writing() as tx:
            context = await tx.directory.resolve(Origin(CONSOLE, "lab", self.name, "ann"), now)
            await tx.schedule.lock_channels(context.channel.id)
            subscription, _ = await tx.subscriptions.put(
                context, SubscriptionSpec("experts", slot, days), now
            )
            for each in {self.slot, slot}:
                await reschedule(tx, context.channel.id, each, now)
        self.context, self.number = context.channel, subscription.id
        self.slot, self.days = slot, days

    async def pause(self, store: SqlStore, now: datetime, *, paused: bool) -> None:
        async with store.writing() as tx:
            await tx.schedule.lock_channels(self.context.id)
            await tx.subscriptions.pause(self.context.id, self.number, paused=paused)
            if paused:
                await tx.digests.cancel_inactive(self.context.id)
            await reschedule(tx, self.context.id, self.slot, now)

    async def unsubscribe(self, store: SqlStore, now: datetime) -> None:
        async with store.writing() as tx:
            await tx.schedule.lock_channels(self.context.id)
            await tx.subscriptions.end(self.context.id, self.number)
            await tx.digests.cancel_inactive(self.context.id)
            await reschedule(tx, self.context.id, self.slot, now)

    async def lay_out(self, store: SqlStore, layout: Layout) -> None:
        async with store.writing() as tx:
            await tx.directory.change_settings(self.context.id, replace(self.context.settings, layout=layout))


class Life:
    """A process over weeks, and what it sent into its channels."""

    def __init__(self, store: SqlStore, beginning: datetime, places: Sequence[DiscordChannel]) -> None:
        self.store, self.places = store, places
        self.clock = SetClock(beginning)
        self.surface = Recorder()
        surfaces = {CONSOLE: self.surface}
        clocks = Clocks(self.clock, surfaces)
        self.planner = DigestPlanner(store, NoPapers(), clocks, LocalWakeup())
        self.delivery = delivery_over(store, surfaces, clocks, "one")

    async def begin(self) -> None:
        for place in self.places:
            await place.subscribe(self.store, self.clock.now(), place.slot, place.days)

    async def take(self, place: DiscordChannel, step: tuple) -> None:
        """Take a step; those that change a setting come after planning and before sending."""
        now = self.clock.now()
        match step:
            case "works", hours:
                await self.work(timedelta(hours=hours), self.places)
            case "is down", hours:
                await self.be_down(timedelta(hours=hours))
            case "has a wrong clock", hours:
                for way in (hours, -hours):
                    self.clock.forward(hours=way)
                    await self.turn()
            case "is given another slot", slot, days:
                await self.planner.plan_due()
                await place.subscribe(self.store, now, slot, days)
            case "is laid out", layout:
                await self.planner.plan_due()
                await place.lay_out(self.store, layout)
            case "is paused for", hours:
                await self.planner.plan_due()
                await place.pause(self.store, now, paused=True)
                await self.go_without(place, hours)
                await place.pause(self.store, self.clock.now(), paused=False)
            case "unsubscribes for", hours:
                await self.planner.plan_due()
                await place.unsubscribe(self.store, now)
                await self.go_without(place, hours)
                await place.subscribe(self.store, self.clock.now(), place.slot, place.days)

    async def be_down(self, span: timedelta) -> None:
        self.clock.time += span
        before = Counter(channel for channel, _ in self.surface.dates)
        await self.turn()
        since = Counter(channel for channel, _ in self.surface.dates) - before
        assert max(since.values(), default=0) <= 1, "what was missed is one digest"

    async def go_without(self, place: DiscordChannel, hours: int) -> None:
        """Work for a time in which a place is to hear nothing but what was planned before."""
        await self.delivery.deliver()
        before = Counter(self.surface.dates)
        await self.work(timedelta(hours=hours), [each for each in self.places if each is not place])
        new = Counter(self.surface.dates) - before
        assert place.name not in {channel for channel, _ in new}

    async def work(self, span: timedelta, places: Sequence[DiscordChannel]) -> None:
        begin, end = self.clock.now(), self.clock.now() + span
        while True:
            await self.turn()
            async with self.store.reading() as tx:
                due = await tx.schedule.next_due([CONSOLE])
            if due is None or due > end:
                break
            assert due > self.clock.now(), "what is due is dealt with"
            self.clock.time = due
        self.clock.time = end
        for place in places:
            place.stretches.append(Stretch(place.slot, place.days, begin, end))

    async def turn(self) -> None:
        await self.planner.plan_due()
        await self.delivery.deliver()

    async def digests(self, place: DiscordChannel) -> frozenset[DigestKey]:
        async with self.store.reading() as tx:
            return await tx.digests.planned_keys([place.context.id], date.min)


@pytest.fixture
def a_word_every_day(monkeypatch) -> None:
    """Let each digest say that there is nothing new, so that it is one message."""
    monkeypatch.setattr(planning, "QUIET_INTERVAL", timedelta.min)


@pytest.mark.usefixtures("a_word_every_day")
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    beginning=st.sampled_from(BEGINNINGS),
    slots=st.lists(st.tuples(SLOTS, DAYS), min_size=2, max_size=2),
    steps=st.lists(st.tuples(st.integers(0, 1), STEPS), min_size=1, max_size=7),
)
def test_each_channel_slot_and_date_has_one_digest_whatever_clocks_and_people_do(
    migrated_file, beginning, slots, steps
):
    places = [DiscordChannel(f"place-{number}", *each) for number, each in enumerate(slots)]
    asyncio.run(lived(migrated_file, beginning, places, [*steps, (0, ("works", 60))]))


async def lived(migrated_file, beginning, places, steps) -> None:
    """Live through the steps, and hold what was sent to what was planned, and both to what was due."""
    store = SqlStore(f"sqlite:///{shutil.copy(migrated_file, migrated_file.with_name('life.db'))}")
    try:
        life = Life(store, beginning, places)
        await life.begin()
        for number, step in steps:
            await life.take(places[number], step)
        sent = Counter(life.surface.dates)
        assert max(Counter(life.surface.tokens).values(), default=1) == 1
        for place in places:
            digests = await life.digests(place)
            planned = Counter((place.name, day) for _, _, day in digests)
            assert Counter({key: sent[key] for key in sent if key[0] == place.name}) == planned
            there = {(slot, day) for _, slot, day in digests}
            for stretch in place.stretches:
                assert {(stretch.slot, day) for day in stretch.dates} <= there
    finally:
        await store.close()
