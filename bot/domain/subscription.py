"""Subscriptions to topics, and the slots in which they are posted."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum

from bot.domain.channel import Channel, Person


class Weekday(IntEnum):
    """Days as `date.weekday()` counts them."""

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
    """What somebody asks to be posted in a channel."""

    topic: str
    slot: Slot
    days: frozenset[Weekday] = EVERY_DAY
    categories: frozenset[str] = frozenset()
    min_votes: int = 0
    """At least so many up-votes, the source's and the team's together."""
    top: int = 5
    """At most so many papers a day."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic that a channel is subscribed to, and who asked for it."""

    id: int
    team_id: int
    channel_id: int
    spec: SubscriptionSpec
    created_by: Person
    created: datetime
    paused: bool = False


@dataclass(frozen=True, slots=True)
class DueSlot:
    """A channel's slot whose time has come."""

    id: int
    channel: Channel
    slot: Slot
    due: datetime
