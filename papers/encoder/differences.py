"""Our own differences to the model's weights, and the head for the vectors of words.

`differences.safetensors` ships beside this file. MODEL_CARD.md says what it is; training/ makes it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from papers.vectors import Floats

DIFFERENCES = Path(__file__).with_name("differences.safetensors")
HEAD = "head.weight"
WORD_DIMENSIONS = 64


def differences() -> Iterator[tuple[str, Floats]]:
    """Yield the name of each weight that differs, and what is to be added to it."""
    tensors = _tensors()
    for name in tensors:
        if name.endswith(".a"):
            layer = name.removesuffix(".a")
            yield f"{layer}.weight", tensors[f"{layer}.b"] @ tensors[name]


def head() -> Floats:
    """Return the projection of a token's vector to a word's, shape (WORD_DIMENSIONS, model dimensions)."""
    return _tensors()[HEAD]


def _tensors() -> dict[str, Floats]:
    from safetensors.numpy import load_file  # noqa: PLC0415 - it is needed only with the model

    return {name: tensor.astype(np.float32) for name, tensor in load_file(DIFFERENCES).items()}
