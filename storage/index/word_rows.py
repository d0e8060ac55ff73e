"""Papers as rows of stem numbers, and how far some of these papers contain the words of many topics."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.ports.search import WordEvidence

Numbers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

GAP = 0
"""The number of a stop word. It keeps its place, so that words beside it are not next to each other."""
END = 1
"""The number that ends a title and an abstract, so that no phrase reaches from one into the next."""
SATURATION = 1.2
"""BM25's k1: how soon a word that comes again counts for nothing more."""

Row: TypeAlias = NDArray[np.uint32]
_NOTHING: Row = np.empty(0, np.uint32)


class WordRows:
    """The words of papers in their order, as numbers of their stems.

    One thread writes at a time; others may read meanwhile, because a row is never changed once it is in.
    """

    def __init__(
        self, split: Callable[[str], list[str]], stems: Callable[[str], list[str]], stop: Collection[str]
    ) -> None:
        """Split texts into words by `split`; `stems` gives the stem of a word, or nothing."""
        self._split = split
        self._stems = stems
        self._numbers: dict[str, int] = dict.fromkeys(stop, GAP)
        """By word."""
        self._stem_numbers: dict[str, int] = {}
        self._names: list[str] = ["", ""]
        self._rows: dict[int, Row] = {}
        self.version = 0
        """Grows with each change."""

    def put(self, paper_id: int, title: str, abstract: str) -> None:
        """Keep the words of a paper."""
        row = [*self._row_of(title), END, *self._row_of(abstract), END]
        self._rows[paper_id] = np.array(row, np.uint32)
        self.version += 1

    def remove(self, paper_id: int) -> None:
        """Forget a paper."""
        self._rows.pop(paper_id, None)
        self.version += 1

    def row(self, paper_id: int) -> Row:
        """Return a paper's words; none if it is missing."""
        return self._rows.get(paper_id, _NOTHING)

    def name(self, number: int) -> str:
        """Return the stem with this number."""
        return self._names[number]

    def known(self, text: str) -> list[int | None]:
        """Return the numbers of a text's words; None for words that no paper has had."""
        return [self._known(word) for word in self._split(text)]

    def _known(self, word: str) -> int | None:
        number = self._numbers.get(word)
        if number is None:
            number = next((self._stem_numbers.get(stem) for stem in self._stems(word)), GAP)
        return number

    def _row_of(self, text: str) -> list[int]:
        words = self._split(text)
        for word in words:
            if word not in self._numbers:
                self._numbers[word] = self._new_number(word)
        return [self._numbers[word] for word in words]

    def _new_number(self, word: str) -> int:
        stem = next(iter(self._stems(word)), None)
        if stem is None:
            return GAP
        if stem not in self._stem_numbers:
            self._names.append(stem)
            self._stem_numbers[stem] = len(self._names) - 1
        return self._stem_numbers[stem]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of a topic: each stem's number with its weight, and all words by their places from 0 on."""

    weights: Mapping[int, float]
    unknown: float
    """The weight of the words that no paper has."""
    phrase: Sequence[tuple[int, int | None]]


class Postings:
    """Where the words of some papers stand, for many topics in a row."""

    def __init__(self, rows: WordRows, paper_ids: Iterable[int]) -> None:
        self.version = rows.version
        """That of the rows which were read, or an earlier one."""
        self._ids = list(paper_ids)
        found = [rows.row(paper_id) for paper_id in self._ids]
        self._words = np.concatenate([_NOTHING, *found])
        self._papers = np.repeat(np.arange(len(found)), [len(each) for each in found])
        ends = self._words == END
        # The first end of a paper is its title's: an odd number of ends before a word means an abstract.
        self._titled = (np.cumsum(ends) - ends) % 2 == 0
        self._order = np.argsort(self._words, kind="stable")
        self._sorted = self._words[self._order]

    def evidence(self, wanted: Wanted) -> dict[int, WordEvidence]:
        """Return how far the papers have the words, by paper id. Papers with none are left out."""
        count = len(self._ids)
        scores, titled, complete = np.zeros(count), np.zeros(count), np.zeros(count)
        for number, weight in wanted.weights.items():
            places = self._places(number)
            if not len(places):
                continue
            papers = self._papers[places]
            in_title = np.bincount(papers[self._titled[places]], minlength=count)
            times = np.bincount(papers, minlength=count) + in_title
            scores += weight * times / (times + SATURATION)
            titled += in_title > 0
            complete += times > 0
        most = sum(wanted.weights.values()) + wanted.unknown
        if not most:
            return {}
        phrases, phrases_titled = self._phrases(wanted.phrase)
        words = max(1, len({number for _, number in wanted.phrase}))
        found = np.flatnonzero(scores)
        # As lists at once: to take numbers out of arrays one by one is what takes the time.
        columns = (scores / most, titled / words, complete / words, phrases, phrases_titled)
        rows = zip(found.tolist(), *(each[found].tolist() for each in columns), strict=True)
        several = len(wanted.phrase) > 1
        return {
            self._ids[place]: WordEvidence(share, in_title, has, named, title_names, several)
            for place, share, in_title, has, named, title_names in rows
        }

    def _places(self, number: int) -> Numbers:
        first, last = np.searchsorted(self._sorted, np.array([number, number + 1], np.uint32))
        return self._order[first:last]

    def _phrases(self, phrase: Sequence[tuple[int, int | None]]) -> tuple[Numbers, Numbers]:
        """Count for each paper how often it has the words next to each other, and how often in its title."""
        count = len(self._ids)
        starts = np.empty(0, np.int64)
        if phrase and all(number is not None for _, number in phrase):
            starts = self._places(phrase[0][1] or GAP)
            for place, number in phrase[1:]:
                starts = starts[starts + place < len(self._words)]
                starts = starts[self._words[starts + place] == number]
        papers = self._papers[starts]
        titled = papers[self._titled[starts]]
        return np.bincount(papers, minlength=count), np.bincount(titled, minlength=count)
