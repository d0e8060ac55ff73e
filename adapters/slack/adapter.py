"""Slack's events into the bot: over Socket Mode, or as signed HTTP."""

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

from adapters.slack.inbound.dispatch import TolerantApp, unreadable
from adapters.slack.inbound.events import MALFORMED
from adapters.slack.inbound.install_pages import broken_page
from adapters.slack.inbound.listeners import Listeners
from adapters.slack.inbound.oauth import INSTALL_PATH, REDIRECT_PATH, oauth_flow
from adapters.slack.inbound.people import People
from adapters.slack.inbound.recount import Recount
from adapters.slack.inbound.socket import SlackSocket
from adapters.slack.outbound.client import Clients
from bot.conversation.dispatcher import Bot
from bot.ports.clock import Clock

DRAIN_SECONDS = 10.0
"""How long what has begun may go on when the process stops."""
EVENTS_PATH = "/slack/events"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_log = logging.getLogger(__name__)
_bolt_log = logging.getLogger("slack_bolt")
# At lower levels Bolt and the SDK write down requests, with what is secret in them.
for _each in (_bolt_log, logging.getLogger("slack_sdk")):
    _each.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What Slack gave the app: one workspace's token, or what others install the app with."""

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
    """Listens to Slack and passes on to the bot what it means."""

    def __init__(
        self,
        bot: Bot,
        clients: Clients,
        credentials: Credentials,
        clock: Clock,
        oauth: AsyncOAuthSettings | None,
    ) -> None:
        """Take the bot to pass events on to, and how workspaces install it, if they may."""
        self._credentials = credentials
        people = People(clients)
        self._recount = Recount(bot, clients, people, clock)
        self._listeners = Listeners(bot, clients, people, oauth)
        self._recounting: asyncio.Task[None] | None = None
        self._socket: SlackSocket | None = None
        self.connected = asyncio.Event()
        """Set once Slack has greeted a Socket Mode connection."""
        client = AsyncWebClient(credentials.bot_token or None, base_url=credentials.api_url)
        self._app = TolerantApp(
            name="paperclub",  # else Bolt reads the whole stack's sources for one
            client=client,
            logger=_bolt_log,
            signing_secret=credentials.signing_secret,
            oauth_flow=None if oauth is None else oauth_flow(client, oauth),
            # Ours are told apart in `inbound`: what is deleted may be the bot's own message.
            ignoring_self_events_enabled=False,
        )
        self._listeners.attach(self._app)

    @property
    def routes(self) -> list[BaseRoute]:
        """Where Slack calls with signed requests, and where workspaces install the app.

        Without the secret to check requests with, none is taken.
        """
        routes: list[BaseRoute] = []
        if self._credentials.signing_secret:
            routes.append(Route(EVENTS_PATH, self._handle, methods=["POST"]))
        if self._app.oauth_flow is not None:
            routes += [Route(path, self._install) for path in (INSTALL_PATH, REDIRECT_PATH)]
        return routes

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hold a Socket Mode connection open where there is an app token; end what has begun at the end.

        It does not wait for Slack: what was not reached is tried again until it is. Where something fails
        that should not, the task that listens is cancelled with it.
        """
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._recount.watch())]
            if self._credentials.app_token:
                self._socket = self._new_socket()
                running.append(group.create_task(self._socket.connect_async()))  # type: ignore[no-untyped-call]  # Bolt's handlers carry no types
            else:
                self._begin_recount()
            try:
                yield
            finally:
                for each in running:
                    each.cancel()
                if self._socket is not None:
                    await self._socket.close_async()  # type: ignore[no-untyped-call]  # as above
                if self._recounting is not None:
                    self._recounting.cancel()
                await self._listeners.drain(DRAIN_SECONDS)

    def _new_socket(self) -> SlackSocket:
        socket = SlackSocket(self._app, self._credentials.app_token, self._credentials.api_url)
        socket.client.message_listeners.append(self._on_socket_message)
        return socket

    async def state(self) -> str:
        """Say whether Slack's events come in now; requests over HTTP come whenever Slack sends them."""
        return "connected" if self._socket is None else await self._socket.state()

    async def settle(self) -> None:
        """Wait until everything that has come in is dealt with."""
        await self._listeners.settle()

    async def _handle(self, request: Request) -> Response:
        body = await request.body()
        # Bolt parses a body before it checks the signature: malformed JSON of anybody would be a fault.
        if not _signed(self._credentials.signing_secret, request, body):
            return PlainTextResponse("This request is not signed by Slack.", 401)
        try:
            asked = to_async_bolt_request(request, body)
        except MALFORMED as error:
            return to_starlette_response(unreadable(error))
        return to_starlette_response(await self._app.async_dispatch(asked))

    async def _install(self, request: Request) -> Response:
        flow = self._app.oauth_flow
        assert flow is not None, "there is no such route without it"
        asked = to_async_bolt_request(request, b"")
        handle = flow.handle_installation if request.scope["path"] == INSTALL_PATH else flow.handle_callback
        try:
            return to_starlette_response(await handle(asked))
        except Exception:  # noqa: BLE001 - the edge: logged, and the person is given the reference
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: an installation failed", reference)
            return to_starlette_response(broken_page(reference))

    async def _on_socket_message(self, _client: object, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            _log.info("Connected to Slack")
            self._begin_recount()
            self.connected.set()

    def _begin_recount(self) -> None:
        """Count what was missed before this connection; a count that is under way begins anew."""
        if self._recounting is not None:
            self._recounting.cancel()
        self._recounting = self._listeners.begin(self._recount.run())


def _signed(secret: str, request: Request, body: bytes) -> bool:
    """Whether Slack signed this in the last five minutes."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (_TIMESTAMP.fullmatch(timestamp) and signature.isascii()):
        return False
    try:
        return SignatureVerifier(secret).is_valid(body, timestamp, signature)
    except UnicodeDecodeError:  # Slack writes UTF-8
        return False
