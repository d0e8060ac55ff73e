"""Slack's events into the bot: over Socket Mode, or as signed HTTP."""

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import inbound
from adapters.slack.calling import Clients
from adapters.slack.conversation import Quiet, SlackConversation
from adapters.slack.inbound import Payload, Pressed
from adapters.slack.install_pages import broken_page
from adapters.slack.installing import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.people import People
from adapters.slack.recount import Recount
from bot.actions import from_token
from bot.core import Bot
from bot.errors import UserError
from bot.events import ActionPressed, CommandInvoked, Invited, ReactionChanged, Uninstalled
from bot.ports import Clock
from bot.replies import Notice, Tone

ACK_SECONDS = 2.5
"""Slack waits 3 seconds for an acknowledgement; this one goes whether what came is stored or not."""
DRAIN_SECONDS = 10.0
"""How long what has begun may go on when the process stops."""
EVENTS_PATH = "/slack/events"
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
        self._bot = bot
        self._clients = clients
        self._credentials = credentials
        self._oauth = oauth
        self._people = People(clients)
        self._recount = Recount(bot, clients, self._people, clock)
        self._recounting: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set once Slack has greeted a Socket Mode connection."""
        self._under_way: set[asyncio.Task[None]] = set()
        self._app = AsyncApp(
            client=AsyncWebClient(credentials.bot_token or None, base_url=credentials.api_url),
            logger=_bolt_log,
            signing_secret=credentials.signing_secret,
            oauth_settings=oauth,
            # Ours are told apart in `inbound`: what is deleted may be the bot's own message.
            ignoring_self_events_enabled=False,
        )
        self._app.command(re.compile(r"/.+"))(self._on_command)
        self._app.action(re.compile(".*"))(self._on_action)
        self._app.event(re.compile(".*"), middleware=[self._before_ack])(_nothing)

    @property
    def routes(self) -> list[web.RouteDef]:
        """Where Slack calls with signed requests, and where workspaces install the app.

        Without the secret to check requests with, none is taken.
        """
        routes = [web.post(EVENTS_PATH, self._handle)] if self._credentials.signing_secret else []
        if self._app.oauth_flow is not None:
            routes += [web.get(INSTALL_PATH, self._install), web.get(REDIRECT_PATH, self._install)]
        return routes

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hold a Socket Mode connection open where there is an app token; end what has begun at the end.

        It does not wait for Slack: what was not reached is tried again until it is.
        """
        handler = self._socket_handler()
        if handler is None:
            self._begin_recount()
            connecting = None
        else:
            connecting = asyncio.create_task(
                handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's handlers carry no types
            )
        try:
            yield
        finally:
            if handler is not None and connecting is not None:
                connecting.cancel()
                await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's handlers carry no types
            if self._recounting is not None:
                self._recounting.cancel()
            await self._drain()

    def _socket_handler(self) -> AsyncSocketModeHandler | None:
        if not self._credentials.app_token:
            return None
        client = AsyncWebClient(self._credentials.app_token, base_url=self._credentials.api_url)
        handler = AsyncSocketModeHandler(self._app, self._credentials.app_token, web_client=client)
        handler.client.message_listeners.append(self._on_socket_message)
        return handler

    async def settle(self) -> None:
        """Wait until everything that has come in is dealt with."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _drain(self) -> None:
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()

    async def _handle(self, request: web.Request) -> web.Response:
        answer = await self._app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    async def _install(self, request: web.Request) -> web.Response:
        flow = self._app.oauth_flow
        assert flow is not None, "there is no such route without it"
        asked = await to_bolt_request(request)
        handle = flow.handle_installation if request.path == INSTALL_PATH else flow.handle_callback
        try:
            return await to_aiohttp_response(await handle(asked))
        except Exception:  # noqa: BLE001 - the edge: logged, and the person is given the reference
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: an installation failed", reference)
            return await to_aiohttp_response(broken_page(reference))

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = inbound.command(body)
        conversation = SlackConversation(self._clients, event.origin, response_url=body["response_url"])
        await self._take(self._answer(event, conversation), conversation)
        await ack()

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        if body["actions"][0]["action_id"] != inbound.OPEN:
            pressed = inbound.pressed(body)
            conversation = SlackConversation(
                self._clients,
                pressed.origin,
                thread=pressed.thread,
                response_url=pressed.response_url,
                pressed=pressed.message,
            )
            await self._take(self._press(pressed, conversation), conversation)
        await ack()

    async def _before_ack(
        self, body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Let an event be acknowledged once it is stored; one that is not comes again."""
        work, conversation = self._work_on(body, context.bot_user_id or "")
        if work is not None and not await self._take(work, conversation):
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        await next_()
        return None

    def _work_on(self, body: Payload, bot_user: str) -> tuple[Coroutine[Any, Any, None] | None, Quiet]:
        event = inbound.event(body, bot_user)
        match event:
            case None:
                return None, Quiet()
            case CommandInvoked() | Invited():
                conversation = SlackConversation(
                    self._clients, event.origin, thread=body["event"].get("thread_ts")
                )
                return self._answer(event, conversation), conversation
            case ReactionChanged():
                return self._react(event, quiet := Quiet()), quiet
            case Uninstalled():
                return self._uninstall(event, quiet := Quiet()), quiet
            case _:
                return self._bot.receive(event, quiet := Quiet()), quiet

    async def _answer(self, event: CommandInvoked | Invited, conversation: Quiet) -> None:
        origin = await self._people.named(event.origin)
        await self._bot.receive(replace(event, origin=origin), conversation)

    async def _uninstall(self, event: Uninstalled, conversation: Quiet) -> None:
        if self._oauth is not None:
            await self._oauth.installation_store.async_delete_bot(enterprise_id=None, team_id=event.workspace)
        await self._bot.receive(event, conversation)

    async def _press(self, pressed: Pressed, conversation: Quiet) -> None:
        try:
            action = from_token(pressed.token)
        except UserError as error:
            await conversation.reply(Notice(str(error), Tone.ERROR), private=True)
            return
        origin = await self._people.named(pressed.origin)
        event = ActionPressed(origin=origin, action=action, event_id=pressed.event_id)
        await self._bot.receive(event, conversation)

    async def _react(self, event: ReactionChanged, conversation: Quiet) -> None:
        """Pass a vote on, unless it is another bot's."""
        known = await self._people.person(event.origin.workspace, event.origin.person)
        if known.bot:
            await conversation.taken()
        else:
            await self._bot.receive(event, conversation)

    async def _on_socket_message(self, _client: object, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            _log.info("Connected to Slack")
            self._begin_recount()
            self.connected.set()

    def _begin_recount(self) -> None:
        """Count what was missed before this connection; a count that is under way begins anew."""
        if self._recounting is not None:
            self._recounting.cancel()
        self._recounting = asyncio.create_task(self._recount.run())
        self._under_way.add(self._recounting)
        self._recounting.add_done_callback(self._ended)

    async def _take(self, work: Coroutine[Any, Any, None], conversation: Quiet) -> bool:
        """Begin some work, and wait until what it changes is stored; whether that was in time."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        waiting = asyncio.create_task(conversation.is_taken.wait())
        await asyncio.wait({task, waiting}, timeout=ACK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return conversation.is_taken.is_set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            reference = secrets.token_hex(4)
            _log.error("Reference %s: what came from Slack was not dealt with", reference, exc_info=error)


async def _nothing() -> None:
    """Let Bolt acknowledge what was dealt with before."""
