"""Where the bot is installed."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.channel import Platform


@dataclass(frozen=True, slots=True)
class Installation:
    """An OAuth installation of the bot in a workspace.

    An organisation that installs the bot for all its workspaces counts as one workspace: its own enterprise.
    """

    platform: Platform
    workspace: str
    """The platform's id of the workspace or guild, or of the organisation."""
    name: str
    """The name at the time of the installation."""
    app: str
    bot: str
    bot_user: str
    scopes: tuple[str, ...]
    installed_by: str
    """The platform's id of the person."""
    installed_at: datetime
    token: bytes | None = field(repr=False)
    """The bot's token, encrypted; None after it was revoked."""
    enterprise: str | None = None
    """The id of the organisation that the workspace belongs to, if any."""
    revoked_at: datetime | None = None

    @property
    def org_wide(self) -> bool:
        """Whether an organisation installed the bot for all its workspaces."""
        return self.enterprise == self.workspace
