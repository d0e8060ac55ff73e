"""Keeps the events about one message in order."""

import asyncio
from weakref import WeakValueDictionary


class MessageLocks:
    """One lock per message; those who wait for it get it in the order of their requests.

    Discord's reaction events carry no time, so the order in which they arrive is all there is. A handler of
    reactions therefore awaits the lock before anything else.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, message: str) -> asyncio.Lock:
        """Return the lock of a message, by the message's id. It lives while somebody holds or awaits it."""
        return self._locks.setdefault(message, asyncio.Lock())
