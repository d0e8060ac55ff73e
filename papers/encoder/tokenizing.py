"""Texts to tokens, and tokenized texts to batches."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bot.domain.document import Span
from papers.encoder.weights import weights_file
from papers.encoder.words import WordHead
from papers.text import sentence_spans
from papers.vectors import Floats, normalised, pack

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WINDOW = 256
"""Most tokens that the model sees of a text, as its sentence_bert_config.json says."""


def new_tokenizer() -> "Tokenizer":
    """Return a tokenizer of the model. One tokenizer cannot serve two threads."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - it is needed only with the model

    tokenizer = Tokenizer.from_file(str(weights_file().with_name("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(WINDOW)
    return tokenizer


class TokenizedPaper:
    """A tokenized paper that knows where its title and its sentences stand."""

    def __init__(self, tokenizer: "Tokenizer", title: str, abstract: str) -> None:
        self._start = start = len(title) + 2 if title else 0
        sentences = [(start + first, start + end) for first, end in sentence_spans(abstract)]
        self._spans = [(0, len(title)), *sentences]
        self.tokens = tokenizer.encode(f"{title}. {abstract}" if title else abstract)

    def packed(self, vectors: Floats, head: WordHead | None) -> bytes:
        """Pack the paper's vector and its parts', which are means of its tokens' vectors, and its words'."""
        words = None if head is None else head.words(self.tokens, vectors)
        return pack(mean(vectors), _means(vectors, self._token_spans()), words)

    def word_spans(self, head: WordHead) -> list[Span]:
        """Return where each word stands that has a vector, counted from the beginning of the abstract."""
        return [Span(first - self._start, end - self._start) for first, end in head.spans(self.tokens)]

    def _token_spans(self) -> list[tuple[int, int]]:
        """Return first and last token of the title and of each sentence.

        A sentence counts if at least half of it is inside the model's window of tokens.
        """
        offsets = np.array(self.tokens.offsets[1:-1], np.int64).reshape(-1, 2)
        if not len(offsets):
            return []
        window_end = offsets[-1, 1]
        inside = [span for span in self._spans if window_end - span[0] >= (span[1] - span[0]) / 2]
        edges = np.searchsorted(offsets[:, 0], np.array(inside, np.int64)) + 1
        return [(int(first), int(last)) for first, last in edges]


def mean(vectors: Floats) -> Floats:
    """Return the mean of a text's token vectors, scaled to length one."""
    return normalised(vectors.sum(axis=0))


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield the indexes of texts in batches, longest text first, so that a batch has little padding.

    A batch has at most this many tokens, each text counted as long as the longest, or is one text.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    while order:
        size = max(1, most // lengths[order[0]])
        yield order[:size]
        order = order[size:]


def _means(tokens: Floats, spans: list[tuple[int, int]]) -> Floats:
    sums = np.concatenate([np.zeros((1, tokens.shape[1]), np.float32), np.cumsum(tokens, axis=0)])
    edges = np.array(spans, np.int64).reshape(-1, 2)
    return normalised(sums[edges[:, 1]] - sums[edges[:, 0]])
