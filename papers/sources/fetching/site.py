"""A place that can be asked, and what it answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.errors import SourceUnavailable
from bot.ports.coordination import Pace

MOST_VALUES = 1_000_000
"""So many values a JSON answer may have: one that is made of nothing else takes 50 times its size to read."""

Parameters = Mapping[str, str | int]
"""What stands behind the question mark."""


@dataclass(frozen=True, slots=True)
class Site:
    """A source's address, how often it may be asked, and what goes along with every request."""

    name: str
    base: str
    pace: Pace
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    parameters: Parameters = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered; `next_page` is the address that its `Link: rel="next"` gives."""

    source: str
    status: int
    body: bytes
    next_page: str | None = None
    kind: str = ""
    """Its media type, such as `text/html`."""

    def json(self) -> object:
        """Read the body as JSON; None where it is something else.

        Raises:
            SourceUnavailable: its status is not 200, where the text gives the source's own words; or it
                holds too much.

        """
        if sum(map(self.body.count, (b"[", b"{", b","))) > MOST_VALUES:
            raise SourceUnavailable(self.source, f"its answer has more than {MOST_VALUES:,} values")
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if self.status != 200:
            raise SourceUnavailable(self.source, f"it answered {self.status}" + _said(value))
        return value


def _said(value: object) -> str:
    said = value.get("error") or value.get("message") if isinstance(value, dict) else None
    return f": {said[:200]}" if isinstance(said, str) else ""
