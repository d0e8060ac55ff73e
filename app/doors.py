"""The HTTP routes of pages, feeds and tools. Platforms' requests and health checks have their own."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from app.settings import Settings
from app.wiring import Parts


def doors(settings: Settings, parts: Parts) -> Sequence[BaseRoute]:  # noqa: ARG001 - each door takes what it needs
    """Return the routes of every door."""
    return ()
