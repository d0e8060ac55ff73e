"""A site that sources request, and its responses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.errors import SourceUnavailable
from bot.ports.coordination import Pace

MOST_VALUES = 1_000_000
"""Most values in a JSON response. One of nothing but values takes 50 times its size in memory."""

Parameters = Mapping[str, str | int]
"""The query string of a URL."""


@dataclass(frozen=True, slots=True)
class Site:
    """A source's base URL, its pace, and the headers and parameters of every request."""

    name: str
    base: str
    pace: Pace
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    parameters: Parameters = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """A response of a source; `next_page` is the URL of its `Link: rel="next"`."""

    source: str
    status: int
    body: bytes
    next_page: str | None = None
    kind: str = ""
    """Its media type, such as `text/html`."""

    def json(self) -> object:
        """Return the body as JSON; None if it is not JSON.

        Raises:
            SourceUnavailable: the status is not 200, with the source's own error text; or it has too many
                values.

        """
        if sum(map(self.body.count, (b"[", b"{", b","))) > MOST_VALUES:
            raise SourceUnavailable(self.source, f"its answer has more than {MOST_VALUES:,} values")
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if self.status != 200:
            raise SourceUnavailable(self.source, f"it answered {self.status}" + _error_text(value))
        return value


def _error_text(value: object) -> str:
    text = value.get("error") or value.get("message") if isinstance(value, dict) else None
    return f": {text[:200]}" if isinstance(text, str) else ""
