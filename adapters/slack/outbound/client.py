"""Clients for Slack's Web API, and what their errors mean for delivery."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.outbound.pacing import (
    SECONDS_APART,
    TIER_3_BURST,
    TIER_3_SECONDS,
    PacedClient,
    RetryAfterHandler,
    retry_after,
)
from bot.domain.errors import ChannelUnavailable, DeliveryError, DeliveryUnknown, NotSent, PermanentFailure
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer

Tokens: TypeAlias = Callable[[str], Awaitable[str]]
"""Returns a workspace's bot token. Raises PermanentFailure where there is none."""
RESPONSE_SECONDS = 20
"""Time-out of a call. Must stay below the lease of a post, so that no second process sends it meanwhile."""
MAX_WAIT, OUTBOX_MAX_WAIT = 60.0, 5.0
"""Seconds that a call waits for its turn under Slack's limits. The outbox rather retries later."""
_TRANSIENT = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable"})
"""Error codes after which the same call may succeed later."""
_OUTCOME_UNKNOWN = frozenset({"internal_error", "fatal_error", "request_timeout"})
"""Error codes after which Slack may have executed the call all the same."""
_CHANNEL_UNAVAILABLE = {
    **dict.fromkeys(("channel_not_found", "not_in_channel"), "I am not in it any more"),
    "is_archived": "it is archived",
    **dict.fromkeys(
        (
            "account_inactive",
            "token_revoked",
            "token_expired",
            "invalid_auth",
            "not_authed",
            "org_login_required",
        ),
        "I was taken out of the workspace",
    ),
    **dict.fromkeys(
        ("restricted_action", "restricted_action_read_only_channel", "team_access_not_granted"),
        "posting there is restricted",
    ),
}
"""Error codes that every later post in the channel would meet as well, and how people are told of them."""


@dataclass(frozen=True, slots=True)
class _BotIdentity:
    """What `auth.test` says about the bot and its workspace."""

    user: str
    name: str
    workspace_url: str


class Clients:
    """Makes clients for the workspaces' tokens, all over one session."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        tokens: Tokens,
        pacer: Pacer,
        clock: PlatformClock,
    ) -> None:
        self._session = session
        self.clock = clock
        self._pacer = pacer
        self._base_url = base_url
        self._tokens = tokens
        self._bots: dict[str, _BotIdentity] = {}

    async def for_reading(self, workspace: str) -> AsyncWebClient:
        """Return a client for calls that may be repeated: it retries all transient failures.

        Raises:
            PermanentFailure: the workspace has no token any more.

        """
        handlers = [
            RetryAfterHandler(self._pacer, workspace, MAX_WAIT),
            AsyncServerErrorRetryHandler(max_retry_count=2),
            AsyncConnectionErrorRetryHandler(max_retry_count=2),
        ]
        return await self._client(workspace, handlers, MAX_WAIT)

    async def without_retries(self, workspace: str) -> AsyncWebClient:
        """Return a client that calls once. The outbox uses it, as a retry might post a message twice.

        Raises:
            PermanentFailure: the workspace has no token any more.

        """
        return await self._client(workspace, [], OUTBOX_MAX_WAIT)

    async def for_replies(self, workspace: str) -> AsyncWebClient:
        """Return a client for messages that people wait for: it retries only rate-limited calls.

        A call that Slack refused with 429 posted nothing. After any other failure a retry might post twice.

        Raises:
            PermanentFailure: the workspace has no token any more.

        """
        handlers: list[AsyncRetryHandler] = [RetryAfterHandler(self._pacer, workspace, MAX_WAIT)]
        return await self._client(workspace, handlers, MAX_WAIT)

    async def bot_name(self, workspace: str) -> str:
        """Return the bot's name in a workspace."""
        return (await self._bot(workspace)).name

    async def bot_user(self, workspace: str) -> str:
        """Return the bot's user id in a workspace."""
        return (await self._bot(workspace)).user

    async def workspace_url(self, workspace: str) -> str:
        """Return a workspace's address, with which links to messages begin; empty where Slack fails."""
        try:
            return (await self._bot(workspace)).workspace_url
        except DeliveryError:
            return ""

    async def _bot(self, workspace: str) -> _BotIdentity:
        if workspace not in self._bots:
            client = await self.for_reading(workspace)
            async with delivery_errors():
                response = await client.auth_test()
            self._bots[workspace] = _BotIdentity(response["user_id"], response["user"], response["url"])
        return self._bots[workspace]

    async def ping(self) -> None:
        """Call `api.test`, which needs no token; its answer sets the clock.

        Raises:
            DeliveryError: Slack did not answer.

        """
        async with delivery_errors():
            await self._with_token("", "", [], OUTBOX_MAX_WAIT).api_test()

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Send a message to a `response_url`. Retries while Slack answers 429, up to MAX_WAIT seconds in all.

        Raises:
            PermanentFailure: the address has expired or is used up.
            DeliveryError: as `delivery_errors` says.

        """
        webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
        waited = 0.0
        async with delivery_errors():
            while True:
                response = await webhook.send_dict(body)
                if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                    break
                delay = retry_after(response.headers)
                if waited + delay > MAX_WAIT:
                    raise NotSent("Slack asks to wait.", delay)
                await self.clock.counter.sleep(delay)
                # Counted as a second at least, so that `Retry-After: 0` cannot make this loop endless.
                waited += max(delay, 1.0)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DeliveryUnknown(f"Slack answered {response.status_code}.")
        if response.status_code != HTTPStatus.OK:
            raise PermanentFailure(f"response_url answered {response.status_code}: {response.body[:100]}")

    async def wait_to_post(self, workspace: str, channel: str) -> None:
        """Wait until the bot may post to a channel again, a second after its latest message.

        Raises:
            NotSent: that would take more than OUTBOX_MAX_WAIT seconds.

        """
        await self._pacer.wait(f"{workspace}:{channel}", SECONDS_APART, OUTBOX_MAX_WAIT)

    async def wait_to_call(self, workspace: str, method: str) -> None:
        """Wait for a turn at a method that is called in bulk, as when cards are redrawn.

        Raises:
            NotSent: that would take more than MAX_WAIT seconds.

        """
        await self._pacer.wait(f"{workspace}:{method}:many", TIER_3_SECONDS, MAX_WAIT, burst=TIER_3_BURST)

    async def hold_channel(self, workspace: str, channel: str) -> None:
        """Keep the outbox from a channel for a second, after a reply that did not wait for its turn."""
        await self._pacer.hold(f"{workspace}:{channel}", SECONDS_APART)

    async def _client(
        self, workspace: str, retry_handlers: list[AsyncRetryHandler], max_wait: float
    ) -> AsyncWebClient:
        return self._with_token(workspace, await self._tokens(workspace), retry_handlers, max_wait)

    def _with_token(
        self, workspace: str, token: str, retry_handlers: list[AsyncRetryHandler], max_wait: float
    ) -> AsyncWebClient:
        return PacedClient(
            self._pacer,
            self.clock,
            workspace,
            max_wait,
            token=token,
            base_url=self._base_url,
            session=self._session,
            retry_handlers=retry_handlers,
        )


def new_session() -> aiohttp.ClientSession:
    """Return a session for `Clients`. The caller closes it."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=RESPONSE_SECONDS))


@asynccontextmanager
async def delivery_errors() -> AsyncIterator[None]:
    """Convert the SDK's and the connection's errors into DeliveryErrors.

    Raises:
        NotSent: Slack refused for now, or could not be reached.
        PermanentFailure: Slack will never accept this call.
        ChannelUnavailable: Slack will accept no other message in the channel either.
        DeliveryUnknown: no answer came, or it does not say what happened.

    """
    try:
        yield
    except SlackApiError as error:
        raise _failure(error) from error
    except aiohttp.ClientConnectorError as error:
        # No connection was made, so nothing was sent. Any later error may follow a request that arrived.
        raise NotSent(f"Slack could not be reached: {error}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise DeliveryUnknown(f"Slack's answer did not come: {type(error).__name__}") from error


def _failure(error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", None) or response.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSent("Slack asks to wait.", retry_after(response.headers), everywhere=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeliveryUnknown(f"Slack answered {status}.")
    code = code_of(error)
    if code in _OUTCOME_UNKNOWN or not code:
        return DeliveryUnknown(f"Slack answered {code or 'nothing that can be read'}.")
    if code in _TRANSIENT:
        return NotSent(f"Slack answered {code}.")
    if code in _CHANNEL_UNAVAILABLE:
        return ChannelUnavailable(_CHANNEL_UNAVAILABLE[code])
    return PermanentFailure(f"Slack answered {code}.")


def code_of_failure(failure: DeliveryError) -> str:
    """Return Slack's error code behind a failed delivery; empty where there is none."""
    error = failure.__cause__
    return code_of(error) if isinstance(error, SlackApiError) else ""


def code_of(error: SlackApiError) -> str:
    """Return Slack's error code; empty where the answer has none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""
