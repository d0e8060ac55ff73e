"""The rare words and phrases that two texts share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from tantivy import TextAnalyzer

LONGEST = 4
"""Words in a phrase, at most."""
GAP = 2
"""How far apart neighbouring words of a phrase may stand: a stop word fits in between, as in “of”."""
SHOWN = 3
COMMON = 0.1
"""What so many of the papers say tells nothing about two of them."""
_BREAKS = frozenset('.,;:!?()[]{}"“”/\n|=+<>')

_Key: TypeAlias = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Word:
    stem: str
    place: int
    start: int
    end: int


class SharedWords:
    """Compares texts with one text.

    `share` gives the share of papers that have a stem, and `rarity` the weight of the stem.
    """

    def __init__(
        self,
        analyzer: TextAnalyzer,
        text: str,
        share: Callable[[str], float],
        rarity: Callable[[str], float],
    ) -> None:
        self._analyzer = analyzer
        self._text = text
        self._share = share
        self._rarity = rarity
        words = self._words(text)
        self._places = {
            key: span for start in range(len(words)) for key, span in _phrases(words[start:], text)
        }

    def with_text(self, other: str) -> list[str]:
        """Return what the texts share, the most telling first, as they write it."""
        found: dict[_Key, list[str]] = {}
        for key, (start, end) in self._longest(self._words(other), other):
            first, last = self._places[key]
            found.setdefault(key, [self._text[first:last]]).append(other[start:end])
        chosen: list[str] = []
        used: set[str] = set()
        for key in sorted(found, key=self._weight, reverse=True):
            stems = {stem for stem, _ in key}
            if not stems & used:
                used |= stems
                chosen.append(min(found[key], key=_capitals))
        return chosen[:SHOWN]

    def _words(self, text: str) -> list[_Word]:
        tokens = self._analyzer.pre_tokenize(text).tokens
        return [
            _Word(each.text, each.position, each.char_offset_from, each.char_offset_to) for each in tokens
        ]

    def _longest(self, words: Sequence[_Word], text: str) -> Iterator[tuple[_Key, tuple[int, int]]]:
        """Yield the longest shared phrases one after the other, without common words at their ends."""
        start = 0
        while start < len(words):
            shared = [(key, span) for key, span in _phrases(words[start:], text) if key in self._places]
            telling = [each for each in shared if self._tells(each[0])]
            if telling:
                yield telling[-1]
            start += len(telling[-1][0]) if telling else 1

    def _tells(self, key: _Key) -> bool:
        return all(
            self._share(stem) <= COMMON and not stem.isdigit() and len(stem) > 1
            for stem in (key[0][0], key[-1][0])
        )

    def _weight(self, key: _Key) -> float:
        return sum(self._rarity(stem) for stem, _ in key)


def _phrases(words: Sequence[_Word], text: str) -> Iterator[tuple[_Key, tuple[int, int]]]:
    """Yield the phrases that begin with the first word, with where they stand, the shortest first."""
    key: _Key = ((words[0].stem, 0),)
    yield key, (words[0].start, words[0].end)
    for one, other in pairwise(words[:LONGEST]):
        gap = other.place - one.place
        if gap > GAP or not _BREAKS.isdisjoint(text[one.end : other.start]):
            return
        key = (*key, (other.stem, gap))
        yield key, (words[0].start, other.end)


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))
