"""Discord's rate limits: https://docs.discord.com/developers/topics/rate-limits.

All calls together may be 50 a second. Besides, each route has a bucket per channel or guild; the headers of a
response say how much of the bucket is left. All processes share what one of them learns.
"""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from http import HTTPStatus
from types import SimpleNamespace

import aiohttp

from bot.posting.pacing import Pacer

LONGEST_WAIT = 30.0
"""Seconds; a call that has to wait for longer fails, and its caller decides when to retry."""
CALLS_A_SECOND = 50
RECOUNTS_A_SECOND = 10
"""Messages whose reactions are recounted: each takes one call, and one more per emoji that is a vote."""
OLD_EDITS_APART = 7.0
"""Seconds between edits of messages over an hour old in one channel.

Discord says that they are limited, but not how (30046 in
https://docs.discord.com/developers/topics/opcodes-and-status-codes#json). Three in 20 seconds were seen:
https://github.com/circuitsacul/starboard-4/issues/118.
"""
_GLOBAL, _GLOBAL_APART = "all", 1.01 / CALLS_A_SECOND
"""The key of the global limit, and the seconds between two calls: 1 % more than the limit asks for, because
calls take different times to arrive."""
_bucket: ContextVar[str] = ContextVar("bucket")


class Pacing:
    """Waits before calls, and learns the limits from the responses."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer

    @asynccontextmanager
    async def call(self, method: str, path: str, parts: Mapping[str, str]) -> AsyncIterator[None]:
        """Wait until a call may be made; the response to the call inside counts for its bucket.

        Raises:
            NotSent: the wait would be longer than LONGEST_WAIT.

        """
        resource = parts.get("channel_id") or parts.get("guild_id") or ""
        bucket = f"{method} {path} {resource}"
        await self._pacer.wait(bucket, 0.0, LONGEST_WAIT)
        await self.wait_for_call()
        # aiohttp's trace does not say which call a response belongs to; the context variable does.
        token = _bucket.set(bucket)
        try:
            yield
        finally:
            _bucket.reset(token)

    async def wait_for_call(self) -> None:
        """Wait for the global limit alone, as for the calls that discord.py makes by itself.

        Raises:
            NotSent: the wait would be longer than LONGEST_WAIT.

        """
        await self._pacer.wait(_GLOBAL, _GLOBAL_APART, LONGEST_WAIT, everywhere=True)

    async def wait_to_recount(self) -> None:
        """Wait until one more message may be recounted.

        Raises:
            NotSent: the wait would be longer than LONGEST_WAIT.

        """
        await self._pacer.wait("counting", 1 / RECOUNTS_A_SECOND, LONGEST_WAIT)

    async def reserve_old_edit(self, channel_id: str) -> None:
        """Reserve the next edit of a message over an hour old in a channel.

        Raises:
            NotSent: it is too early. This does not wait, so that newer messages are edited meanwhile.

        """
        await self._pacer.wait(f"old edits {channel_id}", OLD_EDITS_APART, 0.0)

    async def hold_old_edits(self, channel_id: str, seconds: float) -> None:
        """Allow no edits of messages over an hour old in a channel for some seconds."""
        await self._pacer.hold(f"old edits {channel_id}", max(seconds, OLD_EDITS_APART))

    async def on_request_end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        """Hold the bucket, or everything, for as long as a response's headers ask."""
        headers, bucket = params.response.headers, _bucket.get(None)
        if bucket is None:
            return
        if params.response.status == HTTPStatus.TOO_MANY_REQUESTS:
            is_global = "X-RateLimit-Global" in headers
            seconds = wait_seconds(headers.get("Retry-After"), 1.0)
            await self._pacer.hold(_GLOBAL if is_global else bucket, seconds)
        elif headers.get("X-RateLimit-Remaining") == "0":
            await self._pacer.hold(bucket, wait_seconds(headers.get("X-RateLimit-Reset-After"), 0.0))


def wait_seconds(header: str | None, default: float) -> float:
    """Parse the seconds of a Retry-After header; `default` if it is missing, malformed or infinite."""
    try:
        seconds = float(header or "")
    except ValueError:
        return default
    return seconds if 0 <= seconds < math.inf else default
