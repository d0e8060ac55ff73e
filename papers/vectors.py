"""The stored form of a paper's vectors: one for the whole text, one for each part, one for each word.

The parts are the title and then the sentences that fit into the model's window. An encoder may give no
vectors of words.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

_STEPS = 127
_WORD_STEPS = 7
"""Words have 4 bits for each number, from -7 to 7. With 8 bits a search finds nothing better."""
_HALF = 8
"""What is added to a word's numbers, so that none is negative."""


class Unpacked(NamedTuple):
    """A paper's vectors as they are searched."""

    vector: bytes
    """The document's, as float32."""
    details: bytes
    """Those of its parts and words, still packed: see `parts_of` and `words_of`."""


def normalised(rows: Floats) -> Floats:
    """Return the rows scaled to length one. A row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.maximum(lengths, 1e-12)
    return scaled


def pack(document: Floats, parts: Floats, words: Floats | None) -> bytes:
    """Pack the document's vector as float16, each part's in 8 bits a number and each word's in 4.

    Without words there is no count of parts, as before there were words.
    """
    rows = np.empty(len(parts), _part(document.size))
    scales = np.maximum(np.abs(parts).max(axis=1, initial=0) / _STEPS, np.finfo(np.float16).tiny)
    rows["scale"] = scales
    rows["steps"] = np.clip(np.rint(parts / rows["scale"][:, None]), -_STEPS, _STEPS)
    packed = document.astype("<f2").tobytes()
    if words is None:
        return packed + rows.tobytes()
    return packed + len(parts).to_bytes(2, "little") + rows.tobytes() + _packed_words(words)


def unpack(packed: bytes, dimensions: int, word_dimensions: int) -> Unpacked:
    """Unpack the document's vector. `word_dimensions` is zero where the encoder gives no words."""
    document = np.frombuffer(packed, "<f2", dimensions).astype("<f4")
    details = packed[2 * dimensions :]
    if not word_dimensions:
        count = len(details) // _part(dimensions).itemsize
        details = count.to_bytes(2, "little") + details
    return Unpacked(document.tobytes(), details)


def nearest_sentences(details: Sequence[bytes], vector: bytes) -> list[int | None]:
    """Return the index of each paper's sentence nearest to a vector; None for one without sentences."""
    query = np.frombuffer(vector, "<f4")
    kind = _part(query.size)
    parts = [_parts_in(each, kind) for each in details]
    rows = np.frombuffer(b"".join(parts), kind)
    scores = (rows["steps"].astype(np.float32) @ query) * rows["scale"]
    ends = accumulate((len(each) // kind.itemsize for each in parts), initial=0)
    # The first part is the title.
    sentences = [scores[start + 1 : end] for start, end in pairwise(ends)]
    return [int(each.argmax()) if len(each) else None for each in sentences]


def sentence_scores(details: bytes, vector: bytes) -> Floats:
    """Return each sentence's cosine with a vector. Sentences beyond the model's window are missing."""
    query = np.frombuffer(vector, "<f4")
    kind = _part(query.size)
    rows = np.frombuffer(_parts_in(details, kind), kind)[1:]
    scores: Floats = (rows["steps"].astype(np.float32) @ query) * rows["scale"].astype(np.float32)
    return scores


def word_scores(details: Sequence[bytes], words: Floats, dimensions: int) -> Floats:
    """Compare a query's words with those of papers, as ColBERT does.

    `words` has a row for each word of the query, `dimensions` is the length of a document's vector. Returns
    for each paper the mean, over the query's words, of the greatest cosine with a word of the paper; NaN for
    a paper without words, and zero for a query without.
    """
    packed = [_words_in(each, dimensions) for each in details]
    kind = _word(words.shape[1])
    counts = np.array([len(each) for each in packed], np.int64) // kind.itemsize
    found = np.full(len(packed), np.nan, np.float32)
    has_words = np.flatnonzero(counts)
    if not len(words):
        found[has_words] = 0
    elif len(has_words):
        cosines = _cosines(np.frombuffer(b"".join(packed), kind), words)
        starts = np.concatenate([[0], np.cumsum(counts[has_words])[:-1]])
        found[has_words] = np.maximum.reduceat(cosines, starts).mean(axis=1)
    return found


def word_cosines(details: bytes, words: Floats, dimensions: int) -> Floats:
    """Return the cosines of a paper's words with a query's: a row for each word of the paper.

    The arguments are those of `word_scores`.
    """
    packed = _words_in(details, dimensions)
    if not packed:
        return np.zeros((0, len(words)), np.float32)
    return _cosines(np.frombuffer(packed, _word(words.shape[1])), words)


def _packed_words(words: Floats) -> bytes:
    rows = np.empty(len(words), _word(words.shape[1]))
    steps = np.rint(words * (_WORD_STEPS / np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-12)))
    rows["scale"] = 1 / np.maximum(np.linalg.norm(steps, axis=1), 1)
    numbers = (steps + _HALF).astype(np.uint8)
    rows["steps"] = numbers[:, ::2] | numbers[:, 1::2] << 4
    return rows.tobytes()


def _cosines(rows: NDArray[np.void], words: Floats) -> Floats:
    """Return the cosine of each packed word with each of the query's words."""
    steps = rows["steps"]
    even, odd = (steps & 15).astype(np.float32), (steps >> 4).astype(np.float32)
    products = even @ words[:, ::2].T + odd @ words[:, 1::2].T - _HALF * words.sum(axis=1)
    cosines: Floats = products * rows["scale"].astype(np.float32)[:, None]
    return cosines


def _words_in(details: bytes, dimensions: int) -> bytes:
    return details[2 + _part(dimensions).itemsize * int.from_bytes(details[:2], "little") :]


def _parts_in(details: bytes, kind: np.dtype[np.void]) -> bytes:
    return details[2 : 2 + kind.itemsize * int.from_bytes(details[:2], "little")]


def _part(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("scale", "<f2"), ("steps", "i1", (dimensions,))])


def _word(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("scale", "<f2"), ("steps", "u1", (dimensions // 2,))])
