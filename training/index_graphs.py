"""Make the graphs of the index: `python -m training.index_graphs` writes them into storage/index.

They have the standard's own operators, and there is nothing in them to train.
"""

from pathlib import Path

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper

from storage.index.graphs import FLOATS, PRODUCTS
from storage.index.products import FINER, ZERO

OPSET = 21
IR_VERSION = 10


def made() -> dict[Path, ModelProto]:
    """Return the graphs, each with its file."""
    return {file: _model(graph) for file, graph in ((PRODUCTS, _products()), (FLOATS, _floats()))}


def _model(graph: GraphProto) -> ModelProto:
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="paperclub",
    )


def _products() -> GraphProto:
    """Multiply whole numbers first, and scale only their sums."""
    return helper.make_graph(
        [
            helper.make_node("MatMulInteger", ["rows", "columns", "zero"], ["sums"]),
            helper.make_node("Transpose", ["sums"], ["turned"], perm=[1, 0]),
            helper.make_node("Cast", ["turned"], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("Split", ["floats"], ["coarse", "fine"], axis=0, num_outputs=2),
            helper.make_node("Mul", ["coarse", "finer"], ["larger"]),
            helper.make_node("Add", ["larger", "fine"], ["added"]),
            helper.make_node("Mul", ["added", "scales"], ["of rows"]),
            helper.make_node("Mul", ["of rows", "query_scales"], ["products"]),
        ],
        "products of 8-bit numbers",
        [
            helper.make_tensor_value_info("rows", TensorProto.UINT8, ["rows", "dimensions"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, ["rows"]),
            helper.make_tensor_value_info("columns", TensorProto.INT8, ["dimensions", "columns"]),
            helper.make_tensor_value_info("query_scales", TensorProto.FLOAT, ["queries", 1]),
        ],
        [helper.make_tensor_value_info("products", TensorProto.FLOAT, ["queries", "rows"])],
        [
            numpy_helper.from_array(np.array(ZERO, np.uint8), "zero"),
            numpy_helper.from_array(np.array(FINER, np.float32), "finer"),
        ],
    )


def _floats() -> GraphProto:
    return helper.make_graph(
        [helper.make_node("Cast", ["halves"], ["floats"], to=TensorProto.FLOAT)],
        "float16 to float32",
        [helper.make_tensor_value_info("halves", TensorProto.FLOAT16, ["numbers"])],
        [helper.make_tensor_value_info("floats", TensorProto.FLOAT, ["numbers"])],
    )


def main() -> None:
    """Write the files."""
    for file, model in made().items():
        file.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
