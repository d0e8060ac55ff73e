"""Accounts: the one person behind a Slack user, a Discord user and a mail address."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.channel import Channel, Origin, Person, Platform


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as one platform knows them.

    `workspace` is empty on a platform that gives a person the same id in every workspace.
    """

    platform: Platform
    workspace: str
    external_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A workspace that an account's person is in, and who they are there."""

    platform: Platform
    workspace: str
    person: Person

    @property
    def team_id(self) -> int:
        """The team that owns the workspace."""
        return self.person.team_id

    def origin(self, channel: Channel | None = None) -> Origin:
        """Return the origin of what the person does from outside the platform, in a channel or their own."""
        return Origin(
            self.platform,
            self.workspace,
            "" if channel is None else channel.external_id,
            self.person.external_id,
            direct=channel is None,
        )


@dataclass(frozen=True, slots=True)
class CurrentMemberships:
    """Where somebody is now, as far as the platforms say."""

    memberships: Sequence[Membership] = ()
    """In the teams that they are in."""
    silent: Sequence[Platform] = ()
    """The platforms that did not say. What a team has there is hidden for the moment."""
