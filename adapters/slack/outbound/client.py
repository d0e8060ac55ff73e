"""Calls to Slack, and what became of those that failed."""

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
    WaitsAsAsked,
    asked_to_wait,
)
from bot.domain.errors import ChannelUnavailable, DeliveryError, DeliveryUnknown, NotSent, PermanentFailure
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer

Tokens: TypeAlias = Callable[[str], Awaitable[str]]
"""Gives a workspace's bot token; raises Refused where there is none."""
ANSWER_SECONDS = 20
"""How long Slack's answer is waited for: less than what a post's lease and settling allow."""
PATIENCE, OUTBOX_PATIENCE = 60.0, 5.0
"""How many seconds a call waits where Slack has asked any process to; the outbox rather comes back later."""
_PASSING = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable"})
"""Errors after which the same call may go through later."""
_DOUBTFUL = frozenset({"internal_error", "fatal_error", "request_timeout"})
"""Errors after which nobody knows whether the call went through."""


_LOST = {
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
"""Errors that every later post would meet as well, and what people are told of them."""


@dataclass(frozen=True, slots=True)
class _Self:
    """What Slack calls the bot and the workspace that it is in."""

    user: str
    name: str
    address: str


class Clients:
    """Clients for each workspace's token, over one session."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        tokens: Tokens,
        pacer: Pacer,
        clock: PlatformClock,
    ) -> None:
        """Take the session that all calls go through with its time-out, and what hears Slack's time."""
        self._session = session
        self.clock = clock
        self._pacer = pacer
        self._base_url = base_url
        self._tokens = tokens
        self._bots: dict[str, _Self] = {}

    async def reading(self, workspace: str) -> AsyncWebClient:
        """Give a client for calls that may be made again: it does so after a passing failure.

        Raises:
            PermanentFailure: the workspace has no token any more.

        """
        again = [
            WaitsAsAsked(self._pacer, workspace, PATIENCE),
            AsyncServerErrorRetryHandler(max_retry_count=2),
            AsyncConnectionErrorRetryHandler(max_retry_count=2),
        ]
        return await self._client(workspace, again, PATIENCE)

    async def writing(self, workspace: str) -> AsyncWebClient:
        """Give a client for the outbox: it asks once, as a second call might post a second time.

        Raises:
            PermanentFailure: the workspace has no token any more.

        """
        return await self._client(workspace, [], OUTBOX_PATIENCE)

    async def answering(self, workspace: str) -> AsyncWebClient:
        """Give a client for posts that people wait for: it waits where Slack asks to, which posted nothing.

        Raises:
            PermanentFailure: the workspace has no token any more.

        """
        again: list[AsyncRetryHandler] = [WaitsAsAsked(self._pacer, workspace, PATIENCE)]
        return await self._client(workspace, again, PATIENCE)

    async def bot_name(self, workspace: str) -> str:
        """Give the name that the bot has in a workspace."""
        return (await self._bot(workspace)).name

    async def bot_user(self, workspace: str) -> str:
        """Give the bot's id as a user of a workspace."""
        return (await self._bot(workspace)).user

    async def address(self, workspace: str) -> str:
        """Give a workspace's own address, within which messages are linked to; empty where it is not told."""
        try:
            return (await self._bot(workspace)).address
        except DeliveryError:
            return ""

    async def _bot(self, workspace: str) -> "_Self":
        if workspace not in self._bots:
            client = await self.reading(workspace)
            async with delivering():
                told = await client.auth_test()
            self._bots[workspace] = _Self(told["user_id"], told["user"], told["url"])
        return self._bots[workspace]

    async def ping(self) -> None:
        """Have Slack answer a call that needs no token, from which the clock hears its time.

        Raises:
            DeliveryError: it did not answer.

        """
        async with delivering():
            await self._with("", "", [], OUTBOX_PATIENCE).api_test()

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Answer by a `response_url`; it waits where Slack asks to, which showed nothing.

        Raises:
            DeliveryError: as `delivering` says. PermanentFailure: the address is not good, or no longer.

        """
        webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[])
        waited = 0.0
        async with delivering():
            while True:
                answer = await webhook.send_dict(body)
                asked = asked_to_wait(answer.headers)
                if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS or waited + asked > PATIENCE:
                    break
                await self.clock.counter.sleep(asked)
                waited += max(asked, 1.0)
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise NotSent("Slack asks to wait.", asked)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise DeliveryUnknown(f"Slack answered {answer.status_code}.")
        if answer.status_code != HTTPStatus.OK:
            raise PermanentFailure(f"response_url answered {answer.status_code}: {answer.body[:100]}")

    async def may_post(self, workspace: str, channel: str) -> None:
        """Wait until a channel has had no message for a second.

        Raises:
            NotSent: that would take too long.

        """
        await self._pacer.wait(f"{workspace}:{channel}", SECONDS_APART, OUTBOX_PATIENCE)

    async def may_call(self, workspace: str, method: str) -> None:
        """Wait for one's turn at a method that is called many times over, as when cards are redrawn.

        Raises:
            NotSent: that would take too long.

        """
        turn = f"{workspace}:{method}:many"
        await self._pacer.wait(turn, TIER_3_SECONDS, PATIENCE, burst=TIER_3_BURST)

    async def posted(self, workspace: str, channel: str) -> None:
        """Let the outbox leave a channel a second after a message that could not wait."""
        await self._pacer.hold(f"{workspace}:{channel}", SECONDS_APART)

    async def _client(
        self, workspace: str, retry_handlers: list[AsyncRetryHandler], patience: float
    ) -> AsyncWebClient:
        return self._with(workspace, await self._tokens(workspace), retry_handlers, patience)

    def _with(
        self, workspace: str, token: str, retry_handlers: list[AsyncRetryHandler], patience: float
    ) -> AsyncWebClient:
        return PacedClient(
            self._pacer,
            self.clock,
            workspace,
            patience,
            token=token,
            base_url=self._base_url,
            session=self._session,
            retry_handlers=retry_handlers,
        )


def new_session() -> aiohttp.ClientSession:
    """Make a session for `Clients`; whoever makes it closes it."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))


@asynccontextmanager
async def delivering() -> AsyncIterator[None]:
    """Turn what the client raises into what a Surface may raise.

    Raises:
        NotSent: Slack did not take it, or could not be reached.
        PermanentFailure: Slack will never take it.
        ChannelUnavailable: Slack will take no other message there either.
        DeliveryUnknown: the answer never came, or told nothing.

    """
    try:
        yield
    except SlackApiError as error:
        raise _failure(error) from error
    except aiohttp.ClientConnectorError as error:
        raise NotSent(f"Slack could not be reached: {error}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise DeliveryUnknown(f"Slack's answer did not come: {type(error).__name__}") from error


def _failure(error: SlackApiError) -> DeliveryError:
    response = error.response
    status = getattr(response, "status_code", None) or response.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSent("Slack asks to wait.", asked_to_wait(response.headers), everywhere=True)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeliveryUnknown(f"Slack answered {status}.")
    code = code_of(error)
    if code in _DOUBTFUL or not code:
        return DeliveryUnknown(f"Slack answered {code or 'nothing that can be read'}.")
    if code in _PASSING:
        return NotSent(f"Slack answered {code}.")
    return ChannelUnavailable(_LOST[code]) if code in _LOST else PermanentFailure(f"Slack answered {code}.")


def code_of_failure(failure: DeliveryError) -> str:
    """Give Slack's own name for why a call failed, empty where it said none."""
    error = failure.__cause__
    return code_of(error) if isinstance(error, SlackApiError) else ""


def code_of(error: SlackApiError) -> str:
    """Give Slack's own name for what went wrong, empty where it said none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""
