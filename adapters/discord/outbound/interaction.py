"""An interaction, as far as a response to it needs it."""

from dataclasses import dataclass

from discord import InteractionType

from bot.domain.message import MessageRef


@dataclass(frozen=True, slots=True)
class Interaction:
    """What a response to an interaction needs: its id and token, who caused it, and where."""

    id: str
    token: str
    application_id: str
    kind: InteractionType
    app_permissions: int
    """The bot's permissions where the interaction happened, as bits."""
    person: str
    source: MessageRef | None = None
    """The message with the component; None if the message is ephemeral or there is none."""
