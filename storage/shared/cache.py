"""A cache inside one process."""

import time
from collections.abc import Callable

from cachetools import TLRUCache

MAX_BYTES = 64 * 1024 * 1024
"""Bytes that one process caches at most. The least recently used value goes first."""

_Entry = tuple[bytes, float]


class LocalCache:
    """The cache of a single process."""

    def __init__(self, max_bytes: int = MAX_BYTES, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries: TLRUCache[str, _Entry] = TLRUCache(
            max_bytes, ttu=_expires, timer=clock, getsizeof=lambda entry: len(entry[0])
        )

    async def get(self, key: str) -> bytes | None:
        """Return a value, None if it has expired or was dropped for room."""
        entry = self._entries.get(key)
        return entry and entry[0]

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for so many seconds. One larger than the whole cache is not stored."""
        self._entries.pop(key, None)
        if len(value) <= self._entries.maxsize:
            self._entries[key] = (value, seconds)

    async def drop(self, key: str) -> None:
        """Delete a value."""
        self._entries.pop(key, None)


def _expires(_key: str, entry: _Entry, now: float) -> float:
    return now + entry[1]
