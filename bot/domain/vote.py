"""Votes and reactions."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TallyCount:
    """The votes on one paper in one channel. Each person has one."""

    up: int = 0
    down: int = 0

    @property
    def score(self) -> int:
        """Up-votes minus down-votes."""
        return self.up - self.down


class Vote(IntEnum):
    """A person's vote on a paper in a channel."""

    DOWN = -1
    NONE = 0
    UP = 1


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that means a vote. Adding and removing it must yield the same name."""

    emoji: str
    value: Vote


KnownReactions: TypeAlias = frozenset[tuple[int, datetime]]
"""Versions of all known reactions to a message at one moment, as (id, time observed).

Compared with a later state, it shows which reactions arrived in between.
"""


class VoteSource(StrEnum):
    """How a vote was cast."""

    REACTION = "reaction"
    BUTTON = "button"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class PaperStatus:
    """What a channel and a person have done with a paper so far."""

    tally: TallyCount = TallyCount()
    own_vote: Vote = Vote.NONE
    discussed: bool = False
    posted: bool = False
    saved: bool = False
    added_by: tuple[str, ...] = ()
    """The names of those who added it in the channel, the first one first."""
