"""Where things happen: what the gateway leaves out, and which team a direct message belongs to."""

import logging

from adapters.discord import DISCORD
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import Gateway
from adapters.discord.outbound.channels import IN_DIRECT, DiscordChannel, DiscordChannels, Location
from adapters.discord.outbound.client import Rest
from bot.conversation.dispatcher import Bot
from bot.domain.errors import DeliveryError
from bot.protocol.replies import Notice, Tone

NO_TEAM = Notice(
    "I do not know yet which server's papers to show you here.",
    Tone.ERROR,
    "Use `/papers` once in your server, and I do.",
)
NO_PLACE = Notice(
    "Discord does not tell me which channel this thread belongs to.",
    Tone.ERROR,
    "Please try again in a moment. If I still cannot tell, let me see the channel.",
)
_log = logging.getLogger(__name__)


class LocationResolver:
    """Says where an event happened."""

    def __init__(self, bot: Bot, rest: Rest, places: DiscordChannels, gateway: Gateway) -> None:
        """Take who knows people's teams, and what is known of channels."""
        self._bot = bot
        self._rest = rest
        self._places = places
        self._gateway = gateway

    async def spot(self, told: Payload, person: str = "") -> Location | None:
        """Say where something happened, by whom if that is known.

        None where Discord does not tell; in a direct message whose team is not known it has no workspace.
        """
        guild, channel = told.get("guild_id") or "", told["channel_id"]
        try:
            if guild:
                return await self._places.spot(channel, guild)
            if person and person != await self._rest.bot_user():
                return Location(await self._team(person), DiscordChannel(channel, IN_DIRECT, owner=person))
            talk = await self._places.place(channel)
        except DeliveryError as failure:
            _log.info("Where channel %s is was not told: %s", channel, failure)
            return None
        return Location(await self._team(talk.owner), talk)

    async def own(self, spot: Location, person: str) -> Location:
        """Give somebody's own talk with the bot, in the team that they speak in.

        Raises:
            DeliveryError: Discord does not tell.

        """
        return spot if spot.direct else Location(spot.workspace, await self._places.own_talk(person))

    async def _team(self, person: str) -> str:
        return await self._bot.workspace_of(DISCORD, person) or self._gateway.only_guild() or ""
