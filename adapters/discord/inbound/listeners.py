"""Dispatches the gateway's events to handlers, each in a task of its own."""

from collections.abc import Coroutine
from typing import Any, TypeAlias

from adapters.common.conversation import NullConversation
from adapters.common.tasks import TaskTracker
from adapters.discord import DISCORD
from adapters.discord.inbound import events
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import shard_of
from adapters.discord.inbound.interaction_handler import InteractionHandler
from adapters.discord.inbound.message_handler import MessageHandler
from adapters.discord.outbound.channels import is_obfuscated, parse_channel
from adapters.discord.outbound.conversation import DiscordContext
from bot.conversation.dispatcher import Bot
from bot.protocol.events import Event, Uninstalled
from bot.protocol.request_id import request

Job: TypeAlias = Coroutine[Any, Any, None]


class Listeners:
    """Starts a task for each event, so that a slow one never holds up the connection."""

    def __init__(
        self,
        bot: Bot,
        context: DiscordContext,
        message_handler: MessageHandler,
        interaction_handler: InteractionHandler,
        tasks: TaskTracker,
    ) -> None:
        self._bot = bot
        self._context = context
        self._messages = message_handler
        self._interactions = interaction_handler
        self._guilds: set[str] = set()
        self._tasks = tasks

    def on_ready(self, payload: Payload, *, reads_messages: bool) -> None:
        """Remember the guilds of a new session, and whether the app may read messages."""
        guilds = {each["id"] for each in payload["guilds"]}
        self._guilds |= guilds
        self._context.reads_messages = reads_messages
        self._tasks.start(self._report_left_guilds(guilds, *payload.get("shard", (0, 1))))

    def dispatch(self, kind: str, payload: Payload) -> None:
        """Start the handler of an event. A malformed payload is logged, and costs only this event."""
        with request():
            try:
                job = self._handler_of(kind, payload)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self._tasks.log_failure(error)
                return
            if job is not None:
                self._tasks.start(job)

    def _handler_of(self, kind: str, payload: Payload) -> Job | None:  # noqa: PLR0911 - one case an event
        match kind:
            case "INTERACTION_CREATE":
                return self._interactions.handle(payload)
            case "MESSAGE_CREATE":
                return self._messages.created(payload)
            case "MESSAGE_UPDATE":
                return self._messages.edited(payload)
            case "MESSAGE_DELETE":
                return self._messages.deleted(payload, payload["id"])
            case "MESSAGE_DELETE_BULK":
                return self._messages.deleted(payload, *payload["ids"])
            case "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE":
                return self._messages.reacted(payload, added=kind == "MESSAGE_REACTION_ADD")
            case "MESSAGE_REACTION_REMOVE_ALL":
                return self._messages.reactions_cleared(payload)
            case "MESSAGE_REACTION_REMOVE_EMOJI":
                return self._messages.emoji_cleared(payload)
            case _ if kind.startswith("GUILD_"):
                return self._on_guild(kind, payload)
            case _:
                return self._on_channel(kind, payload)

    def _on_guild(self, kind: str, payload: Payload) -> Job | None:
        if kind == "GUILD_CREATE":
            for channel in (*payload.get("channels", ()), *payload.get("threads", ())):
                self._context.channels.remember(channel, payload["id"])
            # Discord sends this event for every guild of a new session, and after an outage. Only a guild
            # that READY did not list is new: https://docs.discord.com/developers/events/gateway-events#guild-create.
            if payload["id"] not in self._guilds:
                self._guilds.add(payload["id"])
                return self._messages.invited(payload["id"])
        if kind == "GUILD_DELETE" and (event := events.guild_left(payload)) is not None:
            self._guilds.discard(payload["id"])
            return self._receive(event)
        return None

    def _on_channel(self, kind: str, payload: Payload) -> Job | None:
        channels = self._context.channels
        match kind:
            case "CHANNEL_CREATE" | "THREAD_CREATE" | "THREAD_UPDATE":
                channels.remember(payload)
            case "CHANNEL_UPDATE":
                before = channels.remember(payload)
                # Discord hides a channel that the bot can't see behind an invented name. That is no rename.
                if before is None or is_obfuscated(payload):
                    return None
                return self._channel_renamed(payload, before.name)
            case "CHANNEL_DELETE":
                channels.forget(payload["id"])
                return self._channel_deleted(payload)
            case "THREAD_DELETE":
                channels.forget(payload["id"])
                return self._messages.thread_deleted(payload)
            case "THREAD_LIST_SYNC":
                for thread in payload["threads"]:
                    channels.remember(thread, payload["guild_id"])
        return None

    async def _report_left_guilds(self, guilds: set[str], shard: int, count: int) -> None:
        """Report the guilds of this shard that removed the bot while it was not connected."""
        for guild in await self._bot.workspaces_with_posts(DISCORD) - guilds:
            if shard_of(guild, count) == shard:
                await self._receive(Uninstalled(platform=DISCORD, workspace=guild))

    async def _channel_renamed(self, payload: Payload, before: str) -> None:
        bot_user = await self._context.rest.bot_user()
        event = events.channel_renamed(before, parse_channel(payload), bot_user)
        if event is not None:
            await self._receive(event)

    async def _channel_deleted(self, payload: Payload) -> None:
        bot_user = await self._context.rest.bot_user()
        await self._receive(events.channel_deleted(parse_channel(payload), bot_user))

    async def _receive(self, event: Event) -> None:
        await self._bot.receive(event, NullConversation())
