"""Dot products of all rows with queries, from 8-bit numbers: a quarter of the memory, and known errors."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from storage.index.graphs import PRODUCTS, Floats, computed

Steps: TypeAlias = NDArray[np.uint8]

ROW_STEPS = 127
ZERO = 128
"""The step that stands for zero in a row: the processor multiplies unsigned rows by signed queries."""
QUERY_STEPS = 63
"""Queries have 7 bits. With 8, processors before VNNI would cut off the sum of two products at 16 bits."""
FINER = 2 * QUERY_STEPS
"""How many fine steps of a query make a coarse one."""
ROWS_A_CALL = 4096
"""Rows whose products still fit into the processor's caches."""
ROUNDING = 1e-5
"""More than what rounding to float32 adds to the error of a product."""


class Quantized(NamedTuple):
    """Rows in 8 bits a number. A row is about `scale * (steps - ZERO)`."""

    steps: Steps
    scales: Floats
    errors: Floats
    """The length of the difference between each row and that."""


class Queries(NamedTuple):
    """Queries in two columns of 7 bits a number. The second one holds what the first one left over."""

    columns: NDArray[np.int8]
    scales: Floats
    exact: Floats
    """The queries themselves, one a row."""
    lengths: Floats
    errors: Floats
    """The length of the difference between each query and its two columns."""

    def some(self, indexes: Sequence[int]) -> "Queries":
        """Return some of the queries."""
        if len(indexes) == len(self.exact):
            return self
        coarse_and_fine = [*indexes, *(len(self.exact) + index for index in indexes)]
        columns = np.ascontiguousarray(self.columns[:, coarse_and_fine])
        return Queries(columns, *(each[list(indexes)] for each in self[1:]))

    def margins(self, row_error: float) -> list[float]:
        """Return for each query how far off a product with a row of at most length one can be.

        `row_error` is the largest error of the rows. By Cauchy and Schwarz no product can be further off.
        """
        margins = self.lengths * (row_error + ROUNDING) + self.errors * (1 + row_error)
        return [float(each) for each in margins]


def quantized_rows(rows: Floats) -> Quantized:
    """Round rows to 8 bits a number, with a scale for each row."""
    scales = np.maximum(np.abs(rows).max(axis=1, initial=0) / ROW_STEPS, np.finfo(np.float32).tiny)
    steps = np.rint(rows / scales[:, None])
    errors = np.linalg.norm(rows - steps * scales[:, None], axis=1)
    return Quantized((steps + ZERO).astype(np.uint8), scales.astype(np.float32), errors.astype(np.float32))


def quantized_queries(queries: Floats) -> Queries:
    """Round queries, one a row, to two columns of 7 bits a number."""
    scales = np.maximum(np.abs(queries).max(axis=1, initial=0) / QUERY_STEPS, np.finfo(np.float32).tiny)
    steps = queries / scales[:, None]
    coarse = np.rint(steps)
    fine = np.rint((steps - coarse) * FINER)
    rounded = (coarse + fine / FINER) * scales[:, None]
    return Queries(
        np.ascontiguousarray(np.concatenate([coarse, fine]).T.astype(np.int8)),
        (scales / FINER).astype(np.float32),
        queries,
        np.linalg.norm(queries, axis=1),
        np.linalg.norm(queries - rounded, axis=1),
    )


def products(rows: Steps, scales: Floats, queries: Queries) -> Floats:
    """Return the approximate products: a row for each query, a column for each of the rows."""
    found = np.empty((len(queries.exact), len(rows)), np.float32)
    for start in range(0, len(rows), ROWS_A_CALL):
        part = slice(start, start + ROWS_A_CALL)
        found[:, part] = computed(
            PRODUCTS,
            rows=rows[part],
            scales=scales[part],
            columns=queries.columns,
            query_scales=queries.scales[:, None],
        )
    return found
