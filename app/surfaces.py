"""The surfaces that the program knows, and those of them that are set up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.common.findings import Finding, Health
from adapters.common.setup import SurfaceServices
from adapters.common.tokens import TokenRefused, Unreachable
from adapters.discord.setup import SETUP as DISCORD
from adapters.email.setup import SETUP as EMAIL
from adapters.slack.setup import SETUP as SLACK
from app.clock import SystemClock
from app.secrets import secrets_of
from app.settings import Settings
from app.surface_setup import Installed, Opening, SurfaceSetup
from bot.domain.channel import Platform
from bot.domain.errors import UserError
from storage.shared.rate_limits import LocalRateLimiter
from storage.sql.store import SqlStore

_log = logging.getLogger(__name__)


SURFACES: tuple[SurfaceSetup, ...] = (SLACK, DISCORD, EMAIL)
"""The platforms in whose channels the bot can be; the console is always there."""


def none_set_up() -> str:
    """Say that no surface is configured: `neither Slack nor Discord nor mail is set up`."""
    return f"neither {' nor '.join(each.label for each in SURFACES)} is set up"


def surfaces_set_up(settings: Settings, *, listens: bool = False) -> list[SurfaceSetup]:
    """Return the surfaces that the settings configure.

    A process that only posts (`listens` is false) needs no setting for incoming events.

    Raises:
        UserError: the settings of one are incomplete or contradict each other.

    """
    secrets = secrets_of(settings)
    return [each for each in SURFACES if each.is_set_up(settings, secrets, listens=listens)]


def opening(set_up: Sequence[SurfaceSetup], settings: Settings) -> Opening:
    """Return a function that opens these surfaces once the services that they share exist."""

    @asynccontextmanager
    async def opened(services: SurfaceServices) -> AsyncIterator[dict[Platform, Installed]]:
        async with AsyncExitStack() as stack:
            yield {
                each.platform: await stack.enter_async_context(each.opened(settings, services))
                for each in set_up
            }

    return opened


@asynccontextmanager
async def services_for_checks(settings: Settings) -> AsyncIterator[SurfaceServices]:
    """Yield the services that checks of a surface need, without the bot. Nothing is migrated or written."""
    store = SqlStore(settings.database)
    try:
        yield SurfaceServices(store, LocalRateLimiter(), SystemClock(), secrets_of(settings))
    finally:
        await store.close()


async def check_tokens(set_up: Sequence[SurfaceSetup], settings: Settings, *, listens: bool) -> None:
    """Ask each platform whether its tokens are valid. A platform that does not answer is only logged.

    If one refuses a token and another accepts, the process can still work. The refusal is then only logged.

    Raises:
        UserError: every platform refuses; one line for each says which setting is wrong.

    """
    async with services_for_checks(settings) as services:
        checks = (each.check_tokens(settings, services, listens=listens) for each in set_up)
        refused = [text for text in await asyncio.gather(*map(_refusal, checks)) if text]
    if refused and len(refused) == len(set_up):
        raise UserError("\n".join(refused))
    for text in refused:
        _log.error("%s", text)


async def _refusal(check: Awaitable[object]) -> str:
    """Return why a platform refuses a token; empty if it accepts the token or does not answer."""
    try:
        await check
    except TokenRefused as refusal:
        return str(refusal)
    except Unreachable as error:
        _log.warning("%s That is tried again by itself.", error)
    return ""


async def findings(
    set_up: Sequence[SurfaceSetup], settings: Settings, services: SurfaceServices, *, readable: bool
) -> AsyncIterator[Finding]:
    """Yield what `paperclub doctor` reports of each surface that is set up."""
    for each in set_up:
        async for finding in each.findings(settings, services, readable=readable):
            yield finding
    if not set_up:
        variables = " or ".join(each.setting for each in SURFACES)
        advice = f"Set {variables}, and the bot can be talked to there."
        yield Finding("platforms", Health.WARNING, none_set_up(), advice)
