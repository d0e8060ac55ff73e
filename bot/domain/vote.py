"""Votes and reactions."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TallyCount:
    """How many people of a channel voted a paper up and down. Each person's one vote counts once."""

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
    """An emoji that means a vote.

    An adapter must spell an emoji the same way when it is added and when it is removed.
    """

    emoji: str
    value: Vote


KnownReactions: TypeAlias = frozenset[tuple[int, datetime]]
"""The stored reactions to a message at one moment, each as (id, when we last observed it).

A recount compares it with a later state, to see which reactions arrived in between.
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
    """Names of the people who added the paper in the channel, the earliest first."""
