"""Summaries that quote: the abstract's own sentences, chosen by a small linear model.

The model was fitted to how much of a human one-line summary each sentence holds; see `WEIGHTS`.
"""

import asyncio
import heapq
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from bot.domain.document import Document, Quote
from bot.domain.paper import Paper
from papers.documents.sentences import pieces
from papers.text import sentences as split

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_PROPOSES = re.compile(
    r"\b(?:we|(?:this|our|the present) (?:paper|work|article|study|report|survey|thesis))\b[^.;:]{0,40}?"
    r"\b(?:propos|present|introduc|develop|describ|design|devis|formulat|suggest|address|tackl|offer|provid"
    r"|construct|creat|build|deriv|extend)",
    re.IGNORECASE,
)
_WE = re.compile(r"\bwe\b", re.IGNORECASE)
FEWEST_WORDS = 8
"""In a full text what has fewer words is a label, a formula or a step of a proof."""
_LONG = 22
"""More words than people take for a one-line summary."""
_EMPTY_WORDS = frozenset(
    _WORD.findall(
        """
        a an and are as at be been being between both but by can do does each for from had has have how
        however i if in into is it its may more most no not of on or our over paper show shows some such
        than that the their then these they this those through to under us use used using via was we were
        what when where which while who whose will with within work
        """
    )
)


class Features(NamedTuple):
    """What the model knows of one sentence."""

    words: float
    """The logarithm of how many there are."""
    over_long: float
    """Tens of words beyond a long sentence's length."""
    title: float
    """How alike the sentence and the title are."""
    central: float
    """How alike the sentence and the others are, on average."""
    commas: float
    proposes: float
    """Whether it is the first to say what the paper proposes."""
    speaks: float
    """Whether it is the first in which the authors speak of themselves."""


WEIGHTS = Features(
    words=0.0623,
    over_long=-0.0194,
    title=0.2721,
    central=0.5116,
    commas=-0.006,
    proposes=0.0652,
    speaks=0.0544,
)
"""Ridge regression of a sentence's stemmed ROUGE-1, within each of SciTLDR-A's 1,992 training abstracts.

`python benchmarks/summaries.py TRAIN.jsonl --fit` prints them anew.
"""


class ExtractiveSummarizer:
    """Quotes the sentences that score highest."""

    async def summarize(self, paper: Paper, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences, no text twice; nothing where there is no abstract."""
        found = split(paper.abstract)
        scores = [score(each) for each in features(found, paper.title)]
        places = {text: place for place, text in reversed(list(enumerate(found)))}.values()
        best = heapq.nsmallest(sentences, places, key=lambda place: (-scores[place], place))
        return tuple(Quote(found[place], place + 1, len(found)) for place in sorted(best))

    async def summarize_text(self, paper: Paper, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences of a paper's full text, in its order."""
        return await asyncio.to_thread(_summed_up, paper.title, text, sentences)

    def sentence(self, paper: Paper, number: int) -> str | None:
        """Give the abstract's sentence at this place, counted from 0."""
        found = split(paper.abstract)
        return found[number] if 0 <= number < len(found) else None


def _summed_up(title: str, text: Document, number: int) -> tuple[Quote, ...]:
    quotes = [quote for piece in pieces(text) for quote in piece.quotes]
    scores = [score(each) for each in features([quote.text for quote in quotes], title)]
    places = {quote.text: place for place, quote in reversed(list(enumerate(quotes)))}.values()
    telling = (place for place in places if len(quotes[place].text.split()) >= FEWEST_WORDS)
    best = heapq.nsmallest(number, telling, key=lambda place: (-scores[place], place))
    return tuple(quotes[place] for place in sorted(best))


def score(sentence: Features) -> float:
    """Say how much of a summary the sentence is likely to hold."""
    return sum(weight * value for weight, value in zip(WEIGHTS, sentence, strict=True))


def features(sentences: Sequence[str], title: str) -> list[Features]:
    """Look at every sentence of one abstract."""
    stemmed = [stems(each) for each in sentences]
    titled = stems(title)
    proposing = next((place for place, each in enumerate(sentences) if _PROPOSES.search(each)), None)
    speaking = next((place for place, each in enumerate(sentences) if _WE.search(each)), None)
    counts = [len(_WORD.findall(each)) for each in sentences]
    return [
        Features(
            words=math.log(max(1, counts[place])),
            over_long=max(0, counts[place] - _LONG) / 10,
            title=_alike(stemmed[place], titled),
            central=central,
            commas=sentences[place].count(","),
            proposes=float(place == proposing),
            speaks=float(place == speaking),
        )
        for place, central in enumerate(_centralities(stemmed))
    ]


def stems(text: str) -> frozenset[str]:
    """Reduce a text to its telling words, whose endings are cut off."""
    return frozenset(word[:6] for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS)


def _alike(left: frozenset[str], right: frozenset[str]) -> float:
    """Measure the cosine between two sets."""
    return len(left & right) / math.sqrt(len(left) * len(right)) if left and right else 0.0


def _centralities(stemmed: Sequence[frozenset[str]]) -> list[float]:
    """Average every sentence's cosine with the others, in time that grows with the words alone."""
    shares: defaultdict[str, float] = defaultdict(float)
    for each in stemmed:
        for stem in each:
            shares[stem] += 1 / math.sqrt(len(each))
    others = max(1, len(stemmed) - 1)
    return [
        (math.fsum(shares[stem] for stem in each) / math.sqrt(len(each)) - 1) / others if each else 0.0
        for each in stemmed
    ]
