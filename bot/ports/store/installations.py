"""Installations."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Platform
from bot.domain.installation import Installation


class Installations(Protocol):
    """Where the bot is installed: one row a workspace, or an organisation that has it for all of its."""

    async def put(self, installation: Installation) -> None:
        """Keep an installation in place of the workspace's earlier one; all else of the workspace stays."""
        ...

    async def find(self, platform: Platform, workspace: str) -> Installation | None:
        """Give a workspace's installation, one that was revoked as well."""
        ...

    async def revoke(self, platform: Platform, workspace: str, at: datetime) -> bool:
        """Purge the token of what was installed until `at`, and keep the rest; whether there was one."""
        ...

    async def all(self) -> list[Installation]:
        """Every installation, those that were revoked as well, by platform and workspace."""
        ...
