"""Tokens with which programs act for a person, and the secret addresses of feeds."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.account import Membership
from bot.domain.channel import Channel


class Scope(StrEnum):
    """What a token allows."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of one person in one team. The token itself is stored nowhere."""

    id: int
    name: str
    membership: Membership
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime
    last_used: date | None = None


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """A secret address, which reads as the person who asked for it.

    It shows what was posted in `channel`; without one, the person's reading list.
    """

    id: int
    membership: Membership
    channel: Channel | None
    created: datetime
    last_used: date
