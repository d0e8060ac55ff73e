"""What Bolt hands over → the bot: what changes something is stored before Slack hears that it was taken."""

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

from adapters.slack.inbound import events as inbound
from adapters.slack.inbound import interactions
from adapters.slack.inbound.dispatch import failed
from adapters.slack.inbound.events import MALFORMED, Payload
from adapters.slack.inbound.interactions import SAVE_PAPER, Pressed
from adapters.slack.inbound.people import People
from adapters.slack.outbound.client import Clients
from adapters.slack.outbound.conversation import NullConversation, SlackConversation
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
"""Slack and Bolt wait 3 seconds for an acknowledgement, a busy loop's own time included; this one goes
whether what came is stored or not."""
NOT_THERE = "You are not in that channel any more, so I did nothing there."
Answered: TypeAlias = CommandInvoked | FormSubmitted | MessageChosen | MessagePosted | LinkShared | Invited
"""Events that are answered to people, by whose names and rights they are dealt with."""
_log = logging.getLogger(__name__)


class Listeners:
    """Bolt's listeners, and the work that they have begun."""

    def __init__(self, bot: Bot, clients: Clients, people: People, oauth: AsyncOAuthSettings | None) -> None:
        """Take the bot to pass events on to."""
        self._bot = bot
        self._clients = clients
        self._people = people
        self._oauth = oauth
        self._under_way: set[asyncio.Task[None]] = set()

    def attach(self, app: AsyncApp) -> None:
        """Listen to everything that an app hears."""
        app.error(failed)
        app.use(_cleaned)
        app.command(re.compile(r"/.+"))(self._on_command)
        app.action(re.compile(".*"))(self._on_action)
        app.options(re.compile(f"{re.escape(SUGGEST)}.+"))(self._on_typing)
        app.view(FORM)(self._on_form)
        app.message_shortcut(SAVE_PAPER)(self._on_shortcut)
        app.event(re.compile(".*"), middleware=[self._before_ack])(_nothing)

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin some work; what it fails of is logged."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    async def settle(self) -> None:
        """Wait until everything that has come in is dealt with."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def drain(self, seconds: float) -> None:
        """Let what has begun go on for so long, and then end it."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for task in late:
                task.cancel()

    async def _on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = inbound.command(body)
        conversation = SlackConversation(
            self._clients, event.origin, response_url=body.get("response_url"), trigger=body.get("trigger_id")
        )
        await self._take(self._answer(event, conversation), conversation)
        await ack()

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = interactions.pressed(body)
        if pressed.at_home:
            home = HomeConversation(self._clients, pressed.origin, body.get("trigger_id"))
            await self._take(self._press_at_home(pressed, home), home)
        else:
            conversation = SlackConversation(
                self._clients,
                pressed.origin,
                thread=pressed.thread,
                response_url=pressed.response_url,
                pressed=pressed.message,
                trigger=body.get("trigger_id"),
            )
            await self._take(self._press(pressed, conversation), conversation)
        await ack()

    async def _on_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = interactions.submitted(body)
        conversation = FormConversation(self._clients, event.origin, next(iter(event.values), ""))
        await self._take(self._fill_in(event, conversation), conversation)
        if conversation.errors:
            await ack(response_action="errors", errors=conversation.errors)
            return
        # The form closes with this: whatever is still to be said is said in a message.
        await conversation.ack()
        await ack()

    async def _on_typing(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._bot.receive(interactions.wanted(body), suggesting := SuggestionsConversation())
        await ack(options=suggesting.options)

    async def _on_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        event = interactions.chosen(body)
        conversation = SlackConversation(self._clients, event.origin, response_url=body.get("response_url"))
        await self._take(self._answer(event, conversation), conversation)
        await ack()

    async def _before_ack(
        self, body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Let an event be acknowledged once it is stored; one that is not comes again."""
        try:
            work, conversation = self._work_on(body, context.bot_user_id or "")
        except MALFORMED:
            # Slack sends again what is not acknowledged, and stops sending to whom too much fails.
            _log.exception("Reference %s: an event of Slack's cannot be read", secrets.token_hex(4))
            work, conversation = None, NullConversation()
        if work is not None and not await self._take(work, conversation):
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        await next_()
        return None

    def _work_on(  # noqa: PLR0911 - one case an event
        self, body: Payload, bot_user: str
    ) -> tuple[Coroutine[Any, Any, None] | None, NullConversation]:
        event = inbound.event(body, bot_user)
        match event:
            case None:
                return None, NullConversation()
            case CommandInvoked() | Invited():
                conversation = SlackConversation(
                    self._clients, event.origin, thread=body["event"].get("thread_ts")
                )
                return self._answer(event, conversation), conversation
            case HomeOpened():
                home = HomeConversation(self._clients, event.origin)
                return self._show_home(event.origin, home), home
            case LinkShared(message=message):
                preview = UnfurlConversation(self._clients, event.origin, message)
                return self._answer(event, preview), preview
            case MessagePosted(message=message) if event.links:
                thread = message.thread or message.message
                conversation = SlackConversation(self._clients, event.origin, thread=thread)
                return self._answer(event, conversation), conversation
            case ReactionChanged():
                return self._react(event, quiet := NullConversation()), quiet
            case Uninstalled():
                return self._uninstall(event, quiet := NullConversation()), quiet
            case _:
                return self._bot.receive(event, quiet := NullConversation()), quiet

    async def _answer(self, event: Answered, conversation: NullConversation) -> None:
        origin = await self._people.named(event.origin)
        await self._bot.receive(replace(event, origin=origin), conversation)

    async def _uninstall(self, event: Uninstalled, conversation: NullConversation) -> None:
        if self._oauth is not None:
            await self._oauth.installation_store.async_delete_bot(enterprise_id=None, team_id=event.workspace)
        await self._bot.receive(event, conversation)

    async def _press(self, pressed: Pressed, conversation: SlackConversation) -> None:
        if (action := await _meant(pressed, conversation)) is not None:
            origin = await self._people.named(pressed.origin)
            await self._bot.receive(
                ActionPressed(origin=origin, action=action, event_id=pressed.event_id), conversation
            )

    async def _press_at_home(self, pressed: Pressed, home: HomeConversation) -> None:
        """Do what was pressed, where it belongs, and show the page as it is then."""
        if (action := await _meant(pressed, home)) is None:
            return
        origin = pressed.origin
        if pressed.there and isinstance(action, CastVote | Discuss):
            channels = await self._people.channels(origin.workspace, origin.person)
            if channels is not None and pressed.there not in channels:
                await home.ack()
                await home.reply(Notice(NOT_THERE, Tone.ERROR), private=True)
                await self._show_home(origin, home)
                return
            origin = replace(origin, channel=pressed.there, channel_name="", direct=False)
            home.there = origin
        event = ActionPressed(
            origin=await self._people.named(origin), action=action, event_id=pressed.event_id
        )
        await self._bot.receive(event, home)
        if not isinstance(action, OpenForm):
            await self._show_home(pressed.origin, home)

    async def _show_home(self, origin: Origin, home: HomeConversation) -> None:
        named, channels = await asyncio.gather(
            self._people.named(origin), self._people.channels(origin.workspace, origin.person)
        )
        await self._bot.receive(HomeOpened(origin=named, channels=channels or frozenset()), home)

    async def _fill_in(self, event: FormSubmitted, conversation: FormConversation) -> None:
        await self._answer(event, conversation)
        if event.origin.direct and not conversation.errors:
            await self._show_home(event.origin, HomeConversation(self._clients, event.origin))

    async def _react(self, event: ReactionChanged, conversation: NullConversation) -> None:
        """Pass a vote on, unless it is another bot's."""
        known = await self._people.person(event.origin.workspace, event.origin.person)
        if known.bot:
            await conversation.ack()
        else:
            await self._bot.receive(event, conversation)

    async def _take(self, work: Coroutine[Any, Any, None], conversation: NullConversation) -> bool:
        """Begin some work, and wait until what it changes is stored; whether that was in time."""
        task = self.begin(work)
        waiting = asyncio.create_task(conversation.is_taken.wait())
        await asyncio.wait({task, waiting}, timeout=ACK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return conversation.is_taken.is_set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            reference = secrets.token_hex(4)
            _log.error("Reference %s: what came from Slack was not dealt with", reference, exc_info=error)


async def _meant(pressed: Pressed, conversation: SlackConversation) -> Action | None:
    """Read what a button means; None where it means nothing any more, and the person is told so."""
    try:
        return from_token(pressed.token)
    except UserError as error:
        await conversation.reply(Notice(str(error), Tone.ERROR), private=True)
        return None


async def _cleaned(request: AsyncBoltRequest, next_: Callable[[], Awaitable[None]]) -> None:
    """Clean what was sent, once Bolt has checked whose it is."""
    request.body = clean(request.body)
    await next_()


async def _nothing() -> None:
    """Let Bolt acknowledge what was dealt with before."""
