"""Figures of the database among the metrics, read when somebody asks, and not more often than useful."""

import asyncio
import math
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.channel import Platform
from bot.domain.post import PostState
from bot.ports.clock import Clock
from storage.sql.repositories.figures import Figures

KEPT_SECONDS = 5.0
"""How long figures are shown before they are read again, however many ask; those of a dead database too."""


class FiguresStore(Protocol):
    """Reads the figures."""

    async def figures(self) -> Figures | None:
        """Return the figures, None if the database does not answer in time."""
        ...


class DatabaseCollector(Collector):
    """Shows the figures that `refresh` read last. Ages are by the clock at the moment of the scrape."""

    def __init__(
        self,
        store: FiguresStore,
        clock: Clock,
        now: Callable[[Platform], datetime],
        *,
        platforms: Collection[Platform],
        sources: Collection[str],
    ) -> None:
        """`now` is the time on a platform. Other platforms and sources than the given ones are not shown."""
        self._store = store
        self._clock = clock
        self._now = now
        self._platforms = platforms
        self._sources = sources
        self._figures: Figures | None = None
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the figures again if they are old. Callers at the same time share one reading."""
        async with self._reading:
            if self._clock.elapsed() - self._read_at >= KEPT_SECONDS:
                self._figures = await self._store.figures()
                self._read_at = self._clock.elapsed()

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics. Without figures there is only that the database does not answer."""
        figures = self._figures
        yield GaugeMetricFamily(
            "paperclub_database_up", "Whether the database answers.", value=0 if figures is None else 1
        )
        if figures is not None:
            yield self._posts(figures)
            yield GaugeMetricFamily(
                "paperclub_outbox_doubts",
                "Posts of which nobody knows whether they arrived.",
                value=figures.posts[PostState.UNKNOWN],
            )
            yield self._oldest_due(figures)
            yield self._source_ages(figures)

    def _posts(self, figures: Figures) -> Metric:
        family = GaugeMetricFamily(
            "paperclub_posts", "All open posts, and of the latest 10,000 those that ended.", labels=["state"]
        )
        for state, number in figures.posts.items():
            family.add_metric([state], number)
        return family

    def _oldest_due(self, figures: Figures) -> Metric:
        family = GaugeMetricFamily(
            "paperclub_oldest_due_post_seconds",
            "How long the oldest post that is due has waited; 0 if none is due.",
            labels=["platform"],
        )
        for platform in self._platforms:
            due = figures.due.get(platform)
            age = 0.0 if due is None else (self._now(platform) - due).total_seconds()
            family.add_metric([platform], max(0.0, age))
        return family

    def _source_ages(self, figures: Figures) -> Metric:
        family = GaugeMetricFamily(
            "paperclub_source_age_seconds",
            "Time since a source last answered in full; infinite if it never has.",
            labels=["source"],
        )
        now = self._clock.now()
        for source in self._sources:
            if source in figures.complete:
                at = figures.complete[source]
                age = math.inf if at is None else max(0.0, (now - at).total_seconds())
                family.add_metric([source], age)
        return family
