import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from word_vectors import WordVectors

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Outcome, PaperDraft, text_hash
from papers import reencoding
from papers.generations import Generation, Generations
from papers.library import ENCODED_AT_ONCE, STORED_AT_ONCE, PaperLibrary
from papers.search import HybridSearch
from papers.vectors import Floats
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.store import SqlStore


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


class Process:
    """What one process of the bot has: its own indexes over the same file."""

    def __init__(self, store: SqlStore, folder: Path | None = None) -> None:
        self.embedder = WordVectors()
        self.full_text = FullTextIndex()
        self.vectors = VectorIndex(WordVectors.dimensions, folder, WordVectors.name)
        self.wakeup = LocalWakeup()
        self.generations = Generations(Generation(self.embedder, self.vectors))
        self.library = PaperLibrary(
            store, self.generations, self.full_text, clock=StillClock(), wakeup=self.wakeup
        )
        self.search = HybridSearch(self.generations, self.full_text)

    async def found(self, query: str) -> list[int]:
        """Papers with all that a found paper has: words, and a vector."""
        with_words = dict(await self.full_text.search(query, 50))
        return [
            match.paper_id
            for match in await self.search.search(query, 50)
            if match.paper_id in with_words and self.generations.serving.vectors.vector(match.paper_id)
        ]


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


async def test_vectors_that_the_machine_holds_are_not_read(store: SqlStore, tmp_path: Path) -> None:
    first = Process(store, tmp_path)
    await first.library.add([draft(1), draft(2)])
    async with store.writing() as tx:
        name = WordVectors.name
        stored = {text_hash(each.title, each.abstract) for each in (draft(1), draft(2))}
        assert await tx.embeddings.stored(name, stored) == stored
        await tx.embeddings.forget(name)
        await tx.embeddings.put(name, dict.fromkeys(stored, b"unreadable"))
    second = Process(store, tmp_path)
    assert await second.library.refresh() == 2
    assert second.embedder.asked == []
    assert await second.found("subject1") == await first.found("subject1") != []
    await first.library.add([draft(3)])
    assert await second.library.refresh() == 1
    assert await second.found("subject3") == await first.found("subject3") != []


async def test_vectors_of_another_database_do_not_replace_stored_ones(
    store: SqlStore, tmp_path: Path, migrated_file: Path
) -> None:
    await Process(store, tmp_path).library.add([draft(1)])
    (tmp_path / "other").mkdir()
    other = SqlStore(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'other')}")
    try:
        process = Process(other, tmp_path)
        await process.library.add([draft(1)])
        assert len(process.embedder.asked) == 1
        async with other.reading() as tx:
            assert await tx.embeddings.count_missing(WordVectors.name) == 0
    finally:
        await other.close()


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


class EarlierVectors(WordVectors):
    """An encoder of a release before, which gave no vectors of words."""

    name = "words/0"
    word_dimensions = 0

    def _vector(self, text: str) -> Floats:
        return np.roll(super()._vector(text), 1)


class Upgraded(Process):
    """A process of a release with a new encoder."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__(store)
        self.earlier = EarlierVectors()
        self.generations.earlier = Generation(self.earlier, VectorIndex(EarlierVectors.dimensions))

    @property
    def serves_earlier(self) -> bool:
        return self.generations.serving is self.generations.earlier


@pytest.fixture
async def before(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> int:
    """Fill the store as the release before did. Returns the number of papers."""
    monkeypatch.setattr(reencoding, "SOON", 3)
    monkeypatch.setattr(reencoding, "AT_ONCE", 8)
    old = Process(store)
    old.generations.serving = old.generations.newest = Generation(EarlierVectors(), old.vectors)
    await old.library.add([draft(number) for number in range(30)])
    return 30


async def test_earlier_vectors_serve_until_all_papers_are_encoded_anew(store: SqlStore, before: int) -> None:
    process = Upgraded(store)
    await process.library.refresh()
    assert process.serves_earlier
    assert process.embedder.asked == process.earlier.asked == []
    meanwhile = await process.found("subject7")
    steps = 0
    while await process.library.encode_anew():
        steps += 1
        await process.library.refresh()
        assert await process.found("subject7") == meanwhile
    await process.library.refresh()
    assert not process.serves_earlier
    assert steps >= 4
    assert len(process.embedder.asked) == before
    assert await process.found("subject7") == meanwhile != []


async def test_papers_that_come_meanwhile_are_found_before_and_after(store: SqlStore, before: int) -> None:
    process = Upgraded(store)
    await process.library.refresh()
    ((paper_id, _),) = (await process.library.add([draft(99)])).stored
    assert await process.found("subject99") == [paper_id]
    assert len(process.earlier.asked) == 1
    while await process.library.encode_anew():
        pass
    await process.library.refresh()
    assert not process.serves_earlier
    assert await process.found("subject99") == [paper_id]
    assert len(process.embedder.asked) == before + 1


@pytest.mark.usefixtures("before")
async def test_a_paper_that_was_being_encoded_at_the_change_is_not_lost(store: SqlStore) -> None:
    process = Upgraded(store)
    await process.library.refresh()
    while await process.library.encode_anew():
        pass
    hold, held = asyncio.Event(), asyncio.Event()
    encode = process.earlier.papers

    async def slowly(texts: Sequence[tuple[str, str]]) -> list[bytes]:
        held.set()
        await hold.wait()
        return await encode(texts)

    process.earlier.papers = slowly  # type: ignore[method-assign]  # the double is slowed down here alone
    adding = asyncio.create_task(process.library.add([draft(99)]))
    await held.wait()
    await process.library._serve_newest()
    hold.set()
    ((paper_id, _),) = (await adding).stored
    assert await process.found("subject99") == [paper_id]


async def test_stopped_halfway_it_goes_on_and_several_processes_share_the_work(
    store: SqlStore, before: int
) -> None:
    first = Upgraded(store)
    await first.library.refresh()
    await first.library.encode_anew()
    second, third = Upgraded(store), Upgraded(store)
    for each in (second, third):
        await each.library.refresh()
        assert each.serves_earlier
    while await second.library.encode_anew() | await third.library.encode_anew():
        pass
    encoded = [set(each.embedder.asked) for each in (first, second, third)]
    assert len(set.union(*encoded)) == sum(map(len, encoded)) == before
    for each in (second, third):
        await each.library.refresh()
        assert not each.serves_earlier


async def test_earlier_vectors_go_at_a_start_that_no_longer_needs_them(store: SqlStore, before: int) -> None:
    process = Upgraded(store)
    await process.library.refresh()
    while await process.library.encode_anew():
        pass
    again = Upgraded(store)
    await again.library.refresh()
    assert not again.serves_earlier
    async with store.reading() as tx:
        assert await tx.embeddings.count_missing("words/0") == before
        assert await tx.embeddings.count_missing("words/1") == 0


async def test_a_start_that_finds_no_earlier_vectors_writes_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Process(store).library.add([draft(1)])

    def write(_store: SqlStore) -> None:
        raise AssertionError("all other writers would wait for this one")

    monkeypatch.setattr(SqlStore, "writing", write)
    process = Upgraded(store)
    await process.library.refresh()
    assert not process.serves_earlier


async def test_a_few_papers_are_encoded_at_once(store: SqlStore) -> None:
    old = Process(store)
    old.generations.serving = old.generations.newest = Generation(EarlierVectors(), old.vectors)
    await old.library.add([draft(number) for number in range(5)])
    process = Upgraded(store)
    await process.library.refresh()
    assert not process.serves_earlier
    assert len(process.embedder.asked) == 5
