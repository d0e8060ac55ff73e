"""The Socket Mode connection: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import asyncio
import logging
from types import SimpleNamespace

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.inbound.dispatch import TolerantSocketHandler
from adapters.slack.outbound.client import code_of_failure, delivering
from bot.domain.errors import DeliveryError, NotSent, PermanentFailure

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds between attempts to connect, twice as many each time."""
REFUSED_PAUSE = 300.0
"""Seconds between attempts where Slack does not take the token: only whoever runs the bot can mend that."""
PING_SECONDS = 10.0
_log = logging.getLogger(__name__)


class _OneLine(logging.Filter):
    """Leaves out the tracebacks that the SDK writes of each attempt to connect."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


_sdk_log = logging.getLogger(f"{__name__}.sdk")
_sdk_log.setLevel(logging.WARNING)
_sdk_log.addFilter(_OneLine())


class _Client(SocketModeClient):
    """The SDK's client, which never gives up and does not ask too often; a failure is a line of the log."""

    def __init__(self, app_token: str, api_url: str) -> None:
        super().__init__(
            app_token, _sdk_log, AsyncWebClient(app_token, base_url=api_url), ping_interval=PING_SECONDS
        )
        self.refused = False
        """Whether Slack did not take the token when it was asked last."""
        # An address is good for one connection: the SDK would try a used one again and again.
        spent = aiohttp.TraceConfig()
        spent.on_request_end.append(self._spend)
        spent.on_request_exception.append(self._spend)
        self._trace = spent

    async def connect(self) -> None:
        """Connect, and try until that has come about."""
        plain = self.aiohttp_client_session
        if self._trace not in plain.trace_configs:
            self.aiohttp_client_session = aiohttp.ClientSession(trace_configs=[self._trace])
            await plain.close()
        await super().connect()  # type: ignore[no-untyped-call]  # the SDK's method carries no types

    async def issue_new_wss_url(self) -> str:
        """Ask Slack for an address to connect to until it gives one."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with delivering():
                    told = await self.web_client.apps_connections_open(app_token=self.app_token)
            except DeliveryError as failure:
                self.refused = isinstance(failure, PermanentFailure)
                pause = REFUSED_PAUSE if self.refused else max(pause, _asked_to_wait(failure))
                said = code_of_failure(failure) or failure
                _log.warning("Slack's events do not come in: %s; asked again in %.0f s", said, pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.refused = False
                return str(told["url"])

    async def _spend(self, _session: aiohttp.ClientSession, _context: SimpleNamespace, _told: object) -> None:
        self.wss_uri = None


class SlackSocket(TolerantSocketHandler):
    """Stays connected, and hands on to Bolt what comes in."""

    client: _Client

    def __init__(self, app: AsyncApp, app_token: str, api_url: str) -> None:
        """Take what the connection is asked for with, and where. Bolt's own way makes another client."""
        self.app = app
        self.app_token = app_token
        self.client = _Client(app_token, api_url)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # as Bolt does

    async def state(self) -> str:
        """Say whether events come in now, and if not, whether that is the token's fault."""
        if await self.client.is_connected():
            return "connected"
        return "token refused" if self.client.refused else "not connected"


def _asked_to_wait(failure: DeliveryError) -> float:
    return failure.retry_after if isinstance(failure, NotSent) else 0.0
