"""Who may change what a channel has chosen."""

from bot.domain.channel import Context, EditPolicy
from bot.domain.errors import UserError


def require_editor(context: Context) -> None:
    """Let through those who may change the channel's settings and subscriptions.

    Raises:
        UserError: the channel keeps that to its admins.

    """
    channel = context.channel
    if channel.settings.edit_policy is EditPolicy.ADMINS and not (context.admin or channel.direct):
        raise UserError(
            f"Only admins may change settings and subscriptions in {channel.name}. Please ask one of them."
        )
