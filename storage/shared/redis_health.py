"""Whether Redis answers, logged once per change, and clients that fail fast."""

import logging
import time

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

ANSWER_SECONDS = 5.0
"""How long Redis may take to answer."""
QUICK_SECONDS = 2.0
"""The same, for requests that a person waits for."""
BACKOFF_SECONDS = 5.0
"""How long Redis is not asked after a failure, so that not every caller waits for a time-out."""
REDIS_ERRORS = (RedisError, OSError)
"""What a client raises if Redis does not answer. A TimeoutError of asyncio is an OSError, too."""


class RedisHealth:
    """Logs once when Redis stops answering, and once when it answers again."""

    def __init__(self, log: logging.Logger, consequence: str, backoff: float = 0.0) -> None:
        self._log = log
        self._consequence = consequence
        self._backoff = backoff
        self._is_down = False
        self._down_until = 0.0

    def require(self) -> None:
        """Raise if Redis failed a moment ago, so that not every caller waits for its time-out.

        Raises:
            ConnectionError: the last failure is less than the back-off time ago.

        """
        if time.monotonic() < self._down_until:
            raise ConnectionError("it did not answer a moment ago")

    def record_failure(self, error: Exception) -> None:
        """Record a failure: of a request, or of `require`."""
        if not self._is_down:
            self._log.warning("Redis does not answer, so %s: %s", self._consequence, error)
        self._is_down = True
        # Failures during the back-off do not extend it, or a busy process would never ask again.
        now = time.monotonic()
        if now >= self._down_until:
            self._down_until = now + self._backoff

    def record_success(self) -> None:
        """Record that Redis answered."""
        if self._is_down:
            self._log.info("Redis answers again.")
        self._is_down = False


def fail_fast_client(url: str, answer_seconds: float = ANSWER_SECONDS) -> Redis:
    """Make a client with a short time-out and no retries."""
    return Redis.from_url(
        url,
        socket_connect_timeout=answer_seconds,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 0),
    )
