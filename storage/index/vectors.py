"""Exact nearest neighbours in this process: all rows by 8-bit numbers, then the best ones exactly."""

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bot.conversation.batching import Batcher
from storage.index.compact_map import MISSING, Values
from storage.index.graphs import Floats
from storage.index.products import Queries, Steps, products, quantized_queries
from storage.index.row_papers import OPEN, Flags, RowPapers, Snapshot
from storage.index.shared_vectors import SharedVectors

SEARCHES_AT_ONCE = 64
THREADS = os.cpu_count() or 1
MIN_ROWS_PER_THREAD = 4096
"""Fewest rows for a thread. With fewer, starting the thread costs more than it saves."""
SCORED_AT_ONCE = 65_536
"""Rows whose scores a thread holds at a time, so that many searches at once need little memory."""
SAMPLE_SIZE = 2048
"""How many scores are sampled for a lower bound, so that most scores need no sorting."""
MIN_ROWS_PER_ALLOWED = 8
"""If at most one row in so many is allowed, only the allowed rows are multiplied."""
PAIRED_AT_ONCE = 512
"""Papers in a block that is compared with all others."""


@dataclass(frozen=True, slots=True)
class _Search:
    vector: bytes
    limit: int
    allowed: frozenset[int] | None
    team: int


class _Found(NamedTuple):
    """Rows that may be among the nearest, in no order, with their approximate scores."""

    rows: Values
    scores: Floats
    bound: float
    """As many rows as are wanted have at least this approximate score. Each score is off by the margin at
    most, so a row that is further below this than twice the margin is not among the nearest."""


class VectorIndex:
    """Vectors of length one, in the files of the machine: see SharedVectors.

    Searches that wait at the same time become one matrix product, and each thread multiplies a share of the
    rows. The product of 8-bit numbers is off by a known margin. So the rows within the margin of the best are
    multiplied once more, exactly, and the results are those of the exact product.
    """

    def __init__(self, dimensions: int, folder: Path | None = None, model: str = "") -> None:
        self._shared = SharedVectors(dimensions, folder, model)
        self._papers = RowPapers()
        # The batcher does not know the index, so that the files are closed as soon as nobody has it.
        search = partial(_search, self._shared, self._papers)
        self._searches: Batcher[_Search, list[tuple[int, float]]] = Batcher(search, SEARCHES_AT_ONCE)

    def __len__(self) -> int:
        return len(self._papers)

    def held(self, texts: Collection[str]) -> set[str]:
        """Return those of the texts, by their hashes, that a process of this machine has added."""
        rows = self._shared.find(texts).tolist()
        return {text for text, row in zip(texts, rows, strict=True) if row != MISSING}

    def add(self, encoded: Mapping[str, tuple[bytes, bytes]]) -> None:
        """Add the vectors of texts, by their hashes. Details are kept beside each vector unchanged."""
        self._shared.add(encoded)

    def put(self, texts: Mapping[int, str], team_id: int | None = None) -> None:
        """Let papers be found by the vectors of their texts, which are held, in place of earlier texts."""
        rows = self._shared.find(texts.values()).tolist()
        if MISSING in rows:
            raise KeyError("a text is not held")
        self._papers.put(dict(zip(texts, rows, strict=True)), _number(team_id))

    def remove(self, paper_ids: Collection[int]) -> None:
        """Remove papers. Their texts are still held."""
        self._papers.remove(paper_ids)

    def vector(self, paper_id: int, team_id: int | None = None) -> bytes | None:
        """Return the vector of a paper, None if it is missing or another team's."""
        row = self._papers.row(paper_id)
        if row == MISSING or self._papers.team(paper_id) not in {OPEN, _number(team_id)}:
            return None
        return self._shared.vectors(np.array([row], np.int32)).astype("<f4").tobytes()

    def details(self, paper_ids: Iterable[int]) -> list[bytes]:
        """Return what was kept beside the vectors, empty bytes for missing papers."""
        rows = self._papers.rows(list(paper_ids)).tolist()
        return [b"" if row == MISSING else self._shared.details(row) for row in rows]

    async def nearest(
        self, vector: bytes, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return the nearest papers. `allowed` limits the papers; None allows all."""
        return await self._searches(_Search(vector, limit, allowed, _number(team_id)))

    def scores(self, vector: bytes, paper_ids: Iterable[int]) -> list[tuple[int, float]]:
        """Return the dot products with these papers, in no order. Missing papers are left out."""
        ids, rows = self._rows(paper_ids)
        scores = self._shared.vectors(rows) @ np.frombuffer(vector, "<f4")
        return list(zip(ids, scores.tolist(), strict=True))

    async def products(self, vectors: Sequence[bytes], paper_ids: Sequence[int]) -> bytes:
        """Return the dot products of vectors and papers: a row a vector, little-endian float32."""
        queries = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), self._shared.dimensions)
        rows = self._papers.rows(paper_ids)

        def multiplied() -> bytes:
            found = np.full((len(queries), len(rows)), np.nan, "<f4")
            held = np.flatnonzero(rows != MISSING)
            found[:, held] = queries @ self._shared.vectors(rows[held]).T
            return found.tobytes()

        return await asyncio.to_thread(multiplied)

    async def near_pairs(
        self, paper_ids: Collection[int], among: Collection[int], least: float
    ) -> list[tuple[int, int, float]]:
        """Return the papers with those among the others that have at least this dot product with them."""
        (ids, rows), (others, other_rows) = self._rows(paper_ids), self._rows(among)
        read = self._shared.vectors

        def paired() -> list[tuple[int, int, float]]:
            return _near_pairs(ids, read(rows), others, read(other_rows), least)

        return await asyncio.to_thread(paired)

    def _rows(self, paper_ids: Iterable[int]) -> tuple[list[int], Values]:
        """Return the papers that are not missing, and their rows."""
        ids = np.fromiter(paper_ids, np.int64)
        rows = self._papers.rows(ids.tolist())
        return ids[rows != MISSING].tolist(), rows[rows != MISSING]


@dataclass(frozen=True, slots=True)
class _Work:
    """A batch of searches over the rows as they were when it began. Any thread may do a share of it."""

    steps: Steps
    scales: Floats
    exact: Callable[[Values], Floats]
    """Reads the exact vectors of rows."""
    papers: Snapshot
    searches: Sequence[_Search]
    queries: Queries
    margins: Sequence[float]

    def near(self, share: range) -> list[list[_Found]]:
        """Return for each search the rows of a share that may be among the nearest of all, in parts."""
        found: list[list[_Found]] = [[] for _ in self.searches]
        findable = self._findable(slice(share.start, share.stop))
        many = []
        for index, flags in enumerate(findable):
            if np.count_nonzero(flags) * MIN_ROWS_PER_ALLOWED > len(flags):
                many.append(index)
            else:
                rows = np.flatnonzero(flags).astype(np.int32) + np.int32(share.start)
                found[index].append(self._best(index, rows, self._multiplied(rows, [index])[index], ()))
        for start in share[::SCORED_AT_ONCE] if many else ():
            part = slice(start, min(start + SCORED_AT_ONCE, share.stop))
            rows = np.arange(part.start, part.stop, dtype=np.int32)
            for index, scores in self._multiplied(part, many).items():
                flags = findable[index][part.start - share.start : part.stop - share.start]
                if not flags.all():
                    scores[~flags] = -np.inf
                found[index].append(self._best(index, rows, scores, found[index]))
        return found

    def nearest(self, shares: Sequence[list[list[_Found]]]) -> list[list[tuple[int, float]]]:
        """Return for each search the nearest papers, best first, by exact products."""
        return [
            self._ranked(index, list(chain(*parts))) for index, parts in enumerate(zip(*shares, strict=True))
        ]

    def _ranked(self, index: int, parts: Sequence[_Found]) -> list[tuple[int, float]]:
        search = self.searches[index]
        if not parts:
            return []
        rows, scores = (np.concatenate([part[field] for part in parts]) for field in (0, 1))
        rows = self._best(index, rows, scores, parts).rows
        exact = self.exact(rows) @ self.queries.exact[index]
        pairs = self.papers.paired(rows, exact.tolist(), search.team, search.allowed)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[: search.limit]

    def _findable(self, rows: slice) -> list[Flags]:
        """Return for each search which of the rows it may find. Equal searches share one array."""
        flags: dict[tuple[int, frozenset[int] | None], Flags] = {}
        for each in self.searches:
            if (each.team, each.allowed) not in flags:
                flags[each.team, each.allowed] = self.papers.findable(rows, each.team, each.allowed)
        return [flags[each.team, each.allowed] for each in self.searches]

    def _multiplied(self, rows: slice | Values, indexes: Sequence[int]) -> dict[int, Floats]:
        """Return the approximate scores of rows for some of the searches."""
        found = products(self.steps[rows], self.scales[rows], self.queries.some(indexes))
        return dict(zip(indexes, found, strict=True))

    def _best(self, index: int, rows: Values, scores: Floats, others: Sequence[_Found]) -> _Found:
        """Return the rows that may be among the nearest of these and of others that were found before."""
        limit, twice = self.searches[index].limit, 2 * self.margins[index]
        bound = max((each.bound for each in others), default=-np.inf)
        sample = scores[:: max(1, len(scores) // SAMPLE_SIZE)]
        if bound == -np.inf and limit < len(sample):
            bound = float(np.partition(sample, -limit)[-limit])
        near = np.flatnonzero(scores >= bound - twice)
        if limit < len(near):
            bound = max(bound, float(np.partition(scores[near], -limit)[-limit]))
        least = max(bound - twice, float(np.finfo(np.float32).min))  # less has only what may not be found
        near = near[scores[near] >= least]
        return _Found(rows[near], scores[near], bound)


async def _search(
    shared: SharedVectors, papers: RowPapers, searches: list[_Search]
) -> list[list[tuple[int, float]]]:
    vectors = np.frombuffer(b"".join(each.vector for each in searches), "<f4")
    queries = quantized_queries(vectors.reshape(len(searches), shared.dimensions))
    work = _Work(
        shared.steps,
        shared.scales,
        shared.vectors,
        papers.snapshot(),
        searches,
        queries,
        queries.margins(shared.error),
    )
    size = len(work.papers.ids)
    step = max(MIN_ROWS_PER_THREAD, -(-size // THREADS))
    shares = [range(size)[start : start + step] for start in range(0, max(size, 1), step)]
    found = await asyncio.gather(*(asyncio.to_thread(work.near, share) for share in shares))
    return await asyncio.to_thread(work.nearest, found)


def _near_pairs(
    ids: list[int], rows: Floats, others: list[int], other_rows: Floats, least: float
) -> list[tuple[int, int, float]]:
    """Compare a block of papers with all others at a time: all products at once may not fit into memory."""
    pairs = []
    for start in range(0, len(ids), PAIRED_AT_ONCE):
        cosines = rows[start : start + PAIRED_AT_ONCE] @ other_rows.T
        for place, other in np.argwhere(cosines >= least).tolist():
            if ids[start + place] != others[other]:
                pairs.append((ids[start + place], others[other], float(cosines[place, other])))
    return pairs


def _number(team_id: int | None) -> int:
    return OPEN if team_id is None else team_id
