"""Platforms, channels and the people in them."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import NewType

Platform = NewType("Platform", str)
"""The name of a platform, such as `slack`. Its surface declares it."""


def require_texts(*values: object) -> None:
    """Check that ids and names from a platform are text, as documented.

    Raises:
        TypeError: one is not text. In a query, it would fail all requests of the same batch.

    """
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"an id or a name is text, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did something and where, by the platform's ids."""

    platform: Platform
    workspace: str
    channel: str
    """Empty for direct messages whose id is not known, as when somebody acts from the web page."""
    person: str
    person_name: str = ""
    channel_name: str = ""
    direct: bool = False
    admin: bool = False
    """Whether the platform says that this person administers the channel."""
    timezone: str = ""
    """The person's IANA zone, if the platform tells it. A new channel starts with this zone."""

    def __post_init__(self) -> None:
        """Raise TypeError unless all ids and names are text: payloads are not validated elsewhere."""
        require_texts(self.workspace, self.channel, self.person, self.person_name, self.channel_name)


class Layout(StrEnum):
    """How a digest's papers follow its first message."""

    THREADED = "threaded"
    FLAT = "flat"
    BROADCAST = "broadcast"
    """In the thread, and each part also in the channel."""


class EditPolicy(StrEnum):
    """Who may change a channel's settings and subscriptions."""

    ANYONE = "anyone"
    ADMINS = "admins"


class LinkFollowing(StrEnum):
    """Whether the bot answers links to papers that people post in a channel."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A channel's settings."""

    timezone: str = "UTC"
    post_at: time = time(9)
    layout: Layout = Layout.THREADED
    edit_policy: EditPolicy = EditPolicy.ANYONE
    link_following: LinkFollowing = LinkFollowing.OFF


@dataclass(frozen=True, slots=True)
class Channel:
    """A team's channel, or a person's direct messages with the bot (`direct`)."""

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
    """A member of a team."""

    id: int
    team_id: int
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Context:
    """The stored channel and person behind an Origin."""

    channel: Channel
    person: Person
    admin: bool = False

    @property
    def team_id(self) -> int:
        """The team that owns everything done in the channel."""
        return self.channel.team_id
