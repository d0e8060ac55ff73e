"""What goes wrong on purpose: scripted answers. And Discord's rate limits, unless a test turns them off."""

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord.limits import limit

ANY = "*"
"""Stands for every route."""


@dataclass(frozen=True)
class Fault:
    """One answer that is not the usual one."""

    status: int = 200
    code: int = 0
    message: str = ""
    retry_after: float = 0.0
    scope: str = ""
    """For a 429: `user`, `global` or `shared`; empty where the address itself is blocked."""
    accepts: bool = False
    """The call is carried out all the same."""
    drops: bool = False
    """The connection is cut instead of an answer."""
    hangs: bool = False
    """The answer never comes."""

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.status == 429:
            said = "You are being rate limited."
            return {"message": said, "retry_after": self.retry_after, "global": self.scope == "global"}
        return body

    def headers(self) -> dict[str, str]:
        """What a 429 tells; one of the address lacks `Via`, because it never came to Discord."""
        if self.status != 429:
            return {}
        headers = {"Retry-After": str(max(1, round(self.retry_after)))}
        if self.scope:
            headers |= {"Via": "1.1 google", "X-RateLimit-Scope": self.scope}
        return headers | ({"X-RateLimit-Global": "true"} if self.scope == "global" else {})


def rate_limited(seconds: float = 1.0, scope: str = "user") -> Fault:
    return Fault(429, retry_after=seconds, scope=scope)


def blocked(seconds: float = 600.0) -> Fault:
    """The address made too many invalid requests."""
    return Fault(429, retry_after=seconds)


def broken(status: int = 503) -> Fault:
    return Fault(status)


def refusing(status: int, code: int, message: str) -> Fault:
    return Fault(status, code, message)


DROPPED = Fault(drops=True)
SILENT = Fault(hangs=True)
ACCEPTED_THEN_DROPPED = Fault(accepts=True, drops=True)
ACCEPTED_THEN_SILENT = Fault(accepts=True, hangs=True)
ACCEPTED_THEN_BROKEN = Fault(502, accepts=True)


@dataclass
class Faults:
    """What the next calls of each route meet."""

    waiting: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def next(self, route: str, fault: Fault, times: int = 1) -> None:
        """The next calls of this route, such as `GET /users/@me`, or of any with `*`, meet this fault."""
        self.waiting[route].extend([fault] * times)

    def take(self, route: str) -> Fault | None:
        for name in (route, ANY):
            if self.waiting[name]:
                return self.waiting[name].popleft()
        return None


@dataclass(frozen=True)
class Bucket:
    """So many calls in so many seconds."""

    most: int
    seconds: float


USUAL = Bucket(50, 1.0)
BUCKETS = {
    "POST /channels/{channel_id}/messages": Bucket(5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": Bucket(5, 5.0),
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me": Bucket(1, 0.25),
}
"""As they are seen today; Discord promises none and tells them in the headers."""
MAJOR = ("channel_id", "guild_id", "interaction_token")
"""Each of these has buckets of its own: https://docs.discord.com/developers/topics/rate-limits."""
FREE = "/interactions/"
"""First answers to interactions, and what follows them, do not count for the whole."""


@dataclass
class Rates:
    """Discord's rate limits by the server's clock: https://docs.discord.com/developers/topics/rate-limits."""

    clock: Callable[[], float]
    on: bool = True
    buckets: dict[str, Bucket] = field(default_factory=lambda: dict(BUCKETS))
    all: Bucket = field(default_factory=lambda: Bucket(limit("rate.global"), 1.0))
    invalid_most: int = limit("rate.invalid")
    past: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    invalid: list[float] = field(default_factory=list)
    """When requests were answered 401, 403 or 429."""
    refused: list[str] = field(default_factory=list)
    """The routes that were called too often."""

    def refuses(self, route: str, parts: dict[str, str]) -> Fault | None:
        """Refuse a call that comes too soon."""
        if not self.on:
            return None
        now = self.clock()
        span = limit("rate.invalid.seconds")
        self.invalid = [then for then in self.invalid if now - then < span]
        if len(self.invalid) >= self.invalid_most:
            return blocked(span - (now - self.invalid[0]))
        whole = "*" if FREE not in route and "{interaction_token}" not in route else ""
        for name, bucket, scope in (
            (whole, self.all, "global"),
            (key(route, parts), self._bucket(route), "user"),
        ):
            past = self._recent(name, bucket, now)
            if name and len(past) >= bucket.most:
                self.refused.append(route)
                return rate_limited(round(bucket.seconds - (now - past[0]), 3), scope)
        for name in filter(None, (whole, key(route, parts))):
            self.past[name].append(now)
        return None

    def _bucket(self, route: str) -> Bucket:
        return self.buckets.get(route, USUAL)

    def _recent(self, name: str, bucket: Bucket, now: float) -> list[float]:
        self.past[name] = [then for then in self.past[name] if now - then < bucket.seconds]
        return self.past[name]

    def headers(self, route: str, parts: dict[str, str]) -> dict[str, str]:
        """What every answer tells of its bucket."""
        if FREE in route:
            return {}
        bucket, now = self._bucket(route), self.clock()
        past = self._recent(key(route, parts), bucket, now)
        left = bucket.most - len(past)
        after = bucket.seconds - (now - past[0]) if past else bucket.seconds
        return {
            "X-RateLimit-Limit": str(bucket.most),
            "X-RateLimit-Remaining": str(max(left, 0) if self.on else bucket.most),
            "X-RateLimit-Reset": f"{now + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
        }

    def note(self, status: int, scope: str) -> None:
        """Count an invalid request; those of a shared limit are none."""
        if status in {401, 403} or (status == 429 and scope not in {"shared", ""}):
            self.invalid.append(self.clock())


def key(route: str, parts: dict[str, str]) -> str:
    major = [parts[name] for name in MAJOR if name in parts]
    return " ".join([route, *major])
