"""Acronyms and what they stand for, mined from the papers that spell them out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

LEAST_SHARE = 0.5
"""An acronym stands for a phrase if at least so many of the papers that spell it out say so."""
LEAST_SPELLED = 0.05
"""And if so many of the papers that have the acronym spell it out: “art” is seldom resonance theory."""
MOST_ALTERNATIVES = 3

Stems: TypeAlias = tuple[str, ...]


class Acronyms:
    """Acronyms by how many papers spell them out, such as “mixture of experts (MoE)”."""

    def __init__(self, stems: Callable[[str], list[str]]) -> None:
        """Compare words by their `stems`."""
        self._stems = stems
        self._forms: defaultdict[Stems, Counter[Stems]] = defaultdict(Counter)
        """How many papers spell an acronym out as a phrase."""
        self._short: defaultdict[Stems, Counter[Stems]] = defaultdict(Counter)
        """The same by phrase."""
        self._written: dict[Stems, str] = {}
        """An acronym or a phrase as the first paper wrote it."""
        self._of_paper: dict[int, list[tuple[Stems, Stems]]] = {}

    def put(self, paper_id: int, text: str) -> None:
        """Learn from a paper's text, in place of its earlier one."""
        self.remove(paper_id)
        pairs = dict.fromkeys(self._found(text))
        if pairs:
            self._of_paper[paper_id] = list(pairs)
        for short, long in pairs:
            self._forms[short][long] += 1
            self._short[long][short] += 1

    def remove(self, paper_id: int) -> None:
        """Forget what a paper said."""
        for short, long in self._of_paper.pop(paper_id, ()):
            for counts, key, other in ((self._forms, short, long), (self._short, long, short)):
                counts[key][other] -= 1
                if not counts[key][other]:
                    del counts[key][other]
                if not counts[key]:
                    del counts[key], self._written[key]

    def spelled_out(self, short: Sequence[str], papers: Callable[[str], int]) -> str | None:
        """Return what an acronym stands for; `papers` counts those that have a stem."""
        key = tuple(short)
        forms = self._forms.get(key)
        if not forms:
            return None
        ((long, count),) = forms.most_common(1)
        spelled = forms.total()
        if count < LEAST_SHARE * spelled or spelled < LEAST_SPELLED * min(map(papers, key)):
            return None
        return self._written[long]

    def shortened(self, long: Sequence[str], papers: Callable[[str], int]) -> str | None:
        """Return the acronym of a phrase, if it stands for nothing else as often."""
        for short, _ in self._short.get(tuple(long), Counter[Stems]()).most_common(1):
            written = self.spelled_out(short, papers)
            if written is not None and self._written[tuple(long)] == written:
                return self._written[short]
        return None

    def rewritten(self, words: Sequence[str], papers: Callable[[str], int]) -> list[tuple[int, int, str]]:
        """Return which words may be written otherwise, as places of the first and the last, and how."""
        found = []
        for first in range(len(words)):
            for last in range(len(words) - 1, first - 1, -1):
                part = words[first : last + 1]
                other = self.shortened(part, papers) if last > first else self.spelled_out(part, papers)
                if other is not None:
                    found.append((first, last, other))
                    break
        return found[:MOST_ALTERNATIVES]

    def _found(self, text: str) -> Iterator[tuple[Stems, Stems]]:
        if "(" not in text:
            return
        from abbreviation_extractor import (  # noqa: PLC0415 - only papers need it
            extract_abbreviation_definition_pairs,
        )

        for each in extract_abbreviation_definition_pairs(text):
            short, long = tuple(self._stems(each.abbreviation)), tuple(self._stems(each.definition))
            if len(short) == 1 and len(long) > 1:
                self._written.setdefault(short, each.abbreviation)
                self._written.setdefault(long, each.definition)
                yield short, long
