"""Slack's events for the bot, over Socket Mode or as signed HTTP requests."""

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.common.tasks import TaskTracker
from adapters.slack.inbound.dispatch import TolerantApp, bad_request
from adapters.slack.inbound.events import MALFORMED
from adapters.slack.inbound.install_pages import error_page
from adapters.slack.inbound.listeners import Listeners
from adapters.slack.inbound.oauth import INSTALL_PATH, REDIRECT_PATH, oauth_flow
from adapters.slack.inbound.people import People
from adapters.slack.inbound.recount import Recount
from adapters.slack.inbound.socket import SlackSocket
from adapters.slack.outbound.client import Clients
from bot.conversation.dispatcher import Bot
from bot.ports.clock import Clock

DRAIN_SECONDS = 10.0
"""How long unfinished work may take when the process stops."""
EVENTS_PATH = "/slack/events"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_log = logging.getLogger(__name__)
_bolt_log = logging.getLogger("slack_bolt")
# At lower levels Bolt and the SDK log requests with the tokens in them.
for _logger in (_bolt_log, logging.getLogger("slack_sdk")):
    _logger.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The app's credentials: one workspace's tokens, or a client id and secret for installation by OAuth."""

    api_url: str
    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""

    @property
    def many(self) -> bool:
        """Whether workspaces install the app by OAuth."""
        return bool(self.client_id)


class SlackAdapter:
    """Receives Slack's events and passes them to the bot."""

    def __init__(
        self,
        bot: Bot,
        clients: Clients,
        credentials: Credentials,
        clock: Clock,
        oauth: AsyncOAuthSettings | None,
    ) -> None:
        self._credentials = credentials
        people = People(clients)
        self._tasks = TaskTracker("Slack")
        self._recount = Recount(bot, clients, people, clock)
        self._listeners = Listeners(bot, clients, people, oauth, self._tasks)
        self._recounting: asyncio.Task[None] | None = None
        self._socket: SlackSocket | None = None
        self.connected = asyncio.Event()
        """Set once Slack has sent the `hello` of a Socket Mode connection."""
        client = AsyncWebClient(credentials.bot_token or None, base_url=credentials.api_url)
        self._app = TolerantApp(
            name="paperclub",  # without a name Bolt searches the source files on the call stack for one
            client=client,
            logger=_bolt_log,
            signing_secret=credentials.signing_secret,
            oauth_flow=None if oauth is None else oauth_flow(client, oauth),
            # The deletion of a bot's own message is such an event; the parsers drop the others.
            ignoring_self_events_enabled=False,
        )
        self._listeners.attach(self._app)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes for Slack's signed requests and for installation.

        Without a signing secret there is no route for requests, as none could be verified.
        """
        routes: list[BaseRoute] = []
        if self._credentials.signing_secret:
            routes.append(Route(EVENTS_PATH, self._handle, methods=["POST"]))
        if self._app.oauth_flow is not None:
            routes += [Route(path, self._install) for path in (INSTALL_PATH, REDIRECT_PATH)]
        return routes

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Receive events within the block, and finish the work on them at its end.

        With an app token this keeps a Socket Mode connection open. It does not wait for Slack, and retries
        until it is connected. A bug that ends one of the tasks cancels the block, so that it is noticed.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._recount.watch())]
            if self._credentials.app_token:
                self._socket = self._new_socket()
                tasks.append(group.create_task(self._socket.connect_async()))  # type: ignore[no-untyped-call]  # Bolt's handlers carry no types
            else:
                self._start_recount()
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                if self._socket is not None:
                    await self._socket.close_async()  # type: ignore[no-untyped-call]  # as above
                if self._recounting is not None:
                    self._recounting.cancel()
                await self._tasks.drain(DRAIN_SECONDS)

    def _new_socket(self) -> SlackSocket:
        socket = SlackSocket(self._app, self._credentials.app_token, self._credentials.api_url)
        socket.client.message_listeners.append(self._on_socket_message)
        return socket

    async def state(self) -> str:
        """Return "connected", "token refused" or "not connected"; always "connected" over HTTP."""
        return "connected" if self._socket is None else await self._socket.state()

    async def settle(self) -> None:
        """Wait until all received events are handled."""
        await self._tasks.settle()

    async def _handle(self, request: Request) -> Response:
        body = await request.body()
        # Bolt parses a body before it checks the signature, so a stranger's malformed JSON would be an error.
        if not _is_signed(self._credentials.signing_secret, request, body):
            return PlainTextResponse("This request is not signed by Slack.", 401)
        try:
            bolt_request = to_async_bolt_request(request, body)
        except MALFORMED as error:
            return to_starlette_response(bad_request(error))
        return to_starlette_response(await self._app.async_dispatch(bolt_request))

    async def _install(self, request: Request) -> Response:
        flow = self._app.oauth_flow
        assert flow is not None, "there is no such route without it"
        bolt_request = to_async_bolt_request(request, b"")
        handle = flow.handle_installation if request.scope["path"] == INSTALL_PATH else flow.handle_callback
        try:
            return to_starlette_response(await handle(bolt_request))
        except Exception:  # noqa: BLE001 - the edge: logged, and the person is given the reference
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: an installation failed", reference)
            return to_starlette_response(error_page(reference))

    async def _on_socket_message(self, _client: object, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            _log.info("Connected to Slack")
            self._start_recount()
            self.connected.set()

    def _start_recount(self) -> None:
        """Count the votes that were missed before this connection. A recount that still runs is restarted."""
        if self._recounting is not None:
            self._recounting.cancel()
        self._recounting = self._tasks.start(self._recount.run())


def _is_signed(secret: str, request: Request, body: bytes) -> bool:
    """Whether Slack signed this within the last five minutes.

    https://docs.slack.dev/authentication/verifying-requests-from-slack.
    """
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (_TIMESTAMP.fullmatch(timestamp) and signature.isascii()):
        return False
    try:
        return SignatureVerifier(secret).is_valid(body, timestamp, signature)
    except UnicodeDecodeError:  # the verifier decodes the body, and Slack sends UTF-8
        return False
