"""The file that ships: low-rank differences and the token head, in float16."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from training.encoder import Encoder

BASE = "sentence-transformers/all-MiniLM-L6-v2"
HEAD = "head.weight"


def save(encoder: Encoder, strength: float, file: Path, **told: Any) -> None:
    """Write the differences at a strength: a layer's weight becomes `weight + b @ a`."""
    tensors = {HEAD: encoder.head.project.weight.detach().half().cpu().contiguous()}
    for name, each in encoder.differences.items():
        # The strength goes into both factors alike, so that neither leaves float16's exact range.
        factor = (each.scale * strength) ** 0.5
        tensors[f"{name}.a"] = (factor * each.a).detach().half().cpu().contiguous()
        tensors[f"{name}.b"] = (factor * each.b).detach().half().cpu().contiguous()
    save_file(tensors, file, {"base": BASE, "strength": str(strength), "settings": json.dumps(told)})


@torch.no_grad()
def load(encoder: Encoder, file: Path) -> None:
    """Replace an encoder's differences and head by those of a file."""
    with safe_open(file, "pt") as tensors:
        encoder.head.project.weight.copy_(tensors.get_tensor(HEAD))
        for name, each in encoder.differences.items():
            each.a.copy_(tensors.get_tensor(f"{name}.a"))
            each.b.copy_(tensors.get_tensor(f"{name}.b"))
            each.scale = each.strength = 1.0
