"""The HTTP routes of pages, feeds and tools. Platforms' requests and health checks have their own."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from app.settings import Settings
from app.wiring import Parts


def doors(settings: Settings, parts: Parts) -> Sequence[BaseRoute]:
    """Return the routes of every door."""
    return (*web_page(settings, parts),)  # last, as it answers every other address too


def web_page(settings: Settings, parts: Parts, demo_account: int | None = None) -> Sequence[BaseRoute]:
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
            settings.public_url,
            # A platform that this process cannot ask says nothing of a person's channels either.
            [
                each
                for each in providers(settings)
                if settings.public_url and each.platform in parts.clocks.platforms
            ],
            demo_account,
        )
    )
