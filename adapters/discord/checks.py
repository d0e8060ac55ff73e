"""Checks the token and the app at Discord, before `run` listens, for `doctor` and for `invite`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from adapters.common.findings import Finding, Health, not_taken
from adapters.common.setup import SurfaceServices
from adapters.common.tokens import TokenRefused, Unreachable, unreachable
from adapters.discord.manifest import MESSAGE_CONTENT_FLAGS, install_link
from adapters.discord.outbound.client import Rest, refuses_token
from adapters.discord.settings import DiscordSettings
from bot.domain.errors import DeliveryError, UserError
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from bot.protocol.wording import counted

SETUP_HELP = (
    "Set PAPERCLUB_DISCORD_TOKEN to the one on the app's page Bot at https://discord.com/developers; "
    "“Reset Token” there makes another."
)
NO_TOKEN = "PAPERCLUB_DISCORD_TOKEN is not set. Discord gives a token at https://discord.com/developers."  # noqa: S105 - no token


@dataclass(frozen=True, slots=True)
class App:
    """The bot's app: how many servers it is in, and whether it has the intent for message content."""

    id: str
    name: str
    servers: int
    reads_messages: bool


async def fetch_app(settings: DiscordSettings, services: SurfaceServices) -> App:
    """Return the app that the token belongs to.

    Raises:
        UserError: no token is set. TokenRefused: Discord rejects it. Unreachable: Discord does not answer.

    """
    token = settings.discord_token.get_secret_value()
    if not token:
        raise UserError(NO_TOKEN)
    address = settings.discord_api_url
    pacer, clock = Pacer("Discord", services.limiter), PlatformClock("Discord", services.clock)
    async with Rest(token, address, settings.discord_gateway_url, pacer, clock) as rest:
        try:
            app = await rest.call("GET", "/applications/@me")
        except DeliveryError as failure:
            if refuses_token(failure):
                raise TokenRefused(f"{failure} {SETUP_HELP}") from None
            raise Unreachable(unreachable(failure, address, "PAPERCLUB_DISCORD_API_URL")) from None
    servers, flags = app.get("approximate_guild_count") or 0, app.get("flags") or 0
    return App(app["id"], app["name"], servers, bool(flags & MESSAGE_CONTENT_FLAGS))


async def invitation(settings: DiscordSettings, services: SurfaceServices) -> str:
    """Return the link that installs the app in a server.

    Raises:
        UserError: as `fetch_app` says.

    """
    return install_link((await fetch_app(settings, services)).id)


async def findings(settings: DiscordSettings, services: SurfaceServices) -> AsyncIterator[Finding]:
    """Yield what `paperclub doctor` shows of the token and the app."""
    try:
        app = await fetch_app(settings, services)
    except (TokenRefused, Unreachable) as error:
        yield not_taken("Discord", error)
        return
    text = f"answers to {app.name}, which is in {counted(app.servers, 'server')}"
    if not app.servers:
        yield Finding("Discord", Health.WARNING, text, "Let it into one by the link of `paperclub invite`.")
    elif app.reads_messages:
        yield Finding("Discord", Health.GOOD, text)
    else:
        advice = "To have links to papers followed, switch the app's Message Content Intent on."
        yield Finding("Discord", Health.WARNING, f"{text}; links in channels are not seen", advice)
