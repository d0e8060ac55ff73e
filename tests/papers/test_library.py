import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from word_vectors import WordVectors

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Outcome, PaperDraft
from papers.library import ENCODED_AT_ONCE, STORED_AT_ONCE, PaperLibrary
from papers.search import HybridSearch
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.store import SqlStore


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


class Process:
    """What one process of the bot has: its own indexes over the same file."""

    def __init__(self, store: SqlStore) -> None:
        self.embedder = WordVectors()
        full_text, self.vectors = FullTextIndex(), VectorIndex(WordVectors.dimensions)
        self.wakeup = LocalWakeup()
        self.library = PaperLibrary(
            store, self.embedder, full_text, self.vectors, clock=StillClock(), wakeup=self.wakeup
        )
        self.search = HybridSearch(self.embedder, full_text, self.vectors)

    async def found(self, query: str) -> list[int]:
        """Papers with all that a found paper has: words, and a vector."""
        return [
            match.paper_id
            for match in await self.search.search(query, 50)
            if match.score > 0.5 and self.vectors.vector(match.paper_id)
        ]


@pytest.fixture
async def store(migrated_file: Path, tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    yield store
    await store.close()


@pytest.fixture
def process(store: SqlStore) -> Process:
    return Process(store)


def draft(number: int, abstract: str = "") -> PaperDraft:
    return PaperDraft(
        f"Paper number{number}",
        abstract or f"It is about subject{number}.",
        "test",
        identifiers=frozenset({Identifier(Scheme.ARXIV, f"2601.{number:05}")}),
    )


async def test_papers_that_were_added_are_found(process: Process) -> None:
    report = await process.library.add([draft(1), draft(2)])
    assert [outcome for _, outcome in report.stored] == [Outcome.NEW, Outcome.NEW]
    assert await process.found("subject2") == [report.stored[1][0]]


async def test_batches_are_stored_and_encoded_whole(process: Process) -> None:
    count = 2 * ENCODED_AT_ONCE + STORED_AT_ONCE + 1
    heard: list[int] = []
    report = await process.library.add((draft(number) for number in range(count)), heard.append)
    assert sum(heard) == report.count(Outcome.NEW) == len(process.embedder.asked) == count
    assert max(heard) == STORED_AT_ONCE
    assert await process.found(f"subject{count - 1}") == [report.stored[-1][0]]


async def test_drafts_may_come_slowly(process: Process) -> None:
    async def slowly() -> AsyncIterator[PaperDraft]:
        for number in range(STORED_AT_ONCE + 2):
            yield draft(number)

    report = await process.library.add(slowly())
    assert report.count(Outcome.NEW) == STORED_AT_ONCE + 2
    assert await process.found("subject33") == [report.stored[33][0]]


async def test_nothing_is_encoded_twice(process: Process) -> None:
    await process.library.add([draft(1)])
    report = await process.library.add([draft(1)])
    assert report.count(Outcome.UNCHANGED) == 1
    assert len(process.embedder.asked) == 1


async def test_a_changed_text_is_encoded_and_found_anew(process: Process) -> None:
    ((paper_id, _),) = (await process.library.add([draft(1)])).stored
    before = process.vectors.vector(paper_id)
    report = await process.library.add([draft(1, "Now it is about gardening.")])
    assert report.stored == ((paper_id, Outcome.UPDATED),)
    assert await process.found("gardening") == [paper_id]
    assert await process.found("subject1") == []
    assert process.vectors.vector(paper_id) != before


async def test_another_start_reads_vectors_and_encodes_nothing(process: Process, store: SqlStore) -> None:
    await process.library.add([draft(1), draft(2)])
    second = Process(store)
    assert await second.library.refresh() == 2
    assert second.embedder.asked == []
    assert await second.found("subject1") == await process.found("subject1") != []
    assert await second.library.refresh() == 0


async def test_another_process_hears_of_new_changed_and_merged_papers(
    process: Process, store: SqlStore
) -> None:
    other = Process(store)
    first = PaperDraft("Alpha", "About ants.", "a", identifiers=frozenset({Identifier(Scheme.DOI, "10.1/a")}))
    second = PaperDraft(
        "Beta", "About bees.", "b", identifiers=frozenset({Identifier(Scheme.ARXIV, "2601.00002")})
    )
    ((kept, _), (gone, _)) = (await process.library.add([first, second])).stored
    await other.library.refresh()
    assert await other.found("bees") == [gone]
    both = PaperDraft("Alpha", "About cats.", "c", identifiers=first.identifiers | second.identifiers)
    await process.library.add([both])
    await other.library.refresh()
    for each in (process, other):
        assert await each.found("cats") == [kept]
        assert each.vectors.vector(gone) is None
        assert gone not in {match.paper_id for match in await each.search.search("bees", 50)}


async def test_papers_are_stored_and_found_by_words_when_the_model_fails(process: Process) -> None:
    process.embedder.fails = True
    with pytest.raises(OSError, match="the model is gone"):
        await process.library.add([draft(number) for number in range(ENCODED_AT_ONCE + 5)])
    found = await process.search.search("subject3", 1)
    assert process.vectors.vector(found[0].paper_id) is None
    process.embedder.fails = False
    await process.library.refresh()
    assert await process.found("subject3") == [found[0].paper_id]


async def test_a_second_run_completes_what_the_first_left(process: Process, store: SqlStore) -> None:
    process.embedder.fails = True
    with pytest.raises(OSError, match="the model is gone"):
        await process.library.add([draft(1), draft(2)])
    second = Process(store)
    report = await second.library.add([draft(1), draft(2), draft(3)])
    assert [report.count(outcome) for outcome in (Outcome.UNCHANGED, Outcome.NEW)] == [2, 1]
    assert len(second.embedder.asked) == 3
    assert await second.found("subject1") == [report.stored[0][0]]


async def test_drafts_that_break_off_leave_what_came_before(process: Process) -> None:
    def broken() -> Iterator[PaperDraft]:
        yield from (draft(number) for number in range(STORED_AT_ONCE))
        raise ValueError("line 33")

    with pytest.raises(ValueError, match="line 33"):
        await process.library.add(broken())
    await process.library.refresh()
    assert len(await process.found("subject7")) == 1
