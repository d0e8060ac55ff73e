"""A middleware that bounds bodies, and keeps a fault in one request from costing more than its answer."""

import asyncio
import logging
from http import HTTPStatus

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.limits import Limits, TurnedAway

_log = logging.getLogger(__name__)


class _LimitExceeded(Exception):
    """The body is not taken."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Bounds:
    """Reads a request's whole body within the limits before the application sees it.

    A body that is too large is answered with 413, one that takes too long with 408, and with 503 what
    would not fit into memory beside all others.
    """

    def __init__(self, app: ASGIApp, limits: Limits, turned_away: TurnedAway) -> None:
        """Take the application that sees whole requests alone."""
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
        except Exception:  # noqa: BLE001 - the edge: logged, and the caller has been answered
            # Starlette has answered with 500. A caller that can cause this must not fill the log with it.
            if self._turned_away.note("500"):
                _log.exception("A request over HTTP failed")
        finally:
            self._held -= len(body)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> bool:
        """Read the body; whether its caller stayed until the end."""
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
        """Count answers that turn somebody away."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and 400 <= message["status"] < 500:
                self._turned_away.note(str(message["status"]))
            await send(message)

        return sending


def _declared(scope: Scope) -> int:
    """Give the length that the headers tell, 0 where they tell none. The server has checked its form."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the whole body at once, and then what else comes."""
    left = [body]

    async def receiving() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receiving
