"""What the gateway tells, to whom it is told, and the work that is begun with it."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import Any, TypeAlias

from adapters.discord import DISCORD
from adapters.discord.inbound import events as inbound
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import shard_of
from adapters.discord.inbound.interaction_handler import InteractionHandler
from adapters.discord.inbound.message_handler import MessageHandler
from adapters.discord.outbound.channels import hidden, read
from adapters.discord.outbound.conversation import DiscordContext, NullConversation
from bot.conversation.dispatcher import Bot
from bot.protocol.events import Event, Uninstalled

Work: TypeAlias = Coroutine[Any, Any, None]
_log = logging.getLogger(__name__)


class Listeners:
    """Begins with each event what it asks for, beside what is under way."""

    def __init__(
        self, bot: Bot, desk: DiscordContext, talk: MessageHandler, interacting: InteractionHandler
    ) -> None:
        """Take who deals with what."""
        self._bot = bot
        self._desk = desk
        self._talk = talk
        self._interacting = interacting
        self._guilds: set[str] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    def greeted(self, told: Payload, *, reads: bool) -> None:
        """Take in which guilds the bot is in, and whether it may read what people write."""
        guilds = {each["id"] for each in told["guilds"]}
        self._guilds |= guilds
        self._desk.reads = reads
        self.begin(self._miss(guilds, *told.get("shard", (0, 1))))

    def heard(self, kind: str, told: Payload) -> None:
        """Begin what an event asks for; one that lacks what it should have costs no more than itself."""
        try:
            work = self._work_on(kind, told)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log_failure(error)
            return
        if work is not None:
            self.begin(work)

    def begin(self, work: Work) -> asyncio.Task[None]:
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

    def _work_on(self, kind: str, told: Payload) -> Work | None:  # noqa: PLR0911 - one case an event
        match kind:
            case "INTERACTION_CREATE":
                return self._interacting.begun(told)
            case "MESSAGE_CREATE":
                return self._talk.said(told)
            case "MESSAGE_UPDATE":
                return self._talk.edited(told)
            case "MESSAGE_DELETE":
                return self._talk.deleted(told, told["id"])
            case "MESSAGE_DELETE_BULK":
                return self._talk.deleted(told, *told["ids"])
            case "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE":
                return self._talk.reacted(told, added=kind == "MESSAGE_REACTION_ADD")
            case "MESSAGE_REACTION_REMOVE_ALL":
                return self._talk.cleared(told)
            case "MESSAGE_REACTION_REMOVE_EMOJI":
                return self._talk.cleared_of(told)
            case _ if kind.startswith("GUILD_"):
                return self._guild(kind, told)
            case _:
                return self._channel(kind, told)

    def _guild(self, kind: str, told: Payload) -> Work | None:
        if kind == "GUILD_CREATE":
            for channel in (*told.get("channels", ()), *told.get("threads", ())):
                self._desk.places.learn(channel, told["id"])
            if told["id"] not in self._guilds:
                self._guilds.add(told["id"])
                return self._talk.invited(told["id"])
        if kind == "GUILD_DELETE" and (event := inbound.left(told)) is not None:
            self._guilds.discard(told["id"])
            return self._pass_on(event)
        return None

    def _channel(self, kind: str, told: Payload) -> Work | None:
        places = self._desk.places
        match kind:
            case "CHANNEL_CREATE" | "THREAD_CREATE" | "THREAD_UPDATE":
                places.learn(told)
            case "CHANNEL_UPDATE":
                before = places.learn(told)
                return None if before is None or hidden(told) else self._renamed(told, before.name)
            case "CHANNEL_DELETE":
                places.forget(told["id"])
                return self._lost(told)
            case "THREAD_DELETE":
                places.forget(told["id"])
                return self._talk.post_deleted(told)
            case "THREAD_LIST_SYNC":
                for thread in told["threads"]:
                    places.learn(thread, told["guild_id"])
        return None

    async def _miss(self, guilds: set[str], shard: int, count: int) -> None:
        """Note which guilds of a session the bot was taken out of while it heard nothing."""
        for guild in await self._bot.posted_in(DISCORD) - guilds:
            if shard_of(guild, count) == shard:
                await self._pass_on(Uninstalled(platform=DISCORD, workspace=guild))

    async def _renamed(self, told: Payload, before: str) -> None:
        event = inbound.renamed(before, read(told), await self._desk.rest.bot_user())
        if event is not None:
            await self._pass_on(event)

    async def _lost(self, told: Payload) -> None:
        await self._pass_on(inbound.lost(read(told), await self._desk.rest.bot_user()))

    async def _pass_on(self, event: Event) -> None:
        await self._bot.receive(event, NullConversation())

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log_failure(error)


def _log_failure(error: BaseException) -> None:
    reference = secrets.token_hex(4)
    _log.error("Reference %s: what came from Discord was not dealt with", reference, exc_info=error)
