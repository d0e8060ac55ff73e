"""Subscriptions to topics, and the slots at which they are posted."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum

from bot.domain.channel import Channel, Person


class Weekday(IntEnum):
    """Days of the week, numbered as `date.weekday()` does."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


EVERY_DAY = frozenset(Weekday)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a channel posts: a local time of day in an IANA zone."""

    at: time
    timezone: str


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """What a subscription posts: a topic, when to post it, and which papers to leave out."""

    topic: str
    slot: Slot
    days: frozenset[Weekday] = EVERY_DAY
    categories: frozenset[str] = frozenset()
    min_votes: int = 0
    """The least number of up-votes, those at the source and in the team together."""
    top: int = 5
    """The most papers per day."""
    trending: bool = False
    """Whether it posts what trends in the team. The topic is then only its name."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel's subscription, and the person who created it."""

    id: int
    team_id: int
    channel_id: int
    spec: SubscriptionSpec
    created_by: Person
    created: datetime
    paused: bool = False


@dataclass(frozen=True, slots=True)
class DueSlot:
    """A channel's slot, and when it is due."""

    id: int
    channel: Channel
    slot: Slot
    due: datetime
