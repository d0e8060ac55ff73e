"""A session at the console, whose lines are typed, piped or read from a script."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from adapters.console.inbound.events import (
    Command,
    ImportFile,
    OpenHome,
    PostToday,
    Press,
    Quit,
    React,
    ReplyInThread,
    Say,
    ShowConsoleHelp,
    ShowUser,
    SwitchChannel,
    SwitchUser,
    command_event,
    home_event,
    parse,
    posted_event,
    press_event,
    reaction_event,
)
from adapters.console.inbound.script import Step, is_comment, read_script
from adapters.console.outbound.conversation import ConsoleConversation
from adapters.console.outbound.history import Draft, Message
from adapters.console.outbound.screen import CapturedOutput
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.render.replies import controls, render
from adapters.console.user import ConsoleUser, login_name
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
    """What only the operator may do, on the console alone. Each function returns a text about its result."""

    import_file: Callable[[str], Awaitable[str]]
    """Import the papers of a file by its path. Raises UserError where the file cannot be read."""
    post_today: Callable[[str], Awaitable[str]]
    """Post today's digest of a channel now, by the channel's name."""


class ConsoleSession:
    """Handles the lines of one person, who may act as several users in several channels."""

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
        """`commands` are the bot's, with their summaries; `settle` waits for what a line has started."""
        self._receive = receive
        self._surface = surface
        self._screen = surface.screen
        self._commands = commands
        self._settle = settle
        self._operator = operator
        self._user = ConsoleUser(clean_text(person or login_name()))
        self._open = True

    async def run(self, history_file: Path) -> None:
        """Handle lines until the input ends. `history_file` keeps the lines typed on a terminal."""
        if sys.stdin.isatty() and self._screen.console.is_terminal:
            await self._run_terminal(history_file)
        else:
            await self._read_pipe()

    async def run_script(self, lines: Iterable[str], name: str) -> int:
        """Replay a script. Returns the exit code: 1 for unmet expectations, 2 for a bad script."""
        try:
            steps = read_script(lines)
        except UserError as error:
            _print_error(f"{name}: {error}")
            return 2
        failures = 0
        for step in steps:
            if not self._open:
                break
            for failure in await self._replay(step):
                _print_error(f"{name}:{failure}")
                failures += 1
        return 1 if failures else 0

    async def enter(self, line: str) -> None:
        """Handle one line. Errors are shown, not raised."""
        line = clean_text(line)
        if not line.strip():
            return
        try:
            await self._execute(line)
        except UserError as error:
            self._screen.show(render(Notice(str(error), Tone.ERROR)))
        except OSError as error:
            text = f"The console's record cannot be used: {error}"
            self._screen.show(render(Notice(text, Tone.ERROR)))
        finally:
            self._screen.clear_status()

    async def _run_terminal(self, history_file: Path) -> None:
        from adapters.console.inbound.prompt import typed_lines  # noqa: PLC0415 - a script or a pipe does without it

        self._screen.note(
            "Type `search mixture of experts`, `help` for the bot's commands, /help for this console. "
            "Ctrl-D leaves."
        )
        lines = typed_lines(lambda: self._screen.prompt(self._user), self._commands, history_file)
        async for line in lines:
            await self._enter_until_interrupted(line)
            if not self._open:
                return

    async def _enter_until_interrupted(self, line: str) -> None:
        """Handle one line; Ctrl-C stops it without ending the session."""
        loop, entering = asyncio.get_running_loop(), asyncio.create_task(self.enter(line))
        loop.add_signal_handler(signal.SIGINT, entering.cancel)
        try:
            await asyncio.wait([entering])
        finally:
            loop.remove_signal_handler(signal.SIGINT)
            entering.cancel()
        if entering.cancelled():
            self._screen.note("Stopped.")
        else:
            entering.result()

    async def _read_pipe(self) -> None:
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        while self._open and (line := await asyncio.to_thread(sys.stdin.readline)):
            await self._echo_and_enter(line.strip())

    async def _replay(self, step: Step) -> list[str]:
        with self._screen.capturing() as output:
            await self._echo_and_enter(step.line)
        return [] if step.is_comment else _unmet_expectations(step, output)

    async def _echo_and_enter(self, line: str) -> None:
        if is_comment(line):
            self._screen.note(line)
        elif line:
            self._screen.echo(self._user, line)
            await self.enter(line)
            await self._settle()

    async def _execute(self, line: str) -> None:
        parsed = parse(line, self._commands.keys())
        match parsed:
            case Command():
                await self._receive(command_event(parsed, self._user), self._conversation())
            case React():
                await self._react(parsed)
            case Press():
                await self._press(parsed)
            case ReplyInThread() | Say():
                await self._write(parsed)
            case OpenHome():
                await self._receive(home_event(self._user), self._conversation())
            case SwitchUser() | SwitchChannel() | ShowUser():
                self._switch(parsed)
            case ImportFile() | PostToday():
                await self._operate(parsed)
            case ShowConsoleHelp():
                self._screen.show(controls())
            case Quit():
                self._open = False

    async def _operate(self, parsed: ImportFile | PostToday) -> None:
        match parsed:
            case ImportFile(file):
                answer = await self._operator.import_file(file)
            case PostToday():
                answer = await self._operator.post_today(self._user.channel)
        self._screen.note(answer)

    async def _react(self, parsed: React) -> None:
        message = self._find(parsed.message, lambda each: each.draft.reader is None)
        if "up" not in message.draft.buttons:
            raise UserError(
                f"Message {message.number} does not show one paper alone, so a reaction to it is no vote."
            )
        reacted = (self._user.person, parsed.vote) in self._surface.history.reactions(message.number)
        if not parsed.added and not reacted:
            sign = "👍" if parsed.vote is Vote.UP else "👎"
            raise UserError(f"There is no {sign} of {self._user.person}'s on message {message.number}.")
        self._surface.history.react(message.number, self._user.person, parsed.vote, added=parsed.added)
        event = reaction_event(parsed, self._user, message.ref, self._surface.clock.now())
        await self._receive(event, self._conversation())

    async def _press(self, parsed: Press) -> None:
        message = self._find(parsed.message, lambda each: bool(each.draft.buttons))
        buttons = message.draft.buttons
        name = parsed.button.replace("#", "")
        if name not in buttons:
            self._screen.note(f"Message {message.number} has these buttons: {', '.join(buttons)}.")
            if name:
                near = did_you_mean(name, list(buttons))
                raise UserError(f"Message {message.number} has no button “{cut(name)}”.{near}")
            return
        event = press_event(from_token(buttons[name]), self._user)
        thread = message.draft.thread
        await self._receive(event, ConsoleConversation(self._surface, self._user, thread, message))

    async def _write(self, parsed: ReplyInThread | Say) -> None:
        """Write in the channel or in a thread as the user. The bot replies in the thread."""
        root = None
        if isinstance(parsed, ReplyInThread):
            above = self._find(parsed.message, lambda each: each.draft.reader is None)
            root = above.draft.thread or str(above.number)
        now = self._surface.clock.now()
        message = self._surface.history.post(
            Draft(self._user.channel, self._user.person, now, parsed.text, thread=root)
        )
        place = f"in the thread of [{root}]" if root else f"in {self._user.channel}"
        self._screen.note(f"[{message.number}] {place}")
        await self._receive(
            posted_event(self._user, message.ref, parsed.text, now),
            ConsoleConversation(self._surface, self._user, root or str(message.number)),
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
        if message.draft.channel != self._user.channel:
            raise UserError(f"Message {number} is in {message.draft.channel}, and you are not.")
        if not self._sees(message):
            raise UserError(f"Only {message.draft.reader} sees message {number}.")
        if not fits(message):
            raise UserError(f"Message {number} does not take that.")
        return message

    def _sees(self, message: Message) -> bool:
        draft = message.draft
        return draft.channel == self._user.channel and draft.reader in {None, self._user.person}

    def _conversation(self) -> ConsoleConversation:
        return ConsoleConversation(self._surface, self._user)

    def _switch(self, parsed: SwitchUser | SwitchChannel | ShowUser) -> None:
        match parsed:
            case SwitchUser(person, admin):
                self._user = self._user.switched_to(person, admin=admin)
            case SwitchChannel(channel):
                self._user = self._user.in_channel(channel)
            case ShowUser():
                pass
        self._screen.note(f"You are {self._user.description}.")


def _unmet_expectations(step: Step, output: CapturedOutput) -> list[str]:
    failures = [
        f"{number}: “{text}” was expected of `{step.line}`, which did not say it"
        for number, text in step.texts
        if not output.contains(text)
    ]
    if output.errors and not step.error:
        failures.append(f"{step.number}: `{step.line}` came to an error")
    if step.error and not output.errors:
        failures.append(f"{step.number}: an error was expected of `{step.line}`, and none came")
    return failures


def _print_error(text: str) -> None:
    sys.stderr.write(text + "\n")
