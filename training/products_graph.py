"""Make the graph of 8-bit products: `python -m training.products_graph` writes storage/index/products.onnx.

It is the standard's own operators, and there is nothing in it to train.
"""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from storage.index.products import FINER, GRAPH, ZERO

OPSET = 21
IR_VERSION = 10


def made() -> ModelProto:
    """Return the graph. Whole numbers are multiplied first, and only the sums are scaled."""
    nodes = [
        helper.make_node("MatMulInteger", ["rows", "columns", "zero"], ["sums"]),
        helper.make_node("Transpose", ["sums"], ["turned"], perm=[1, 0]),
        helper.make_node("Cast", ["turned"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Split", ["floats"], ["coarse", "fine"], axis=0, num_outputs=2),
        helper.make_node("Mul", ["coarse", "finer"], ["larger"]),
        helper.make_node("Add", ["larger", "fine"], ["added"]),
        helper.make_node("Mul", ["added", "scales"], ["of rows"]),
        helper.make_node("Mul", ["of rows", "query_scales"], ["products"]),
    ]
    return helper.make_model(
        helper.make_graph(
            nodes,
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
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="paperclub",
    )


def main() -> None:
    """Write the file."""
    GRAPH.write_bytes(made().SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
