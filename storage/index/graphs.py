"""Arithmetic that onnxruntime does many times faster than numpy, as graphs that ship beside this file."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnxruntime

Floats: TypeAlias = NDArray[np.float32]

PRODUCTS = Path(__file__).with_name("products.onnx")
"""Dot products of 8-bit numbers."""
FLOATS = Path(__file__).with_name("floats.onnx")
"""float16 to float32."""


def computed(graph: Path, **inputs: NDArray[np.generic]) -> Floats:
    """Return the graph's one result. Any thread may ask for it."""
    result: Floats
    (result,) = _session(graph).run(None, inputs)
    return result


@functools.cache
def _session(graph: Path) -> "onnxruntime.InferenceSession":
    # This import takes a fifth of a second, so it happens here, which is in a thread of the first search.
    import onnxruntime  # noqa: PLC0415 - as above

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # whoever has much to do has shared it among threads already
    return onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])
