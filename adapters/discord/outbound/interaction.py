"""What an interaction is answered by."""

from dataclasses import dataclass
from enum import IntEnum

from bot.domain.message import MessageRef


class Kind(IntEnum):
    """What somebody did."""

    COMMAND = 2
    COMPONENT = 3
    TYPING = 4
    FORM = 5


@dataclass(frozen=True, slots=True)
class Handle:
    """What an interaction is answered by, and where it came from."""

    id: str
    token: str
    app: str
    kind: Kind
    may: int
    """The bot's permissions where it happened."""
    person: str
    source: MessageRef | None = None
    """The message with the component; None where only one person sees it."""
