"""Who sits at the console, and where."""

from dataclasses import dataclass, replace

from adapters.console import CONSOLE
from bot.domain.channel import Origin

WORKSPACE = "console"
FIRST_CHANNEL = "#general"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at the keyboard, and where."""

    person: str
    channel: str = FIRST_CHANNEL
    admin: bool = False

    @property
    def direct(self) -> bool:
        """Whether this is the person's own talk with the bot."""
        return self.channel.startswith("@")

    @property
    def origin(self) -> Origin:
        """The seat as the core knows places."""
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
    def described(self) -> str:
        """Who and where, in words."""
        place = "in your direct message with the bot" if self.direct else f"in {self.channel}"
        return f"{self.person}, {'an admin, ' if self.admin else ''}{place}"

    def moved_to(self, channel: str | None) -> "Seat":
        """The same person's seat in another channel, or in their own talk with the bot."""
        return replace(self, channel=channel or f"@{self.person}")

    def played_by(self, person: str, *, admin: bool) -> "Seat":
        """The seat of another person: in the same channel, or in that person's own talk."""
        channel = f"@{person}" if self.direct else self.channel
        return replace(self, person=person, channel=channel, admin=admin)
