"""Bolt's listeners. What an event changes is stored before Slack gets the acknowledgement."""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeAlias

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.common.conversation import NullConversation
from adapters.common.tasks import TaskTracker
from adapters.slack.inbound.dispatch import on_listener_error
from adapters.slack.inbound.events import MALFORMED, Payload, parse_command, parse_event
from adapters.slack.inbound.interactions import (
    SAVE_PAPER,
    ButtonPress,
    parse_form,
    parse_press,
    parse_shortcut,
    parse_suggestion_request,
)
from adapters.slack.inbound.people import People
from adapters.slack.outbound.client import Clients
from adapters.slack.outbound.conversation import SlackConversation
from adapters.slack.outbound.screens import (
    FormConversation,
    HomeConversation,
    SuggestionsConversation,
    UnfurlConversation,
)
from adapters.slack.render.modals import FORM, SUGGEST
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.cleaning import clean
from bot.domain.errors import UserError
from bot.protocol.actions import Action, CastVote, Discuss, OpenForm, from_token
from bot.protocol.events import (
    ActionPressed,
    CommandInvoked,
    FormSubmitted,
    HomeOpened,
    Invited,
    LinkShared,
    MessageChosen,
    MessagePosted,
    ReactionChanged,
    Uninstalled,
)
from bot.protocol.replies import Notice, Tone

ACK_SECONDS = 2.0
"""Longest wait before the acknowledgement is sent, stored or not. Slack and Bolt wait for 3 seconds
(https://docs.slack.dev/interactivity/handling-user-interaction), in which a busy loop loses some time."""
NOT_IN_CHANNEL = "You are not in that channel any more, so I did nothing there."
RepliedEvent: TypeAlias = (
    CommandInvoked | FormSubmitted | MessageChosen | MessagePosted | LinkShared | Invited
)
"""Events that get a reply, for which names and rights are looked up first."""
_log = logging.getLogger(__name__)


class Listeners:
    """Receives what Bolt hands over, and passes it to the bot in tasks of their own."""

    def __init__(
        self,
        bot: Bot,
        clients: Clients,
        people: People,
        oauth: AsyncOAuthSettings | None,
        tasks: TaskTracker,
    ) -> None:
        self._bot = bot
        self._clients = clients
        self._people = people
        self._oauth = oauth
        self._tasks = tasks

    def attach(self, app: AsyncApp) -> None:
        """Register a listener for everything that the app receives."""
        app.error(on_listener_error)
        app.use(_clean_body)
        app.command(re.compile(r"/.+"))(self._on_command)
        app.action(re.compile(".*"))(self._on_action)
        app.options(re.compile(f"{re.escape(SUGGEST)}.+"))(self._on_options)
        app.view(FORM)(self._on_form)
        app.message_shortcut(SAVE_PAPER)(self._on_shortcut)
        app.event(re.compile(".*"), middleware=[self._before_ack])(_no_op)

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = parse_command(body)
        conversation = SlackConversation(
            self._clients,
            event.origin,
            response_url=body.get("response_url"),
            trigger_id=body.get("trigger_id"),
        )
        await self._start_until_acked(self._receive_with_names(event, conversation), conversation)
        await ack()

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        press = parse_press(body)
        if press.on_home:
            home = HomeConversation(self._clients, press.origin, body.get("trigger_id"))
            await self._start_until_acked(self._press_on_home(press, home), home)
        else:
            conversation = SlackConversation(
                self._clients,
                press.origin,
                thread=press.thread,
                response_url=press.response_url,
                button_message=press.message,
                trigger_id=body.get("trigger_id"),
            )
            await self._start_until_acked(self._press(press, conversation), conversation)
        await ack()

    async def _on_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = parse_form(body)
        conversation = FormConversation(self._clients, event.origin, next(iter(event.values), ""))
        await self._start_until_acked(self._submit_form(event, conversation), conversation)
        if conversation.errors:
            await ack(response_action="errors", errors=conversation.errors)
            return
        # This acknowledgement closes the form, so later errors have to go into a message.
        await conversation.ack()
        await ack()

    async def _on_options(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        suggestions = SuggestionsConversation()
        await self._bot.receive(parse_suggestion_request(body), suggestions)
        await ack(options=suggestions.options)

    async def _on_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = parse_shortcut(body)
        conversation = SlackConversation(self._clients, event.origin, response_url=body.get("response_url"))
        await self._start_until_acked(self._receive_with_names(event, conversation), conversation)
        await ack()

    async def _before_ack(
        self, body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Store an event before Bolt acknowledges it. Unstored it gets a 503, and Slack sends it again."""
        try:
            work, conversation = self._work_for(body, context.bot_user_id or "")
        except MALFORMED:
            # Acknowledged all the same: a retry would fail too, and Slack disables apps that fail too often.
            _log.exception("Reference %s: a malformed event from Slack", secrets.token_hex(4))
            work, conversation = None, NullConversation()
        if work is not None and not await self._start_until_acked(work, conversation):
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        await next_()
        return None

    def _work_for(  # noqa: PLR0911 - one case an event
        self, body: Payload, bot_user: str
    ) -> tuple[Coroutine[Any, Any, None] | None, NullConversation]:
        event = parse_event(body, bot_user)
        match event:
            case None:
                return None, NullConversation()
            case CommandInvoked() | Invited():
                conversation = SlackConversation(
                    self._clients, event.origin, thread=body["event"].get("thread_ts")
                )
                return self._receive_with_names(event, conversation), conversation
            case HomeOpened():
                home = HomeConversation(self._clients, event.origin)
                return self._show_home(event.origin, home), home
            case LinkShared(message=message):
                unfurl = UnfurlConversation(self._clients, event.origin, message)
                return self._receive_with_names(event, unfurl), unfurl
            case MessagePosted(message=message) if event.links:
                thread = message.thread or message.message
                conversation = SlackConversation(self._clients, event.origin, thread=thread)
                return self._receive_with_names(event, conversation), conversation
            case ReactionChanged():
                return self._react(event, nobody := NullConversation()), nobody
            case Uninstalled():
                return self._uninstall(event, nobody := NullConversation()), nobody
            case _:
                return self._bot.receive(event, nobody := NullConversation()), nobody

    async def _receive_with_names(self, event: RepliedEvent, conversation: NullConversation) -> None:
        origin = await self._people.with_names(event.origin)
        await self._bot.receive(replace(event, origin=origin), conversation)

    async def _uninstall(self, event: Uninstalled, conversation: NullConversation) -> None:
        if self._oauth is not None:
            await self._oauth.installation_store.async_delete_bot(enterprise_id=None, team_id=event.workspace)
        await self._bot.receive(event, conversation)

    async def _press(self, press: ButtonPress, conversation: SlackConversation) -> None:
        if (action := await _action_of(press, conversation)) is not None:
            origin = await self._people.with_names(press.origin)
            await self._bot.receive(
                ActionPressed(origin=origin, action=action, event_id=press.event_id), conversation
            )

    async def _press_on_home(self, press: ButtonPress, home: HomeConversation) -> None:
        """Act on a button of the Home tab in the channel that it belongs to, then publish the tab again."""
        if (action := await _action_of(press, home)) is None:
            return
        origin = press.origin
        if press.target_channel and isinstance(action, CastVote | Discuss):
            # The tab may be older than the membership: people who have left must not act there.
            channels = await self._people.channels(origin.workspace, origin.person)
            if channels is not None and press.target_channel not in channels:
                await home.ack()
                await home.reply(Notice(NOT_IN_CHANNEL, Tone.ERROR), private=True)
                await self._show_home(origin, home)
                return
            origin = replace(origin, channel=press.target_channel, channel_name="", direct=False)
            home.target = origin
        event = ActionPressed(
            origin=await self._people.with_names(origin), action=action, event_id=press.event_id
        )
        await self._bot.receive(event, home)
        if not isinstance(action, OpenForm):
            await self._show_home(press.origin, home)

    async def _show_home(self, origin: Origin, home: HomeConversation) -> None:
        origin_with_names, channels = await asyncio.gather(
            self._people.with_names(origin), self._people.channels(origin.workspace, origin.person)
        )
        await self._bot.receive(HomeOpened(origin=origin_with_names, channels=channels or frozenset()), home)

    async def _submit_form(self, event: FormSubmitted, conversation: FormConversation) -> None:
        await self._receive_with_names(event, conversation)
        # A form opened from the Home tab belongs to the direct messages; the tab shows what it changed.
        if event.origin.direct and not conversation.errors:
            await self._show_home(event.origin, HomeConversation(self._clients, event.origin))

    async def _react(self, event: ReactionChanged, conversation: NullConversation) -> None:
        """Pass a vote on, unless another bot cast it."""
        profile = await self._people.profile(event.origin.workspace, event.origin.person)
        if profile.bot:
            await conversation.ack()
        else:
            await self._bot.receive(event, conversation)

    async def _start_until_acked(
        self, work: Coroutine[Any, Any, None], conversation: NullConversation
    ) -> bool:
        """Start a task, and wait until it acks, ends or ACK_SECONDS pass. Returns whether it acked."""
        task = self._tasks.start(work)
        acked = asyncio.create_task(conversation.acked.wait())
        await asyncio.wait({task, acked}, timeout=ACK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        acked.cancel()
        return conversation.acked.is_set()


async def _action_of(press: ButtonPress, conversation: SlackConversation) -> Action | None:
    """Return a button's action. Returns None for a token that is no longer valid, and tells the person so."""
    try:
        return from_token(press.token)
    except UserError as error:
        await conversation.reply(Notice(str(error), Tone.ERROR), private=True)
        return None


async def _clean_body(request: AsyncBoltRequest, next_: Callable[[], Awaitable[None]]) -> None:
    """Clean a payload's text, after Bolt has verified the signature of the text as it was sent."""
    request.body = clean(request.body)
    await next_()


async def _no_op() -> None:
    """Let Bolt acknowledge an event that the middleware has handled."""
