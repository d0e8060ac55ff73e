"""Discord's events into the bot, over the gateway."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import Gateway, Shards
from adapters.discord.inbound.interaction_handler import InteractionHandler
from adapters.discord.inbound.listeners import Listeners
from adapters.discord.inbound.location_resolver import LocationResolver
from adapters.discord.inbound.message_handler import MessageHandler
from adapters.discord.inbound.ordering import Turns
from adapters.discord.inbound.recount import Recount
from adapters.discord.outbound.conversation import DiscordContext
from adapters.discord.render import commands
from bot.conversation.dispatcher import Bot
from bot.domain.errors import DeliveryError
from bot.ports.clock import Clock

DRAIN_SECONDS = 10.0
"""How long what has begun may go on when the process stops."""
_COMMANDS = "/applications/{application_id}/commands"
_log = logging.getLogger(__name__)


class DiscordAdapter:
    """Listens to Discord and passes on to the bot what it means."""

    def __init__(self, bot: Bot, desk: DiscordContext, token: str, shards: Shards, clock: Clock) -> None:
        """Take the bot to pass events on to, and which guilds this process is to hear."""
        self._desk = desk
        self._gateway = Gateway(desk.rest, token, shards, self._on_event)
        turns = Turns()
        self._recount = Recount(bot, desk.rest, turns, clock)
        where = LocationResolver(bot, desk.rest, desk.places, self._gateway)
        talk = MessageHandler(
            bot, desk, where, gateway=self._gateway, recount=self._recount, turns=turns, clock=clock
        )
        self._listeners = Listeners(bot, desk, talk, InteractionHandler(bot, desk, where))
        self._recounting: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set once Discord has begun a session."""

    @property
    def routes(self) -> list[BaseRoute]:
        """Discord calls nobody: all comes over the gateway."""
        return []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Stay connected; end what has begun at the end.

        It does not wait for Discord: what was not reached is tried again until it is. Where something fails
        that should not, the task that listens is cancelled with it.
        """
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._gateway.run()), group.create_task(self._recount.watch())]
            try:
                yield
            finally:
                for task in running:
                    task.cancel()
                await asyncio.wait(running)
                await self._gateway.close()
                if self._recounting is not None:
                    self._recounting.cancel()
                await self._listeners.drain(DRAIN_SECONDS)

    async def state(self) -> str:
        """Say whether Discord's events come in now, on every shard that this process takes."""
        if self._gateway.connected:
            return "connected"
        return "token refused" if self._gateway.refused else "not connected"

    async def settle(self) -> None:
        """Wait until everything that has come in is dealt with."""
        await self._listeners.settle()

    def _on_event(self, kind: str, told: Payload) -> None:
        if kind == "READY":
            self._on_session(told)
        else:
            self._listeners.heard(kind, told)

    def _on_session(self, told: Payload) -> None:
        """Begin a session: one that is resumed needs nothing of this."""
        _log.info("Connected to Discord")
        self._listeners.greeted(told, reads=self._gateway.reads)
        if told.get("shard", (0, 1))[0] == 0:
            self._listeners.begin(self._sync_commands(told["application"]["id"]))
        if self._recounting is not None:
            self._recounting.cancel()
        self._recounting = self._listeners.begin(self._recount.run())
        self.connected.set()

    async def _sync_commands(self, app: str) -> None:
        """Let Discord have the commands as they are here, where it has others."""
        wanted = commands.wanted()
        try:
            query = {"with_localizations": "true"}
            registered = await self._desk.rest.call("GET", _COMMANDS, query=query, application_id=app)
            if not commands.same(registered, wanted):
                await self._desk.rest.call("PUT", _COMMANDS, body=wanted, application_id=app)
                _log.info("Discord has the commands as they are now")
        except DeliveryError as failure:
            _log.warning("Discord may have older commands: %s", failure)
