"""What loading a model must not do to the rest of the process."""

import contextlib
import gc
from collections.abc import Iterator

from threadpoolctl import threadpool_limits


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Load libraries and a model without slowing down what runs later.

    The garbage collector is kept from what is made here, because it lives as long as the process. Loading
    PyTorch takes a sixth less time without it. Freezing these objects afterwards spares every later full
    collection from walking them, which would stall the event loop for 0.3 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
    # numpy's threads spin after each product, and would take the cores from the model's.
    threadpool_limits(1, "blas")
