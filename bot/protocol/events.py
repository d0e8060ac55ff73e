"""Events that surfaces send to the bot, free of any platform's own format."""

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
    """Somebody invoked a command.

    `arguments` is the text behind its name. A platform with typed options sends values by parameter name.
    `turns_pages` says that the caller asks for other pages by `page:`, so that no list is stored for buttons.
    """

    origin: Origin
    name: str
    arguments: str | Mapping[str, str] = ""
    event_id: str | None = None
    turns_pages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPressed(_CheckedEvent):
    """Somebody pressed a button."""

    origin: Origin
    action: Action
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmitted(_CheckedEvent):
    """Somebody submitted a command's form. `values` are by parameter name, empty for an empty field."""

    origin: Origin
    command: str
    values: Mapping[str, str]
    subject: int | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsRequested(_CheckedEvent):
    """Somebody is typing a value, and has typed `prefix` so far."""

    origin: Origin
    kind: SuggestionKind
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(_CheckedEvent):
    """Somebody opened their home page. The origin's channel is their direct message with the bot.

    `channels` are the ids of the channels that they are in, if the platform says so.
    """

    origin: Origin
    channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionChanged(_CheckedEvent):
    """A reaction that means a vote was added to a message, or removed.

    `timed`: `at` is the platform's own time of the change, so changes may arrive in any order. Otherwise the
    surface passes on the changes to one message in the platform's order, one after the other.
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
    """All votes by reaction on a message at the time `at`, by the platform's ids of the people.

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
    """Somebody wrote a message. `links` are its links, without those that a LinkShared reports."""

    origin: Origin
    message: MessageRef
    at: datetime
    links: tuple[str, ...] = ()
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(_CheckedEvent):
    """Somebody edited their message. `links` are all links in it now."""

    origin: Origin
    message: MessageRef
    at: datetime
    links: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShared(_CheckedEvent):
    """Somebody's message has links for which the platform lets the bot draw previews."""

    origin: Origin
    message: MessageRef
    at: datetime
    links: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChosen(_CheckedEvent):
    """Somebody chose “save” on a message that shows a paper or links to one."""

    origin: Origin
    message: MessageRef
    links: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(_CheckedEvent):
    """A message was deleted."""

    origin: Origin
    message: MessageRef
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited(_CheckedEvent):
    """The bot was added to a channel."""

    origin: Origin
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRenamed(_CheckedEvent):
    """A channel was renamed. Its new name is in the origin."""

    origin: Origin
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLost(_CheckedEvent):
    """The bot was removed from a channel, or the channel was closed. `why` is put behind a colon."""

    origin: Origin
    why: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninstalled(_CheckedEvent):
    """The bot was removed from a workspace. A second such event changes nothing."""

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
"""An event with an origin: a person and a channel."""
Event = PlacedEvent | Uninstalled
