"""Answers to questions about a paper: its own sentences, or none where none is relevant."""

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
"""Encoded texts kept in memory. People often ask several questions about one paper."""
MEANING = 0.7
"""Weight of a sentence's similarity in meaning; the rest is its share of the question's words."""
THRESHOLD = 0.35
"""A sentence that scores less does not answer the question. Fitted by `benchmarks/answers.py`."""
BESIDE_THE_BEST = 0.75
"""A further sentence is quoted if it reaches this share of the best one's score."""
SHORTEST, LONGEST = 4, 120
"""Words. A shorter text is a heading or a formula, a longer one is a table."""


class QuotingAnswerer:
    """Answers by quoting the sentences that are closest to the question in meaning and words."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._encoded: LRUCache[Document, tuple[list[Piece], list[bytes]]] = LRUCache(KEPT)

    async def answer(self, question: str, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Return at most `sentences` quotes that answer the question, in the order of the text."""
        cut, parts = await self._parts(text)
        (encoded,) = await self._embedder.queries([question])
        scores = await asyncio.to_thread(scored, question, cut, parts, encoded.vector)
        quotes = [quote for piece in cut for quote in piece.quotes]
        lowest = max(THRESHOLD, BESIDE_THE_BEST * float(scores.max(initial=0.0)))
        likely = (index for index in range(len(quotes)) if scores[index] >= lowest)
        best = heapq.nsmallest(sentences, likely, key=lambda index: (-scores[index], index))
        return tuple(quotes[index] for index in sorted(best))

    async def _parts(self, text: Document) -> tuple[list[Piece], list[bytes]]:
        """Return the pieces of a text, and the packed vectors of each piece's sentences."""
        known = self._encoded.get(text)
        if known is None:
            cut = await asyncio.to_thread(pieces, text)
            packed = await self._embedder.papers([("", piece.text) for piece in cut])
            parts = [
                unpack(each, self._embedder.dimensions, self._embedder.word_dimensions).details
                for each in packed
            ]
            known = self._encoded[text] = cut, parts
        return known


def scored(question: str, cut: Sequence[Piece], parts: Sequence[bytes], vector: bytes) -> Floats:
    """Return one score from 0 to 1 for each sentence. `vector` is the question's, `parts` are the pieces'."""
    near: list[float] = []
    for piece, part in zip(cut, parts, strict=True):
        found = sentence_scores(part, vector)[: len(piece.quotes)]
        near += [*found.tolist(), *[0.0] * (len(piece.quotes) - len(found))]
    texts = [quote.text for piece in cut for quote in piece.quotes]
    scores = MEANING * np.clip(near, 0, 1) + (1 - MEANING) * np.array(shared_words(question, texts))
    of_usual_length = np.array([SHORTEST <= len(text.split()) <= LONGEST for text in texts], bool)
    chosen: Floats = np.where(of_usual_length, scores, 0.0).astype(np.float32)
    return chosen


def shared_words(question: str, texts: Sequence[str]) -> list[float]:
    """Return which share of the question's stems each text has. Rare stems weigh more."""
    question_stems = stems(question)
    shared = [stems(text) & question_stems for text in texts]
    number = Counter(stem for each in shared for stem in each)
    weights = {stem: math.log(1 + len(texts) / (1 + number[stem])) for stem in question_stems}
    total_weight = math.fsum(weights.values())
    return [
        math.fsum(weights[stem] for stem in each) / total_weight if total_weight else 0.0 for each in shared
    ]
