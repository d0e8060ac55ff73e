"""What a button means, and the token of at most 100 characters that it carries.

What does not fit into a token is a row in the store's views, and the token carries its id.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import UserError
from bot.domain.vote import Vote

TOKEN_LIMIT = 100
"""The shortest that a platform allows (Discord's `custom_id`)."""
_NUMBER = re.compile("[0-9]{1,19}")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CastVote:
    """Vote on a paper, or take the vote back with `Vote.NONE`."""

    paper_id: int
    value: Vote


@dataclass(frozen=True, slots=True)
class Save:
    """Put a paper on one's own reading list."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class Summarize:
    """Show a paper's summary."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class Discuss:
    """Open a discussion of a paper in the channel."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class Related:
    """List the papers that are near to a paper."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class Show:
    """Show a paper whole."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class TurnPage:
    """Show page `page`, counted from 1, of a list that is kept as a view."""

    list_id: str
    page: int


@dataclass(frozen=True, slots=True)
class Share:
    """Post page `page` of one's own list for the whole channel to see."""

    list_id: str
    page: int


@dataclass(frozen=True, slots=True)
class PauseSubscription:
    """Stop a subscription's posts for a while, or let them go on."""

    subscription_id: int
    paused: bool


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Fill in a command's form; `subject` is the number of what it changes, None for something new."""

    command: str
    subject: int | None = None


@dataclass(frozen=True, slots=True)
class EndSubscription:
    """Unsubscribe the channel from a topic."""

    subscription_id: int


Action = (
    CastVote
    | Save
    | Summarize
    | Discuss
    | Related
    | Show
    | TurnPage
    | Share
    | PauseSubscription
    | EndSubscription
    | OpenForm
)


def to_token(action: Action) -> str:  # noqa: PLR0911 - one case an action
    """Give the token for an action."""
    match action:
        case CastVote(paper_id, value):
            return f"vote:{paper_id}:{value.value}"
        case TurnPage(list_id, page):
            return f"page:{list_id}:{page}"
        case Share(list_id, page):
            return f"share:{list_id}:{page}"
        case PauseSubscription(subscription_id, paused):
            return f"pause:{subscription_id}:{int(paused)}"
        case EndSubscription(subscription_id):
            return f"end:{subscription_id}"
        case OpenForm(command, subject):
            return f"form:{command}:{subject or ''}"
        case Save(paper_id) | Summarize(paper_id) | Discuss(paper_id) | Related(paper_id) | Show(paper_id):
            return f"{type(action).__name__.lower()}:{paper_id}"


def from_token(token: str) -> Action:
    """Read a token back.

    Raises:
        UserError: the token is from another time, or from somebody else.

    """
    name, *fields = token.split(":")
    try:
        return _READERS[name](*fields)
    except (KeyError, TypeError, ValueError):
        raise UserError("This button is from an older version. Please ask for the list again.") from None


def _number(written: str) -> int:
    """Read a number that every database can count to; a token may be from somebody else."""
    if not _NUMBER.fullmatch(written) or int(written) > _LARGEST:
        raise ValueError(written)
    return int(written)


_READERS: dict[str, Callable[..., Action]] = {
    "vote": lambda paper, value: CastVote(_number(paper), Vote(int(value))),
    "page": lambda result_list, page: TurnPage(result_list, _number(page)),
    "share": lambda result_list, page: Share(result_list, _number(page)),
    "pause": lambda subscription, paused: PauseSubscription(_number(subscription), bool(int(paused))),
    "form": lambda command, subject: OpenForm(command, _number(subject) if subject else None),
    "end": lambda subscription: EndSubscription(_number(subscription)),
    "save": lambda paper: Save(_number(paper)),
    "summarize": lambda paper: Summarize(_number(paper)),
    "discuss": lambda paper: Discuss(_number(paper)),
    "related": lambda paper: Related(_number(paper)),
    "show": lambda paper: Show(_number(paper)),
}
