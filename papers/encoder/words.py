"""Vectors of single words, by which the best papers are compared with a query once more."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.domain.stop_words import STOP_WORDS
from papers.encoder.differences import head
from papers.vectors import Floats, normalised

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class WordHead:
    """Turns a text's token vectors into one short vector for each word that says something.

    The pieces of a word are added up. Stop words, punctuation and the model's own marks are left out.
    """

    def __init__(self, tokenizer: "Tokenizer") -> None:
        pieces = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
        self._begins = np.array([not piece.startswith("##") for piece in pieces])
        self._kept = np.array(
            [piece not in STOP_WORDS and any(map(str.isalnum, piece)) and piece[0] != "[" for piece in pieces]
        )
        self._projection = head().T.copy()

    def words(self, tokens: "Encoding", vectors: Floats) -> Floats:
        """Return one row a kept word, of length one, in the order of the text."""
        ids, first = self._pieces(tokens)
        pooled = np.add.reduceat(vectors @ self._projection, first)
        return normalised(pooled[self._kept[ids[first]]])

    def spans(self, tokens: "Encoding") -> list[tuple[int, int]]:
        """Return first and last character of each kept word, in the order of `words`."""
        ids, first = self._pieces(tokens)
        last = np.append(first[1:], len(ids)) - 1
        kept = self._kept[ids[first]]
        offsets = tokens.offsets  # each access makes the whole list
        return [
            (offsets[start][0], offsets[end][1])
            for start, end in zip(first[kept].tolist(), last[kept].tolist(), strict=True)
        ]

    def _pieces(self, tokens: "Encoding") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the ids of a text's pieces, and the places at which its words begin."""
        ids = np.array(tokens.ids, np.int64)
        return ids, np.flatnonzero(self._begins[ids])
