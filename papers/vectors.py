"""The stored form of a paper's vectors: one for the whole text, one for the title and each sentence."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

_STEPS = 127


def normalised(rows: Floats) -> Floats:
    """Return the rows scaled to length one. A row of zeros stays zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = rows / np.maximum(lengths, 1e-12)
    return scaled


def pack(document: Floats, parts: Floats) -> bytes:
    """Pack the document's vector as float16, and each part's as a float16 scale and int8 numbers.

    The parts are the title and then the sentences that fit into the model's window.
    """
    rows = np.empty(len(parts), _part(document.size))
    scales = np.maximum(np.abs(parts).max(axis=1, initial=0) / _STEPS, np.finfo(np.float16).tiny)
    rows["scale"] = scales
    rows["steps"] = np.clip(np.rint(parts / rows["scale"][:, None]), -_STEPS, _STEPS)
    return document.astype("<f2").tobytes() + rows.tobytes()


def unpack(packed: bytes, dimensions: int) -> tuple[bytes, bytes]:
    """Return the document's vector as float32, and its parts still packed."""
    document = np.frombuffer(packed, "<f2", dimensions).astype("<f4")
    return document.tobytes(), packed[2 * dimensions :]


def nearest_sentences(parts: Sequence[bytes], vector: bytes) -> list[int | None]:
    """Return the index of each paper's sentence nearest to a vector; None for one without sentences."""
    query = np.frombuffer(vector, "<f4")
    kind = _part(query.size)
    rows = np.frombuffer(b"".join(parts), kind)
    scores = (rows["steps"].astype(np.float32) @ query) * rows["scale"]
    indexes: list[int | None] = []
    start = 0
    for each in parts:
        end = start + len(each) // kind.itemsize
        sentences = scores[start + 1 : end]
        indexes.append(int(sentences.argmax()) if len(sentences) else None)
        start = end
    return indexes


def sentence_scores(parts: bytes, vector: bytes) -> Floats:
    """Return each sentence's cosine with a vector. Sentences beyond the model's window are missing."""
    query = np.frombuffer(vector, "<f4")
    rows = np.frombuffer(parts, _part(query.size))[1:]
    scores: Floats = (rows["steps"].astype(np.float32) @ query) * rows["scale"].astype(np.float32)
    return scores


def _part(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("scale", "<f2"), ("steps", "i1", (dimensions,))])
