"""Slack's rate limits: https://docs.slack.dev/apis/web-api/rate-limits.

Slack allows one message a second in a channel. Each method has a limit for each workspace, of which Slack
tells only by a 429 once it is exceeded.
"""

import math
from http import HTTPStatus
from typing import Any

from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer

SECONDS_APART = 1.1
"""Between two messages in a channel. Over a second, as the first may take longer on its way than the next."""
TIER_3_SECONDS, TIER_3_BURST = 1.6, 6
"""Seconds between two calls of a method that is called in bulk, and how many more may come at once. That
makes 44 calls in any minute of the 50 that tier 3 allows; the rest is for people's own requests."""


class PacedClient(AsyncWebClient):
    """Waits before each call for as long as Slack has told any process to."""

    def __init__(
        self, pacer: Pacer, clock: PlatformClock, workspace: str, max_wait: float, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self._pacer = pacer
        self._workspace = workspace
        self._max_wait = max_wait
        # First in the list: the SDK asks the handlers in order, and stops at one that retries.
        self.retry_handlers = [_ResponseRecorder(pacer, clock, workspace), *self.retry_handlers]

    async def api_call(self, api_method: str, **details: Any) -> Any:
        """Call a method.

        Raises:
            NotSent: Slack has asked to wait for longer than `max_wait` seconds.

        """
        await self._pacer.wait(f"{self._workspace}:{api_method}", 0.0, self._max_wait, everywhere=True)
        return await super().api_call(api_method, **details)


class _ResponseRecorder(AsyncRetryHandler):
    """Reads the time and the limits from each response, and shares the limits with every process.

    It never retries. It is a retry handler because the SDK shows every response only to those.
    """

    def __init__(self, pacer: Pacer, clock: PlatformClock, workspace: str) -> None:
        super().__init__(max_retry_count=0)
        self._pacer = pacer
        self._clock = clock
        self._workspace = workspace

    async def can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the SDK gives it
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002 - as above
    ) -> bool:
        """Record the response's time, and a 429's `Retry-After`."""
        if response is None:
            return False
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._clock.sync(_header(response.headers, "date"))
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            name = f"{self._workspace}:{_method_of(request)}"
            await self._pacer.hold(name, retry_after(response.headers))
        return False


class RetryAfterHandler(AsyncRetryHandler):
    """Retries a rate-limited call, twice at most, once its `Retry-After` is over.

    Raises NotSent instead where that would take longer than `max_wait` seconds.
    """

    def __init__(self, pacer: Pacer, workspace: str, max_wait: float) -> None:
        super().__init__(max_retry_count=2)
        self._pacer = pacer
        self._workspace = workspace
        self._max_wait = max_wait

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the SDK gives it
        request: HttpRequest,  # noqa: ARG002 - as above
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        return error is None and response is not None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,  # noqa: ARG002 - the SDK gives it
        error: Exception | None = None,  # noqa: ARG002 - as above
    ) -> None:
        """Wait until the hold that `_ResponseRecorder` has placed is over."""
        name = f"{self._workspace}:{_method_of(request)}"
        await self._pacer.wait(name, 0.0, self._max_wait, everywhere=True)
        state.next_attempt_requested = True
        state.increment_current_attempt()


def _method_of(request: HttpRequest) -> str:
    return str(request.url).rsplit("/", 1)[-1]


def retry_after(headers: Any) -> float:
    """Return a response's `Retry-After` in seconds; 1 where it is missing or cannot be parsed."""
    try:
        seconds = float(_header(headers, "retry-after") or 1)
    except ValueError:
        return 1.0
    return seconds if 0 <= seconds < math.inf else 1.0


def _header(headers: Any, lower_name: str) -> str | None:
    """Read a header whatever its case; the SDK gives some as lists of one."""
    value = next((value for name, value in headers.items() if name.lower() == lower_name), None)
    return value[0] if isinstance(value, list) else value
