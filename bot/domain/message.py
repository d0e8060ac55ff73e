"""Messages, and the papers that they show."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.channel import require_texts
from bot.domain.vote import TallyCount


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message on its platform, by the platform's ids; `thread` is its thread's first message."""

    channel: str
    message: str
    thread: str | None = None

    def __post_init__(self) -> None:
        """Refuse a message that is named by no text, as above."""
        require_texts(self.channel, self.message, self.thread or "")


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """A reply that only one person saw and that cannot be looked up later."""


class MessageKind(StrEnum):
    """How a message shows a paper."""

    CARD = "card"
    WHOLE = "whole"
    """A card with the abstract in full."""
    SUMMARY = "summary"
    DISCUSSION = "discussion"
    LINK = "link"
    """The answer to somebody's link."""
    LINKED = "linked"
    """A person's own message, with a link to the paper."""
    LISTED = "listed"
    """One of several papers: a reaction to such a message is no vote."""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """That a message shows a paper; `note` is what stood beside it, or by what its quotes are drawn again.

    Beside a person's link, `note` is the link whose preview the bot has drawn under it.
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
    """A discussion of a paper: when it was opened, its first message, and how many have followed."""

    opened: datetime
    message: MessageRef
    comments: int = 0
