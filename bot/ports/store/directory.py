"""Teams, channels and people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Channel, ChannelSettings, Context, Origin, Platform


class Directory(Protocol):
    """Teams, workspaces, channels and people."""

    async def resolve(self, origin: Origin, now: datetime) -> Context:
        """Find the rows behind an origin, making what is not there yet.

        A direct message belongs to the person's own channel in the team. Names follow the platform's.
        """
        ...

    async def find_contexts(self, origins: Sequence[Origin]) -> list[Context | None]:
        """The rows behind origins, None where one is not there yet or a name is no longer the platform's."""
        ...

    async def ensure_person(self, channel: Channel, external_id: str, now: datetime) -> int:
        """Find or make the row of another person in the channel's workspace."""
        ...

    async def workspace_of(self, platform: Platform, person: str) -> str | None:
        """Give the workspace that somebody's own talk belongs to, by the platform's ids.

        It is the one that it belongs to already, else the latest in which the person was seen.
        """
        ...

    async def channel(self, channel_id: int) -> Channel:
        """Give a channel with its settings."""
        ...

    async def change_settings(self, channel_id: int, settings: ChannelSettings) -> None:
        """Replace a channel's settings."""
        ...
