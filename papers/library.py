"""The library: stores papers, embeds them, and keeps this process's indexes in step with the store."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bot.domain.cleaning import clean
from bot.domain.paper import Contradiction, Outcome, Paper, PaperDraft, Stored, Update
from bot.intake.paper_store import store_paper
from bot.ports.clock import Clock
from bot.ports.coordination import Wakeup
from bot.ports.library import AddReport
from bot.ports.search import FullText
from bot.ports.store.store import Store, Transaction
from papers.generations import Generation, Generations
from papers.reencoding import Reencoding
from papers.vectors import unpack

STORED_AT_ONCE = 32
"""Drafts in one transaction. It must be short: on SQLite a vote waits until an import's ends."""
ENCODED_AT_ONCE = 256
"""Papers that are sorted by length and encoded together. Equal lengths need little padding."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The texts that need not be encoded, by hash."""

    read: Mapping[str, bytes]
    """As they are stored."""
    held: Collection[str] = ()
    """These are stored too, and the index holds them already."""


class PaperLibrary:
    """Adds papers to the store, and fills the indexes by reading them back in the order of their sequence.

    Other processes add papers too, so reading back is the only way that sees them all. The next papers are
    stored while the last are encoded. A crash in between loses nothing: a stored paper without vectors is
    encoded when the indexes are next filled.
    """

    def __init__(
        self,
        store: Store,
        generations: Generations,
        full_text: FullText,
        *,
        clock: Clock,
        wakeup: Wakeup,
    ) -> None:
        self._store = store
        self._generations = generations
        self._full_text = full_text
        self._clock = clock
        self._wakeup = wakeup
        self._reencoding = Reencoding(store, generations)
        self._sequence = 0
        self._unencoded: dict[int, Paper] = {}
        self._in_progress: dict[int, Paper] = {}
        self._reading = asyncio.Lock()
        self._encoding = asyncio.Lock()

    async def add(
        self,
        drafts: Iterable[PaperDraft] | AsyncIterable[PaperDraft],
        progress: Callable[[int], None] | None = None,
        team_id: int | None = None,
    ) -> AddReport:
        """Store, index and embed drafts, in batches. `progress` is called with the size of each batch.

        With a `team_id` they are that team's own papers; without one they are everybody's. At the end other
        processes are woken, so that they read the new papers.
        """
        report = _ReportBuilder()

        async def steps() -> AsyncIterator[int]:
            async for batch in _batches(drafts):
                report.add(await self._put(batch, team_id))
                yield await self._read_changes()
                if progress is not None:
                    progress(len(batch))
            async for read in self._catch_up():
                yield read

        await self._encode_alongside(steps())
        await self._wakeup.wake()
        return report.built()

    async def refresh(self) -> int:
        """Update the indexes from the store. Returns the number of papers read."""
        if self._reencoding.in_progress and not await self._reencoding.left():
            await self._serve_newest()
        return await self._encode_alongside(self._catch_up())

    async def encode_anew(self) -> bool:
        """Encode the next papers of which only an earlier encoder's vectors are stored, if there are any.

        Returns False once none is left. The next `refresh` lets searches use the new vectors.
        """
        return self._reencoding.in_progress and await self._reencoding.encode_some()

    async def _serve_newest(self) -> None:
        """Fill the newest generation's index from the store, and let it serve."""
        newest, sequence = self._generations.newest, 0
        async with self._reading:
            while sequence < self._sequence:
                async with self._store.reading() as tx:
                    papers = await tx.papers.changed_since(sequence, ENCODED_AT_ONCE)
                    kept = await _kept(tx, newest, (paper for _, paper in papers))
                if not papers:
                    break
                self._index_vectors(newest, [paper for _, paper in papers], kept)
                sequence = papers[-1][0]
            self._generations.serving = newest

    async def _catch_up(self) -> AsyncIterator[int]:
        while read := await self._read_changes():
            yield read

    async def _put(self, drafts: list[PaperDraft], team_id: int | None) -> list[Stored]:
        """Store a batch in one transaction. Drafts that are known word for word cost only a read."""
        drafts = [clean(draft) for draft in drafts]
        async with self._store.reading() as tx:
            known = await tx.papers.unchanged(drafts, team_id)
        unknown = [draft for draft, paper_id in zip(drafts, known, strict=True) if paper_id is None]
        stored: Iterable[Stored] = ()
        if unknown:
            async with self._store.writing() as tx:
                now = self._clock.now()
                stored = [await store_paper(tx, draft, now, team_id) for draft in unknown]
        outcomes = iter(stored)
        return [
            next(outcomes) if paper_id is None else Stored(paper_id, Outcome.UNCHANGED) for paper_id in known
        ]

    async def _read_changes(self) -> int:
        """Index the papers that changed: their words at once, their vectors if they have some already."""
        async with self._reading:
            await self._reencoding.choose()
            serving = self._generations.serving
            async with self._store.reading() as tx:
                changed = await tx.papers.changed_since(self._sequence, ENCODED_AT_ONCE)
                removed = await tx.papers.gone_since(self._sequence)
                kept = await _kept(tx, serving, (paper for _, paper in changed))
            if removed:
                self._forget(removed)
                await self._full_text.remove(removed)
            if changed:
                papers = [paper for _, paper in changed]
                for team_id in {paper.team_id for paper in papers}:
                    await self._full_text.put(
                        ((each.id, each.title, each.abstract) for each in papers if each.team_id == team_id),
                        team_id,
                    )
                self._index_vectors(serving, papers, kept)
                self._sequence = changed[-1][0]
            return len(changed)

    def _forget(self, paper_ids: Collection[int]) -> None:
        self._generations.serving.vectors.remove(paper_ids)
        self._forget_unencoded(paper_ids)

    def _forget_unencoded(self, paper_ids: Iterable[int]) -> None:
        for paper_id in paper_ids:
            self._unencoded.pop(paper_id, None)
            self._in_progress.pop(paper_id, None)

    def _index_vectors(self, generation: Generation, papers: Sequence[Paper], kept: _Kept) -> None:
        embedder, vectors = generation.embedder, generation.vectors
        self._forget_unencoded(paper.id for paper in papers)
        vectors.add(
            {
                text: unpack(packed, embedder.dimensions, embedder.word_dimensions)
                for text, packed in kept.read.items()
            }
        )
        texts: dict[int | None, dict[int, str]] = {}
        for paper in papers:
            if paper.text_hash in kept.read or paper.text_hash in kept.held:
                texts.setdefault(paper.team_id, {})[paper.id] = paper.text_hash
            else:
                vectors.remove([paper.id])
                self._unencoded[paper.id] = paper
        for team_id, of_team in texts.items():
            vectors.put(of_team, team_id)

    async def _encode_alongside(self, steps: AsyncIterator[int]) -> int:
        """Run the steps, and encode the papers of each during the next. Returns the sum of their counts."""
        total = 0
        encoding = asyncio.create_task(self._encode())
        try:
            async for read in steps:
                total += read
                if len(self._unencoded) >= ENCODED_AT_ONCE:
                    await encoding
                if encoding.done():
                    encoding.result()
                    encoding = asyncio.create_task(self._encode())
            await encoding
        finally:
            encoding.cancel()
        while self._unencoded:
            await self._encode()
        return total

    async def _encode(self) -> None:
        """Encode the next papers in line. If this fails or is cancelled, they stay in line."""
        async with self._encoding:
            serving = self._generations.serving
            self._in_progress = dict(islice(self._unencoded.items(), ENCODED_AT_ONCE))
            self._unencoded = dict(islice(self._unencoded.items(), ENCODED_AT_ONCE, None))
            try:
                encoded = await self._encoded(serving, self._in_progress.values())
                if serving is self._generations.serving:
                    self._index_vectors(serving, list(self._in_progress.values()), _Kept(encoded))
                else:  # The newest generation took over meanwhile, and has not got these.
                    self._unencoded |= self._in_progress
            except BaseException:
                self._unencoded = self._in_progress | self._unencoded
                raise
            finally:
                self._in_progress = {}

    async def _encoded(self, generation: Generation, papers: Iterable[Paper]) -> dict[str, bytes]:
        texts = {paper.text_hash: (paper.title, paper.abstract) for paper in papers}
        if not texts:
            return {}
        embedder = generation.embedder
        made = dict(zip(texts, await embedder.papers(list(texts.values())), strict=True))
        async with self._store.writing() as tx:
            await tx.embeddings.put(embedder.name, made)
        return made


async def _kept(tx: Transaction, generation: Generation, papers: Iterable[Paper]) -> _Kept:
    """Read the stored vectors of papers. Where the index holds them, see only whether they are stored."""
    texts, model = {paper.text_hash for paper in papers}, generation.embedder.name
    held = generation.vectors.held(texts)
    return _Kept(
        await tx.embeddings.get(model, texts - held) if texts > held else {},
        await tx.embeddings.stored(model, held) if held else set(),
    )


@dataclass(slots=True)
class _ReportBuilder:
    """The report so far. It keeps ids and changes alone, so that a large import needs little memory."""

    stored: list[tuple[int, Outcome]] = field(default_factory=list)
    updates: dict[int, Update] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)

    def add(self, batch: Iterable[Stored]) -> None:
        """Add the outcomes of one batch."""
        for each in batch:
            self.stored.append((each.paper_id, each.outcome))
            self.contradictions += each.contradictions
            if each.update is not None:
                before = self.updates.get(each.paper_id)
                self.updates[each.paper_id] = before.with_more(each.update) if before else each.update

    def built(self) -> AddReport:
        """Return the report as the caller gets it."""
        return AddReport(tuple(self.stored), tuple(self.updates.values()), tuple(self.contradictions))


async def _batches(
    drafts: Iterable[PaperDraft] | AsyncIterable[PaperDraft],
) -> AsyncIterator[list[PaperDraft]]:
    if isinstance(drafts, AsyncIterable):
        batch: list[PaperDraft] = []
        async for draft in drafts:
            batch.append(draft)
            if len(batch) == STORED_AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch
    else:
        remaining = iter(drafts)
        while batch := list(islice(remaining, STORED_AT_ONCE)):
            yield batch
