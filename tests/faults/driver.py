"""Carries out what the platform's deck orders, and tells when all is done."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp
from sqlalchemy import ColumnElement, func, select

from bot.domain.channel import Layout, Origin
from bot.domain.post import PostState
from storage.sql.store import SqlStore
from storage.sql.tables import DigestRow, PostRow
from tests.faults.crew import Crew
from tests.faults.engines import ActivityKind
from tests.faults.gate import Order
from tests.faults.platforms import PlatformUnderTest
from tests.faults.scene import DUE

OPEN = (PostState.PLANNED, PostState.SENDING, PostState.UNKNOWN)


class Driver:
    """Knows the workers, the servers and the platform's control."""

    def __init__(
        self,
        platform: PlatformUnderTest,
        crew: Crew,
        activities: Mapping[str, ActivityKind],
        *,
        store: SqlStore,
        session: aiohttp.ClientSession,
        seed: int,
    ) -> None:
        """Take a store and a session of its own; the session's base is the platform's control."""
        self._platform = platform
        self._crew = crew
        self._deeds = activities
        self._store = store
        self._session = session
        self._random = random.Random(seed)
        self._obeying: list[asyncio.Task[None]] = []
        self._database = asyncio.Lock()
        """Whoever asks the database has it, so that it is not ended under them."""

    async def obey(self) -> None:
        """Carry out orders as they come."""
        while True:
            async with self._session.get("/order") as answer:
                order = Order(**await answer.json())
            self._obeying.append(asyncio.create_task(self._carry_out(order)))

    async def finish(self) -> None:
        """Wait until every order that came is carried out."""
        await asyncio.gather(*self._obeying)

    async def _carry_out(self, order: Order) -> None:
        match order.kind:
            case "kill-before" | "kill-after":
                self._crew.kill(order.worker)
            case "kill-confirming":
                await asyncio.sleep(self._random.uniform(0, 0.03))
                self._crew.kill(order.worker)
            case "kill":
                await asyncio.sleep(self._random.uniform(0, 1))
                self._crew.kill(self._random.randrange(len(self._crew)))
            case "stop":
                await asyncio.sleep(self._random.uniform(0, 1))
                await self._crew.stop(self._random.randrange(len(self._crew)))
            case "layout":
                await self._change_layout(order.channel)
            case kind:
                async with self._database:
                    await asyncio.to_thread(self._deeds[kind])
        async with self._session.post(f"/done/{order.number}"):
            pass

    async def _change_layout(self, channel: str) -> None:
        under_test = self._platform
        place = Origin(under_test.platform, under_test.workspace(channel), channel, under_test.person)
        async with self._database, self._store.writing() as tx:
            context = (await tx.directory.resolve(place, DUE)).channel
            others = [each for each in Layout if each is not context.settings.layout]
            chosen = replace(context.settings, layout=self._random.choice(others))
            await tx.directory.change_settings(context.id, chosen)

    async def settled(self, digests: int, seconds: float) -> bool:
        """Wait until all is planned, and sent or given up; False where that takes longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if await self._planned() >= digests and not await self.posts(PostRow.state.in_(OPEN)):
                return True
            await asyncio.sleep(0.2)
        return False

    async def _planned(self) -> int:
        async with self._database, self._store.reading() as tx:
            return int((await tx._connection.run(select(func.count(DigestRow.id)))).scalar_one())

    async def posts(self, which: ColumnElement[bool]) -> int:
        """How many posts there are of a kind."""
        async with self._database, self._store.reading() as tx:
            return int((await tx._connection.run(select(func.count(PostRow.id)).where(which))).scalar_one())

    async def record(self) -> dict[str, Any]:
        """The platform's record, once no call is under way any more."""
        end = time.monotonic() + 60
        while True:
            async with self._session.get("/record") as answer:
                record: dict[str, Any] = await answer.json()
            if not record["under_way"]:
                return record
            assert time.monotonic() < end, "a call does not end"
            await asyncio.sleep(0.1)
