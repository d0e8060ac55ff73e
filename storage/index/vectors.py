"""Exact nearest neighbours in this process: every vector in one growing array."""

import asyncio
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.conversation.batching import Batcher

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
_Found: TypeAlias = tuple[Numbers, Floats]

SEARCHES_AT_ONCE = 64
THREADS = os.cpu_count() or 1
ROWS_A_THREAD = 4096
"""At least so many: below, a thread costs more than it saves."""
SAMPLE = 2048
"""Scores whose best are a floor for the best of all."""
FEW = 8
"""Of one paper in so many, or fewer, the scores are worked out for these papers alone."""

_NOTHING: _Found = np.empty(0, np.int64), np.empty(0, np.float32)
OPEN = -1
"""The team in the row of a paper that all may read."""
GONE = -1
"""The number in the row of a paper that was removed, or stands in a later row by now."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    vector: bytes
    limit: int
    allowed: frozenset[int] | None
    team: int


class VectorIndex:
    """Vectors of one length. Searches that wait at the same time are one matrix product.

    Each thread takes a share of the rows. A row that is written once never changes, as a search may be
    reading it.
    """

    def __init__(self, dimensions: int) -> None:
        self._rows: Floats = np.empty((0, dimensions), np.float32)
        self._ids: Numbers = np.empty(0, np.int64)
        self._teams: Numbers = np.empty(0, np.int64)
        self._parts: list[bytes] = []
        self._place: dict[int, int] = {}
        self._searches: Batcher[_Wanted, list[tuple[int, float]]] = Batcher(self._search, SEARCHES_AT_ONCE)

    def put(self, paper_id: int, vector: bytes, parts: bytes, team_id: int | None = None) -> None:
        """Take in a team's or an open paper, in place of its vectors before; `parts` is kept as it is."""
        self.remove([paper_id])
        if len(self._parts) == len(self._ids):
            self._make_room()
        place = self._place[paper_id] = len(self._parts)
        self._rows[place] = np.frombuffer(vector, "<f4")
        self._teams[place] = OPEN if team_id is None else team_id
        self._ids[place] = paper_id
        self._parts.append(parts)

    def remove(self, paper_ids: Collection[int]) -> None:
        """Forget papers; their rows are used again when the array is next copied."""
        for paper_id in paper_ids:
            place = self._place.pop(paper_id, None)
            if place is not None:
                self._ids[place] = GONE
                self._parts[place] = b""

    def vector(self, paper_id: int, team_id: int | None = None) -> bytes | None:
        """Give the vector of a paper that the team may read."""
        place = self._place.get(paper_id)
        readable = place is not None and int(self._teams[place]) in {OPEN, team_id}
        return self._rows[place].astype("<f4").tobytes() if readable else None

    def parts(self, paper_ids: Iterable[int]) -> list[bytes]:
        """What was kept beside the vectors, nothing for a paper that is not there."""
        places = (self._place.get(paper_id) for paper_id in paper_ids)
        return [b"" if place is None else self._parts[place] for place in places]

    async def nearest(
        self, vector: bytes, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """The nearest papers among the allowed ones (None: all) that the team may read."""
        team = OPEN if team_id is None else team_id
        return await self._searches(_Wanted(vector, limit, allowed, team))

    def scores(self, vector: bytes, paper_ids: Iterable[int]) -> list[tuple[int, float]]:
        """How near these papers are, in no order; those that are not there are left out."""
        places = {paper_id: self._place[paper_id] for paper_id in paper_ids if paper_id in self._place}
        near = self._rows[list(places.values())] @ np.frombuffer(vector, "<f4")
        return list(zip(places, near.tolist(), strict=True))

    def _make_room(self) -> None:
        """Copy what is there into larger arrays."""
        kept = np.flatnonzero(self._ids != GONE)
        room = max(1024, len(kept) * 3 // 2)
        rows = np.empty((room, self._rows.shape[1]), np.float32)
        ids = np.full(room, GONE, np.int64)
        teams = np.full(room, OPEN, np.int64)
        teams[: len(kept)] = self._teams[kept]
        rows[: len(kept)], ids[: len(kept)] = self._rows[kept], self._ids[kept]
        self._parts = [self._parts[place] for place in kept]
        self._place = {paper_id: place for place, paper_id in enumerate(ids[: len(kept)].tolist())}
        self._rows, self._ids, self._teams = rows, ids, teams

    async def _search(self, wanted: list[_Wanted]) -> list[list[tuple[int, float]]]:
        size = len(self._parts)
        rows, ids, teams = self._rows[:size], self._ids[:size].copy(), self._teams[:size]
        step = max(ROWS_A_THREAD, -(-size // THREADS))
        shares = [slice(start, start + step) for start in range(0, max(size, 1), step)]
        found = await asyncio.gather(
            *(asyncio.to_thread(_search, rows[share], ids[share], teams[share], wanted) for share in shares)
        )
        return [_listed([best[place] for best in found], each.limit) for place, each in enumerate(wanted)]


def _search(rows: Floats, ids: Numbers, teams: Numbers, wanted: list[_Wanted]) -> list[_Found]:
    found: list[_Found] = [_NOTHING] * len(wanted)
    together: list[tuple[int, Flags]] = []
    there, open_to_all = ids != GONE, teams == OPEN
    parted = not open_to_all.all()
    for place, each in enumerate(wanted):
        among = there if each.allowed is None else _among(ids, each.allowed)
        if parted:
            among = among & (open_to_all | (teams == each.team))
        if np.count_nonzero(among) * FEW > len(ids):
            together.append((place, among))
        else:
            found[place] = _best(ids[among], rows[among] @ _query(each), each.limit)
    if together:
        queries = np.stack([_query(wanted[place]) for place, _ in together])
        scores = np.ascontiguousarray((rows @ queries.T).T)
        for (place, among), row in zip(together, scores, strict=True):
            if not among.all():
                row[~among] = -np.inf
            found[place] = _best(ids, row, wanted[place].limit)
    return found


def _among(ids: Numbers, allowed: frozenset[int]) -> Flags:
    return np.isin(ids, np.fromiter(allowed, np.int64, len(allowed)))


def _query(wanted: _Wanted) -> Floats:
    return np.frombuffer(wanted.vector, "<f4")


def _best(ids: Numbers, scores: Floats, limit: int) -> _Found:
    """The best, in no order."""
    sample = scores[:: max(1, len(scores) // SAMPLE)]
    if limit < len(sample):
        near = np.flatnonzero(scores >= np.partition(sample, -limit)[-limit])
        ids, scores = ids[near], scores[near]
    if limit < len(scores):
        top = np.argpartition(scores, -limit)[-limit:]
        ids, scores = ids[top], scores[top]
    return ids, scores


def _listed(shares: list[_Found], limit: int) -> list[tuple[int, float]]:
    """Put the shares' best together, the best of all first."""
    ids, scores = (np.concatenate(parts) for parts in zip(*shares, strict=True))
    order = np.lexsort((ids, -scores))[:limit]
    order = order[scores[order] > -np.inf]
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))
