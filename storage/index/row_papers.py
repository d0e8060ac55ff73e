"""Which papers a row of vectors belongs to, and who may find them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from storage.index.compact_map import MISSING, CompactMap, Values

Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

OPEN = -1
"""The team number of an open paper."""
GONE = -1
"""The id in a row that no paper has, or no longer."""
_Further: TypeAlias = dict[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The papers as they were when a search began. Any thread may read it."""

    ids: Numbers
    """The first paper of each row."""
    teams: Numbers
    further: _Further = field(default_factory=dict)
    """More papers with the same text, by row: pairs of id and team number. There are few."""

    def findable(self, rows: slice, team: int, allowed: Collection[int] | None) -> Flags:
        """Return for each of the rows whether it has a paper that the team may find."""
        wanted = None if allowed is None else np.fromiter(allowed, np.int64, len(allowed))
        found = _findable(self.ids[rows], self.teams[rows], team, wanted)
        if self.further:
            others = [(row, *paper) for row, papers in self.further.items() for paper in papers]
            places, ids, teams = np.array(others, np.int64).T
            places = places[_findable(ids, teams, team, wanted)]
            found[places[(rows.start <= places) & (places < rows.stop)] - rows.start] = True
        return found

    def papers(self, row: int, team: int, allowed: Collection[int] | None) -> list[int]:
        """Return the papers of a row that the team may find."""
        papers = ((int(self.ids[row]), int(self.teams[row])), *self.further.get(row, ()))
        return [
            paper_id
            for paper_id, owner in papers
            if paper_id != GONE and owner in {OPEN, team} and (allowed is None or paper_id in allowed)
        ]

    def paired(
        self, rows: Values, scores: Sequence[float], team: int, allowed: Collection[int] | None
    ) -> list[tuple[int, float]]:
        """Return the papers of rows that the team may find, each with the score of its row.

        Each row has one at least.
        """
        if self.further:
            return [
                (paper_id, score)
                for row, score in zip(rows.tolist(), scores, strict=True)
                for paper_id in self.papers(row, team, allowed)
            ]
        return list(zip(self.ids[rows].tolist(), scores, strict=True))


def _findable(ids: Numbers, teams: Numbers, team: int, wanted: Numbers | None) -> Flags:
    found: Flags = (ids != GONE) & ((teams == OPEN) | (teams == team))
    return found if wanted is None else found & np.isin(ids, wanted)


class RowPapers:
    """The papers of each row. A snapshot shares its arrays, which are copied before the next change."""

    def __init__(self) -> None:
        self._ids: Numbers = np.empty(0, np.int64)
        self._teams: Numbers = np.empty(0, np.int64)
        self._further: _Further = {}
        self._row_of = CompactMap()
        self._size = 0
        """How many rows had a paper, at most."""
        self._count = 0
        self._shared = False

    def __len__(self) -> int:
        return self._count

    def snapshot(self) -> Snapshot:
        """Return the papers as they are now."""
        self._shared = True
        return Snapshot(self._ids[: self._size], self._teams[: self._size], self._further)

    def row(self, paper_id: int) -> int:
        """Return a paper's row, or MISSING."""
        return self._row_of.get(paper_id)

    def rows(self, paper_ids: Collection[int]) -> Values:
        """Return each paper's row, or MISSING."""
        return self._row_of.find(paper_ids)

    def team(self, paper_id: int) -> int:
        """Return the team number of a paper that has a row."""
        row = self.row(paper_id)
        if self._ids[row] == paper_id:
            return int(self._teams[row])
        return dict(self._further[row])[paper_id]

    def put(self, rows: Mapping[int, int], team: int) -> None:
        """Give papers of one team their rows, in place of earlier ones."""
        if not rows:
            return
        self.remove(rows)
        self._prepare(max(rows.values()) + 1)
        for paper_id, row in rows.items():
            if self._ids[row] == GONE:
                self._teams[row], self._ids[row] = team, paper_id
            else:
                self._further[row] = (*self._further.get(row, ()), (paper_id, team))
        self._row_of.put(rows)
        self._count += len(rows)

    def remove(self, paper_ids: Collection[int]) -> None:
        """Take papers out."""
        rows = self.rows(paper_ids).tolist()
        gone = {paper_id: row for paper_id, row in zip(paper_ids, rows, strict=True) if row != MISSING}
        if not gone:
            return
        self._prepare(0)
        for paper_id, row in gone.items():
            further = [each for each in self._further.pop(row, ()) if each[0] != paper_id]
            if self._ids[row] == paper_id:
                self._ids[row], self._teams[row] = further.pop() if further else (GONE, OPEN)
            if further:
                self._further[row] = tuple(further)
        self._row_of.put(dict.fromkeys(gone, MISSING))
        self._count -= len(gone)

    def _prepare(self, size: int) -> None:
        """Make room for so many rows, in arrays that no search reads."""
        room = len(self._ids) if size <= len(self._ids) else max(1024, size * 3 // 2)
        if self._shared or room > len(self._ids):
            ids, teams = np.full(room, GONE, np.int64), np.full(room, OPEN, np.int64)
            ids[: self._size], teams[: self._size] = self._ids[: self._size], self._teams[: self._size]
            self._ids, self._teams, self._further = ids, teams, dict(self._further)
            self._shared = False
        self._size = max(self._size, size)
