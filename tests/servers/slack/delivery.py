"""What the server sends to the app, over Socket Mode or as signed HTTP, and how the app acknowledged it."""

import asyncio
import hashlib
import hmac
import json
import time
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.servers.slack.limits import limit
from tests.servers.slack.state import SIGNING_SECRET
from tests.servers.slack.views import APP

DEADLINE = 60.0
"""Seconds of real time; far more than anything takes, so that only what never comes fails."""
GREETING = {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060}


@dataclass
class Delivery:
    """One envelope: what was sent, and the acknowledgement."""

    kind: str
    """`events_api`, `slash_commands` or `interactive`."""
    payload: dict[str, Any]
    attempt: int = 0
    reason: str = ""
    connection: int | None = None
    status: int | None = None
    answer: Any = None
    """What came with the acknowledgement."""
    seconds: float | None = None
    """How long the acknowledgement took, in real time."""
    acks: int = 0
    then: Callable[["Delivery"], None] | None = None
    """What the first acknowledgement brings about."""
    envelope_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent_at: float = field(default_factory=time.monotonic)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def late(self) -> bool:
        return self.seconds is not None and self.seconds > limit("ack.seconds")

    async def acked(self) -> "Delivery":
        """Wait until it was acknowledged."""
        await asyncio.wait_for(self.done.wait(), DEADLINE)
        return self

    def take(self, answer: Any) -> None:
        self.acks += 1
        if self.seconds is None:
            self.seconds = time.monotonic() - self.sent_at
        self.answer = self.answer or answer
        if self.then is not None and self.acks == 1:
            self.then(self)
        self.done.set()

    def envelope(self) -> dict[str, Any]:
        body: dict[str, Any] = {"envelope_id": self.envelope_id, "type": self.kind, "payload": self.payload}
        body["accepts_response_payload"] = self.kind != "events_api"
        if self.kind == "events_api":
            body |= {"retry_attempt": self.attempt, "retry_reason": self.reason}
        return body


@dataclass
class Sockets:
    """The open connections of Socket Mode; each envelope goes to one of them in turn."""

    open: dict[int, web.WebSocketResponse] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    sent: list[Delivery] = field(default_factory=list)
    stray: list[Any] = field(default_factory=list)
    """What the app said that acknowledges nothing."""
    made: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def ticket(self) -> str:
        made = uuid.uuid4().hex
        self.tickets.add(made)
        return made

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end; a ticket opens one."""
        if request.query.get("ticket") not in self.tickets:
            return web.Response(status=403)
        self.tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.open) >= limit("socket.connections"):
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        self.made += 1
        number = self.made
        greeting = {"connection_info": {"app_id": APP}, "debug_info": GREETING}
        await socket.send_json({"type": "hello", "num_connections": len(self.open) + 1, **greeting})
        await self._change(number, socket)
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(message.data)
        finally:
            await self._change(number, None)
        return socket

    async def _change(self, number: int, socket: web.WebSocketResponse | None) -> None:
        async with self.changed:
            if socket is None:
                self.open.pop(number, None)
            else:
                self.open[number] = socket
            self.changed.notify_all()

    async def wait_for_connections(self, number: int = 1, *, since: int = 0) -> None:
        """Wait until this many are open, all of them newer than a connection's number."""
        async with asyncio.timeout(DEADLINE), self.changed:
            await self.changed.wait_for(lambda: sum(each > since for each in self.open) >= number)

    def _hear(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            self.stray.append(text)
            return
        known = [one for one in self.sent if one.envelope_id == said.get("envelope_id")]
        if known:
            known[0].take(said.get("payload"))
        else:
            self.stray.append(said)

    async def send(self, delivery: Delivery, connection: int | None = None) -> Delivery:
        """Send it over one connection; with none open it stays without acknowledgement."""
        self.sent.append(delivery)
        numbers = sorted(number for number, socket in self.open.items() if not socket.closed)
        if numbers:
            number = connection or numbers[len(self.sent) % len(numbers)]
            delivery.connection, delivery.sent_at = number, time.monotonic()
            await self.open[number].send_json(delivery.envelope())
        return delivery

    async def disconnect(self, reason: str = "refresh_requested", connection: int | None = None) -> None:
        """Announce the end of one connection, or of all; `warning` comes before the real end."""
        for number in [connection] if connection else list(self.open):
            said = {"type": "disconnect", "reason": reason, "debug_info": {"host": GREETING["host"]}}
            await self.open[number].send_json(said)

    async def cut(self) -> None:
        """Close every connection without a word."""
        for socket in list(self.open.values()):
            await socket.close()


def signature(body: str, timestamp: str, secret: str = SIGNING_SECRET) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    text = f"v0:{timestamp}:{body}"
    return "v0=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def http_body(delivery: Delivery) -> tuple[str, str]:
    """The body and its type, as Slack writes each kind."""
    if delivery.kind == "events_api":
        return json.dumps(delivery.payload), "application/json"
    form = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload)}
    return urllib.parse.urlencode(form), "application/x-www-form-urlencoded"


async def post_signed(
    url: str, delivery: Delivery, now: float, *, age: float = 0, secret: str | None = SIGNING_SECRET
) -> Delivery:
    """Send it to a request URL; another secret makes a wrong signature, and none leaves it out."""
    body, kind = http_body(delivery)
    timestamp = str(int(now - age))
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": timestamp}
    if secret is not None:
        headers["X-Slack-Signature"] = signature(body, timestamp, secret)
    if delivery.attempt:
        headers |= {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": delivery.reason}
    delivery.sent_at = time.monotonic()
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(DEADLINE)) as session,
        session.post(url, data=body.encode(), headers=headers) as response,
    ):
        text = await response.text()
        delivery.status = response.status
        if response.ok:
            delivery.take(json.loads(text) if text.startswith("{") else text)
    return delivery
