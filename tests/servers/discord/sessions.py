"""Sessions of the gateway, what was told in them, and what the app has certainly heard."""

import asyncio
import json
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.discord.handshakes import Op
from tests.servers.discord.intents import BITS, needed

DEADLINE = 60.0
"""Seconds of real time; far more than anything takes, so that only what never comes fails."""


@dataclass
class Socket:
    """One connection; what is sent goes out in order by a task of its own."""

    connection: web.WebSocketResponse
    request: web.Request
    number: int
    compressed: bool = False
    waiting: asyncio.Queue[dict[str, Any] | int] = field(default_factory=asyncio.Queue)
    heard: list[float] = field(default_factory=list)
    """When the app said something over it."""
    ended_here: bool = False
    """Whether the server closed it, whatever the app answers to that."""

    def __post_init__(self) -> None:
        self._deflate = zlib.compressobj()

    def send(self, payload: dict[str, Any]) -> None:
        self.waiting.put_nowait(payload)

    def close(self, code: int) -> None:
        """Close it after all that is waiting."""
        self.ended_here = True
        self.waiting.put_nowait(code)

    def cut(self) -> None:
        """End it without a word."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def write(self) -> None:
        """Send what waits until the connection ends."""
        while not self.connection.closed:
            payload = await self.waiting.get()
            if isinstance(payload, int):
                await self.connection.close(code=payload)
                return
            text = json.dumps(payload)
            try:
                if self.compressed:
                    data = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                    await self.connection.send_bytes(data)
                else:
                    await self.connection.send_str(text)
            except ConnectionError:
                return


@dataclass
class Session:
    """One session: it outlives its connections and keeps what was told."""

    id: str
    intents: int
    shard: tuple[int, int]
    told: list[dict[str, Any]] = field(default_factory=list)
    socket: Socket | None = None
    heard: int = 0
    """The last number that the app confirmed with a heartbeat."""
    ended: bool = False
    waiting: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)
    """Who waits for what number to be confirmed."""

    def dispatch(self, event: str, data: dict[str, Any]) -> int:
        """Tell an event now, or when the session is resumed."""
        payload = {"op": Op.DISPATCH, "t": event, "s": len(self.told) + 1, "d": data}
        self.told.append(payload)
        if self.socket is not None:
            self.socket.send(payload)
        return len(self.told)

    def ask(self) -> None:
        """Ask for a heartbeat, which tells what was heard."""
        if self.socket is not None:
            self.socket.send({"op": Op.HEARTBEAT, "d": None})

    def beat(self, number: int | None) -> None:
        """The app confirms all events up to a number."""
        self.heard = max(self.heard, number or 0)
        for wanted, waiter in self.waiting:
            if wanted <= self.heard and not waiter.done():
                waiter.set_result(None)

    def resume(self, socket: Socket, seen: int) -> None:
        """Go on over another connection with what was not seen yet."""
        self.socket = socket
        for payload in self.told[seen:]:
            if payload["t"] != "RESUMED":
                socket.send(payload)
        self.dispatch("RESUMED", {"_trace": []})
        if any(not waiter.done() for _, waiter in self.waiting):
            self.ask()

    def end(self) -> None:
        """It cannot be resumed any more."""
        self.ended = True
        for _, waiter in self.waiting:
            if not waiter.done():
                waiter.set_exception(AssertionError("the session ended before the app had heard"))

    async def until_heard(self, number: int) -> None:
        """Wait until the app confirmed an event, over this connection or a later one."""
        if self.heard < number:
            waiter = asyncio.get_running_loop().create_future()
            self.waiting.append((number, waiter))
            self.ask()
            await asyncio.wait_for(waiter, DEADLINE)


@dataclass
class Delivery:
    """One event: where it was told, and whether the app has heard it."""

    event: str
    data: dict[str, Any]
    sessions: list[tuple[Session, int]] = field(default_factory=list)
    """The sessions, each with the event's number in it."""
    sent_at: float = field(default_factory=time.monotonic)

    @property
    def told(self) -> bool:
        """Whether anybody was told; an intent may be missing, or the right to see the channel."""
        return bool(self.sessions)

    async def acked(self) -> "Delivery":
        """Wait until a heartbeat of the app confirms it."""
        if not self.told:
            raise AssertionError(f"{self.event} was told to nobody")
        for session, number in self.sessions:
            await session.until_heard(number)
        return self


@dataclass
class Sessions:
    """All sessions, and all that was told in them."""

    all: dict[str, Session] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def open(self) -> Iterator[Session]:
        """Those that are connected or may be resumed."""
        return (session for session in self.all.values() if not session.ended)

    def tell(self, event: str, data: dict[str, Any], guild: int | None = None, **how: Any) -> Delivery:
        """Tell it to the sessions that may hear it.

        `hidden` is what those hear that did not ask for message content; `seen` whether the bot can see
        it at all; `own` that it is about the bot itself, for which no intent is needed.
        """
        delivery = Delivery(event, data)
        self.deliveries.append(delivery)
        wanted = 0 if how.get("own") else needed(event, direct=guild is None)
        for session in self.open if how.get("seen", True) else ():
            number, count = session.shard
            if (session.intents & wanted) != wanted or number != ((guild or 0) >> 22) % count:
                continue
            shown = data if session.intents & BITS["MESSAGE_CONTENT"] else how.get("hidden") or data
            delivery.sessions.append((session, session.dispatch(event, shown)))
        return delivery
