"""Exact nearest neighbours in this process: all vectors in one growing array, and their details in a file."""

import asyncio
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.conversation.batching import Batcher
from storage.index.details import DetailsFile

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
_Found: TypeAlias = tuple[Numbers, Floats]

SEARCHES_AT_ONCE = 64
THREADS = os.cpu_count() or 1
MIN_ROWS_PER_THREAD = 4096
"""Fewest rows for a thread. With fewer, starting the thread costs more than it saves."""
SAMPLE_SIZE = 2048
"""How many scores are sampled for a lower bound, so that most scores need no sorting."""
MIN_ROWS_PER_ALLOWED = 8
"""If at most one row in so many is allowed, only the allowed rows are multiplied."""
PAIRED_AT_ONCE = 512
"""Papers in a block that is compared with all others."""

_EMPTY: _Found = np.empty(0, np.int64), np.empty(0, np.float32)
OPEN = -1
"""The team number in the row of an open paper."""
GONE = -1
"""The id in a row whose paper was removed, or has a later row now."""


@dataclass(frozen=True, slots=True)
class _Search:
    vector: bytes
    limit: int
    allowed: frozenset[int] | None
    team: int


class VectorIndex:
    """Vectors of one length. Searches that wait at the same time become one matrix product.

    Each thread searches a share of the rows. A row is written once and never changed, because a search may be
    reading it in another thread. The details' file stands in `folder`, or where temporary files do.
    """

    def __init__(self, dimensions: int, folder: Path | None = None) -> None:
        self._rows: Floats = np.empty((0, dimensions), np.float32)
        self._ids: Numbers = np.empty(0, np.int64)
        self._teams: Numbers = np.empty(0, np.int64)
        self._details: Numbers = np.empty((0, 2), np.int64)
        """Start and length of each row's details in the file."""
        self._size = 0
        """How many rows are in use, or were."""
        self._file = DetailsFile(folder)
        self._row_of: dict[int, int] = {}
        self._searches: Batcher[_Search, list[tuple[int, float]]] = Batcher(self._search, SEARCHES_AT_ONCE)

    def __len__(self) -> int:
        return len(self._row_of)

    def put(self, paper_id: int, vector: bytes, details: bytes, team_id: int | None = None) -> None:
        """Store a paper's vector, in place of its earlier one. `details` are kept beside it unchanged."""
        where = self._kept_details(paper_id, details)
        self.remove([paper_id])
        if self._size == len(self._ids):
            self._make_room()
        row = self._row_of[paper_id] = self._size
        # The id comes last: until then, a search takes the row for a removed one.
        self._rows[row] = np.frombuffer(vector, "<f4")
        self._details[row] = where
        self._teams[row] = OPEN if team_id is None else team_id
        self._ids[row] = paper_id
        self._size += 1

    def remove(self, paper_ids: Collection[int]) -> None:
        """Remove papers. Their rows are freed when the array is next copied."""
        for paper_id in paper_ids:
            row = self._row_of.pop(paper_id, None)
            if row is not None:
                self._ids[row] = GONE

    def vector(self, paper_id: int, team_id: int | None = None) -> bytes | None:
        """Return the vector of a paper, None if it is missing or another team's."""
        row = self._row_of.get(paper_id)
        readable = row is not None and int(self._teams[row]) in {OPEN, team_id}
        return self._rows[row].astype("<f4").tobytes() if readable else None

    def details(self, paper_ids: Iterable[int]) -> list[bytes]:
        """Return what was kept beside the vectors, empty bytes for missing papers."""
        found_rows = (self._row_of.get(paper_id) for paper_id in paper_ids)
        return [b"" if row is None else self._file.read(*self._details[row].tolist()) for row in found_rows]

    def _kept_details(self, paper_id: int, details: bytes) -> tuple[int, int]:
        """Return start and length of a paper's details in the file, where they often stand already."""
        row = self._row_of.get(paper_id)
        if row is not None:
            start, length = self._details[row].tolist()
            if self._file.read(start, length) == details:
                return start, length
        return self._file.add(details), len(details)

    async def nearest(
        self, vector: bytes, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return the nearest papers. `allowed` limits the papers; None allows all."""
        team = OPEN if team_id is None else team_id
        return await self._searches(_Search(vector, limit, allowed, team))

    def scores(self, vector: bytes, paper_ids: Iterable[int]) -> list[tuple[int, float]]:
        """Return the dot products with these papers, in no order. Missing papers are left out."""
        found_rows = {paper_id: self._row_of[paper_id] for paper_id in paper_ids if paper_id in self._row_of}
        near = self._rows[list(found_rows.values())] @ np.frombuffer(vector, "<f4")
        return list(zip(found_rows, near.tolist(), strict=True))

    async def products(self, vectors: Sequence[bytes], paper_ids: Sequence[int]) -> bytes:
        """Return the dot products of vectors and papers: a row a vector, little-endian float32."""
        queries = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), self._rows.shape[1])
        rows = np.full((len(paper_ids), self._rows.shape[1]), np.nan, np.float32)
        held = [place for place, paper_id in enumerate(paper_ids) if paper_id in self._row_of]
        rows[held] = self._rows[[self._row_of[paper_ids[place]] for place in held]]
        products: Floats = await asyncio.to_thread(np.matmul, queries, rows.T)
        return products.tobytes()

    async def near_pairs(
        self, paper_ids: Collection[int], among: Collection[int], least: float
    ) -> list[tuple[int, int, float]]:
        """Return the papers with those among the others that have at least this dot product with them."""
        ids, others = ([each for each in given if each in self._row_of] for given in (paper_ids, among))
        rows, other_rows = (self._rows[[self._row_of[each] for each in given]] for given in (ids, others))
        return await asyncio.to_thread(_near_pairs, ids, rows, others, other_rows, least)

    def _make_room(self) -> None:
        """Copy the live rows into larger arrays. Searches in progress keep the old arrays."""
        kept = np.flatnonzero(self._ids != GONE)
        room = max(1024, len(kept) * 3 // 2)
        rows = np.empty((room, self._rows.shape[1]), np.float32)
        ids = np.full(room, GONE, np.int64)
        teams = np.full(room, OPEN, np.int64)
        details = np.zeros((room, 2), np.int64)
        teams[: len(kept)], details[: len(kept)] = self._teams[kept], self._details[kept]
        rows[: len(kept)], ids[: len(kept)] = self._rows[kept], self._ids[kept]
        self._row_of = {paper_id: row for row, paper_id in enumerate(ids[: len(kept)].tolist())}
        self._rows, self._ids, self._teams, self._details = rows, ids, teams, details
        self._size = len(kept)

    async def _search(self, searches: list[_Search]) -> list[list[tuple[int, float]]]:
        size = self._size
        # The ids are copied: `remove` changes them in place while the threads read.
        rows, ids, teams = self._rows[:size], self._ids[:size].copy(), self._teams[:size]
        step = max(MIN_ROWS_PER_THREAD, -(-size // THREADS))
        shares = [slice(start, start + step) for start in range(0, max(size, 1), step)]
        found = await asyncio.gather(
            *(asyncio.to_thread(_search, rows[share], ids[share], teams[share], searches) for share in shares)
        )
        return [_merged([best[index] for best in found], each.limit) for index, each in enumerate(searches)]


def _search(rows: Floats, ids: Numbers, teams: Numbers, searches: list[_Search]) -> list[_Found]:
    found: list[_Found] = [_EMPTY] * len(searches)
    batched: list[tuple[int, Flags]] = []
    live, open_to_all = ids != GONE, teams == OPEN
    has_owned = not open_to_all.all()
    for index, each in enumerate(searches):
        among = live if each.allowed is None else _among(ids, each.allowed)
        if has_owned:
            among = among & (open_to_all | (teams == each.team))
        if np.count_nonzero(among) * MIN_ROWS_PER_ALLOWED > len(ids):
            batched.append((index, among))
        else:
            found[index] = _best(ids[among], rows[among] @ _query(each), each.limit)
    if batched:
        queries = np.stack([_query(searches[index]) for index, _ in batched])
        scores = np.ascontiguousarray((rows @ queries.T).T)
        for (index, among), row in zip(batched, scores, strict=True):
            if not among.all():
                row[~among] = -np.inf
            found[index] = _best(ids, row, searches[index].limit)
    return found


def _near_pairs(
    ids: list[int], rows: Floats, others: list[int], other_rows: Floats, least: float
) -> list[tuple[int, int, float]]:
    """Compare a block of papers with all others at a time: all products at once may not fit into memory."""
    pairs = []
    for start in range(0, len(ids), PAIRED_AT_ONCE):
        products = rows[start : start + PAIRED_AT_ONCE] @ other_rows.T
        for place, other in np.argwhere(products >= least).tolist():
            if ids[start + place] != others[other]:
                pairs.append((ids[start + place], others[other], float(products[place, other])))
    return pairs


def _among(ids: Numbers, allowed: frozenset[int]) -> Flags:
    return np.isin(ids, np.fromiter(allowed, np.int64, len(allowed)))


def _query(search: _Search) -> Floats:
    return np.frombuffer(search.vector, "<f4")


def _best(ids: Numbers, scores: Floats, limit: int) -> _Found:
    """Return the best, in no order."""
    sample = scores[:: max(1, len(scores) // SAMPLE_SIZE)]
    if limit < len(sample):
        near = np.flatnonzero(scores >= np.partition(sample, -limit)[-limit])
        ids, scores = ids[near], scores[near]
    if limit < len(scores):
        top = np.argpartition(scores, -limit)[-limit:]
        ids, scores = ids[top], scores[top]
    return ids, scores


def _merged(shares: list[_Found], limit: int) -> list[tuple[int, float]]:
    """Merge the best of all shares, best first."""
    ids, scores = (np.concatenate(parts) for parts in zip(*shares, strict=True))
    order = np.lexsort((ids, -scores))[:limit]
    order = order[scores[order] > -np.inf]
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))
