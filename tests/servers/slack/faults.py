"""What goes wrong on purpose: scripted answers, and Slack's rate limits."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers.slack.limits import METHODS, limit

HISTORIES = {"conversations.history", "conversations.replies"}
ANY = "*"
"""Stands for every method."""


@dataclass(frozen=True)
class Fault:
    """One answer that is not the usual one."""

    status: int = 200
    error: str = ""
    retry_after: int = 0
    accepts: bool = False
    """The call is carried out all the same."""
    drops: bool = False
    """The connection is cut instead of an answer."""
    hangs: bool = False
    """The answer never comes."""


def rate_limited(seconds: int = 1) -> Fault:
    return Fault(429, "ratelimited", retry_after=seconds)


def broken(status: int = 503) -> Fault:
    return Fault(status)


def refusing(error: str) -> Fault:
    return Fault(error=error)


DROPPED = Fault(drops=True)
SILENT = Fault(hangs=True)
ACCEPTED_THEN_DROPPED = Fault(accepts=True, drops=True)
ACCEPTED_THEN_SILENT = Fault(accepts=True, hangs=True)


@dataclass
class Faults:
    """What the next calls of each method meet."""

    waiting: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next calls of this method, or of any with `*`, meet this fault."""
        self.waiting[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        for name in (method, ANY):
            if self.waiting[name]:
                return self.waiting[name].popleft()
        return None


@dataclass
class Rates:
    """Slack's rate limits by the server's clock, which a test may turn off to hurry.

    https://docs.slack.dev/apis/web-api/rate-limits. Slack lets short bursts pass, and promises none.
    """

    clock: Callable[[], float]
    outside_marketplace: Callable[[], bool] = lambda: False
    on: bool = True
    past: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def refuses(self, method: str, channel: str, workspace: str) -> Fault | None:
        """Refuse a call that comes too soon; one that is refused does not count.

        Each workspace has its own: "per API method per workspace/team per app".
        """
        if not self.on:
            return None
        most_a_minute = limit(f"rate.{METHODS[method].tier}")
        if method in HISTORIES and self.outside_marketplace():
            most_a_minute = limit("rate.history_outside")
        allowed = [(f"{workspace} {method}", most_a_minute, 60.0)]
        if method == "chat.postMessage":
            second = 60 / limit("rate.post_per_channel")
            allowed = [(f"{workspace} {method} {channel}", 1, second)]
        now = self.clock()
        for name, most, span in allowed:
            self.past[name] = [then for then in self.past[name] if now - then < span]
            if len(self.past[name]) >= most:
                return rate_limited(max(1, round(span - (now - self.past[name][0]))))
        for name, _, _ in allowed:
            self.past[name].append(now)
        return None
