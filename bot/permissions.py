"""Who may change what a channel has chosen."""

from bot.errors import UserError
from bot.models import Changers, Here


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
