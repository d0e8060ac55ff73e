"""What concerns one message, one after the other."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """Gives a lock for each message, which is had in the order in which it is asked for.

    Discord's reactions carry no time: what the gateway tells later is later. So the lock is the first thing
    that whoever deals with a reaction waits for.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def on(self, message: str) -> asyncio.Lock:
        """Give the lock of a message, by its id, for as long as somebody holds it or waits for it."""
        return self._locks.setdefault(message, asyncio.Lock())
