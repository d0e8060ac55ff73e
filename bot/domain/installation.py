"""Where the bot is installed."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.channel import Platform


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot's leave to act in a workspace, as somebody there gave it by OAuth.

    An organisation that installs the bot for all its workspaces is one workspace, and its own enterprise.
    """

    platform: Platform
    workspace: str
    """The platform's id of the workspace or guild, or of the organisation."""
    name: str
    """What the platform called it at the time."""
    app: str
    bot: str
    bot_user: str
    scopes: tuple[str, ...]
    installed_by: str
    """The platform's id of the person."""
    installed_at: datetime
    token: bytes | None = field(repr=False)
    """The bot's token, encrypted; None once it was revoked."""
    enterprise: str | None = None
    """The organisation that the workspace belongs to, where there is one."""
    revoked_at: datetime | None = None

    @property
    def org_wide(self) -> bool:
        """Whether it is an organisation's, for all its workspaces."""
        return self.enterprise == self.workspace
