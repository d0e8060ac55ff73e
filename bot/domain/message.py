"""Messages, and the papers that they show."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.channel import require_texts
from bot.domain.vote import TallyCount


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message by the platform's ids. `thread` is the id of its thread's first message."""

    channel: str
    message: str
    thread: str | None = None

    def __post_init__(self) -> None:
        """Raise TypeError unless all ids are text."""
        require_texts(self.channel, self.message, self.thread or "")


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """A reply that only one person saw. It has no id, so it cannot be edited or found later."""


class MessageKind(StrEnum):
    """How a message shows a paper."""

    CARD = "card"
    WHOLE = "whole"
    """A card with the abstract in full."""
    SUMMARY = "summary"
    DISCUSSION = "discussion"
    LINK = "link"
    """The bot's answer to somebody's link."""
    LINKED = "linked"
    """A person's own message that links to the paper."""
    LISTED = "listed"
    """One of several papers. A reaction to such a message is not a vote."""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message that shows a paper.

    `note` is what is needed to draw it again: the words beside a card, or the quotes of a summary. For a
    person's own message, it is the link whose preview the bot has drawn.
    """

    channel_id: int
    paper_id: int
    message: MessageRef
    kind: MessageKind
    note: str = ""
    tally: TallyCount = TallyCount()
    """The votes that the message shows."""


@dataclass(frozen=True, slots=True)
class DiscussionThread:
    """A discussion of a paper: when it was opened, its first message, and its number of comments."""

    opened: datetime
    message: MessageRef
    comments: int = 0
