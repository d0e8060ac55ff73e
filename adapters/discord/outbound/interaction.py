"""An interaction, as far as a response to it needs it."""

from dataclasses import dataclass
from enum import IntEnum

from bot.domain.message import MessageRef


class InteractionType(IntEnum):
    """Discord's types of interactions.

    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-type.
    """

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


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
