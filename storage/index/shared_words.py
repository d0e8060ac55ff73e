"""The telling words and phrases that two texts share."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import TypeAlias

from tantivy import TextAnalyzer

LONGEST = 4
"""Words in a phrase, at most."""
SHOWN = 3
COMMON_END = 0.1
"""A phrase neither begins nor ends with a word of so many papers, unless a hyphen joins it to the next."""
COMMON_PHRASE, COMMON_WORD = 0.05, 0.03
"""What such a share of all papers has tells nothing about two of them."""
OFTEN = 2
"""A paper that says a word so often, or has it in its title, is about it."""
_INSIDE = frozenset({"of", "in", "for", "to"})
"""Stop words that may stand inside a phrase, as in “mixture of experts”."""
_BREAKS = frozenset('.,;:!?()[]{}"“”/\n|=+<>')

_Key: TypeAlias = tuple[tuple[str, int], ...]
"""Stems, each with how far it stands behind the one before."""


@dataclass(frozen=True, slots=True)
class _Word:
    stem: str
    place: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    key: _Key
    start: int
    end: int
    inside: bool
    """Whether it begins inside a compound, as “armed bandit” does in “multi-armed bandit”."""
    compound: bool
    """Whether a hyphen joins its first word to the next one."""


class _Text:
    """A text, and which stems it is about. Its first line is its title."""

    def __init__(self, analyzer: TextAnalyzer, text: str) -> None:
        self.text = text
        self.words = [
            _Word(each.text, each.position, each.char_offset_from, each.char_offset_to)
            for each in analyzer.pre_tokenize(text).tokens
        ]
        title = len(text.partition("\n")[0])
        counts = Counter(word.stem for word in self.words)
        self.about = {word.stem for word in self.words if word.end <= title or counts[word.stem] >= OFTEN}

    def phrases(self, start: int) -> Iterator[_Phrase]:
        """Yield the phrases that begin with a word, the shortest first."""
        words = self.words[start : start + LONGEST]
        first = words[0]
        key: _Key = ((first.stem, 0),)
        inside, compound = (
            self.text[first.start - 1 : first.start] == "-",
            self.text.startswith("-", first.end),
        )
        yield _Phrase(key, first.start, first.end, inside, compound)
        for one, other in pairwise(words):
            between = self.text[one.end : other.start]
            gap = other.place - one.place
            if not _BREAKS.isdisjoint(between) or (gap > 1 and between.strip(" -").lower() not in _INSIDE):
                return
            key = (*key, (other.stem, gap))
            yield _Phrase(key, first.start, other.end, inside, compound)


class SharedWords:
    """Compares texts with one text. The first line of each is its title.

    `share` gives the share of papers that have words at these places behind each other, and `rarity` the
    weight of a stem.
    """

    def __init__(
        self,
        analyzer: TextAnalyzer,
        text: str,
        share: Callable[[Sequence[tuple[int, str]]], float],
        rarity: Callable[[str], float],
    ) -> None:
        self._analyzer = analyzer
        self._share = cache(share)
        self._rarity = rarity
        self._own = _Text(analyzer, text)
        self._phrases = {
            phrase.key: phrase for start in range(len(self._own.words)) for phrase in self._own.phrases(start)
        }

    def with_text(self, text: str) -> list[str]:
        """Return what the texts share, phrases before words and the rarest first, as they write it."""
        other = _Text(self._analyzer, text)
        found: dict[_Key, list[str]] = {}
        for phrase in self._longest(other):
            own = self._phrases[phrase.key]
            found.setdefault(phrase.key, [self._own.text[own.start : own.end]]).append(
                other.text[phrase.start : phrase.end]
            )
        chosen: list[str] = []
        used: set[str] = set()
        for key in sorted(found, key=self._weight, reverse=True):
            stems = {stem for stem, _ in key}
            if not stems & used:
                used |= stems
                chosen.append(min(found[key], key=_capitals))
        return chosen[:SHOWN]

    def _longest(self, other: _Text) -> Iterator[_Phrase]:
        """Yield the longest telling phrases of a text that this one has too, one after the other."""
        start = 0
        while start < len(other.words):
            shared = [each for each in other.phrases(start) if each.key in self._phrases]
            telling = [each for each in shared if self._tells(each, other)]
            if telling:
                yield telling[-1]
            start += len(telling[-1].key) if telling else 1

    def _tells(self, phrase: _Phrase, other: _Text) -> bool:
        stems = [stem for stem, _ in phrase.key]
        if any(stem.isdigit() or len(stem) == 1 for stem in (stems[0], stems[-1])):
            return False
        if len(stems) == 1:
            # Both have it by chance, unless it is what one of them is about.
            about = stems[0] in self._own.about and stems[0] in other.about
            return about and self._share(((0, stems[0]),)) <= COMMON_WORD
        return (
            not phrase.inside
            and (phrase.compound or self._share(((0, stems[0]),)) <= COMMON_END)
            and self._share(((0, stems[-1]),)) <= COMMON_END
            and self._share(_places(phrase.key)) <= COMMON_PHRASE
        )

    def _weight(self, key: _Key) -> tuple[bool, float]:
        return len(key) > 1, sum(self._rarity(stem) for stem, _ in key)


def _places(key: _Key) -> tuple[tuple[int, str], ...]:
    """Return the stems with their places behind the first one."""
    places = accumulate(gap for _, gap in key)
    return tuple((place, stem) for place, (stem, _) in zip(places, key, strict=True))


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))
