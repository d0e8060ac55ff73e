"""Calls to Discord, and what became of those that failed."""

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
from adapters.discord.outbound.pacing import LONGEST_WAIT, Pacing, asked
from adapters.discord.outbound.problems import problems
from bot.domain.errors import ChannelUnavailable, DeliveryError, DeliveryUnknown, NotSent, PermanentFailure
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer

ANSWER_SECONDS = 45.0
"""How long Discord's answer is waited for, its rate limits included: less than what a post's lease allows."""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
ARCHIVED, NO_HISTORY, HAS_THREAD, LOCKED = 50083, 160002, 160004, 160005
OLD_EDITS, ACKNOWLEDGED = 30046, 40060
INTERACTION_OVER = frozenset({10015, 10062, 50027})
"""https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""
_PASSING = {40003: 60.0, 40062: 0.0, 130000: 0.0, 160006: 0.0}
"""Errors after which the same call may go through later, and after how many seconds if Discord does not say:
talks with new people are opened too fast, too much is asked, or there are too many threads."""
_CLOSED = {ARCHIVED: "The thread is archived.", LOCKED: "The thread is locked."}
"""Errors of a thread that moderators have closed."""
_LOST = {
    UNKNOWN_CHANNEL: "it was deleted",
    10004: "I was taken out of the server",
    MISSING_ACCESS: "I lack the permission View Channel",
    MISSING_PERMISSIONS: "I lack permissions that I asked for when I came",
    50007: "you take no direct messages from me",
    50278: "we have no server in common",
}
"""Errors that every later post would meet as well, and what people are told of them."""
_OLD_EDITS_PAUSE = 60.0
"""Seconds, where Discord does not say when an old message may be changed again."""
_log = logging.getLogger(__name__)


class Rest:
    """Discord's REST API, into which the bot logs itself with the first call.

    Other servers that speak it may stand in for it. discord.py knows one address for all of a process.
    """

    def __init__(
        self, token: str, api_url: str, gateway_url: str, pacer: Pacer, clock: PlatformClock
    ) -> None:
        """Take the bot's token, where Discord is, and what hears its time."""
        self.clock = clock
        self._token = token
        self.pacing = Pacing(pacer)
        self._http: HTTPClient | None = None
        self._user: Mapping[str, Any] = {}
        self._logging_in = asyncio.Lock()
        self._hooks = AsyncWebhookAdapter()  # type: ignore[no-untyped-call]  # its own file leaves it untyped
        self._session: aiohttp.ClientSession | None = None
        Route.BASE = api_url.rstrip("/")
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)

    async def __aenter__(self) -> Self:
        """Open the session over which interactions are answered."""
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": user_agent()}, trace_configs=[_asking_once()]
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
        if self._http is not None:
            await self._http.close()

    async def bot_user(self) -> str:
        """Give the bot's id as a user."""
        async with delivering():
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
        """Make a call, within Discord's rate limits; the path's parts are by name.

        Raises:
            NotSent: Discord did not take it, or could not be reached. PermanentFailure: and never will.
            ChannelUnavailable: nor will it take others.
            DeliveryUnknown: no answer came, or it does not say.

        """
        sending = {} if body is None else {"json": body}
        async with self._told(f"{method} {path}", body), self.pacing.call(method, path, parts):
            http = await self._logged_in()
            return await http.request(Route(method, path, **parts), params=dict(query or {}), **sending)

    async def respond(self, interaction: str, token: str, kind: int, data: Any = None) -> Any:
        """Answer an interaction for the first time."""
        payload = {"type": kind} if data is None else {"type": kind, "data": data}
        params = MultipartParameters(payload=payload, multipart=None, files=None)
        async with self._told("the answer to an interaction", payload, token):
            return await self._hooks.create_interaction_response(
                int(interaction), token, session=self._open, params=params
            )

    async def follow_up(self, app: str, token: str, body: dict[str, Any]) -> Any:
        """Answer an interaction further."""
        async with self._told("a further answer to an interaction", body, token):
            return await self._hooks.execute_webhook(
                int(app), token, session=self._open, payload=body, wait=True, with_components=True
            )

    async def edit_answer(self, app: str, token: str, body: dict[str, Any]) -> Any:
        """Change the first answer to an interaction, or the message that it came from."""
        async with self._told("a changed answer to an interaction", body, token):
            return await self._hooks.edit_original_interaction_response(
                int(app), token, session=self._open, payload=body
            )

    async def delete_answer(self, app: str, token: str) -> None:
        """Take the first answer to an interaction back."""
        async with delivering():
            await self._hooks.delete_original_interaction_response(int(app), token, session=self._open)

    @asynccontextmanager
    async def _told(self, what: str, body: Any, token: str = "") -> AsyncIterator[None]:
        """As `delivering`; what Discord finds wrong with a body is in the log."""
        try:
            async with delivering():
                yield
        except PermanentFailure as refusal:
            errors = getattr(refusal.__cause__, "_errors", None)
            if found := problems(errors, body, (self._token, token)):
                _log.warning("Discord refused %s: %s", what, "; ".join(found))
            raise

    @property
    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "it is opened before anything comes in"
        return self._session

    async def _logged_in(self) -> HTTPClient:
        async with self._logging_in:
            if self._http is None:
                trace = _asking_once()
                trace.on_request_end.insert(0, self.pacing.heard)
                trace.on_request_end.insert(0, self._heard)
                http = HTTPClient(
                    asyncio.get_running_loop(), max_ratelimit_timeout=LONGEST_WAIT, http_trace=trace
                )
                http.user_agent = user_agent()
                try:
                    await self.pacing.turn()
                    self._user = await http.static_login(self._token)
                except BaseException:
                    await http.close()
                    raise
                self._http = http
            return self._http

    async def _heard(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        told: aiohttp.TraceRequestEndParams,
    ) -> None:
        if told.response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.clock.sync(told.response.headers.get("Date"))


def _asking_once() -> aiohttp.TraceConfig:
    """Keep discord.py from making a post anew that Discord may have taken: a doubt is for the outbox."""
    config = aiohttp.TraceConfig()
    config.on_request_end.append(_stop_at_doubt)
    config.on_request_exception.append(_stop_at_silence)
    return config


async def _stop_at_doubt(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, told: aiohttp.TraceRequestEndParams
) -> None:
    if told.method == "POST" and told.response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        told.response.close()
        raise DeliveryUnknown(f"Discord answered {told.response.status}.")


async def _stop_at_silence(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, told: aiohttp.TraceRequestExceptionParams
) -> None:
    unsent = isinstance(told.exception, aiohttp.ClientConnectorError)
    if told.method == "POST" and isinstance(told.exception, OSError) and not unsent:
        raise DeliveryUnknown("Discord ended the connection without an answer.")


@asynccontextmanager
async def delivering() -> AsyncIterator[None]:
    """Turn what discord.py raises into what a Surface may raise, within the time for an answer."""
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
    """Give Discord's own number for what went wrong, 0 where it said none."""
    error = failure.__cause__
    return error.code if isinstance(error, discord.HTTPException) else 0


def refuses_token(failure: DeliveryError) -> bool:
    """Whether Discord does not take the bot's token, so that every other call fails too."""
    error = failure.__cause__
    return isinstance(error, discord.LoginFailure) or (
        isinstance(error, discord.HTTPException) and error.status == HTTPStatus.UNAUTHORIZED
    )


@contextmanager
def unless_gone() -> Iterator[None]:
    """Go on where a message that is to be changed or deleted is there no more: somebody else deleted it."""
    try:
        yield
    except PermanentFailure as refusal:
        if code_of(refusal) != UNKNOWN_MESSAGE:
            raise


def _failure(error: discord.HTTPException) -> DeliveryError:
    status, code = error.status, error.code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        usual = _OLD_EDITS_PAUSE if code == OLD_EDITS else 1.0
        seconds = asked(error.response.headers.get("Retry-After"), usual)
        of_all = "X-RateLimit-Global" in error.response.headers
        return NotSent("Discord asks to wait.", seconds, everywhere=of_all)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeliveryUnknown(f"Discord answered {status}.")
    if status == HTTPStatus.UNAUTHORIZED:
        return NotSent("Discord does not take the bot's token.")
    if code in _PASSING:
        return NotSent(f"Discord answered {code}.", _PASSING[code])
    if code in _LOST:
        return ChannelUnavailable(_LOST[code])
    return PermanentFailure(_CLOSED.get(code, f"Discord answered {status} {code}."))
