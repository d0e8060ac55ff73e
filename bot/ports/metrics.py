"""What is counted and timed for whoever runs the bot."""

from enum import StrEnum
from typing import Protocol

from bot.domain.channel import Platform

UNKNOWN_COMMAND = "unknown"
"""Stands for every command that is not in the table: what people type would make labels without end."""


class CommandOutcome(StrEnum):
    """How a command ended for the person."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """They were told what to do otherwise (UserError)."""
    FAILED = "failed"
    """They were given a reference, which is in the log."""
    UNDELIVERED = "undelivered"
    """The platform did not take the answer."""


class Encoded(StrEnum):
    """What is turned into vectors."""

    QUERIES = "queries"
    PAPERS = "papers"


class Metrics(Protocol):
    """Counts what happens. Methods return at once and never raise."""

    def command(self, platform: Platform, name: str, outcome: CommandOutcome, seconds: float) -> None:
        """Count a command, whether typed, pressed or sent with a form.

        `name` is in the table of commands, or UNKNOWN_COMMAND.
        """
        ...

    def waited(self, limit: str, seconds: float, *, given_up: bool) -> None:
        """Count a wait for a turn of the rate limiter. `given_up`: the turn would have come too late."""
        ...

    def encoded(self, kind: Encoded, texts: int, seconds: float) -> None:
        """Count texts that were encoded together, and how long their caller waited."""
        ...


class NullMetrics:
    """Counts nothing, for a process that nobody asks."""

    def command(self, platform: Platform, name: str, outcome: CommandOutcome, seconds: float) -> None:
        """Do nothing."""

    def waited(self, limit: str, seconds: float, *, given_up: bool) -> None:
        """Do nothing."""

    def encoded(self, kind: Encoded, texts: int, seconds: float) -> None:
        """Do nothing."""
