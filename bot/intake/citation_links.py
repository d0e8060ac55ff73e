"""Which papers cite which, as far as this process has been told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

MOST_PAPERS = 10_000
"""Papers whose references are kept. The ones told of first go first."""


class CitationLinks:
    """Papers with those of their references that the store has.

    It learns what people ask a source for, and is empty after each start.
    """

    def __init__(self) -> None:
        self._references: dict[int, set[int]] = {}
        self._citing: defaultdict[int, set[int]] = defaultdict(set)

    def learn(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Learn of papers that cite others."""
        for citing, cited in pairs:
            if citing != cited:
                self._references.setdefault(citing, set()).add(cited)
                self._citing[cited].add(citing)
        while len(self._references) > MOST_PAPERS:
            self._forget(next(iter(self._references)))

    def cites(self, citing: int, cited: int) -> bool:
        """Whether one paper is known to cite the other."""
        return cited in self._references.get(citing, ())

    def shared_references(self, paper_id: int) -> Mapping[int, int]:
        """Return by paper how many of its references are this one's too, where there are any."""
        shared: defaultdict[int, int] = defaultdict(int)
        for cited in self._references.get(paper_id, ()):
            for other in self._citing[cited] - {paper_id}:
                shared[other] += 1
        return shared

    def _forget(self, citing: int) -> None:
        for cited in self._references.pop(citing):
            self._citing[cited].discard(citing)
            if not self._citing[cited]:
                del self._citing[cited]
