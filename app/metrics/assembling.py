"""Puts the metrics of a process together. Only `paperclub run` imports this, and so Prometheus' library."""

from starlette.routing import BaseRoute

from adapters.console import CONSOLE
from app.metrics.database import DatabaseCollector
from app.metrics.prometheus import PrometheusMetrics
from app.metrics.route import metrics_route
from app.settings import Settings
from app.sources import SOURCES
from app.surfaces import SURFACES
from app.wiring import Parts
from bot.protocol.values import CHECK, TITLES

PLATFORMS = (CONSOLE, *(each.platform for each in SURFACES))
"""Every platform that the program knows, whether it is set up here or in another process."""


def new_metrics() -> PrometheusMetrics:
    """Make the metrics, in which nothing is counted yet."""
    return PrometheusMetrics(PLATFORMS, {source.info.name for source in SOURCES})


def metrics_route_of(metrics: PrometheusMetrics, parts: Parts, settings: Settings) -> BaseRoute:
    """Add what only the running parts know, and make the route that shows all."""
    metrics.watch_index([("full_text", parts.full_text.__len__), ("vectors", parts.vectors.__len__)])
    watched = (CHECK + catalogue.name for catalogue in parts.sources.watched)
    database = DatabaseCollector(
        parts.store,
        parts.clock,
        parts.clocks.now,
        platforms=PLATFORMS,
        sources=(*(feed.name for feed in parts.sources.feeds), *watched, TITLES),
    )
    metrics.registry.register(database)
    return metrics_route(metrics, database, settings.metrics_token.get_secret_value())
