"""Button actions, and the token of at most 100 characters that a button carries.

Data that does not fit into a token is stored as a result list, and the token carries the list's id.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import UserError
from bot.domain.period import Period
from bot.domain.vote import Vote

TOKEN_LIMIT = 100
"""The strictest limit of any platform: Discord's `custom_id`."""
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
    """List papers related to a paper."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class Show:
    """Show a paper with its abstract in full."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class TurnPage:
    """Show page `page`, from 1, of a stored list."""

    list_id: str
    page: int


@dataclass(frozen=True, slots=True)
class Share:
    """Post page `page` of one's own list in the channel, for everybody to see."""

    list_id: str
    page: int


@dataclass(frozen=True, slots=True)
class StepTo:
    """Show the trending papers of another day, week or month instead."""

    period: Period


@dataclass(frozen=True, slots=True)
class PauseSubscription:
    """Pause a subscription, or resume it."""

    subscription_id: int
    paused: bool


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Open a command's form. `subject` is the id of what it changes; None for something new."""

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
    | StepTo
    | PauseSubscription
    | EndSubscription
    | OpenForm
)


def to_token(action: Action) -> str:  # noqa: PLR0911 - one case per action
    """Return the token for an action."""
    match action:
        case CastVote(paper_id, value):
            return f"vote:{paper_id}:{value.value}"
        case TurnPage(list_id, page):
            return f"page:{list_id}:{page}"
        case Share(list_id, page):
            return f"share:{list_id}:{page}"
        case StepTo(period):
            return f"trending:{period.name}"
        case PauseSubscription(subscription_id, paused):
            return f"pause:{subscription_id}:{int(paused)}"
        case EndSubscription(subscription_id):
            return f"end:{subscription_id}"
        case OpenForm(command, subject):
            return f"form:{command}:{subject or ''}"
        case Save(paper_id) | Summarize(paper_id) | Discuss(paper_id) | Related(paper_id) | Show(paper_id):
            return f"{type(action).__name__.lower()}:{paper_id}"


def from_token(token: str) -> Action:
    """Parse a token.

    Raises:
        UserError: the token is from an older version, or was not made by the bot.

    """
    name, *fields = token.split(":")
    try:
        return _READERS[name](*fields)
    except (KeyError, TypeError, ValueError):
        raise UserError("This button is from an older version. Please ask for the list again.") from None


def _number(written: str) -> int:
    """Parse an id that fits every database's integers. A token may be forged, so any digits may come."""
    if not _NUMBER.fullmatch(written) or int(written) > _LARGEST:
        raise ValueError(written)
    return int(written)


_READERS: dict[str, Callable[..., Action]] = {
    "vote": lambda paper, value: CastVote(_number(paper), Vote(int(value))),
    "page": lambda result_list, page: TurnPage(result_list, _number(page)),
    "share": lambda result_list, page: Share(result_list, _number(page)),
    "trending": lambda period: StepTo(Period.named(period)),
    "pause": lambda subscription, paused: PauseSubscription(_number(subscription), bool(int(paused))),
    "form": lambda command, subject: OpenForm(command, _number(subject) if subject else None),
    "end": lambda subscription: EndSubscription(_number(subscription)),
    "save": lambda paper: Save(_number(paper)),
    "summarize": lambda paper: Summarize(_number(paper)),
    "discuss": lambda paper: Discuss(_number(paper)),
    "related": lambda paper: Related(_number(paper)),
    "show": lambda paper: Show(_number(paper)),
}
