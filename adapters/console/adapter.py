"""A session at the console: typed, piped or replayed from a script."""

import asyncio
import getpass
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from adapters.console.inbound.events import (
    Command,
    ExplainConsole,
    GoHome,
    GoTo,
    PlayAs,
    PostToday,
    Press,
    Quit,
    React,
    Say,
    TakeIn,
    Who,
    WriteBelow,
    command_event,
    home_event,
    parse,
    posted_event,
    press_event,
    reaction_event,
)
from adapters.console.inbound.script import Step, is_remark, read_script
from adapters.console.outbound.conversation import ConsoleConversation
from adapters.console.outbound.history import Draft, Message
from adapters.console.outbound.screen import Heard
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.render.replies import controls, render
from adapters.console.seat import Seat
from bot.domain.cleaning import clean_text
from bot.domain.errors import UserError
from bot.domain.vote import Vote
from bot.ports.surface import Conversation
from bot.protocol.actions import from_token
from bot.protocol.arguments import cut, did_you_mean
from bot.protocol.events import Event
from bot.protocol.replies import Notice, Tone

Receive = Callable[[Event, Conversation], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Operator:
    """What whoever runs the bot may ask of it here; each answers with what came of it."""

    take_in: Callable[[str], Awaitable[str]]
    """Take in the papers of a file by its path. Raises UserError where it cannot be read."""
    post_today: Callable[[str], Awaitable[str]]
    """Post a channel's digest of today now, by the channel's name."""


class ConsoleSession:
    """Somebody at the keyboard, who may play several people in several channels."""

    def __init__(
        self,
        receive: Receive,
        surface: ConsoleSurface,
        commands: Mapping[str, str],
        settle: Callable[[], Awaitable[None]],
        operator: Operator,
        *,
        person: str | None = None,
    ) -> None:
        """Take the bot's door, its commands with their summaries, and how to wait for what follows a line."""
        self._receive = receive
        self._surface = surface
        self._screen = surface.screen
        self._commands = commands
        self._settle = settle
        self._operator = operator
        self._seat = Seat(clean_text(person or _login_name()))
        self._open = True

    async def run(self, typed_before: Path) -> None:
        """Deal with lines until they end; `typed_before` keeps what was typed on a terminal."""
        if sys.stdin.isatty() and self._screen.console.is_terminal:
            await self._talk(typed_before)
        else:
            await self._read_pipe()

    async def run_script(self, lines: Iterable[str], name: str) -> int:
        """Replay a script; the exit code is 0 where all came as expected."""
        try:
            steps = read_script(lines)
        except UserError as error:
            _complain(f"{name}: {error}")
            return 2
        failures = 0
        for step in steps:
            if not self._open:
                break
            for failure in await self._replay(step):
                _complain(f"{name}:{failure}")
                failures += 1
        return 1 if failures else 0

    async def enter(self, line: str) -> None:
        """Deal with one line. What is wrong with it is told to the person."""
        line = clean_text(line)
        if not line.strip():
            return
        try:
            await self._obey(line)
        except UserError as error:
            self._screen.aside(render(Notice(str(error), Tone.ERROR)))
        except OSError as error:
            told = f"The console's record cannot be used: {error}"
            self._screen.aside(render(Notice(told, Tone.ERROR)))
        finally:
            self._screen.rest()

    async def _talk(self, typed_before: Path) -> None:
        from adapters.console.inbound.prompt import typed_lines  # noqa: PLC0415 - a script or a pipe does without it

        self._screen.remark(
            "Type `search mixture of experts`, `help` for the bot's commands, /help for this console. "
            "Ctrl-D leaves."
        )
        waiting = typed_lines(lambda: self._screen.prompt(self._seat), self._commands, typed_before)
        async for line in waiting:
            await self._enter_or_stop(line)
            if not self._open:
                return

    async def _enter_or_stop(self, line: str) -> None:
        """Deal with one line, until Ctrl-C stops that."""
        loop, entering = asyncio.get_running_loop(), asyncio.create_task(self.enter(line))
        loop.add_signal_handler(signal.SIGINT, entering.cancel)
        try:
            await asyncio.wait([entering])
        finally:
            loop.remove_signal_handler(signal.SIGINT)
            entering.cancel()
        if entering.cancelled():
            self._screen.remark("Stopped.")
        else:
            entering.result()

    async def _read_pipe(self) -> None:
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        while self._open and (line := await asyncio.to_thread(sys.stdin.readline)):
            await self._show_and_enter(line.strip())

    async def _replay(self, step: Step) -> list[str]:
        with self._screen.listening() as heard:
            await self._show_and_enter(step.line)
        return [] if step.remark else _disappointments(step, heard)

    async def _show_and_enter(self, line: str) -> None:
        if is_remark(line):
            self._screen.remark(line)
        elif line:
            self._screen.echo(self._seat, line)
            await self.enter(line)
            await self._settle()

    async def _obey(self, line: str) -> None:
        typed = parse(line, self._commands.keys())
        match typed:
            case Command():
                await self._receive(command_event(typed, self._seat), self._conversation())
            case React():
                await self._react(typed)
            case Press():
                await self._press(typed)
            case WriteBelow() | Say():
                await self._write(typed)
            case GoHome():
                await self._receive(home_event(self._seat), self._conversation())
            case PlayAs() | GoTo() | Who():
                self._sit(typed)
            case TakeIn() | PostToday():
                await self._operate(typed)
            case ExplainConsole():
                self._screen.aside(controls())
            case Quit():
                self._open = False

    async def _operate(self, typed: TakeIn | PostToday) -> None:
        match typed:
            case TakeIn(file):
                answer = await self._operator.take_in(file)
            case PostToday():
                answer = await self._operator.post_today(self._seat.channel)
        self._screen.remark(answer)

    async def _react(self, typed: React) -> None:
        message = self._find(typed.message, lambda each: each.draft.reader is None)
        if "up" not in message.draft.buttons:
            raise UserError(
                f"Message {message.number} does not show one paper alone, so a reaction to it is no vote."
            )
        held = (self._seat.person, typed.vote) in self._surface.history.reactions(message.number)
        if not typed.added and not held:
            sign = "👍" if typed.vote is Vote.UP else "👎"
            raise UserError(f"There is no {sign} of {self._seat.person}'s on message {message.number}.")
        self._surface.history.react(message.number, self._seat.person, typed.vote, added=typed.added)
        event = reaction_event(typed, self._seat, message.ref, self._surface.clock.now())
        await self._receive(event, self._conversation())

    async def _press(self, typed: Press) -> None:
        message = self._find(typed.message, lambda each: bool(each.draft.buttons))
        buttons = message.draft.buttons
        name = typed.button.replace("#", "")
        if name not in buttons:
            self._screen.remark(f"Message {message.number} has these buttons: {', '.join(buttons)}.")
            if name:
                near = did_you_mean(name, list(buttons))
                raise UserError(f"Message {message.number} has no button “{cut(name)}”.{near}")
            return
        event = press_event(from_token(buttons[name]), self._seat)
        thread = message.draft.thread
        await self._receive(event, ConsoleConversation(self._surface, self._seat, thread, message))

    async def _write(self, typed: WriteBelow | Say) -> None:
        """Write as a person, in the channel or in a thread; what the bot says to it goes into the thread."""
        root = None
        if isinstance(typed, WriteBelow):
            above = self._find(typed.message, lambda each: each.draft.reader is None)
            root = above.draft.thread or str(above.number)
        now = self._surface.clock.now()
        written = self._surface.history.post(
            Draft(self._seat.channel, self._seat.person, now, typed.text, thread=root)
        )
        place = f"in the thread of [{root}]" if root else f"in {self._seat.channel}"
        self._screen.remark(f"[{written.number}] {place}")
        await self._receive(
            posted_event(self._seat, written.ref, typed.text, now),
            ConsoleConversation(self._surface, self._seat, root or str(written.number)),
        )

    def _find(self, number: int | None, fits: Callable[[Message], bool]) -> Message:
        if number is None:
            message = next(filter(fits, filter(self._sees, self._surface.history.latest())), None)
            if message is None:
                raise UserError("There is no such message here yet.")
            return message
        message = self._surface.history.message(number)
        if message is None:
            raise UserError(f"There is no message {number} yet.")
        if message.draft.channel != self._seat.channel:
            raise UserError(f"Message {number} is in {message.draft.channel}, and you are not.")
        if not self._sees(message):
            raise UserError(f"Only {message.draft.reader} sees message {number}.")
        if not fits(message):
            raise UserError(f"Message {number} does not take that.")
        return message

    def _sees(self, message: Message) -> bool:
        draft = message.draft
        return draft.channel == self._seat.channel and draft.reader in {None, self._seat.person}

    def _conversation(self) -> ConsoleConversation:
        return ConsoleConversation(self._surface, self._seat)

    def _sit(self, typed: PlayAs | GoTo | Who) -> None:
        match typed:
            case PlayAs(person, admin):
                self._seat = self._seat.played_by(person, admin=admin)
            case GoTo(channel):
                self._seat = self._seat.moved_to(channel)
            case Who():
                pass
        self._screen.remark(f"You are {self._seat.described}.")


def _disappointments(step: Step, heard: Heard) -> list[str]:
    missing = [
        f"{number}: “{text}” was expected of `{step.line}`, which did not say it"
        for number, text in step.texts
        if not heard.says(text)
    ]
    if heard.errors and not step.error:
        missing.append(f"{step.number}: `{step.line}` came to an error")
    if step.error and not heard.errors:
        missing.append(f"{step.number}: an error was expected of `{step.line}`, and none came")
    return missing


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "you"
