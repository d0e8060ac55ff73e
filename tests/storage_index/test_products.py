import importlib
import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.index.products import products, quantized_queries, quantized_rows


@given(
    seed=st.integers(0, 10**6),
    dimensions=st.sampled_from([1, 8, 64, 384]),
    count=st.integers(0, 300),
    queries=st.integers(1, 5),
    spread=st.sampled_from([0.0, 0.1, 1.0, 5.0]),
)
def test_products_are_off_by_less_than_the_margin(
    seed: int, dimensions: int, count: int, queries: int, spread: float
) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, dimensions)) * np.exp(spread * random.normal(size=(count, dimensions)))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    asked = (random.normal(size=(queries, dimensions)) ** 3).astype(np.float32)
    steps, scales, errors = quantized_rows(rows.astype(np.float32))
    quantized = quantized_queries(asked)
    off = np.abs(products(steps, scales, quantized) - asked.astype(float) @ rows.T)
    margins = quantized.margins(float(errors.max(initial=0)))
    assert (off <= np.array(margins)[:, None]).all()


def test_rows_and_queries_of_zeros_have_products_of_zero() -> None:
    zeros = np.zeros((2, 8), np.float32)
    steps, scales, errors = quantized_rows(zeros)
    assert products(steps, scales, quantized_queries(zeros)).tolist() == [[0, 0], [0, 0]]
    assert errors.tolist() == [0, 0]


def test_some_of_the_queries_have_the_products_that_they_have_among_all() -> None:
    random = np.random.default_rng(3)
    rows, asked = (random.normal(size=(count, 16)).astype(np.float32) for count in (50, 6))
    steps, scales, _ = quantized_rows(rows)
    queries = quantized_queries(asked)
    whole = products(steps, scales, queries)
    assert (products(steps, scales, queries.some([4, 1])) == whole[[4, 1]]).all()


@pytest.mark.skipif(not importlib.util.find_spec("onnx"), reason="onnx is missing, which the extra dev has")
def test_the_graphs_are_what_their_code_makes() -> None:
    onnx = importlib.import_module("onnx")
    for file, model in importlib.import_module("training.index_graphs").made().items():
        assert onnx.load_from_string(file.read_bytes()) == model, "run: python -m training.index_graphs"
