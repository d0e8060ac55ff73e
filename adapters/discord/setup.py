"""Discord set up from the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.common.findings import Finding
from adapters.common.setup import SurfaceServices, TokenSecrets
from adapters.common.tokens import DISCORD_TOKEN, check_other_secret
from adapters.discord import DISCORD
from adapters.discord.adapter import DiscordAdapter
from adapters.discord.checks import findings, look_at
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
    """Discord as a surface to post to, and what makes it listen once there is a bot."""

    def __init__(self, context: DiscordContext, token: str, shards: Shards) -> None:
        self.surface = DiscordSurface(context)
        self._context = context
        self._token = token
        self._shards = shards

    def adapter(self, bot: Bot, clock: Clock) -> DiscordAdapter:
        """Make what passes Discord's events on to the bot; `clock` is Discord's."""
        return DiscordAdapter(bot, self._context, self._token, self._shards, clock)


class DiscordSetup:
    """Discord, as the program's registry of surfaces holds it."""

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
        """Whether the settings speak of Discord.

        Raises:
            UserError: they do not go together.

        """
        token = settings.discord_token.get_secret_value()
        _shards(settings)
        check_other_secret(self.setting, token, "the token of the bot at Discord", own=DISCORD_TOKEN)
        return bool(token)

    @asynccontextmanager
    async def opened(
        self, settings: DiscordSettings, services: SurfaceServices
    ) -> AsyncIterator[InstalledDiscord]:
        """Make Discord's surface; the settings speak of Discord."""
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
        """Ask Discord whether it takes the token.

        Raises:
            TokenRefused: it does not take it. Unreachable: it does not answer.

        """
        await look_at(settings, services)

    def findings(
        self,
        settings: DiscordSettings,
        services: SurfaceServices,
        *,
        readable: bool,  # noqa: ARG002 - the database holds nothing of Discord's
    ) -> AsyncIterator[Finding]:
        """Examine the token and what the app may do, for `paperclub doctor`."""
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
