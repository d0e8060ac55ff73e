"""Votes and reactions."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TallyCount:
    """The votes on one paper in one channel, one a person."""

    up: int = 0
    down: int = 0

    @property
    def score(self) -> int:
        """Up-votes less down-votes."""
        return self.up - self.down


class Vote(IntEnum):
    """One person's view of a paper in a channel."""

    DOWN = -1
    NONE = 0
    UP = 1


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that means a vote, named so that whoever takes it away names it alike."""

    emoji: str
    value: Vote


KnownReactions: TypeAlias = frozenset[tuple[int, datetime]]
"""What has been heard of a message's reactions at some moment: whatever else there is was heard since."""


class VoteSource(StrEnum):
    """How a vote was cast."""

    REACTION = "reaction"
    BUTTON = "button"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class PaperStatus:
    """What a channel and a person already have to do with a paper."""

    tally: TallyCount = TallyCount()
    own_vote: Vote = Vote.NONE
    discussed: bool = False
    posted: bool = False
    saved: bool = False
    added_by: tuple[str, ...] = ()
    """Who has brought it into the channel, by name, the first first."""
