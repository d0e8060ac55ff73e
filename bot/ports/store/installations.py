"""Installations."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Platform
from bot.domain.installation import Installation


class Installations(Protocol):
    """Where the bot is installed: one row a workspace, or one for an organisation with all its workspaces."""

    async def put(self, installation: Installation) -> None:
        """Store an installation in place of the workspace's earlier one."""
        ...

    async def find(self, platform: Platform, workspace: str) -> Installation | None:
        """Return a workspace's installation, a revoked one too."""
        ...

    async def revoke(self, platform: Platform, workspace: str, at: datetime) -> bool:
        """Delete the token if it was installed at or before `at`. Returns whether there was a token.

        The rest of the row stays. A reinstallation after `at` is not touched: events may come late.
        """
        ...

    async def all(self) -> list[Installation]:
        """Return all installations, revoked ones too, by platform and workspace."""
        ...
