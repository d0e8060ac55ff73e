"""One run: workers post what is due while things go wrong, and what became of it is counted."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import aiohttp

from app.settings import Settings
from bot.domain.post import PostState
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from storage.sql.tables import PostRow
from tests.faults.crew import ALONE, Crew
from tests.faults.driver import Driver
from tests.faults.engines import Servers, servers
from tests.faults.kinds import TO_SERVERS
from tests.faults.pace import Pace, Skew
from tests.faults.platforms import PLATFORMS, Accepted, PlatformUnderTest
from tests.faults.processes import Job, Stage, run_platform
from tests.faults.scene import DUE, POSTS, Count, count, drop_unique, prepare

HEAD_START = 3.0
"""How long before the first digest is due the workers are started, in seconds of real time."""
WITHOUT = ("look-up", "lease", "unique")
CLOCKS = {
    "": Skew(),
    "+3h": Skew(3.0),
    "+14h": Skew(14.0),
    "-3h": Skew(-3.0),
    "-14h": Skew(-14.0),
    "set-back": Skew(3.0, -3.0, after=4 * 60.0),
}
"""By how much a worker's clock is wrong; or ahead, and after the first posts set as far back."""
SPREAD = 5
"""Over so many minutes the digests are due where there are faults, so that some meet the planning."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be done."""

    digests: int
    database: str = "sqlite"
    workers: int = 2
    platform: str = "slack"
    seed: int = 1
    faults: tuple[str, ...] = ()
    times: int = 0
    """How many faults there are in all, each kind as often as the others."""
    haste: float = 20.0
    """How many times as fast time passes."""
    deadline: float = 1800.0
    """Seconds of real time."""
    without: str = ""
    """What is taken away, so that it has to fail; one of WITHOUT."""
    clock: str = ""
    """How wrong the workers' clocks are; one of CLOCKS. Every other worker's is right."""

    @property
    def under_test(self) -> PlatformUnderTest:
        return PLATFORMS[self.platform]

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self.under_test.channel(number) for number in range(self.digests))

    def deck(self) -> tuple[str, ...]:
        """A card for each post; some are the faults that there can be with this database."""
        kinds = [each for each in self.faults if self.database != "sqlite" or each not in TO_SERVERS]
        posts = self.digests * POSTS
        faults = [kinds[number % len(kinds)] for number in range(min(self.times, posts) if kinds else 0)]
        cards = [*faults, *[""] * (posts - len(faults))]
        random.Random(self.seed).shuffle(cards)
        return tuple(cards)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    count: Count
    met: dict[str, int]
    """How often each fault happened."""
    seconds: float
    """From the first accepted post to the last, in real time."""
    tried: int
    """Calls that came to the platform."""
    refused: int
    """Those among them that a storm refused."""
    given_up: int
    not_begun: int
    """Workers that could not begin, such as for want of a database."""
    finished: bool
    """Whether everything that was due was settled before the deadline."""
    orderly: bool
    """Whether no worker ended by itself at its work, and each that was asked to stop did so, soon."""

    @property
    def good(self) -> bool:
        return self.finished and self.orderly and not (self.count.lost or self.count.doubled)


async def carried_out(run: Run, folder: Path) -> Outcome:
    """Do what is to be done in a folder of its own, and count what came of it."""
    with servers(run.database, folder) as behind:
        await _prepare(run, behind)
        pace = Pace(run.haste, DUE - timedelta(seconds=HEAD_START * run.haste))
        with _platform(run, pace) as (address, control):
            crew = Crew(_jobs(run, behind, pace, address))
            async with _driver(run, behind, crew, control) as driver:
                return await _outcome(run, crew, driver)


async def _outcome(run: Run, crew: Crew, driver: Driver) -> Outcome:
    crew.start()
    async with _beside(crew.tend(), driver.obey()):
        finished = await driver.settled(run.digests, run.deadline)
    await driver.finish()
    record = await driver.record()
    await crew.stop_all()
    return Outcome(
        count=count([Accepted(**each) for each in record["accepted"]], run.channels),
        met=record["met"],
        seconds=record["seconds"],
        tried=record["tried"],
        refused=record["refused"],
        given_up=await driver.posts(PostRow.state == PostState.FAILED),
        not_begun=crew.not_begun,
        finished=finished,
        orderly=crew.orderly,
    )


@asynccontextmanager
async def _beside(*helping: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let helpers go on for as long as the block lasts; where one of them fails, the block does."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in helping]
        yield
        for task in tasks:
            task.cancel()


async def _prepare(run: Run, behind: Servers) -> None:
    await migrate(behind.database)
    if run.without == "unique":
        await drop_unique(behind.database)
    await prepare(Settings(**behind.settings), run.under_test, run.channels, SPREAD if run.times else 1)


def _jobs(run: Run, behind: Servers, pace: Pace, address: str) -> list[Job]:
    return [
        Job(
            run.platform,
            {**behind.settings, **run.under_test.settings(address, number)},
            pace if number % 2 else replace(pace, skew=CLOCKS[run.clock]),
            run.without,
            run.workers if run.times or run.without else 0,
            behind.folder / f"worker-{number}.log",
        )
        for number in range(run.workers)
    ]


@contextmanager
def _platform(run: Run, pace: Pace) -> Iterator[tuple[str, str]]:
    """The platform in a process of its own; the addresses of its server and of its control."""
    stage = Stage(run.platform, run.channels, run.workers, pace, run.deck(), run.seed)
    ours, theirs = Pipe()
    process = ALONE.Process(target=run_platform, args=(stage, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join(10)
        process.kill()


@asynccontextmanager
async def _driver(run: Run, behind: Servers, crew: Crew, control: str) -> AsyncIterator[Driver]:
    store = SqlStore(behind.database)
    forever = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(control, timeout=forever) as session:
        yield Driver(run.under_test, crew, behind.activities, store=store, session=session, seed=run.seed)
    await store.close()
