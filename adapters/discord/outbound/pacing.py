"""Discord's limits: https://docs.discord.com/developers/topics/rate-limits.

50 calls a second of everything, and a bucket for each route and channel or server, of which Discord tells how
much is left. What one process is told all of them keep to.
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
"""Seconds; a call that Discord asks to put off for longer is put off by whoever made it."""
CALLS_A_SECOND = 50
COUNTED_A_SECOND = 10
"""Messages whose reactions are counted anew: each takes a call, and one more an emoji that means a vote."""
OLD_EDITS_APART = 7.0
"""Seconds between changes of messages over an hour old in one channel.

Discord says that they are limited, but not how (30046 in
https://docs.discord.com/developers/topics/opcodes-and-status-codes#json). Three in 20 seconds were seen:
https://github.com/circuitsacul/starboard-4/issues/118.
"""
_ALL, _APART = "all", 1.01 / CALLS_A_SECOND
"""The turns of all calls, and the seconds between two: a little more, as one call is faster than the next."""
_bucket: ContextVar[str] = ContextVar("bucket")


class Pacing:
    """Waits before calls, and hears what answers tell."""

    def __init__(self, pacer: Pacer) -> None:
        """Take the turns that processes share."""
        self._pacer = pacer

    @asynccontextmanager
    async def call(self, method: str, path: str, parts: Mapping[str, str]) -> AsyncIterator[None]:
        """Wait until a call may be made, and be there to hear its answer.

        Raises:
            NotSent: that would take too long.

        """
        place = parts.get("channel_id") or parts.get("guild_id") or ""
        bucket = f"{method} {path} {place}"
        await self._pacer.wait(bucket, 0.0, LONGEST_WAIT)
        await self.turn()
        token = _bucket.set(bucket)
        try:
            yield
        finally:
            _bucket.reset(token)

    async def turn(self) -> None:
        """Wait until one more call may be made; discord.py makes some by itself, and they count as well.

        Raises:
            NotSent: that would take too long.

        """
        await self._pacer.wait(_ALL, _APART, LONGEST_WAIT, everywhere=True)

    async def counting(self) -> None:
        """Wait until one more message may be counted anew.

        Raises:
            NotSent: that would take too long.

        """
        await self._pacer.wait("counting", 1 / COUNTED_A_SECOND, LONGEST_WAIT)

    async def old_edit(self, place: str) -> None:
        """Take a turn at changing a message over an hour old in a channel.

        Raises:
            NotSent: it is too early. Nobody waits here: younger messages have their own turns meanwhile.

        """
        await self._pacer.wait(f"old edits {place}", OLD_EDITS_APART, 0.0)

    async def hold_old_edits(self, place: str, seconds: float) -> None:
        """Let none be changed in a channel for so long."""
        await self._pacer.hold(f"old edits {place}", max(seconds, OLD_EDITS_APART))

    async def heard(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, told: aiohttp.TraceRequestEndParams
    ) -> None:
        """Hold what Discord asks to hold."""
        headers, bucket = told.response.headers, _bucket.get(None)
        if bucket is None:
            return
        if told.response.status == HTTPStatus.TOO_MANY_REQUESTS:
            of_all = "X-RateLimit-Global" in headers
            await self._pacer.hold(_ALL if of_all else bucket, asked(headers.get("Retry-After"), 1.0))
        elif headers.get("X-RateLimit-Remaining") == "0":
            await self._pacer.hold(bucket, asked(headers.get("X-RateLimit-Reset-After"), 0.0))


def asked(header: str | None, usual: float) -> float:
    """Give how many seconds an answer asks to wait, and the usual ones where that cannot be read."""
    try:
        seconds = float(header or "")
    except ValueError:
        return usual
    return seconds if 0 <= seconds < math.inf else usual
