"""A middleware that limits the size and time of request bodies, and logs requests that crash."""

import asyncio
import logging
from http import HTTPStatus

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.limits import Limits, TurnedAway

_log = logging.getLogger(__name__)


class _LimitExceeded(Exception):
    """A body exceeds a limit. `status` is what the caller gets."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Bounds:
    """Reads a request's whole body within the limits, before the application sees the request.

    A body that is too large gets 413, and one that takes too long gets 408. One that would make all bodies
    together too large for memory gets 503.
    """

    def __init__(self, app: ASGIApp, limits: Limits, turned_away: TurnedAway) -> None:
        self._app = app
        self._limits = limits
        self._turned_away = turned_away
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(self._limits.body_seconds):
                    complete = await self._read(scope, receive, body)
            except TimeoutError:
                raise _LimitExceeded(HTTPStatus.REQUEST_TIMEOUT) from None
            if complete:
                await self._app(scope, _replayed(bytes(body), receive), self._counted(send))
        except _LimitExceeded as refusal:
            # The rest of the body is not read, so the connection cannot be used again.
            answer = PlainTextResponse(refusal.status.phrase, refusal.status, {"Connection": "close"})
            await answer(scope, receive, self._counted(send))
        except Exception:  # noqa: BLE001 - the edge: it is logged, and the caller has an answer
            # Starlette has answered with 500. Log one traceback a minute, so that no caller can fill the log.
            if self._turned_away.note("500"):
                _log.exception("A request over HTTP failed")
        finally:
            self._held -= len(body)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> bool:
        """Read the body. Returns False if the caller disconnected before its end."""
        if _declared(scope) > self._limits.body_bytes:
            raise _LimitExceeded(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return False
            part = message.get("body", b"")
            body += part
            self._held += len(part)
            if len(body) > self._limits.body_bytes:
                raise _LimitExceeded(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if self._held > self._limits.bodies_bytes:
                raise _LimitExceeded(HTTPStatus.SERVICE_UNAVAILABLE)
            if not message.get("more_body", False):
                return True

    def _counted(self, send: Send) -> Send:
        """Return a `send` that also counts answers with a 4xx status."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and 400 <= message["status"] < 500:
                self._turned_away.note(str(message["status"]))
            await send(message)

        return sending


def _declared(scope: Scope) -> int:
    """Return the Content-Length, 0 if there is none. uvicorn has checked that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that yields the whole body as one message, and then what else arrives."""
    left = [body]

    async def receiving() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receiving
