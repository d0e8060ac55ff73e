"""What the HTTP server answers beside the platforms' requests and health: pages, feeds, tools."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from app.settings import Settings
from app.wiring import Parts


def doors(settings: Settings, parts: Parts) -> Sequence[BaseRoute]:  # noqa: ARG001 - each door takes what it needs
    """Return the routes of every door."""
    return ()
