"""Make the encoder's graph again: `python -m training.encoder_graph` writes papers/encoder/minilm.onnx.

The graph is all-MiniLM-L6-v2 in the standard's own operators. It holds no weights: each tensor names its
place in the safetensors file of the package that ships the model. Texts of one batch come end to end, so that
no padding is multiplied; only attention sees them as rows of one width.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from papers.encoder.graph import GRAPH, WEIGHTS_HEADER
from papers.encoder.weights import header_of, weights_file

OPSET = 21
IR_VERSION = 10


class Sizes(NamedTuple):
    """The sizes of the model, as its config.json names them."""

    hidden_size: int
    intermediate_size: int
    num_attention_heads: int
    num_hidden_layers: int
    layer_norm_eps: float


@dataclass(slots=True)
class _Graph:
    """A graph under construction. Each method returns the name of what it adds."""

    weights: dict[str, tuple[int, int, list[int]]]
    """By name: offset and length in the file, in bytes, and shape."""
    nodes: list[NodeProto] = field(default_factory=list)
    tensors: list[TensorProto] = field(default_factory=list)

    def __call__(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name, **attributes))
        return name

    def constant(self, name: str, value: float | list[int], kind: type[np.generic]) -> str:
        """Add a tensor with its value."""
        self.tensors.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def weight(self, name: str) -> str:
        """Add a tensor whose value is in the weights' file."""
        offset, length, shape = self.weights[name]
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", weights_file().name), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        self.tensors.append(tensor)
        return name


def made() -> ModelProto:
    """Return the graph for the weights that are installed."""
    header, start = header_of(weights_file())
    sizes = _sizes()
    graph = _Graph(_places(header, start))
    graph.constant("rows of tokens", [-1, sizes.hidden_size], np.int64)
    width = sizes.hidden_size // sizes.num_attention_heads
    graph.constant("heads", [0, 0, sizes.num_attention_heads, width], np.int64)
    graph.constant("scale", width**-0.5, np.float32)
    graph.constant("first", 0, np.int64)
    x = _embeddings(graph, sizes)
    for number in range(sizes.num_hidden_layers):
        x = _layer(graph, f"encoder.layer.{number}", x, sizes)
    graph.nodes[-1].output[0] = "vectors"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("positions", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("rows", TensorProto.INT64, ["texts", "width"]),
                helper.make_tensor_value_info("places", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["texts", 1, 1, "width"]),
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["tokens", sizes.hidden_size])],
            graph.tensors,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="paperclub",
    )
    helper.set_model_props(model, {WEIGHTS_HEADER: hashlib.sha256(header).hexdigest()})
    return model


def _sizes() -> Sizes:
    config = json.loads(weights_file().with_name("config.json").read_bytes())
    assert config["hidden_act"] == "gelu"
    return Sizes(**{name: config[name] for name in Sizes._fields})


def _places(header: bytes, start: int) -> dict[str, tuple[int, int, list[int]]]:
    described = json.loads(header)
    described.pop("__metadata__", None)
    return {
        name: (start + first, last - first, each["shape"])
        for name, each in described.items()
        for first, last in [each["data_offsets"]]
        if each["dtype"] == "F32"
    }


def _embeddings(graph: _Graph, sizes: Sizes) -> str:
    words = graph("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids")
    kinds = graph("Gather", graph.weight("embeddings.token_type_embeddings.weight"), "first")
    positions = graph("Gather", graph.weight("embeddings.position_embeddings.weight"), "positions")
    added = graph("Add", graph("Add", words, kinds), positions)
    return _normalised(graph, "embeddings.LayerNorm", added, sizes)


def _layer(graph: _Graph, name: str, x: str, sizes: Sizes) -> str:
    attention = _linear(
        graph, f"{name}.attention.output.dense", _attention(graph, f"{name}.attention.self", x)
    )
    x = _normalised(graph, f"{name}.attention.output.LayerNorm", graph("Add", attention, x), sizes)
    inner = graph("Gelu", _linear(graph, f"{name}.intermediate.dense", x))
    outer = _linear(graph, f"{name}.output.dense", inner)
    return _normalised(graph, f"{name}.output.LayerNorm", graph("Add", outer, x), sizes)


def _attention(graph: _Graph, name: str, x: str) -> str:
    """Let each token attend to its own text: rows of one width for this alone, then end to end again."""
    query, key, value = (
        graph("Reshape", graph("Gather", _linear(graph, f"{name}.{part}", x), "rows"), "heads")
        for part in ("query", "key", "value")
    )
    scores = graph(
        "MatMul",
        graph("Transpose", query, perm=[0, 2, 1, 3]),
        graph("Transpose", key, perm=[0, 2, 3, 1]),
    )
    shares = graph("Softmax", graph("Add", graph("Mul", scores, "scale"), "mask"), axis=-1)
    mixed = graph("MatMul", shares, graph("Transpose", value, perm=[0, 2, 1, 3]))
    rows = graph("Reshape", graph("Transpose", mixed, perm=[0, 2, 1, 3]), "rows of tokens")
    return graph("Gather", rows, "places")


def _linear(graph: _Graph, name: str, x: str) -> str:
    return graph("Gemm", x, graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias"), transB=1)


def _normalised(graph: _Graph, name: str, x: str, sizes: Sizes) -> str:
    weight, bias = graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias")
    return graph("LayerNormalization", x, weight, bias, epsilon=sizes.layer_norm_eps)


def main() -> None:
    """Write the file."""
    GRAPH.write_bytes(made().SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
