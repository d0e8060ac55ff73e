"""Discord's adapter: it listens to the gateway, and passes each event to the bot."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from adapters.common.tasks import TaskTracker
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import Gateway, Shards
from adapters.discord.inbound.interaction_handler import InteractionHandler
from adapters.discord.inbound.listeners import Listeners
from adapters.discord.inbound.location_resolver import LocationResolver
from adapters.discord.inbound.message_handler import MessageHandler
from adapters.discord.inbound.ordering import MessageLocks
from adapters.discord.inbound.recount import Recount
from adapters.discord.outbound.conversation import DiscordContext
from adapters.discord.render import commands
from bot.conversation.dispatcher import Bot
from bot.domain.errors import DeliveryError
from bot.ports.clock import Clock

DRAIN_SECONDS = 10.0
"""How long running handlers may go on after the process was told to stop."""
_COMMANDS = "/applications/{application_id}/commands"
_log = logging.getLogger(__name__)


class DiscordAdapter:
    """Runs the gateway, the handlers of its events, the recount, and the registration of commands."""

    def __init__(self, bot: Bot, context: DiscordContext, token: str, shards: Shards, clock: Clock) -> None:
        """`shards` are the parts of the guilds that this process listens to."""
        self._context = context
        self._tasks = TaskTracker("Discord")
        self._gateway = Gateway(context.rest, token, shards, self._on_event)
        locks = MessageLocks()
        self._recount = Recount(bot, context.rest, locks, clock)
        resolver = LocationResolver(bot, context.rest, context.channels, self._gateway)
        messages = MessageHandler(
            bot, context, resolver, gateway=self._gateway, recount=self._recount, locks=locks, clock=clock
        )
        interactions = InteractionHandler(bot, context, resolver)
        self._listeners = Listeners(bot, context, messages, interactions, self._tasks)
        self._recounting: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()
        """Set once Discord has opened a session."""

    @property
    def routes(self) -> list[BaseRoute]:
        """No HTTP routes: Discord sends everything through the gateway."""
        return []

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Stay connected while the context is open; running handlers get DRAIN_SECONDS at its end.

        This does not wait for a connection, and retries for as long as there is none. An unexpected error in
        a background task cancels the caller's task.
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
                await self._tasks.drain(DRAIN_SECONDS)

    async def state(self) -> str:
        """Return whether every shard of this process is connected, in words for the health page."""
        if self._gateway.connected:
            return "connected"
        return "token refused" if self._gateway.token_refused else "not connected"

    async def settle(self) -> None:
        """Wait until all events that have arrived are handled."""
        await self._tasks.settle()

    def _on_event(self, kind: str, payload: Payload) -> None:
        if kind == "READY":
            self._on_ready(payload)
        else:
            self._listeners.dispatch(kind, payload)

    def _on_ready(self, payload: Payload) -> None:
        """Start what each new session needs; a resumed one has missed nothing."""
        _log.info("Connected to Discord")
        self._listeners.on_ready(payload, reads_messages=self._gateway.reads_messages)
        # One of all shards registers the commands, because they hold for the whole app.
        if payload.get("shard", (0, 1))[0] == 0:
            self._tasks.start(self._register_commands(payload["application"]["id"]))
        if self._recounting is not None:
            self._recounting.cancel()
        self._recounting = self._tasks.start(self._recount.run())
        self.connected.set()

    async def _register_commands(self, application_id: str) -> None:
        """Register the commands, unless Discord has exactly these."""
        definitions = commands.definitions()
        try:
            query = {"with_localizations": "true"}
            registered = await self._context.rest.call(
                "GET", _COMMANDS, query=query, application_id=application_id
            )
            if not commands.equivalent(registered, definitions):
                await self._context.rest.call(
                    "PUT", _COMMANDS, body=definitions, application_id=application_id
                )
                _log.info("Registered the commands at Discord")
        except DeliveryError as failure:
            _log.warning("The commands at Discord may be outdated: %s", failure)
