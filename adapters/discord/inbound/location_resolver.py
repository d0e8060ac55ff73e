"""Finds where an event happened, and which workspace a direct message belongs to."""

import logging

from adapters.discord import DISCORD
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import Gateway
from adapters.discord.outbound.channels import DM, DiscordChannel, DiscordChannels, Location
from adapters.discord.outbound.client import Rest
from bot.conversation.dispatcher import Bot
from bot.domain.errors import DeliveryError
from bot.protocol.replies import Notice, Tone

NO_TEAM = Notice(
    "I do not know yet which server's papers to show you here.",
    Tone.ERROR,
    "Use `/papers` once in your server, and I do.",
)
NO_LOCATION = Notice(
    "Discord does not tell me which channel this thread belongs to.",
    Tone.ERROR,
    "Please try again in a moment. If I still cannot tell, let me see the channel.",
)
_log = logging.getLogger(__name__)


class LocationResolver:
    """Resolves the guild and channel ids of an event to a location."""

    def __init__(self, bot: Bot, rest: Rest, channels: DiscordChannels, gateway: Gateway) -> None:
        self._bot = bot
        self._rest = rest
        self._channels = channels
        self._gateway = gateway

    async def locate(self, payload: Payload, person: str = "") -> Location | None:
        """Return where an event happened; `person` is who caused it, if that is known.

        Returns None if Discord does not say what the channel is. The workspace is empty for a direct message
        of somebody whose team is unknown.
        """
        guild, channel_id = payload.get("guild_id") or "", payload["channel_id"]
        try:
            if guild:
                return await self._channels.locate(channel_id, guild)
            if person and person != await self._rest.bot_user():
                return Location(
                    await self._workspace_of(person), DiscordChannel(channel_id, DM, recipient=person)
                )
            # The event names nobody, or the bot itself; the channel says whose DM channel it is.
            channel = await self._channels.get(channel_id)
        except DeliveryError as failure:
            _log.info("Channel %s could not be resolved: %s", channel_id, failure)
            return None
        return Location(await self._workspace_of(channel.recipient), channel)

    async def dm_location(self, location: Location, person: str) -> Location:
        """Return a person's DM channel, in the workspace of a location.

        Raises:
            DeliveryError: Discord does not open the DM channel.

        """
        if location.is_dm:
            return location
        return Location(location.workspace, await self._channels.dm_channel(person))

    async def _workspace_of(self, person: str) -> str:
        return await self._bot.workspace_of(DISCORD, person) or self._gateway.only_guild() or ""
