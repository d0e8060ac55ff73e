"""Teams, workspaces, channels and people."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Channel, ChannelSettings, Context, Origin, Platform


class Directory(Protocol):
    """Teams, workspaces, channels and people."""

    async def resolve(self, origin: Origin, now: datetime) -> Context:
        """Return the channel and person behind an origin, and insert what is missing.

        A direct message belongs to the person's own channel in the team. Names that changed on the platform
        are updated.
        """
        ...

    async def find_contexts(self, origins: Sequence[Origin]) -> list[Context | None]:
        """Return the channels and people behind origins, without writing anything.

        None stands for an origin that `resolve` would have to change something for: a missing row or an old
        name.
        """
        ...

    async def ensure_person(self, channel: Channel, external_id: str, now: datetime) -> int:
        """Return the id of a person in the channel's workspace, and insert the row if it is missing."""
        ...

    async def workspace_of(self, platform: Platform, person: str) -> str | None:
        """Return the workspace of a person's direct messages, as the platform's id; None if unknown.

        It is the workspace that their direct channel belongs to, else the latest in which the person was
        seen.
        """
        ...

    async def shared_channels(
        self, platform: Platform, workspace: str, external_ids: Collection[str]
    ) -> Sequence[Channel]:
        """Return those of a workspace's shared channels that are known, by name."""
        ...

    async def channel(self, channel_id: int) -> Channel:
        """Return a channel with its settings."""
        ...

    async def find_channel(self, channel_id: int) -> Channel | None:
        """Return a channel; None if there is none with this id."""
        ...

    async def join_team(self, platform: Platform, workspace: str, team_id: int) -> bool:
        """Make a workspace the team's, if it is nobody's yet. Return whether it is the team's now."""
        ...

    async def change_settings(self, channel_id: int, settings: ChannelSettings) -> None:
        """Replace a channel's settings."""
        ...
