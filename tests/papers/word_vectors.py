"""An embedder for tests that needs no model: a text's vector counts its words, hashed into a few places."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from bot.domain.document import Span
from bot.ports.search import EncodedQuery
from papers.text import sentences
from papers.vectors import Floats, normalised, pack


class WordVectors:
    """Texts with the same words are near to each other. It remembers what it was asked to encode."""

    name = "words/1"
    dimensions = 256
    word_dimensions = 64

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.fails = False

    async def queries(self, texts: Sequence[str]) -> list[EncodedQuery]:
        return [
            EncodedQuery(
                self._vector(text).astype("<f4").tobytes(), self._words(text).astype("<f4").tobytes()
            )
            for text in texts
        ]

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        if self.fails:
            raise OSError("the model is gone")
        self.asked += texts
        return [
            pack(
                self._vector(f"{title}. {abstract}"),
                np.stack([self._vector(part) for part in (title, *sentences(abstract))]),
                self._words(f"{title}. {abstract}") if self.word_dimensions else None,
            )
            for title, abstract in texts
        ]

    async def word_spans(self, texts: Sequence[tuple[str, str]]) -> list[list[Span]]:
        return [
            [
                Span(*(place - len(f"{title}. ") for place in word.span()))
                for word in re.finditer(r"\w+", f"{title}. {abstract}")
                if self.word_dimensions
            ]
            for title, abstract in texts
        ]

    def _words(self, text: str) -> Floats:
        """Give each word one of as many directions as there are dimensions."""
        if not self.word_dimensions:
            return np.zeros((0, 0), np.float32)
        places = [crc32(word.encode()) % self.word_dimensions for word in re.findall(r"\w+", text.lower())]
        return np.eye(self.word_dimensions, dtype=np.float32)[places]

    def _vector(self, text: str) -> Floats:
        counts = np.zeros(self.dimensions, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            counts[crc32(word.encode()) % self.dimensions] += 1
        return normalised(counts)
