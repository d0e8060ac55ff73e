"""Papers that arrive by themselves, from feeds that are whole, late, partial, failing and broken."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.console import CONSOLE
from bot.domain.channel import Origin
from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageRef
from bot.domain.paper import Details, PaperDraft
from bot.domain.source import SourceDay, SourcePoll, SourceState
from bot.intake.ingest import Ingest
from bot.intake.titles import TitleLookup
from papers.library import PaperLibrary
from storage.sql.store import SqlStore

MONDAY = datetime(2026, 9, 21, 8, tzinfo=UTC)
TODAY = MONDAY.date()
HALF_AN_HOUR = timedelta(minutes=30)


@dataclass
class SetClock:
    time: datetime = MONDAY

    def now(self) -> datetime:
        return self.time


def name(number: int) -> Identifier:
    return Identifier(Scheme.ARXIV, f"2609.{number:05}")


def draft(number: int, version: int = 1, source: str = "arxiv") -> PaperDraft:
    names = frozenset({name(number)})
    return PaperDraft(
        f"Paper {number}", "About it.", source, identifiers=names, details=Details(version=version)
    )


@dataclass
class ListedFeed:
    """A feed that answers from a table, or does what it is told."""

    name: str = "arxiv"
    reach: int | None = None
    settles: int = 2
    daily: bool = True
    days: dict[date, SourceDay] = field(default_factory=dict)
    asked: list[date] = field(default_factory=list)
    first: Callable[[], None] = lambda: None
    """What happens when it is asked."""

    async def listed_on(self, day: date) -> SourceDay:
        self.asked.append(day)
        self.first()
        return self.days.get(day, SourceDay((), SourceState.EMPTY))


@dataclass
class ListedCatalogue:
    """A catalogue that answers from a table; None: it cannot be asked."""

    name: str = "arxiv"
    drafts: Sequence[PaperDraft] | None = ()
    asked: list[Identifier] = field(default_factory=list)

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        self.asked += identifiers
        if self.drafts is None:
            raise SourceUnavailable(self.name, "timed out")
        return [each for each in self.drafts if each.identifiers & set(identifiers)]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        return next((each for each in self.drafts or () if each.title == title), None)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


Make = Callable[..., Ingest]


@pytest.fixture
def make(store: SqlStore, library: PaperLibrary, clock: SetClock) -> Make:
    def made(
        *feeds: ListedFeed,
        catalogues: Sequence[ListedCatalogue] = (),
        titles: Sequence[ListedCatalogue] = (),
        worker: str = "one",
    ) -> Ingest:
        look_up = TitleLookup(store, library, titles, clock, worker=worker)
        return Ingest(
            store, library, feeds, catalogues, clock, titles=look_up, worker=worker, every=HALF_AN_HOUR
        )

    return made


async def titles(store: SqlStore) -> set[str]:
    async with store.reading() as tx:
        return {paper.title for _, paper in await tx.papers.changed_since(0, 1000)}


async def states(store: SqlStore) -> dict[str, SourcePoll]:
    async with store.reading() as tx:
        return {asking.name: asking for asking in await tx.source_polls.all()}


async def test_what_a_feed_listed_this_week_is_taken_in_and_remembered(
    make: Make, store: SqlStore, clock: SetClock
) -> None:
    yesterday = TODAY - timedelta(days=1)
    feed = ListedFeed(days={yesterday: SourceDay((draft(1), draft(2)), SourceState.COMPLETE)})
    ingest = make(feed)
    await ingest.round()
    assert feed.asked == [TODAY - timedelta(days=ago) for ago in range(7)]
    assert await titles(store) == {"Paper 1", "Paper 2"}
    async with store.reading() as tx:
        runs = {run.day: run for run in await tx.source_runs.since(TODAY - timedelta(days=9), "arxiv")}
    assert (runs[yesterday].state, runs[yesterday].papers) == (SourceState.COMPLETE, 2)
    assert runs[TODAY].state is SourceState.EMPTY
    assert (await states(store))["arxiv"] == SourcePoll("arxiv", TODAY - timedelta(days=3), MONDAY)

    await ingest.round()
    assert len(feed.asked) == 7, "it is not due"
    clock.time += HALF_AN_HOUR
    await ingest.round()
    assert feed.asked[7:] == [TODAY]


async def test_a_day_that_comes_late_or_in_part_is_not_passed_over(
    make: Make, store: SqlStore, clock: SetClock
) -> None:
    late = TODAY - timedelta(days=1)
    feed = ListedFeed(days={late: SourceDay((draft(1),), SourceState.PARTIAL, "it broke off")})
    ingest = make(feed)
    await ingest.round()
    assert (await states(store))["arxiv"].error == "2026-09-20: partial, it broke off"
    feed.days[late] = SourceDay((draft(1), draft(2)), SourceState.COMPLETE)
    clock.time += HALF_AN_HOUR
    await ingest.round()
    assert await titles(store) == {"Paper 1", "Paper 2"}
    assert (await states(store))["arxiv"].error == ""
    feed.days[late] = SourceDay((draft(1), draft(2), draft(3)), SourceState.COMPLETE)
    clock.time += timedelta(hours=6)
    await ingest.round()
    assert "Paper 3" in await titles(store)
    for _ in range(9):
        clock.time += timedelta(hours=12)
        await ingest.round()
    settled = (await states(store))["arxiv"].complete_through
    assert settled == clock.time.date() - timedelta(days=3)
    assert feed.asked.count(late) < 10


async def test_one_source_that_breaks_keeps_no_other_from_its_papers(
    make: Make, store: SqlStore, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks() -> None:
        raise ZeroDivisionError

    broken = ListedFeed("broken", first=breaks)
    whole = ListedFeed("whole", days={TODAY: SourceDay((draft(1),), SourceState.COMPLETE)})
    catalogue = ListedCatalogue("openalex")
    with caplog.at_level(logging.ERROR, "bot.intake.ingest"):
        await make(broken, whole, catalogues=[catalogue]).round()
    assert await titles(store) == {"Paper 1"}
    reference = caplog.messages[0].split()[1].rstrip(":")
    after = await states(store)
    assert after["broken"].error == f"it broke off here, reference {reference}"
    assert after["whole"].error == ""
    clock.time += timedelta(minutes=5)
    broken.first = lambda: None
    await make(broken, whole).round()
    assert (len(broken.asked), len(whole.asked)) == (8, 7), (
        "it is asked again soon, the others when they are due"
    )
    assert (await states(store))["broken"].error == ""


async def test_processes_do_not_ask_at_the_same_time(make: Make, store: SqlStore, clock: SetClock) -> None:
    feed = ListedFeed(days={TODAY: SourceDay((draft(1),), SourceState.COMPLETE)})
    other = ListedFeed()
    second = make(other, worker="two")

    def slow() -> None:
        """By the time it answers, its lease is long over."""
        clock.time += timedelta(minutes=20)

    feed.first = slow
    await make(feed).round()
    assert await titles(store) == {"Paper 1"}
    assert len(feed.asked) == 7, "nobody else was there, so it went on"

    clock.time += HALF_AN_HOUR
    async with store.writing() as tx:
        await tx.source_polls.claim("arxiv", "three", clock.time, clock.time + timedelta(minutes=15))
    await second.round()
    assert other.asked == []
    clock.time += timedelta(minutes=15)
    await second.round()
    assert other.asked


async def test_who_has_lost_its_lease_stops(make: Make, store: SqlStore, clock: SetClock) -> None:
    feed = ListedFeed()

    async def stolen(day: date) -> SourceDay:
        feed.asked.append(day)
        clock.time += timedelta(minutes=16)
        async with store.writing() as tx:
            await tx.source_polls.claim("arxiv", "two", clock.time, clock.time + timedelta(minutes=15))
        return SourceDay((), SourceState.EMPTY)

    feed.listed_on = stolen  # type: ignore[method-assign]
    await make(feed).round()
    assert len(feed.asked) == 1
    assert (await states(store))["arxiv"] == SourcePoll("arxiv"), "two has it, and has not asked yet"


async def test_only_what_is_known_is_asked_for_in_its_new_version(
    make: Make, store: SqlStore, clock: SetClock
) -> None:
    feed = ListedFeed("arxiv_announced", reach=0, settles=0)
    feed.days[TODAY] = SourceDay((draft(1), draft(2, 3)), SourceState.COMPLETE)
    arxiv = ListedCatalogue(drafts=[replace(draft(1, 2), abstract="About it, anew.")])
    ingest = make(feed, catalogues=[arxiv])
    await ingest.round()
    feed.days[TODAY] = SourceDay((), SourceState.COMPLETE, revised=(draft(1, 2), draft(2, 3), draft(3, 2)))
    clock.time += HALF_AN_HOUR
    await ingest.round()
    assert arxiv.asked == [name(1)]
    async with store.reading() as tx:
        papers = await tx.papers.get([1, 2, 3])
    assert {number: paper.details.version for number, paper in papers.items()} == {1: 2, 2: 3}
    assert papers[1].abstract == "About it, anew."

    arxiv.drafts = None
    feed.days[TODAY] = SourceDay((), SourceState.COMPLETE, revised=(draft(1, 3),))
    clock.time += HALF_AN_HOUR
    await ingest.round()
    said = "2026-09-21: partial, its new versions could not be asked for: timed out"
    assert (await states(store))["arxiv_announced"].error == said


async def test_papers_that_people_have_dealt_with_are_looked_up_once_a_week(
    make: Make, store: SqlStore, clock: SetClock
) -> None:
    catalogue = ListedCatalogue("openalex", drafts=[draft(1, source="openalex")])
    feed = ListedFeed(days={TODAY: SourceDay((draft(1), draft(2)), SourceState.COMPLETE)})
    ingest = make(feed, catalogues=[catalogue])
    await ingest.round()
    async with store.writing() as tx:
        context = await tx.directory.resolve(Origin(CONSOLE, "lab", "general", "ann"), MONDAY)
        await tx.discussions.open(context, 1, MessageRef("general", "talk"), MONDAY)

    catalogue.drafts, found = None, catalogue.drafts
    clock.time += HALF_AN_HOUR
    await ingest.round()
    assert (await states(store))["check:openalex"].error == "timed out"
    catalogue.drafts = found
    for hours in (0.5, 1, 24, 24 * 7):
        clock.time += timedelta(hours=hours)
        await ingest.round()
    assert catalogue.asked == [name(1)] * 3, "once in vain, once, and once after a week"
    assert (await states(store))["check:openalex"].error == ""


async def test_a_feed_without_days_leaves_none(make: Make, store: SqlStore) -> None:
    trending = ListedFeed("huggingface_trending", reach=0, settles=0, daily=False)
    trending.days[TODAY] = SourceDay((draft(1),), SourceState.COMPLETE)
    await make(trending).round()
    assert await titles(store) == {"Paper 1"}
    async with store.reading() as tx:
        assert await tx.source_runs.latest() == []
