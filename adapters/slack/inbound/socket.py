"""The Socket Mode connection: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import logging
from types import SimpleNamespace

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.inbound.dispatch import TolerantSocketHandler
from adapters.slack.outbound.client import code_of_failure, delivery_errors
from bot.domain.errors import DeliveryError, NotSent, PermanentFailure

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds between attempts to connect; the pause doubles each time."""
REFUSED_PAUSE = 300.0
"""Seconds between attempts while Slack refuses the token, which only the operator can change."""
PING_SECONDS = 10.0
_log = logging.getLogger(__name__)


class _NoTracebacks(logging.Filter):
    """Drops the traceback that the SDK logs for each failed attempt to connect."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


_sdk_log = logging.getLogger(f"{__name__}.sdk")
_sdk_log.setLevel(logging.WARNING)
_sdk_log.addFilter(_NoTracebacks())


class _Client(SocketModeClient):
    """The SDK's client, which here backs off, never gives up, and logs one line for each failed attempt."""

    def __init__(self, app_token: str, api_url: str) -> None:
        super().__init__(
            app_token, _sdk_log, AsyncWebClient(app_token, base_url=api_url), ping_interval=PING_SECONDS
        )
        self.token_refused = False
        """Whether Slack refused the token in the latest attempt."""
        # A WebSocket address works for one connection, but the SDK tries a used one again and again.
        discarding = aiohttp.TraceConfig()
        discarding.on_request_end.append(self._discard_address)
        discarding.on_request_exception.append(self._discard_address)
        self._trace = discarding

    async def connect(self) -> None:
        """Connect, and retry until it succeeds."""
        # The SDK makes its session without our trace, so it is replaced before the first request.
        session = self.aiohttp_client_session
        if self._trace not in session.trace_configs:
            self.aiohttp_client_session = aiohttp.ClientSession(trace_configs=[self._trace])
            await session.close()
        await super().connect()  # type: ignore[no-untyped-call]  # the SDK's method carries no types

    async def issue_new_wss_url(self) -> str:
        """Ask Slack for a WebSocket address, and retry until it gives one."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with delivery_errors():
                    response = await self.web_client.apps_connections_open(app_token=self.app_token)
            except DeliveryError as failure:
                self.token_refused = isinstance(failure, PermanentFailure)
                pause = REFUSED_PAUSE if self.token_refused else max(pause, _retry_after(failure))
                reason = code_of_failure(failure) or failure
                _log.warning("Not connected to Slack: %s; retrying in %.0f s", reason, pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.token_refused = False
                return str(response["url"])

    async def _discard_address(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, _params: object
    ) -> None:
        self.wss_uri = None


class SlackSocket(TolerantSocketHandler):
    """Stays connected, and passes what arrives to Bolt."""

    client: _Client

    def __init__(self, app: AsyncApp, app_token: str, api_url: str) -> None:
        # Bolt's own __init__ is left out, as it makes the SDK's client.
        self.app = app
        self.app_token = app_token
        self.client = _Client(app_token, api_url)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # as Bolt does

    async def state(self) -> str:
        """Return "connected", "token refused" or "not connected"."""
        if await self.client.is_connected():
            return "connected"
        return "token refused" if self.client.token_refused else "not connected"


def _retry_after(failure: DeliveryError) -> float:
    return failure.retry_after if isinstance(failure, NotSent) else 0.0
