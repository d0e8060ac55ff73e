"""The person at the console, and the channel that they are in."""

import getpass
from dataclasses import dataclass, replace

from adapters.console import CONSOLE
from bot.domain.channel import Origin

WORKSPACE = "console"
FIRST_CHANNEL = "#general"


@dataclass(frozen=True, slots=True)
class ConsoleUser:
    """The person whom the typed lines come from, and the channel that they are in."""

    person: str
    channel: str = FIRST_CHANNEL
    admin: bool = False

    @property
    def direct(self) -> bool:
        """Whether the channel is the person's direct messages with the bot."""
        return self.channel.startswith("@")

    @property
    def origin(self) -> Origin:
        """The origin of this user's events."""
        return Origin(
            platform=CONSOLE,
            workspace=WORKSPACE,
            channel=self.channel,
            person=self.person,
            person_name=self.person,
            channel_name="your direct message" if self.direct else self.channel,
            direct=self.direct,
            admin=self.admin,
        )

    @property
    def description(self) -> str:
        """Who the user is, and where, for people to read."""
        place = "in your direct message with the bot" if self.direct else f"in {self.channel}"
        return f"{self.person}, {'an admin, ' if self.admin else ''}{place}"

    def in_channel(self, channel: str | None) -> "ConsoleUser":
        """The same person in another channel; None is their direct messages with the bot."""
        return replace(self, channel=channel or f"@{self.person}")

    def switched_to(self, person: str, *, admin: bool) -> "ConsoleUser":
        """Another person, in the same channel or in their own direct messages."""
        channel = f"@{person}" if self.direct else self.channel
        return replace(self, person=person, channel=channel, admin=admin)


def login_name() -> str:
    """Return the name of whoever is signed in on this computer."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "you"
