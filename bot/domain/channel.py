"""Platforms, channels and the people in them."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import NewType

Platform = NewType("Platform", str)
"""The name of a place where people meet the bot, such as `slack`; its surface declares it."""


def require_texts(*values: object) -> None:
    """Make sure that ids are what a platform documents.

    Raises:
        TypeError: one is no text, and a query with it would fail those that are asked together with it.

    """
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"an id or a name is text, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who speaks, and where, in the platform's own ids."""

    platform: Platform
    workspace: str
    channel: str
    person: str
    person_name: str = ""
    channel_name: str = ""
    direct: bool = False
    admin: bool = False
    """Whether the platform says that this person administers the channel."""
    timezone: str = ""
    """The person's own IANA zone where the platform tells it; what a channel begins with that is new here."""

    def __post_init__(self) -> None:
        """Refuse a place or person that is no text: payloads are read as they come."""
        require_texts(self.workspace, self.channel, self.person, self.person_name, self.channel_name)


class Layout(StrEnum):
    """How a digest's papers follow its first message."""

    THREADED = "threaded"
    FLAT = "flat"
    BROADCAST = "broadcast"
    """In the thread, and the channel sees each part as well."""


class EditPolicy(StrEnum):
    """Who may change a channel's settings and subscriptions."""

    ANYONE = "anyone"
    ADMINS = "admins"


class LinkFollowing(StrEnum):
    """Whether papers that people link to in a channel are followed and answered for."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What a channel has chosen."""

    timezone: str = "UTC"
    post_at: time = time(9)
    layout: Layout = Layout.THREADED
    edit_policy: EditPolicy = EditPolicy.ANYONE
    link_following: LinkFollowing = LinkFollowing.OFF


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a person's own talk with the bot, inside a team."""

    id: int
    team_id: int
    platform: Platform
    workspace: str
    """The platform's id of the workspace or guild."""
    external_id: str
    name: str
    direct: bool = False
    settings: ChannelSettings = ChannelSettings()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a team."""

    id: int
    team_id: int
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Context:
    """The rows behind an Origin."""

    channel: Channel
    person: Person
    admin: bool = False

    @property
    def team_id(self) -> int:
        """The tenant that owns all that is done here."""
        return self.channel.team_id
