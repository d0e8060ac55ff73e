"""One id for everything that an event or a request leads to, so that its lines in the log can be found."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """Return the id of what is being handled here; empty if it is for no event or request."""
    return _current.get()


@contextmanager
def request() -> Iterator[str]:
    """Give an id to what happens inside, and to the tasks that it starts. An id that is there is kept."""
    if current := _current.get():
        yield current
        return
    before = _current.set(secrets.token_hex(6))
    try:
        yield _current.get()
    finally:
        _current.reset(before)
