"""Arithmetic that onnxruntime does many times faster than numpy, as graphs that ship beside this file."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnxruntime

PRODUCTS = Path(__file__).with_name("products.onnx")
"""Dot products of 8-bit numbers."""
FLOATS = Path(__file__).with_name("floats.onnx")
"""float16 to float32."""


class Graph:
    """A graph with one result. Any thread may use it. It is loaded when it is first used."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._loading = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    def __call__(self, **inputs: NDArray[np.generic]) -> NDArray[np.float32]:
        """Return the result."""
        result: NDArray[np.float32]
        (result,) = self._loaded().run(None, inputs)
        return result

    def _loaded(self) -> "onnxruntime.InferenceSession":
        with self._loading:
            if self._session is None:
                # This import takes a fifth of a second, so it happens here, which is in a thread of a search.
                import onnxruntime  # noqa: PLC0415 - as above

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = 1  # whoever has much to do has shared it among threads already
                self._session = onnxruntime.InferenceSession(
                    self._file.read_bytes(), options, providers=["CPUExecutionProvider"]
                )
            return self._session
