"""Extractive summaries: sentences of the text itself, chosen by a small linear model.

The model predicts how much of a human one-line summary a sentence holds; see `WEIGHTS`.
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
"""A sentence of a full text with fewer words is a label, a formula or a step of a proof."""
_LONG = 22
"""Words of a sentence that is too long for a one-line summary."""
_STOP_WORDS = frozenset(
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
    """The inputs of the model for one sentence."""

    words: float
    """Logarithm of the number of words."""
    over_long: float
    """Words above `_LONG`, in tens."""
    title: float
    """Cosine with the title."""
    central: float
    """Mean cosine with the other sentences."""
    commas: float
    proposes: float
    """Whether it is the first to say what the paper proposes."""
    speaks: float
    """Whether it is the first that says "we"."""


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

`python benchmarks/summaries.py TRAIN.jsonl --fit` prints them.
"""


class ExtractiveSummarizer:
    """Summarizes by quoting the sentences with the highest scores."""

    async def summarize(self, paper: Paper, sentences: int) -> tuple[Quote, ...]:
        """Return at most `sentences` quotes of the abstract, no text twice; none without an abstract."""
        found = split(paper.abstract)
        scores = [score(each) for each in features(found, paper.title)]
        first_indexes = {text: index for index, text in reversed(list(enumerate(found)))}.values()
        best = heapq.nsmallest(sentences, first_indexes, key=lambda index: (-scores[index], index))
        return tuple(Quote(found[index], index + 1, len(found)) for index in sorted(best))

    async def summarize_text(self, paper: Paper, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Return at most `sentences` quotes of the full text, in its order."""
        return await asyncio.to_thread(_summary_of, paper.title, text, sentences)


def _summary_of(title: str, text: Document, number: int) -> tuple[Quote, ...]:
    quotes = [quote for piece in pieces(text) for quote in piece.quotes]
    scores = [score(each) for each in features([quote.text for quote in quotes], title)]
    first_indexes = {quote.text: index for index, quote in reversed(list(enumerate(quotes)))}.values()
    long_enough = (index for index in first_indexes if len(quotes[index].text.split()) >= FEWEST_WORDS)
    best = heapq.nsmallest(number, long_enough, key=lambda index: (-scores[index], index))
    return tuple(quotes[index] for index in sorted(best))


def score(sentence: Features) -> float:
    """Return how much of a summary the sentence is likely to hold; higher is better."""
    return sum(weight * value for weight, value in zip(WEIGHTS, sentence, strict=True))


def features(sentences: Sequence[str], title: str) -> list[Features]:
    """Return the features of each sentence of one text."""
    stemmed = [stems(each) for each in sentences]
    titled = stems(title)
    proposing = next((index for index, each in enumerate(sentences) if _PROPOSES.search(each)), None)
    speaking = next((index for index, each in enumerate(sentences) if _WE.search(each)), None)
    counts = [len(_WORD.findall(each)) for each in sentences]
    return [
        Features(
            words=math.log(max(1, counts[index])),
            over_long=max(0, counts[index] - _LONG) / 10,
            title=_cosine(stemmed[index], titled),
            central=central,
            commas=sentences[index].count(","),
            proposes=float(index == proposing),
            speaks=float(index == speaking),
        )
        for index, central in enumerate(_centralities(stemmed))
    ]


def stems(text: str) -> frozenset[str]:
    """Return the words of a text without stop words, cut to six letters as a crude stem."""
    return frozenset(word[:6] for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS)


def _cosine(left: frozenset[str], right: frozenset[str]) -> float:
    """Return the cosine of two sets."""
    return len(left & right) / math.sqrt(len(left) * len(right)) if left and right else 0.0


def _centralities(stemmed: Sequence[frozenset[str]]) -> list[float]:
    """Return each sentence's mean cosine with the others. The time is linear in the number of words."""
    shares: defaultdict[str, float] = defaultdict(float)
    for each in stemmed:
        for stem in each:
            shares[stem] += 1 / math.sqrt(len(each))
    others = max(1, len(stemmed) - 1)
    return [
        (math.fsum(shares[stem] for stem in each) / math.sqrt(len(each)) - 1) / others if each else 0.0
        for each in stemmed
    ]
