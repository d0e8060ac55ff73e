"""What the operator has separated: papers that stay two, and identifiers that are not a paper's own."""

from collections import defaultdict
from collections.abc import Iterable

from bot.domain.identifiers import Identifier


class SeparatedPapers:
    """Papers that are kept apart, and identifiers that papers are refused. Both are few."""

    def __init__(self, pairs: Iterable[tuple[int, int]], refused: Iterable[tuple[int, Identifier]]) -> None:
        self._twins: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in pairs:
            self._twins[one].add(other)
            self._twins[other].add(one)
        self._refused: defaultdict[int, set[Identifier]] = defaultdict(set)
        for paper_id, name in refused:
            self._refused[paper_id].add(name)

    def are_separated(self, one: int, other: int) -> bool:
        """Whether two papers are kept apart."""
        return other in self._twins.get(one, ())

    def separated_from(self, paper_id: int) -> frozenset[int]:
        """The papers that one is kept apart from."""
        return frozenset(self._twins.get(paper_id, ()))

    def rejected(self, paper_id: int) -> frozenset[Identifier]:
        """The identifiers that are not a paper's, whatever sources say."""
        return frozenset(self._refused.get(paper_id, ()))
