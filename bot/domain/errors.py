"""The errors that the project raises on purpose.

PaperclubError
├── UserError                   its text is shown to the person
│   └── UnknownPaper            there is no such paper for them
├── SourceUnavailable           a paper source could not be reached
├── TooBusy                     too many callers wait for the same rate limit
└── DeliveryError               a platform did not confirm a message
    ├── NotSent                 the message is not on the platform; retry it
    │   └── PermanentFailure    it will never be; do not retry
    │       └── ChannelUnavailable  nor will any other: the channel is gone, or the bot may not post there
    ├── DeliveryUnknown         the message may be there; ask the platform
    └── SearchUnfinished        the search in a channel's history has not reached its end; go on later
"""

from bot.domain.cleaning import clean_text


class PaperclubError(Exception):
    """The base of all errors here.

    The text is cleaned, since it often quotes foreign text, and is shown, stored and logged.
    """

    def __init__(self, text: str) -> None:
        super().__init__(clean_text(text))


class UserError(PaperclubError):
    """A mistake that the person can correct. The text is shown to them and says how.

    `parameter` names the wrong argument, if it is one.
    """

    def __init__(self, text: str, parameter: str = "") -> None:
        super().__init__(text)
        self.parameter = parameter


class UnknownPaper(UserError):
    """There is no such paper for this person; the same whether it is another team's or nobody's."""


class SourceUnavailable(PaperclubError):
    """A paper source could not be reached; `detail` says why in a few words."""

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = clean_text(detail)


class TooBusy(PaperclubError):
    """The caller's turn would come too late: in `seconds` seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the next turn is in {seconds:.0f} seconds")
        self.seconds = seconds


class DeliveryError(PaperclubError):
    """A platform did not confirm a message."""


class NotSent(DeliveryError):
    """The message is certainly not on the platform. Retry it after `retry_after` seconds.

    `everywhere`: the platform asks for that pause in the whole workspace, not only in this channel.
    """

    def __init__(self, detail: str, retry_after: float = 0.0, *, everywhere: bool = False) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.everywhere = everywhere


class PermanentFailure(NotSent):
    """The platform will never accept the message."""


class ChannelUnavailable(PermanentFailure):
    """Nothing can be posted in the channel any more. The text is the reason, to be put behind a colon."""


class DeliveryUnknown(DeliveryError):
    """The connection ended before the platform answered, so the message may be posted or not."""


class SearchUnfinished(DeliveryError):
    """The message is not in the part of the history that was searched so far.

    Go on from `cursor`, after `retry_after` seconds.
    """

    def __init__(self, detail: str, cursor: str, retry_after: float = 0.0) -> None:
        super().__init__(detail)
        self.cursor = cursor
        self.retry_after = retry_after
