"""Who may change a channel's settings and subscriptions."""

from bot.domain.channel import Context, EditPolicy
from bot.domain.errors import UserError


def require_editor(context: Context) -> None:
    """Check that the person may change the channel's settings and subscriptions.

    Raises:
        UserError: only admins may.

    """
    channel = context.channel
    if channel.settings.edit_policy is EditPolicy.ADMINS and not (context.admin or channel.direct):
        raise UserError(
            f"Only admins may change settings and subscriptions in {channel.name}. Please ask one of them."
        )
