"""What can go wrong, as people hear of it.

PaperclubError
├── UserError            its text is what the person reads
├── SourceUnavailable    a paper source could not be asked
├── TooBusy              too many wait already for the same thing
└── DeliveryError        a platform did not take a message
    ├── NotSent          certainly not there; may be tried again
    │   └── Refused      and never will be
    │       └── Lost     nor will any other: the channel is gone, or the bot may not post there
    ├── DeliveryUnknown      there is no telling; the platform has to be asked
    └── SearchUnfinished  a history was looked through in part; the rest is for later
"""

from bot.domain.cleaning import clean_text


class PaperclubError(Exception):
    """The root of all errors that the project raises on purpose.

    The text often quotes others, and is shown, stored and logged: it is cleaned.
    """

    def __init__(self, text: str) -> None:
        """Say what went wrong."""
        super().__init__(clean_text(text))


class UserError(PaperclubError):
    """Something that the person can put right; the text says what to do.

    `parameter` names the argument that is wrong, where it is one.
    """

    def __init__(self, text: str, parameter: str = "") -> None:
        """Say it to the person."""
        super().__init__(text)
        self.parameter = parameter


class SourceUnavailable(PaperclubError):
    """A paper source could not be asked; `detail` says why in a few words."""

    def __init__(self, source: str, detail: str) -> None:
        """Name the source and what happened."""
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = clean_text(detail)


class TooBusy(PaperclubError):
    """One's turn would come too late; `seconds` is when."""

    def __init__(self, seconds: float) -> None:
        """Say in how many seconds the turn would come."""
        super().__init__(f"the next turn is in {seconds:.0f} seconds")
        self.seconds = seconds


class DeliveryError(PaperclubError):
    """A platform did not confirm a message."""


class NotSent(DeliveryError):
    """The message is certainly not on the platform; `retry_after` is in seconds.

    `everywhere` is whether that is asked for in the whole workspace, and not in this place alone.
    """

    def __init__(self, detail: str, retry_after: float = 0.0, *, everywhere: bool = False) -> None:
        """Say what the platform answered and when to come back."""
        super().__init__(detail)
        self.retry_after = retry_after
        self.everywhere = everywhere


class PermanentFailure(NotSent):
    """The platform will not take the message, now or later."""


class ChannelUnavailable(PermanentFailure):
    """Nothing can be posted there any more; the text says why, to go on behind a colon."""


class DeliveryUnknown(DeliveryError):
    """The connection ended before the platform answered."""


class SearchUnfinished(DeliveryError):
    """A message was looked for in a part of a history and is not there.

    `cursor` is where to go on, after `retry_after` seconds.
    """

    def __init__(self, detail: str, cursor: str, retry_after: float = 0.0) -> None:
        """Say why it ended, and where to go on and when."""
        super().__init__(detail)
        self.cursor = cursor
        self.retry_after = retry_after
