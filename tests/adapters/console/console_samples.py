"""The parts to put a console together in a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

from rich.console import Console

from adapters.console import CONSOLE
from adapters.console.adapter import ConsoleSession, Operator
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen
from adapters.console.outbound.surface import ConsoleSurface
from bot.domain.channel import Channel
from bot.domain.errors import UserError
from bot.domain.message import Ephemeral, MessageRef
from bot.ports.surface import Conversation
from bot.protocol.events import ActionPressed, CommandInvoked, Event
from bot.protocol.replies import Notice, Tone
from tests.reply_samples import NOW, REPLIES

GENERAL = Channel(1, 1, CONSOLE, "console", "#general", "#general")


def canvas(width: int = 100, *, colour: bool = False) -> Console:
    """A console that keeps what is printed on it."""
    return Console(
        record=True,
        width=width,
        height=25,
        force_terminal=colour,
        no_color=False,
        color_system="truecolor" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        file=StringIO(),
    )


class StoppedClock:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@dataclass
class StandIn:
    """A bot that answers a command with the reply of that name, and a button with a tally."""

    surface: ConsoleSurface
    events: list[Event] = field(default_factory=list)
    refs: list[MessageRef | Ephemeral] = field(default_factory=list)

    async def receive(self, event: Event, conversation: Conversation) -> None:
        self.events.append(event)
        match event:
            case CommandInvoked(name="later"):
                pass
            case CommandInvoked(name=name, arguments=arguments):
                reply = REPLIES.get(name, Notice(f"There is no command “{name}”.", Tone.ERROR))
                await conversation.working("Looking …")
                private = isinstance(reply, Notice) or arguments == "privately"
                self.refs.append(await conversation.reply(reply, private=private))
            case ActionPressed():
                await conversation.replace(REPLIES["leaderboard"])
            case _:
                pass

    async def import_file(self, file: str) -> str:
        if not file.endswith(".bib"):
            raise UserError(f"{file} cannot be read")
        return f"{file}: 3 papers, 2 bad lines\nline 2: It has no title.\nline 7: It has no abstract."

    async def post_today(self, channel: str) -> str:
        return f"{channel}: posted now"

    async def settle(self) -> None:
        match self.events[-1:]:
            case [CommandInvoked(name="later")]:
                await self.surface.send(GENERAL, REPLIES["quiet"], "late", None)


@dataclass
class ConsoleFixture:
    """A session with all that is behind it."""

    session: ConsoleSession
    surface: ConsoleSurface
    bot: StandIn

    @property
    def shown(self) -> str:
        return self.surface.screen.console.export_text(clear=False)


def desk(path: Path, console: Console | None = None) -> ConsoleFixture:
    surface = ConsoleSurface(History(path), Screen(console or canvas()), StoppedClock())
    bot = StandIn(surface)
    receive: Callable[[Event, Conversation], Awaitable[None]] = bot.receive
    commands = dict.fromkeys([*REPLIES, "later"], "a summary")
    operator = Operator(bot.import_file, bot.post_today)
    return ConsoleFixture(
        ConsoleSession(receive, surface, commands, bot.settle, operator, person="ada"), surface, bot
    )
