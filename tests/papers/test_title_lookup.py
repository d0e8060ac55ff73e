"""Papers that are known by their titles alone get their identifiers, and another's work gives them none."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.console import CONSOLE
from bot.domain.channel import Origin
from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import Paper, PaperDraft
from bot.domain.source import SAMPLE, SourcePoll
from bot.intake.titles import AT_ONCE, REPEAT_AFTER, RETRY_AFTER, TitleLookup
from bot.protocol.values import TITLES
from papers.library import PaperLibrary
from storage.sql.store import SqlStore

NAME = frozenset({Identifier(Scheme.ARXIV, "2406.00001")})
KETTLES = PaperDraft("Kettles that Whistle in Tune", "About kettles.", "huggingface")
FOUND = replace(KETTLES, abstract="As arXiv has it.", source="arxiv", identifiers=NAME, authors=("Ada Lee",))


@dataclass
class SetClock:
    time: datetime = datetime(2026, 9, 21, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@dataclass
class Titled:
    """A catalogue that answers from a list; None: it cannot be reached."""

    name: str = "arxiv"
    drafts: Sequence[PaperDraft] | None = ()
    asked: list[str] = field(default_factory=list)

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        raise AssertionError(f"{identifiers} were asked for, and not a title")

    async def find_by_title(self, title: str) -> PaperDraft | None:
        self.asked.append(title)
        if self.drafts is None:
            raise SourceUnavailable(self.name, "timed out")
        return next((each for each in self.drafts if title_key(each.title) == title_key(title)), None)


@dataclass
class World:
    store: SqlStore
    library: PaperLibrary
    clock: SetClock

    async def look_up(self, *catalogues: Titled) -> SourcePoll:
        """One round of look-ups, by a process that has claimed them."""
        now = self.clock.now()
        async with self.store.writing() as tx:
            asking = await tx.source_polls.claim(TITLES, "one", now, now + timedelta(hours=1))
        assert asking is not None
        lookup = TitleLookup(self.store, self.library, catalogues, self.clock, worker="one")
        after = await lookup.round(asking)
        async with self.store.writing() as tx:
            await tx.source_polls.finish(after, "one", now)
        return after

    async def papers(self) -> dict[str, Paper]:
        async with self.store.reading() as tx:
            return {paper.title: paper for _, paper in await tx.papers.changed_since(0, 1000)}


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def world(store: SqlStore, library: PaperLibrary, clock: SetClock) -> World:
    return World(store, library, clock)


async def test_a_title_leads_to_the_sources_record(world: World) -> None:
    await world.library.add([KETTLES])
    first, second = Titled("huggingface"), Titled("arxiv", [FOUND])
    last = Titled("crossref", [FOUND])
    assert (await world.look_up(first, second, last)).error == ""
    (paper,) = (await world.papers()).values()
    assert (paper.identifiers, paper.source) == (NAME, "arxiv")
    assert (paper.abstract, paper.authors) == ("As arXiv has it.", ("Ada Lee",))
    assert (len(first.asked), len(second.asked), last.asked) == (1, 1, []), "the first that has it"
    await world.look_up(first, second, last)
    assert len(first.asked) == 1, "it has a name now"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"authors": ("Grace Hopper",)}, {}),
        ({"published": date(2001, 1, 1)}, {"published": date(2024, 1, 1), "authors": ()}),
        ({}, {"identifiers": frozenset()}),
        ({}, {"title": "Kettles that Whistle in Tune: A Survey"}),
    ],
)
async def test_what_contradicts_is_anothers(
    world: World, ours: dict[str, object], theirs: dict[str, object]
) -> None:
    await world.library.add([replace(KETTLES, **ours)])
    await world.look_up(Titled("arxiv", [replace(FOUND, **theirs)]))
    (paper,) = (await world.papers()).values()
    assert (paper.identifiers, paper.source) == (frozenset(), "huggingface")


async def test_a_title_that_no_source_has_is_asked_for_again_after_weeks(world: World) -> None:
    await world.library.add([KETTLES])
    arxiv = Titled()
    for _ in range(2):
        await world.look_up(arxiv)
    assert len(arxiv.asked) == 1
    world.clock.time += REPEAT_AFTER
    await world.look_up(arxiv)
    assert len(arxiv.asked) == 1
    world.clock.time += timedelta(seconds=1)
    await world.look_up(arxiv)
    assert len(arxiv.asked) == 2


async def test_where_no_source_is_reached_nothing_is_lost_and_one_line_says_so(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.library.add([KETTLES, replace(KETTLES, title="Cups that Chip at the Rim")])
    before = await world.papers()
    down = Titled("arxiv", None), Titled("crossref", None)
    with caplog.at_level(logging.WARNING):
        after = await world.look_up(*down)
    assert after.error == "arXiv and Crossref could not be reached"
    assert [record.message for record in caplog.records] == [
        "Looking up titles: arXiv and Crossref could not be reached. It will be retried"
    ]
    assert [len(each.asked) for each in down] == [1, 1], "the others wait"
    assert await world.papers() == before
    up = Titled("arxiv", [FOUND])
    assert (await world.look_up(up)).error == ""
    assert len(up.asked) == 2, "none was taken for asked"


async def test_one_source_that_is_down_keeps_no_title_from_the_others(world: World) -> None:
    await world.library.add([KETTLES, replace(KETTLES, title="Cups that Chip at the Rim")])
    down, up = Titled("huggingface", None), Titled("arxiv", [FOUND])
    assert (await world.look_up(down, up)).error == "Hugging Face could not be reached"
    assert (len(down.asked), len(up.asked)) == (1, 2)
    assert (await world.papers())[KETTLES.title].identifiers == NAME
    world.clock.time += RETRY_AFTER + timedelta(seconds=1)
    back = Titled("huggingface")
    await world.look_up(back, up)
    assert back.asked == ["Cups that Chip at the Rim"]


async def test_what_is_nobody_elses_business_or_tells_nothing_is_not_asked_for(world: World) -> None:
    ann = Origin(CONSOLE, "lab", "general", "ann")
    async with world.store.writing() as tx:
        team = await tx.directory.resolve(ann, world.clock.now())
    secret = replace(KETTLES, title="A Secret Kettle of Ours", source="people")
    await world.library.add([secret], team_id=team.team_id)
    await world.library.add([replace(KETTLES, title="A Sample of All Kettles", source=SAMPLE)])
    await world.library.add([replace(KETTLES, title="Preface to This", abstract=""), FOUND])
    arxiv = Titled()
    await world.look_up(arxiv)
    assert arxiv.asked == []


async def test_a_round_is_bounded_and_the_next_goes_on(world: World) -> None:
    await world.library.add(
        replace(KETTLES, title=f"The Kettle of Number {number}") for number in range(AT_ONCE + 3)
    )
    arxiv = Titled()
    for expected in (AT_ONCE, AT_ONCE + 3):
        await world.look_up(arxiv)
        assert len(set(arxiv.asked)) == len(arxiv.asked) == expected


async def test_who_lost_the_asking_stops(world: World) -> None:
    await world.library.add(replace(KETTLES, title=f"The Kettle of Number {number}") for number in range(3))
    arxiv = Titled()
    lookup = TitleLookup(world.store, world.library, [arxiv], world.clock, worker="another")
    await lookup.round(SourcePoll(TITLES))
    assert len(arxiv.asked) == 1
