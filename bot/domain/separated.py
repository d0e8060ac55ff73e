"""What the operator has separated: papers that stay two, and identifiers that are not a paper's own."""

from collections import defaultdict
from collections.abc import Iterable

from bot.domain.identifiers import Identifier


class SeparatedPapers:
    """Papers that are never merged, and identifiers that are not a paper's. Both are few."""

    def __init__(self, pairs: Iterable[tuple[int, int]], rejected: Iterable[tuple[int, Identifier]]) -> None:
        self._others: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in pairs:
            self._others[one].add(other)
            self._others[other].add(one)
        self._rejected: defaultdict[int, set[Identifier]] = defaultdict(set)
        for paper_id, name in rejected:
            self._rejected[paper_id].add(name)

    def are_separated(self, one: int, other: int) -> bool:
        """Whether two papers are never merged."""
        return other in self._others.get(one, ())

    def separated_from(self, paper_id: int) -> frozenset[int]:
        """Return the papers that one is never merged with."""
        return frozenset(self._others.get(paper_id, ()))

    def rejected(self, paper_id: int) -> frozenset[Identifier]:
        """Return the identifiers that are not a paper's, whatever sources say."""
        return frozenset(self._rejected.get(paper_id, ()))
