"""Background work of one surface."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class TaskTracker:
    """Starts tasks beside the listener, logs those that fail, and waits for them at the end.

    asyncio keeps only weak references to tasks, so one that nobody holds may vanish while it runs.
    """

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task. An exception that it raises goes to the log with a reference."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def log_failure(self, error: BaseException) -> None:
        """Log an event or task that failed, with a reference and the traceback."""
        reference = secrets.token_hex(4)
        _log.error("Reference %s: an event from %s failed", reference, self._platform, exc_info=error)

    async def settle(self) -> None:
        """Wait until no task is left, those started meanwhile included."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def drain(self, seconds: float) -> None:
        """Wait up to `seconds` for the tasks, then cancel the rest."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.log_failure(error)
