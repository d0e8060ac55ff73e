"""The results of `paperclub doctor`."""

from dataclasses import dataclass
from enum import StrEnum

from adapters.common.tokens import Unreachable
from bot.domain.errors import UserError


class Health(StrEnum):
    """How serious a finding is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; `advice` says what to do about it."""

    name: str
    health: Health
    text: str
    advice: str = ""


def not_taken(name: str, error: UserError) -> Finding:
    """Return the finding that a platform refuses a token, or that it cannot be reached."""
    what = "cannot be reached" if isinstance(error, Unreachable) else "does not let the bot in"
    return Finding(name, Health.BAD, what, str(error))
