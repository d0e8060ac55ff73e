"""A typed line → parsed input → an event."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from adapters.console.controls import CONTROLS, usage_of
from adapters.console.inbound.reactions import is_emoji, vote_of
from adapters.console.limits import NAME_LENGTH, TEXT_LENGTH
from adapters.console.user import ConsoleUser
from bot.domain.errors import UserError
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, Vote
from bot.domain.web_links import links_in
from bot.protocol.actions import Action
from bot.protocol.arguments import split_command
from bot.protocol.events import ActionPressed, CommandInvoked, HomeOpened, MessagePosted, ReactionChanged

_NAME = re.compile(rf"[\w.-]{{1,{NAME_LENGTH}}}")
_TARGET = re.compile(r"\[?(\d{1,9})\]?")


@dataclass(frozen=True, slots=True)
class Command:
    """A command for the bot."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class React:
    """A reaction to a message; None is the latest one."""

    message: int | None
    vote: Vote
    added: bool


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a message's button; None is the latest message."""

    message: int | None
    button: str


@dataclass(frozen=True, slots=True)
class ReplyInThread:
    """A message in the thread under a message; None is the latest one."""

    message: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """A message in the channel."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenHome:
    """Show the user's own page."""


@dataclass(frozen=True, slots=True)
class SwitchUser:
    """Act as another person."""

    person: str
    admin: bool


@dataclass(frozen=True, slots=True)
class SwitchChannel:
    """Go to a channel; None is the user's direct messages with the bot."""

    channel: str | None


@dataclass(frozen=True, slots=True)
class ImportFile:
    """Import a file's papers."""

    file: str


@dataclass(frozen=True, slots=True)
class PostToday:
    """Post today's digest of the channel now."""


@dataclass(frozen=True, slots=True)
class ShowUser:
    """Show who the user is, and where."""


@dataclass(frozen=True, slots=True)
class ShowConsoleHelp:
    """Show the console's own controls."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


ConsoleInput = (
    Command
    | React
    | Press
    | ReplyInThread
    | Say
    | OpenHome
    | SwitchUser
    | SwitchChannel
    | ImportFile
    | PostToday
    | ShowUser
    | ShowConsoleHelp
    | Quit
)


def parse(line: str, commands: Collection[str]) -> ConsoleInput:
    """Parse a line that is not blank; `commands` are the names of the bot's commands.

    Raises:
        UserError: the line is a control with wrong arguments, or nearly a control.

    """
    first, rest = split_command(line)
    if is_emoji(first.removeprefix("-")):
        return _read_reaction(first, rest)
    if first == "/papers" or (first == "papers" and rest):
        name, arguments = split_command(rest)
        return Command(name.removeprefix("/") or "help", arguments)
    if first in {"quit", "exit"} and not rest:
        return Quit()
    word = first.removeprefix("/")
    if first.startswith("/") and word in CONTROLS:
        return _READERS[word](rest)
    if first.startswith("/") and word not in commands:
        near = get_close_matches(word, [*CONTROLS, *commands], n=1)
        if near and near[0] in CONTROLS:
            raise UserError(f"There is no “{first}” here. Did you mean `{usage_of(near[0])}`?")
    return Command(word, rest)


def command_event(command: Command, user: ConsoleUser) -> CommandInvoked:
    """The event of a command."""
    return CommandInvoked(origin=user.origin, name=command.name, arguments=command.arguments)


def reaction_event(reaction: React, user: ConsoleUser, message: MessageRef, at: datetime) -> ReactionChanged:
    """The event of a reaction."""
    # An emoji has many names here, and no platform tells them apart: the vote's name stands for all of them.
    emoji = Reaction(reaction.vote.name.lower(), reaction.vote)
    return ReactionChanged(origin=user.origin, message=message, reaction=emoji, added=reaction.added, at=at)


def press_event(action: Action, user: ConsoleUser) -> ActionPressed:
    """The event of a button."""
    return ActionPressed(origin=user.origin, action=action)


def posted_event(user: ConsoleUser, message: MessageRef, text: str, at: datetime) -> MessagePosted:
    """The event of a person's own message."""
    return MessagePosted(origin=user.origin, message=message, at=at, links=links_in(text))


def home_event(user: ConsoleUser) -> HomeOpened:
    """The event of a look at the user's own page, which belongs to their direct messages."""
    return HomeOpened(origin=user.in_channel(None).origin)


def _read_reaction(emoji: str, rest: str) -> React:
    added = not emoji.startswith("-")
    vote = vote_of(emoji.removeprefix("-"))
    if vote is None:
        raise UserError(
            "Only 👍 (`:+1:`) and 👎 (`:-1:`) are votes; other reactions mean nothing to the bot."
        )
    if rest.startswith("#"):
        raise UserError(
            f"A reaction goes to a message by its number, such as `👍 12`. To vote on paper {rest}: "
            f"`vote {rest} {'up' if vote is Vote.UP else 'down'}`"
        )
    return React(_read_target(rest, "react"), vote, added)


def _read_as(rest: str) -> SwitchUser:
    name, role = split_command(rest)
    if role.lower() not in {"", "admin"}:
        raise UserError(f"“{role}” means nothing here: `{usage_of('as')}`")
    return SwitchUser(_read_name(name, "as"), admin=role != "")


def _read_in(rest: str) -> SwitchChannel:
    return SwitchChannel(None if rest == "@" else "#" + _read_name(rest.removeprefix("#").lower(), "in"))


def _read_press(rest: str) -> Press:
    target, button = split_command(rest)
    return Press(_read_target(target, "press"), " ".join(button.lower().split()))


def _read_reply(rest: str) -> ReplyInThread:
    target, text = split_command(rest)
    return ReplyInThread(_read_target(target, "reply"), _required(text, "reply"))


def _read_import(rest: str) -> ImportFile:
    return ImportFile(_required(rest.strip('"'), "import"))


def _read_react(_: str) -> ConsoleInput:
    raise UserError(f"It goes like this: `{usage_of('react')}`")


_READERS: dict[str, Callable[[str], ConsoleInput]] = {
    "react": _read_react,
    "press": _read_press,
    "reply": _read_reply,
    "say": lambda rest: Say(_required(rest, "say")),
    "home": lambda _: OpenHome(),
    "as": _read_as,
    "in": _read_in,
    "dm": lambda _: SwitchChannel(None),
    "import": _read_import,
    "post": lambda _: PostToday(),
    "who": lambda _: ShowUser(),
    "help": lambda rest: Command("help", rest) if rest else ShowConsoleHelp(),
    "quit": lambda _: Quit(),
}


def _read_target(word: str, control: str) -> int | None:
    if word.lower() == "last":
        return None
    match = _TARGET.fullmatch(word)
    if not match:
        raise UserError(f"Please give a message's number, or “last”: `{usage_of(control)}`")
    return int(match[1])


def _read_name(word: str, control: str) -> str:
    if not _NAME.fullmatch(word):
        raise UserError(
            f"A name has up to {NAME_LENGTH} letters, digits, dots, dashes and underscores: "
            f"`{usage_of(control)}`"
        )
    return word


def _required(text: str, control: str) -> str:
    if not text or len(text) > TEXT_LENGTH:
        raise UserError(f"Please say so in 1 to {TEXT_LENGTH} characters: `{usage_of(control)}`")
    return text
