"""The HTTP routes of pages, feeds and tools. Platforms' requests and health checks have their own."""

from collections.abc import Iterable, Sequence

from starlette.routing import BaseRoute

from adapters.common.programs.callers import ProgramDoor
from app.settings import Settings
from app.surface_setup import Adapter, SignsIn
from app.wiring import Parts
from bot.commands import COMMANDS
from bot.ports.sign_in_links import SignInLinks


def doors(settings: Settings, parts: Parts, adapters: Iterable[Adapter] = ()) -> Sequence[BaseRoute]:
    """Return the routes of every door. `adapters` are those that this process listens with."""
    by_mail = next((each.sign_in_links for each in adapters if isinstance(each, SignsIn)), None)
    # The page last: it answers all other addresses.
    return (*_programs(parts), *web_page(settings, parts, sign_in_links=by_mail))


def web_page(
    settings: Settings,
    parts: Parts,
    demo_account: int | None = None,
    *,
    sign_in_links: SignInLinks | None = None,
) -> Sequence[BaseRoute]:
    """Return the routes of the page."""
    # Templates and BibTeX are read only where pages are served.
    from adapters.web.adapter import routes  # noqa: PLC0415 - as above
    from adapters.web.inbound.services import WebServices  # noqa: PLC0415 - as above
    from adapters.web.outbound.openid import providers  # noqa: PLC0415 - as above

    return routes(
        WebServices(
            parts.bot.receive,
            parts.store,
            parts.accounts,
            parts.talk,
            parts.clock,
            parts.limiter,
            settings.public_url,
            # A platform that this process cannot ask says nothing of a person's channels either.
            [
                each
                for each in providers(settings)
                if settings.public_url and each.platform in parts.clocks.platforms
            ],
            sign_in_links,
            demo_account,
        )
    )


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
