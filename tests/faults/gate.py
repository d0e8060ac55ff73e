"""Between the workers and the platform: lets posts through, or lets them meet a fault."""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.faults.kinds import DONE_BESIDE, LATE, NOT_ACCEPTED, SILENCE, STORM
from tests.faults.pace import Pace
from tests.faults.platforms import PlatformUnderTest


@dataclass(frozen=True, slots=True)
class Order:
    """What the driver shall do, and to whom."""

    number: int
    kind: str
    worker: int
    channel: str


@dataclass
class Gate:
    """Deals one card of its deck to each post that comes, until there are none; most are blank."""

    platform: PlatformUnderTest
    pace: Pace
    deck: Sequence[str]
    seed: int
    orders: "asyncio.Queue[Order]" = field(default_factory=asyncio.Queue)
    met: "Counter[str]" = field(default_factory=Counter)
    tried: int = 0
    refused: int = 0
    under_way: int = 0
    first: float = 0.0
    last: float = 0.0
    """When the first and the last post was accepted, in real time."""

    def __post_init__(self) -> None:
        self._cards = iter(self.deck)
        self._random = random.Random(self.seed)
        self._waiting: dict[int, asyncio.Event] = {}
        self._calm_at = 0.0

    def figures(self) -> dict[str, Any]:
        seconds = self.last - self.first
        counts = {"tried": self.tried, "refused": self.refused, "under_way": self.under_way}
        return {"met": dict(self.met), "seconds": seconds, **counts}

    def done(self, number: int) -> None:
        """The driver has done what it was ordered."""
        self._waiting.pop(number).set()

    @property
    def middleware(self) -> Any:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self.platform.is_post(request):
                return await handler(request)
            self.under_way += 1
            try:
                return await self._pass(_Call(self, request, handler, await request.read()))
            finally:
                self.under_way -= 1

        return watch

    async def _pass(self, call: "_Call") -> web.StreamResponse:
        self.tried += 1
        if (left := self._calm_at - self.pace.timestamp()) > 0:
            self.refused += 1
            return self.platform.refusal(math.ceil(left))
        kind = next(self._cards, "")
        if kind:
            self.met[kind] += 1
        return await self._meet(kind, call)

    async def _meet(self, kind: str, call: "_Call") -> web.StreamResponse:
        if kind == "storm":
            seconds = self._random.uniform(*STORM)
            self._calm_at = self.pace.timestamp() + seconds
            return self.platform.refusal(math.ceil(seconds))
        if kind == "kill-before":
            await self._order(kind, call).wait()
        if kind in NOT_ACCEPTED:
            return await call.failed(kind)
        if kind == "late":
            await self.pass_by(LATE)
        answer = await call.accepted()
        if kind in {"kill-after", "layout"}:
            await self._order(kind, call).wait()
        elif kind in DONE_BESIDE:
            self._order(kind, call)
        return answer if kind in {"", *DONE_BESIDE} else await call.failed(kind)

    async def pass_by(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.pace.rate)

    def _order(self, kind: str, call: "_Call") -> asyncio.Event:
        """Have the driver do something; what comes back is set when it has."""
        done = self._waiting[self.tried] = asyncio.Event()
        worker = self.platform.worker_of(call.request)
        self.orders.put_nowait(Order(self.tried, kind, worker, call.channel))
        return done


@dataclass(frozen=True, slots=True)
class _Call:
    gate: Gate
    request: web.Request
    handler: Handler
    body: bytes

    @property
    def channel(self) -> str:
        return self.gate.platform.channel_of(self.request, self.body)

    async def accepted(self) -> web.StreamResponse:
        answer = await self.handler(self.request)
        self.gate.last = time.monotonic()
        self.gate.first = self.gate.first or self.gate.last
        return answer

    async def failed(self, kind: str) -> web.StreamResponse:
        """End the call without the answer that there may be."""
        if kind.startswith("broken"):
            return web.Response(status=503, text="upstream connect error")
        if kind.startswith("silent"):
            await self.gate.pass_by(SILENCE)
        if self.request.transport is not None:
            self.request.transport.abort()
        return web.Response()


def control(gate: Gate, server: Any) -> web.Application:
    """What the driver asks: the next order, and what the platform has accepted."""

    async def order(_: web.Request) -> web.Response:
        return web.json_response(asdict(await gate.orders.get()))

    async def done(request: web.Request) -> web.Response:
        gate.done(int(request.match_info["number"]))
        return web.Response()

    async def record(_: web.Request) -> web.Response:
        accepted = [asdict(each) for each in gate.platform.accepted(server)]
        return web.json_response({"accepted": accepted, **gate.figures()})

    application = web.Application()
    routes = [web.get("/order", order), web.post("/done/{number}", done), web.get("/record", record)]
    application.add_routes(routes)
    return application
