"""The workers as processes."""

import asyncio
import multiprocessing
import signal
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess

from tests.faults.processes import NOT_BEGUN, Job, run_worker

ALONE = multiprocessing.get_context("forkserver")
"""Processes that share nothing with who starts them, and start from one that has everything imported."""
ALONE.set_forkserver_preload(["tests.faults.processes"])
STOPS_WITHIN = 20.0
"""Seconds of real time."""
IN_ORDER = {0, -signal.SIGKILL, -signal.SIGTERM, NOT_BEGUN}
"""How a worker may end: asked, killed, asked before it heeds that, and where it cannot begin."""


class Crew:
    """So many workers; one that ends while it is wanted has a successor."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._processes: list[ForkServerProcess] = []
        self.not_begun = 0
        """How many could not begin, such as for want of a database."""
        self.orderly = True
        """Whether none has ended by itself at its work, and each has stopped when it was asked, soon."""

    def __len__(self) -> int:
        return len(self._jobs)

    def start(self) -> None:
        self._processes = [_started(job) for job in self._jobs]

    async def tend(self) -> None:
        """Replace those that have ended."""
        while True:
            for number, process in enumerate(self._processes):
                if not process.is_alive():
                    self.not_begun += process.exitcode == NOT_BEGUN
                    self.orderly &= process.exitcode in IN_ORDER
                    self._processes[number] = _started(self._jobs[number])
            await asyncio.sleep(0.05)

    def kill(self, number: int) -> None:
        self._processes[number].kill()
        self._processes[number].join()

    async def stop(self, number: int) -> None:
        """Ask a worker to stop, and note whether it does."""
        process = self._processes[number]
        process.terminate()
        for _ in range(int(STOPS_WITHIN / 0.02)):
            if process.is_alive():
                await asyncio.sleep(0.02)
        self.orderly &= process.exitcode in IN_ORDER

    async def stop_all(self) -> None:
        await asyncio.gather(*(self.stop(number) for number in range(len(self))))
        for number in range(len(self)):
            self.kill(number)


def _started(job: Job) -> ForkServerProcess:
    process = ALONE.Process(target=run_worker, args=(job,), daemon=True)
    process.start()
    return process
