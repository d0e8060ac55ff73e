"""Discord put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.inbound.gateway import Shards
from adapters.discord.manifest import MESSAGE_CONTENT_FLAGS, install_link
from adapters.discord.outbound.channels import DiscordChannels
from adapters.discord.outbound.client import Rest, refuses_token
from adapters.discord.outbound.conversation import DiscordContext
from adapters.discord.outbound.messages import Poster
from adapters.discord.outbound.surface import DiscordSurface
from app.clock import SystemClock
from app.settings import Settings
from app.tokens import DISCORD, TokenRefused, Unreachable, check_other_secret, unreachable
from app.wiring import Parts
from bot.domain.channel import Platform
from bot.domain.errors import DeliveryError, UserError
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from storage.shared.rate_limits import LocalRateLimiter

WHERE_IT_IS = (
    "Set PAPERCLUB_DISCORD_TOKEN to the one on the app's page Bot at https://discord.com/developers; "
    "“Reset Token” there makes another."
)
NO_TOKEN = "PAPERCLUB_DISCORD_TOKEN is not set. Discord gives a token at https://discord.com/developers."  # noqa: S105 - no token


class Discord:
    """Discord as a surface to post to, and what makes it listen once the bot is put together."""

    def __init__(self, context: DiscordContext, token: str, shards: Shards, pacer: Pacer) -> None:
        """Take what posts and keeps its pace, and which part of the servers this process is to hear."""
        self._pacer = pacer
        self.surface = DiscordSurface(context)
        self._context = context
        self._token = token
        self._shards = shards

    def use(self, parts: Parts) -> None:
        """Share the turns of all processes."""
        self._pacer.limiter = parts.limiter

    def adapter(self, parts: Parts) -> DiscordAdapter:
        """Make what passes Discord's events on to the bot."""
        self.use(parts)
        return DiscordAdapter(
            parts.bot, self._context, self._token, self._shards, parts.clocks.of(Platform.DISCORD)
        )


@asynccontextmanager
async def at_discord(settings: Settings) -> AsyncIterator[Discord | None]:
    """Put Discord together, None where the settings say nothing of it.

    Raises:
        UserError: the settings do not go together.

    """
    token = settings.discord_token.get_secret_value()
    shards = _shards(settings)
    if not token:
        yield None
        return
    check_other_secret("PAPERCLUB_DISCORD_TOKEN", token, "the token of the bot at Discord", own=DISCORD)
    pacer = Pacer("Discord", LocalRateLimiter())
    async with _rest(settings, pacer) as rest:
        yield Discord(DiscordContext(rest, DiscordChannels(rest), Poster(rest)), token, shards, pacer)


@dataclass(frozen=True, slots=True)
class App:
    """What Discord tells of the bot's app: in how many servers it is, and whether it may read messages."""

    id: str
    name: str
    servers: int
    reads: bool


async def look_at(settings: Settings) -> App:
    """Ask Discord about the app that the token is of.

    Raises:
        UserError: no token is set, or Discord does not tell. TokenRefused: it does not take the token.
        Unreachable: it does not answer.

    """
    token = settings.discord_token.get_secret_value()
    if not token:
        raise UserError(NO_TOKEN)
    async with _rest(settings, Pacer("Discord", LocalRateLimiter())) as rest:
        try:
            app = await rest.call("GET", "/applications/@me")
        except DeliveryError as failure:
            if refuses_token(failure):
                raise TokenRefused(f"{failure} {WHERE_IT_IS}") from None
            address = settings.discord_api_url
            raise Unreachable(unreachable(failure, address, "PAPERCLUB_DISCORD_API_URL")) from None
    servers, flags = app.get("approximate_guild_count") or 0, app.get("flags") or 0
    return App(app["id"], app["name"], servers, bool(flags & MESSAGE_CONTENT_FLAGS))


def _rest(settings: Settings, pacer: Pacer) -> Rest:
    token, clock = settings.discord_token.get_secret_value(), PlatformClock("Discord", SystemClock())
    return Rest(token, settings.discord_api_url, settings.discord_gateway_url, pacer, clock)


async def invitation(settings: Settings) -> str:
    """Give the link by which a server lets the bot in.

    Raises:
        UserError: no token is set, or Discord does not tell which app it is of.

    """
    return install_link((await look_at(settings)).id)


def _shards(settings: Settings) -> Shards:
    count, ids = settings.discord_shard_count, settings.shard_ids
    if (ids or count) and not settings.discord_token.get_secret_value():
        raise UserError("PAPERCLUB_DISCORD_TOKEN is missing beside the shards of Discord.")
    if ids and not count:
        raise UserError("PAPERCLUB_DISCORD_SHARD_COUNT is missing beside PAPERCLUB_DISCORD_SHARD_IDS.")
    if any(each >= count for each in ids):
        raise UserError(f"PAPERCLUB_DISCORD_SHARD_IDS: of {count} shards the last is {count - 1}.")
    return Shards(count, ids)
