"""Who may change what a channel has chosen."""

from bot.domain.channel import Changers, Here
from bot.domain.errors import UserError


def require_changer(here: Here) -> None:
    """Let through those who may change the channel's settings and subscriptions.

    Raises:
        UserError: the channel keeps that to its admins.

    """
    channel = here.channel
    if channel.settings.changers is Changers.ADMINS and not (here.admin or channel.direct):
        raise UserError(
            f"Only admins may change settings and subscriptions in {channel.name}. Please ask one of them."
        )
