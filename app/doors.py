"""The HTTP routes of pages, feeds and tools. Platforms' requests and health checks have their own."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from adapters.common.programs.callers import ProgramDoor
from app.settings import Settings
from app.wiring import Parts
from bot.commands import COMMANDS


def doors(settings: Settings, parts: Parts) -> Sequence[BaseRoute]:  # noqa: ARG001 - each door takes what it needs
    """Return the routes of every door."""
    return (*_programs(parts),)


def _programs(parts: Parts) -> Sequence[BaseRoute]:
    """Return the routes of REST, MCP and feeds."""
    # Their libraries take memory and a second to load, which workers and the console do without.
    from adapters.api.adapter import RestApi  # noqa: PLC0415 - as above
    from adapters.feeds.adapter import Feeds  # noqa: PLC0415 - as above
    from adapters.mcp.adapter import McpServer  # noqa: PLC0415 - as above

    services = parts.services
    door = ProgramDoor(parts.bot, services, parts.limiter)
    return [
        *RestApi(door, COMMANDS, services.public_url).routes,
        *McpServer(door, COMMANDS, services.public_url).routes,
        *Feeds(door, services).routes,
    ]
