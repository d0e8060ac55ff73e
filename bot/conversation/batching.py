"""Combines concurrent calls into batches."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from cachetools import LRUCache

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

KEYS_REMEMBERED = 1000
SHARED_BY = 10_000
"""Calls that share one result, at most."""


class Batcher(Generic[Item, Result]):
    """Collects the calls that arrive while a batch runs, and runs them as the next batch.

    An idle batcher adds no delay: a call runs in the event loop's next iteration, with the other calls of
    the current one.
    """

    def __init__(self, work: Callable[[list[Item]], Awaitable[list[Result]]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Process one item, in a batch with the others that are waiting. Raises what the batch raised."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None:
            # A batch serves several requests, so its lines in the log get the id of none of them.
            self._running = asyncio.create_task(self._drain(), context=contextvars.Context())
        return await future

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._run_batch([each for each in batch if not each[1].done()])
        finally:
            self._running = None
            for _, future in self._waiting:
                future.cancel()
            self._waiting = []

    async def _run_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - every caller raises it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


class SharedCalls(Generic[Key, Result]):
    """Runs work once for all calls with the same key that arrive before it starts.

    A call never gets a result that was begun before it, so nobody reads what has changed since. Calls with
    different keys do not wait for each other.
    """

    def __init__(self, work: Callable[[Key], Awaitable[Result]]) -> None:
        self._work = work
        # A batcher that is dropped while it runs still answers: its callers hold it.
        self._batchers: LRUCache[Key, Batcher[Key, Result]] = LRUCache(KEYS_REMEMBERED)

    async def __call__(self, key: Key) -> Result:
        """Return what the work makes of the key. Raises what the work raised."""
        batcher = self._batchers.get(key)
        if batcher is None:
            batcher = self._batchers[key] = Batcher(self._once, SHARED_BY)
        return await batcher(key)

    async def _once(self, calls: Sequence[Key]) -> list[Result]:
        return [await self._work(calls[0])] * len(calls) if calls else []
