"""Keeps those who have not signed in to a pace: a request costs them nothing, and us a search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.common.addresses import address_of, network_of
from bot.ports.coordination import Pace, RateLimiter


@dataclass(frozen=True, slots=True)
class VisitorPace:
    """How often strangers may ask for something."""

    name: str
    each: Pace
    """For one network, which may be a household or an office."""
    together: Pace
    """For all of them. It leaves the bot time for its teams."""


PAGES = VisitorPace("pages", Pace(interval=1.0, burst=60), Pace(interval=0.2, burst=100))
"""Web pages. People who search as they type send several requests for one query."""
PROGRAMS = VisitorPace("programs", Pace(interval=3.0, burst=20), Pace(interval=0.2, burst=50))
"""REST, MCP and feeds."""


async def let_in(limiter: RateLimiter, pace: VisitorPace, address: str) -> None:
    """Let a stranger in now.

    Raises:
        TooBusy: they come too often, or all strangers together do.

    """
    # Their own first: whoever has used that up must not take the others' turns too.
    await count(limiter, pace, address)
    async with limiter.turn(pace.name, pace.together, 0.0):
        pass


async def count(limiter: RateLimiter, pace: VisitorPace, address: str) -> None:
    """Count a request of one stranger alone, such as a wrong token.

    Raises:
        TooBusy: they come too often.

    """
    async with limiter.turn(f"{pace.name}:{network_of(address)}", pace.each, 0.0):
        pass


class _Peer(Protocol):
    @property
    def host(self) -> str: ...


class _Headers(Protocol):
    def getlist(self, key: str, /) -> Sequence[str]: ...


class _Request(Protocol):
    """What is read of a request over HTTP."""

    @property
    def client(self) -> _Peer | None: ...

    @property
    def headers(self) -> _Headers: ...


def caller_address(request: _Request) -> str:
    """Return the address that a request comes from, not that of a proxy in front of us."""
    peer = request.client.host if request.client else ""
    return address_of(peer, request.headers.getlist("x-forwarded-for"))
