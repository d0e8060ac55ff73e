"""What was looked at, and how it was found."""

from dataclasses import dataclass
from enum import StrEnum

from adapters.common.tokens import Unreachable
from bot.domain.errors import UserError


class Health(StrEnum):
    """How a finding is to be taken."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` says what to do about it."""

    name: str
    health: Health
    text: str
    advice: str = ""


def not_taken(name: str, error: UserError) -> Finding:
    """Say that a platform refuses a token, or that it cannot be reached."""
    what = "cannot be reached" if isinstance(error, Unreachable) else "does not let the bot in"
    return Finding(name, Health.BAD, what, str(error))
