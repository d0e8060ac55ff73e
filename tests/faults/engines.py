"""The servers behind the workers, which can be ended and started again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.databases import postgres_server, redis_server

ActivityKind = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where they are, and what may happen to them by name."""

    folder: Path
    database: str
    redis: str = ""
    activities: dict[str, ActivityKind] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        return {"data_dir": str(self.folder), "database_url": self.database, "redis_url": self.redis}


@contextmanager
def servers(database: str, folder: Path) -> Iterator[Servers]:
    """A SQLite file alone, or PostgreSQL and Redis."""
    if database == "sqlite":
        yield Servers(folder, f"sqlite:///{folder / 'paperclub.db'}")
        return
    with postgres_server(crash_safe=True) as postgres, redis_server() as redis:

        def end_redis() -> None:
            redis.stop()
            redis.start()

        activities = {"database": postgres.crash, "redis": end_redis}
        yield Servers(folder, postgres.url("postgres"), redis.url, activities)
