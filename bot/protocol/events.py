"""What comes in from a surface, already free of the platform's own shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.channel import Origin, Platform, require_texts
from bot.domain.message import MessageRef
from bot.domain.vote import KnownReactions, Reaction
from bot.protocol.actions import Action
from bot.protocol.arguments import SuggestionKind

_TEXT_FIELDS = ("workspace", "name", "command", "prefix", "why")


class _CheckedEvent:
    """An event that checks its text fields: a payload may hold anything where its platform promises text."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Refuse a field that should be text and is not.

        Raises:
            TypeError: the payload is not as its platform documents it.

        """
        event_id = getattr(self, "event_id", None)
        require_texts("" if event_id is None else event_id, *getattr(self, "links", ()))
        require_texts(*(getattr(self, name, "") for name in _TEXT_FIELDS))
        for name in ("arguments", "values"):
            given = getattr(self, name, "")
            require_texts(*([*given.keys(), *given.values()] if isinstance(given, Mapping) else [given]))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInvoked(_CheckedEvent):
    """Somebody asked for a command by name.

    `arguments` is the text behind the name, or, where the platform has typed options, their values by
    parameter name.
    """

    origin: Origin
    name: str
    arguments: str | Mapping[str, str] = ""
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPressed(_CheckedEvent):
    """Somebody pressed a button."""

    origin: Origin
    action: Action
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmitted(_CheckedEvent):
    """Somebody filled in a command's form; `values` are by parameter name, empty where nothing stands."""

    origin: Origin
    command: str
    values: Mapping[str, str]
    subject: int | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsRequested(_CheckedEvent):
    """Somebody has begun to type a value."""

    origin: Origin
    kind: SuggestionKind
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(_CheckedEvent):
    """Somebody looks at their own page with the bot; the channel is their own talk with it.

    `channels` are those that they are in, by the platform's ids, where it tells.
    """

    origin: Origin
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionChanged(_CheckedEvent):
    """A reaction that means a vote was added to a message, or taken away.

    `timed` says that `at` is the platform's own time of it. Elsewhere the surface hands on what concerns one
    message one after the other, as the platform told it.
    """

    origin: Origin
    message: MessageRef
    reaction: Reaction
    added: bool
    at: datetime
    timed: bool = False
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionsSnapshot(_CheckedEvent):
    """All votes by reaction that stood on a message at `at`, by the platform's ids of the people.

    `votes` is None where the platform no longer tells; the known votes then stay.
    `known` is what `Bot.known_reactions` returned before the platform was asked: a reaction that arrived
    after that is left alone. None: nothing can have arrived since.
    `timed` says that `at` is the platform's own time.
    """

    origin: Origin
    message: MessageRef
    votes: tuple[tuple[str, Reaction], ...] | None
    at: datetime
    known: KnownReactions | None = None
    timed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(_CheckedEvent):
    """Somebody wrote a message of their own; `links` are those in it that no LinkShared tells of."""

    origin: Origin
    message: MessageRef
    at: datetime
    links: tuple[str, ...] = ()
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(_CheckedEvent):
    """Somebody changed a message of their own; `links` are all that are in it now."""

    origin: Origin
    message: MessageRef
    at: datetime
    links: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShared(_CheckedEvent):
    """Somebody's message has links that its platform lets the bot draw previews of."""

    origin: Origin
    message: MessageRef
    at: datetime
    links: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChosen(_CheckedEvent):
    """Somebody wants to save the paper that a message shows, or links to."""

    origin: Origin
    message: MessageRef
    links: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(_CheckedEvent):
    """A message is gone, and with it what it showed."""

    origin: Origin
    message: MessageRef
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(_CheckedEvent):
    """The bot has come into a channel."""

    origin: Origin
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRenamed(_CheckedEvent):
    """A channel has the name that its origin tells."""

    origin: Origin
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLost(_CheckedEvent):
    """The bot is no longer in a channel, or the channel is closed; `why` goes on behind a colon."""

    origin: Origin
    why: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninstalled(_CheckedEvent):
    """The bot was taken out of a workspace; to hear it twice changes nothing."""

    platform: Platform
    workspace: str


PlacedEvent = (
    CommandInvoked
    | ActionPressed
    | FormSubmitted
    | SuggestionsRequested
    | HomeOpened
    | ReactionChanged
    | ReactionsSnapshot
    | MessagePosted
    | MessageEdited
    | MessageDeleted
    | MessageChosen
    | LinkShared
    | Invited
    | ChannelRenamed
    | ChannelLost
)
"""What somebody did somewhere."""
Event = PlacedEvent | Uninstalled
