"""Taking papers in: stored, indexed and embedded, and the index kept up with the store."""

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
from bot.ports.search import Embedder, FullText, VectorIndex
from bot.ports.store.store import Store
from papers.vectors import unpack

STORED_AT_ONCE = 32
"""So many drafts are one transaction, short enough that votes need not wait for an import."""
ENCODED_AT_ONCE = 256
"""So many papers are sorted by length and encoded together."""


class PaperLibrary:
    """Papers go through the store alone: what is indexed is read back by the growing sequence.

    While some papers are encoded the next ones are read and stored. A paper that was stored but not
    encoded, because the program ended in between, is found and encoded when the index is next filled.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        full_text: FullText,
        vectors: VectorIndex,
        *,
        clock: Clock,
        wakeup: Wakeup,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._full_text = full_text
        self._vectors = vectors
        self._clock = clock
        self._wakeup = wakeup
        self._sequence = 0
        self._unencoded: dict[int, Paper] = {}
        self._being_encoded: dict[int, Paper] = {}
        self._reading = asyncio.Lock()
        self._encoding = asyncio.Lock()

    async def add(
        self,
        drafts: Iterable[PaperDraft] | AsyncIterable[PaperDraft],
        progress: Callable[[int], None] | None = None,
        team_id: int | None = None,
    ) -> AddReport:
        """Take drafts in, in batches; each paper whole or not at all. `progress` hears of each batch.

        With a team they are what its people say, and open sources' without.
        Other processes are woken at the end, to read what is new.
        """
        told = _Told()

        async def steps() -> AsyncIterator[int]:
            async for batch in _batches(drafts):
                told.take(await self._put(batch, team_id))
                yield await self._read_changes()
                if progress is not None:
                    progress(len(batch))
            async for read in self._catch_up():
                yield read

        await self._encode_behind(steps())
        await self._wakeup.ring()
        return told.report()

    async def refresh(self) -> int:
        """Bring this process's index up to what the store holds; how many papers were read."""
        return await self._encode_behind(self._catch_up())

    async def _catch_up(self) -> AsyncIterator[int]:
        while read := await self._read_changes():
            yield read

    async def _put(self, drafts: list[PaperDraft], team_id: int | None) -> list[Stored]:
        """Store what is new, without what no database takes; what came just so before is only looked for."""
        drafts = [clean(draft) for draft in drafts]
        async with self._store.reading() as tx:
            known = await tx.papers.unchanged(drafts, team_id)
        unknown = [draft for draft, paper_id in zip(drafts, known, strict=True) if paper_id is None]
        stored: Iterable[Stored] = ()
        if unknown:
            async with self._store.writing() as tx:
                now = self._clock.now()
                stored = [await store_paper(tx, draft, now, team_id) for draft in unknown]
        put = iter(stored)
        return [next(put) if paper_id is None else Stored(paper_id, Outcome.UNCHANGED) for paper_id in known]

    async def _read_changes(self) -> int:
        """Index what has changed: words at once, vectors where there are any."""
        async with self._reading:
            async with self._store.reading() as tx:
                changed = await tx.papers.changed_since(self._sequence, ENCODED_AT_ONCE)
                gone = await tx.papers.gone_since(self._sequence)
                kept = await tx.embeddings.get(self._embedder.name, {paper.text_hash for _, paper in changed})
            if gone:
                self._forget(gone)
                await self._full_text.remove(gone)
            if changed:
                papers = [paper for _, paper in changed]
                for team_id in {paper.team_id for paper in papers}:
                    await self._full_text.put(
                        ((each.id, each.title, each.abstract) for each in papers if each.team_id == team_id),
                        team_id,
                    )
                self._take_vectors(papers, kept)
                self._sequence = changed[-1][0]
            return len(changed)

    def _forget(self, paper_ids: Collection[int]) -> None:
        self._vectors.remove(paper_ids)
        for paper_id in paper_ids:
            self._unencoded.pop(paper_id, None)
            self._being_encoded.pop(paper_id, None)

    def _take_vectors(self, papers: Sequence[Paper], kept: Mapping[str, bytes]) -> None:
        self._forget([paper.id for paper in papers])
        for paper in papers:
            packed = kept.get(paper.text_hash)
            if packed is None:
                self._unencoded[paper.id] = paper
            else:
                vector, parts = unpack(packed, self._embedder.dimensions)
                self._vectors.put(paper.id, vector, parts, paper.team_id)

    async def _encode_behind(self, steps: AsyncIterator[int]) -> int:
        """Encode what the steps leave while the next ones are under way; the sum of what they say."""
        total = 0
        behind = asyncio.create_task(self._encode())
        try:
            async for read in steps:
                total += read
                if len(self._unencoded) >= ENCODED_AT_ONCE:
                    await behind
                if behind.done():
                    behind.result()
                    behind = asyncio.create_task(self._encode())
            await behind
        finally:
            behind.cancel()
        while self._unencoded:
            await self._encode()
        return total

    async def _encode(self) -> None:
        """Encode papers that wait for it. They wait on if this fails."""
        async with self._encoding:
            self._being_encoded = dict(islice(self._unencoded.items(), ENCODED_AT_ONCE))
            self._unencoded = dict(islice(self._unencoded.items(), ENCODED_AT_ONCE, None))
            try:
                made = await self._made(self._being_encoded.values())
                self._take_vectors(list(self._being_encoded.values()), made)
            except BaseException:
                self._unencoded = self._being_encoded | self._unencoded
                raise
            finally:
                self._being_encoded = {}

    async def _made(self, papers: Iterable[Paper]) -> dict[str, bytes]:
        texts = {paper.text_hash: (paper.title, paper.abstract) for paper in papers}
        if not texts:
            return {}
        made = dict(zip(texts, await self._embedder.papers(list(texts.values())), strict=True))
        async with self._store.writing() as tx:
            await tx.embeddings.put(self._embedder.name, made)
        return made


@dataclass(slots=True)
class _Told:
    """What drafts have come to so far: only what is told of them, so that the largest import is small."""

    stored: list[tuple[int, Outcome]] = field(default_factory=list)
    updates: dict[int, Update] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)

    def take(self, batch: Iterable[Stored]) -> None:
        """Add what became of some more."""
        for each in batch:
            self.stored.append((each.paper_id, each.outcome))
            self.contradictions += each.contradictions
            if each.update is not None:
                before = self.updates.get(each.paper_id)
                self.updates[each.paper_id] = before.with_more(each.update) if before else each.update

    def report(self) -> AddReport:
        """Tell it."""
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
        given = iter(drafts)
        while batch := list(islice(given, STORED_AT_ONCE)):
            yield batch
