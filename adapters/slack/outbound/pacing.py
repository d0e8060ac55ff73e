"""Slack's limits: https://docs.slack.dev/apis/web-api/rate-limits.

A message a second in each channel; and each method so often in a workspace, of which Slack tells once it was
too often.
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
"""Between two messages in a channel: a second, and what one may be longer on its way than the next."""
TIER_3_SECONDS, TIER_3_BURST = 1.6, 6
"""Between two calls of a method that is called many times over, and how many more may come at once: 44 in any
minute, of the 50 of tier 3. Some are left for what people ask for."""


class PacedClient(AsyncWebClient):
    """Calls no method of a workspace for as long as Slack has asked any process not to."""

    def __init__(
        self, pacer: Pacer, clock: PlatformClock, workspace: str, patience: float, **settings: Any
    ) -> None:
        """Take what hears Slack's time, and for how many seconds a call may wait."""
        super().__init__(**settings)
        self._pacer = pacer
        self._workspace = workspace
        self._patience = patience
        self.retry_handlers = [_Listening(pacer, clock, workspace), *self.retry_handlers]

    async def api_call(self, api_method: str, **details: Any) -> Any:
        """Call a method.

        Raises:
            NotSent: Slack has asked to wait for longer than this client does.

        """
        await self._pacer.wait(f"{self._workspace}:{api_method}", 0.0, self._patience, everywhere=True)
        return await super().api_call(api_method, **details)


class _Listening(AsyncRetryHandler):
    """Hears Slack's time from each answer, and lets every process know for how long Slack asks to wait.

    Whether to try again is for others to say.
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
        """Note what Slack tells and asks for."""
        if response is None:
            return False
        if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._clock.sync(_header(response.headers, "date"))
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            name = f"{self._workspace}:{_method_of(request)}"
            await self._pacer.hold(name, asked_to_wait(response.headers))
        return False


class WaitsAsAsked(AsyncRetryHandler):
    """Calls again where Slack asks to wait, once that time is over for every process."""

    def __init__(self, pacer: Pacer, workspace: str, patience: float) -> None:
        """Take for how many seconds a call may wait; a longer wait raises NotSent."""
        super().__init__(max_retry_count=2)
        self._pacer = pacer
        self._workspace = workspace
        self._patience = patience

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
        """Wait for the turn that `_Listening` has put off."""
        name = f"{self._workspace}:{_method_of(request)}"
        await self._pacer.wait(name, 0.0, self._patience, everywhere=True)
        state.next_attempt_requested = True
        state.increment_current_attempt()


def _method_of(request: HttpRequest) -> str:
    return str(request.url).rsplit("/", 1)[-1]


def asked_to_wait(headers: Any) -> float:
    """How many seconds an answer asks to wait; one, where it does not say."""
    try:
        seconds = float(_header(headers, "retry-after") or 1)
    except ValueError:
        return 1.0
    return seconds if 0 <= seconds < math.inf else 1.0


def _header(headers: Any, wanted: str) -> str | None:
    told = next((value for name, value in headers.items() if name.lower() == wanted), None)
    return told[0] if isinstance(told, list) else told
