"""Whether a Redis server answers, told once when that changes, and clients that wait for none."""

import logging
import time

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

ANSWER_SECONDS = 5.0
"""How long a server may take to answer."""
QUICK_SECONDS = 2.0
"""The same, where somebody waits."""
REST_SECONDS = 5.0
"""How long a server is let be that has not answered, so that not everybody waits for it in vain."""
LOST = (RedisError, OSError)
"""What a client raises where its server does not answer."""


class RedisHealth:
    """Says in the log that the server does not answer, and later that it does again."""

    def __init__(self, log: logging.Logger, so: str, rest: float = 0.0) -> None:
        """Take what follows from the server's being away, to go on behind a comma."""
        self._log = log
        self._so = so
        self._rest = rest
        self._lost = False
        self._away_until = 0.0

    def require(self) -> None:
        """Ask nothing of a server that has just not answered.

        Raises:
            ConnectionError: it has not.

        """
        if time.monotonic() < self._away_until:
            raise ConnectionError("it did not answer a moment ago")

    def lost(self, error: Exception) -> None:
        """Note that it did not answer, now or a moment ago."""
        if not self._lost:
            self._log.warning("Redis does not answer, so %s: %s", self._so, error)
        self._lost = True
        now = time.monotonic()
        if now >= self._away_until:
            self._away_until = now + self._rest

    def there(self) -> None:
        """Note that it answered."""
        if self._lost:
            self._log.info("Redis answers again.")
        self._lost = False


def impatient(url: str, answer_seconds: float = ANSWER_SECONDS) -> Redis:
    """Make a client that gives up soon and tries nothing twice."""
    return Redis.from_url(
        url,
        socket_connect_timeout=answer_seconds,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 0),
    )
