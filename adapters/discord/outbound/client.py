"""The client of Discord's REST API. It makes calls, and raises a `DeliveryError` for each failure."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, MultipartParameters, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from adapters.discord.manifest import user_agent
from adapters.discord.outbound.pacing import LONGEST_WAIT, Pacing, wait_seconds
from adapters.discord.outbound.problems import problems
from bot.domain.errors import ChannelUnavailable, DeliveryError, DeliveryUnknown, NotSent, PermanentFailure
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer

ANSWER_SECONDS = 45.0
"""How long we wait for a response, rate limits included. Must stay below a post's lease."""

UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_MESSAGE, UNKNOWN_USER = 10003, 10007, 10008, 10013
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
THREAD_ARCHIVED, NO_HISTORY, HAS_THREAD, THREAD_LOCKED = 50083, 160002, 160004, 160005
OLD_EDITS, ALREADY_ACKNOWLEDGED = 30046, 40060
INTERACTION_EXPIRED = frozenset({10015, 10062, 50027})
"""Error codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""
_TRANSIENT = {40003: 60.0, 40062: 0.0, 130000: 0.0, 160006: 0.0}
"""Codes after which the same call may succeed later, and after how many seconds.

They mean, in this order: DM channels are opened too fast, a resource is rate limited, Discord is overloaded,
there are too many active threads.
"""
_THREAD_CLOSED = {THREAD_ARCHIVED: "The thread is archived.", THREAD_LOCKED: "The thread is locked."}
"""Codes of threads that a moderator closed, and what people read."""
_CHANNEL_UNAVAILABLE = {
    UNKNOWN_CHANNEL: "it was deleted",
    10004: "I was taken out of the server",
    MISSING_ACCESS: "I lack the permission View Channel",
    MISSING_PERMISSIONS: "I lack permissions that I asked for when I came",
    50007: "you take no direct messages from me",
    50278: "we have no server in common",
}
"""Codes that every later post to the channel would get, too, and the reason that people read."""
_OLD_EDITS_PAUSE = 60.0
"""Seconds until an old message may be edited again, if Discord does not say."""
_log = logging.getLogger(__name__)


class Rest:
    """Discord's REST API. The bot logs in with the first call.

    discord.py keeps the addresses of the API and of the gateway in class attributes. So there is one of each
    in a process, and the latest `Rest` sets it; tests put a local server there.
    """

    def __init__(
        self, token: str, api_url: str, gateway_url: str, pacer: Pacer, clock: PlatformClock
    ) -> None:
        self.clock = clock
        self._token = token
        self.pacing = Pacing(pacer)
        self._http: HTTPClient | None = None
        self._user: Mapping[str, Any] = {}
        self._login_lock = asyncio.Lock()
        self._webhooks = AsyncWebhookAdapter()  # type: ignore[no-untyped-call]  # discord.py leaves it untyped
        self._session: aiohttp.ClientSession | None = None
        Route.BASE = api_url.rstrip("/")
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)

    async def __aenter__(self) -> Self:
        """Open the session that responses to interactions use."""
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": user_agent()}, trace_configs=[_never_repeat_posts()]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
        if self._http is not None:
            await self._http.close()

    async def bot_user(self) -> str:
        """Return the bot's user id."""
        async with mapped_errors():
            await self._logged_in()
        return str(self._user["id"])

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        **parts: str,
    ) -> Any:
        """Make a call within Discord's rate limits, and return the response's JSON.

        `parts` fill the placeholders of `path`, as in `channel_id="7"`.

        Raises:
            NotSent: Discord did not take the call, or we could not reach it. A later try may succeed.
            PermanentFailure: Discord refused the call, and would refuse it again.
            ChannelUnavailable: Discord refuses every call to this channel.
            DeliveryUnknown: no response came, or it leaves open whether Discord took the call.

        """
        body_argument = {} if body is None else {"json": body}
        async with (
            self._log_refusal(f"{method} {path}", body),
            self.pacing.call(method, path, parts),
        ):
            http = await self._logged_in()
            return await http.request(Route(method, path, **parts), params=dict(query or {}), **body_argument)

    async def respond(self, interaction_id: str, token: str, kind: int, data: Any = None) -> Any:
        """Send the initial response to an interaction.

        This and the three methods below don't wait: Discord exempts them from its global rate limit.
        https://docs.discord.com/developers/topics/rate-limits#global-rate-limit.
        """
        payload = {"type": kind} if data is None else {"type": kind, "data": data}
        params = MultipartParameters(payload=payload, multipart=None, files=None)
        async with self._log_refusal("the answer to an interaction", payload, token):
            return await self._webhooks.create_interaction_response(
                int(interaction_id), token, session=self._open_session, params=params
            )

    async def follow_up(self, application_id: str, token: str, body: dict[str, Any]) -> Any:
        """Send a further response to an interaction."""
        async with self._log_refusal("a further answer to an interaction", body, token):
            return await self._webhooks.execute_webhook(
                int(application_id),
                token,
                session=self._open_session,
                payload=body,
                wait=True,
                with_components=True,
            )

    async def edit_response(self, application_id: str, token: str, body: dict[str, Any]) -> Any:
        """Edit the initial response to an interaction, or the message that the interaction came from."""
        async with self._log_refusal("a changed answer to an interaction", body, token):
            return await self._webhooks.edit_original_interaction_response(
                int(application_id), token, session=self._open_session, payload=body
            )

    async def delete_response(self, application_id: str, token: str) -> None:
        """Delete the initial response to an interaction."""
        async with mapped_errors():
            await self._webhooks.delete_original_interaction_response(
                int(application_id), token, session=self._open_session
            )

    @asynccontextmanager
    async def _log_refusal(self, what: str, body: Any, token: str = "") -> AsyncIterator[None]:
        """Map errors. If Discord refuses a body, log what it finds wrong, without the tokens."""
        try:
            async with mapped_errors():
                yield
        except PermanentFailure as refusal:
            errors = getattr(refusal.__cause__, "_errors", None)
            if found := problems(errors, body, (self._token, token)):
                _log.warning("Discord refused %s: %s", what, "; ".join(found))
            raise

    @property
    def _open_session(self) -> aiohttp.ClientSession:
        assert self._session is not None, "interactions come only while the client is entered"
        return self._session

    async def _logged_in(self) -> HTTPClient:
        # Several first calls may come at once; only one of them logs in.
        async with self._login_lock:
            if self._http is None:
                self._http = await self._log_in()
            return self._http

    async def _log_in(self) -> HTTPClient:
        trace = _never_repeat_posts()
        # These two must read the headers of every response, so they run before the one that raises an error.
        trace.on_request_end.insert(0, self.pacing.on_request_end)
        trace.on_request_end.insert(0, self._on_request_end)
        http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=LONGEST_WAIT, http_trace=trace)
        http.user_agent = user_agent()
        try:
            await self.pacing.wait_for_call()
            self._user = await http.static_login(self._token)
        except BaseException:
            await http.close()
            raise
        return http

    async def _on_request_end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        # A 5xx may come from a proxy in front of Discord, with the Date of the proxy's clock.
        if params.response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.clock.sync(params.response.headers.get("Date"))


def _never_repeat_posts() -> aiohttp.TraceConfig:
    """Stop discord.py from repeating a POST that Discord may have carried out.

    discord.py repeats every request after most 5xx and after a reset connection. A repeated POST could create
    a message twice. This raises DeliveryUnknown instead, and the outbox looks for the first message.
    """
    config = aiohttp.TraceConfig()
    config.on_request_end.append(_raise_on_server_error)
    config.on_request_exception.append(_raise_on_disconnect)
    return config


async def _raise_on_server_error(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    if params.method == "POST" and params.response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        params.response.close()
        raise DeliveryUnknown(f"Discord answered {params.response.status}.")


async def _raise_on_disconnect(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
) -> None:
    # Without a connection nothing was sent, so such a call may be repeated.
    unsent = isinstance(params.exception, aiohttp.ClientConnectorError)
    if params.method == "POST" and isinstance(params.exception, OSError) and not unsent:
        raise DeliveryUnknown("Discord ended the connection without an answer.")


@asynccontextmanager
async def mapped_errors() -> AsyncIterator[None]:
    """Turn errors of discord.py and aiohttp into those of `Surface`. Ends a call after ANSWER_SECONDS.

    Raises:
        DeliveryError: one of those that `Rest.call` lists. Its cause is the original error.

    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except discord.RateLimited as error:
        raise NotSent("Discord asks to wait.", retry_after=error.retry_after) from error
    except discord.LoginFailure as error:
        raise NotSent("Discord does not take the bot's token.") from error
    except discord.HTTPException as error:
        raise _failure(error) from error
    except aiohttp.ClientConnectorError as error:
        raise NotSent(f"Discord could not be reached: {error}") from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DeliveryUnknown(f"Discord's answer did not come: {type(error).__name__}") from error


def code_of(failure: DeliveryError) -> int:
    """Return Discord's JSON error code of a failure, 0 if it has none."""
    error = failure.__cause__
    return error.code if isinstance(error, discord.HTTPException) else 0


def refuses_token(failure: DeliveryError) -> bool:
    """Whether the failure is that Discord rejects the bot's token. Then every other call fails, too."""
    error = failure.__cause__
    return isinstance(error, discord.LoginFailure) or (
        isinstance(error, discord.HTTPException) and error.status == HTTPStatus.UNAUTHORIZED
    )


@contextmanager
def ignore_deleted_message() -> Iterator[None]:
    """Suppress the failure of an edit or a deletion because somebody deleted the message before."""
    try:
        yield
    except PermanentFailure as refusal:
        if code_of(refusal) != UNKNOWN_MESSAGE:
            raise


def _failure(error: discord.HTTPException) -> DeliveryError:
    status, code = error.status, error.code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        default = _OLD_EDITS_PAUSE if code == OLD_EDITS else 1.0
        seconds = wait_seconds(error.response.headers.get("Retry-After"), default)
        is_global = "X-RateLimit-Global" in error.response.headers
        return NotSent("Discord asks to wait.", seconds, everywhere=is_global)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeliveryUnknown(f"Discord answered {status}.")
    if status == HTTPStatus.UNAUTHORIZED:
        return NotSent("Discord does not take the bot's token.")
    if code in _TRANSIENT:
        return NotSent(f"Discord answered {code}.", _TRANSIENT[code])
    if code in _CHANNEL_UNAVAILABLE:
        return ChannelUnavailable(_CHANNEL_UNAVAILABLE[code])
    return PermanentFailure(_THREAD_CLOSED.get(code, f"Discord answered {status} {code}."))
