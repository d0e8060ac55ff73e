"""What a paper says to a question: its own sentences, and none where it does not speak of it."""

import asyncio
import heapq
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from cachetools import LRUCache

from bot.domain.document import Document, Quote
from bot.ports.search import Embedder
from papers.documents.sentences import Piece, pieces
from papers.summaries import stems
from papers.vectors import Floats, sentence_scores, unpack

KEPT = 16
"""So many texts are kept encoded, as one question follows another."""
MEANING = 0.7
"""How much of a sentence's score is its nearness in meaning; the rest is its share of the asked words."""
THRESHOLD = 0.36
"""What scores less does not speak to the question: see `benchmarks/answers.py`."""
BESIDE_THE_BEST = 0.75
"""A further sentence is quoted if it scores at least so much of what the best one does."""
SHORTEST, LONGEST = 4, 120
"""Words; what is shorter is a heading or a formula, and what is longer is a table."""


class QuotingAnswerer:
    """Ranks a text's sentences by meaning and by word."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._encoded: LRUCache[Document, tuple[list[Piece], list[bytes]]] = LRUCache(KEPT)

    async def answer(self, question: str, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences that speak to a question, in the text's order."""
        cut, parts = await self._parts(text)
        (vector,) = await self._embedder.queries([question])
        scores = await asyncio.to_thread(scored, question, cut, parts, vector)
        quotes = [quote for piece in cut for quote in piece.quotes]
        lowest = max(THRESHOLD, BESIDE_THE_BEST * float(scores.max(initial=0.0)))
        likely = (place for place in range(len(quotes)) if scores[place] >= lowest)
        best = heapq.nsmallest(sentences, likely, key=lambda place: (-scores[place], place))
        return tuple(quotes[place] for place in sorted(best))

    async def _parts(self, text: Document) -> tuple[list[Piece], list[bytes]]:
        """Give a text's pieces and the vectors of their sentences, encoded beside queries."""
        known = self._encoded.get(text)
        if known is None:
            cut = await asyncio.to_thread(pieces, text)
            packed = await self._embedder.papers([("", piece.text) for piece in cut])
            parts = [unpack(each, self._embedder.dimensions)[1] for each in packed]
            known = self._encoded[text] = cut, parts
        return known


def scored(question: str, cut: Sequence[Piece], parts: Sequence[bytes], vector: bytes) -> Floats:
    """Score each sentence between 0 and 1, by the question's vector and the pieces' parts."""
    near: list[float] = []
    for piece, part in zip(cut, parts, strict=True):
        found = sentence_scores(part, vector)[: len(piece.quotes)]
        near += [*found.tolist(), *[0.0] * (len(piece.quotes) - len(found))]
    texts = [quote.text for piece in cut for quote in piece.quotes]
    scores = MEANING * np.clip(near, 0, 1) + (1 - MEANING) * np.array(shared_words(question, texts))
    spoken = np.array([SHORTEST <= len(text.split()) <= LONGEST for text in texts], bool)
    chosen: Floats = np.where(spoken, scores, 0.0).astype(np.float32)
    return chosen


def shared_words(question: str, texts: Sequence[str]) -> list[float]:
    """The share of a question's telling words that each text has, rare words counting for more."""
    asked = stems(question)
    held = [stems(text) & asked for text in texts]
    number = Counter(stem for each in held for stem in each)
    weights = {stem: math.log(1 + len(texts) / (1 + number[stem])) for stem in asked}
    whole = math.fsum(weights.values())
    return [math.fsum(weights[stem] for stem in each) / whole if whole else 0.0 for each in held]
