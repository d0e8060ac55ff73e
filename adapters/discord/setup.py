"""Sets Discord up from the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.common.findings import Finding
from adapters.common.setup import SurfaceServices, TokenSecrets
from adapters.common.tokens import DISCORD_TOKEN, check_other_secret
from adapters.discord import DISCORD
from adapters.discord.adapter import DiscordAdapter
from adapters.discord.checks import fetch_app, findings
from adapters.discord.inbound.gateway import Shards
from adapters.discord.outbound.channels import DiscordChannels
from adapters.discord.outbound.client import Rest
from adapters.discord.outbound.conversation import DiscordContext
from adapters.discord.outbound.messages import Poster
from adapters.discord.outbound.surface import DiscordSurface
from adapters.discord.settings import DiscordSettings
from bot.conversation.dispatcher import Bot
from bot.domain.errors import UserError
from bot.ports.clock import Clock
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer


class InstalledDiscord:
    """Discord as a surface to post to, with the adapter that listens for a bot."""

    def __init__(self, context: DiscordContext, token: str, shards: Shards) -> None:
        self.surface = DiscordSurface(context)
        self._context = context
        self._token = token
        self._shards = shards

    def adapter(self, bot: Bot, clock: Clock) -> DiscordAdapter:
        """Return the adapter that passes Discord's events to a bot; `clock` is Discord's."""
        return DiscordAdapter(bot, self._context, self._token, self._shards, clock)


class DiscordSetup:
    """Discord's entry in the program's registry of surfaces."""

    platform = DISCORD
    label = "Discord"
    setting = "PAPERCLUB_DISCORD_TOKEN"

    def is_set_up(
        self,
        settings: DiscordSettings,
        secrets: Callable[[], TokenSecrets],  # noqa: ARG002 - Discord's only token is a setting
        *,
        listens: bool = False,  # noqa: ARG002 - the same token posts and listens
    ) -> bool:
        """Whether the settings have a token for Discord.

        Raises:
            UserError: they contradict each other, or the token is of another platform.

        """
        token = settings.discord_token.get_secret_value()
        _shards(settings)
        check_other_secret(self.setting, token, "the token of the bot at Discord", own=DISCORD_TOKEN)
        return bool(token)

    @asynccontextmanager
    async def opened(
        self, settings: DiscordSettings, services: SurfaceServices
    ) -> AsyncIterator[InstalledDiscord]:
        """Open the REST client, and yield Discord's surface; the settings have a token."""
        token = settings.discord_token.get_secret_value()
        pacer, clock = Pacer("Discord", services.limiter), PlatformClock("Discord", services.clock)
        async with Rest(token, settings.discord_api_url, settings.discord_gateway_url, pacer, clock) as rest:
            context = DiscordContext(rest, DiscordChannels(rest), Poster(rest))
            yield InstalledDiscord(context, token, _shards(settings))

    async def check_tokens(
        self,
        settings: DiscordSettings,
        services: SurfaceServices,
        *,
        listens: bool,  # noqa: ARG002 - as above
    ) -> None:
        """Ask Discord whether the token is valid.

        Raises:
            TokenRefused: it is not. Unreachable: Discord does not answer.

        """
        await fetch_app(settings, services)

    def findings(
        self,
        settings: DiscordSettings,
        services: SurfaceServices,
        *,
        readable: bool,  # noqa: ARG002 - the database holds nothing of Discord's
    ) -> AsyncIterator[Finding]:
        """Yield what `paperclub doctor` shows of the token and the app."""
        return findings(settings, services)


SETUP = DiscordSetup()


def _shards(settings: DiscordSettings) -> Shards:
    count, ids = settings.discord_shard_count, settings.shard_ids
    if (ids or count) and not settings.discord_token.get_secret_value():
        raise UserError("PAPERCLUB_DISCORD_TOKEN is missing beside the shards of Discord.")
    if ids and not count:
        raise UserError("PAPERCLUB_DISCORD_SHARD_COUNT is missing beside PAPERCLUB_DISCORD_SHARD_IDS.")
    if any(each >= count for each in ids):
        raise UserError(f"PAPERCLUB_DISCORD_SHARD_IDS: of {count} shards the last is {count - 1}.")
    return Shards(count, ids)
