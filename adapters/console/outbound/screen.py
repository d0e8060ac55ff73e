"""Output on the terminal: numbered messages, edits and echoed lines."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO, TextIOWrapper

from rich.console import Console, Group, RenderableType
from rich.segment import Segment, Segments
from rich.status import Status
from rich.text import Text

from adapters.console.limits import PICTURE_WIDTH, RECORD_WIDTH, WIDEST
from adapters.console.outbound.history import Message
from adapters.console.render.parts import dim
from adapters.console.render.replies import RenderedReply
from adapters.console.render.text import NEAREST
from adapters.console.user import ConsoleUser


@dataclass(slots=True)
class CapturedOutput:
    """The text and the number of errors that were shown within `Screen.capturing`."""

    text: str = ""
    errors: int = 0

    def contains(self, text: str) -> bool:
        """Whether a text was shown, wherever its lines were wrapped."""
        return " ".join(text.split()) in " ".join(self.text.split())


class Screen:
    """Shows messages on a console from `terminal` or `recorder`."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._captured: CapturedOutput | None = None
        self._status: Status | None = None

    def show_message(self, message: Message, rendered: RenderedReply) -> None:
        """Show a message with its number and buttons."""
        self._block(_header(message), rendered, message.number)

    def show(self, rendered: RenderedReply) -> None:
        """Show a reply that is no message: without a number nobody can press its buttons or vote on it."""
        self._block(None, rendered, None)

    def show_edit(self, message: Message, rendered: RenderedReply) -> None:
        """Show a message after an edit; in one line where the reply has one."""
        if rendered.one_line is not None:
            self._print(Text.assemble("✎ ", (f"[{message.number}]", "bold"), " ", rendered.one_line))
        else:
            self._block(Text.assemble("✎ ", _header(message)), rendered, message.number)

    def echo(self, user: ConsoleUser, line: str) -> None:
        """Show a line behind the prompt, as if it were typed now."""
        self._print(Text.assemble(_prompt(user), (line, "bold")))

    def prompt(self, user: ConsoleUser) -> str:
        """Return the prompt with colour codes."""
        with self.console.capture() as captured:
            self.console.print(_prompt(user), end="")
        return captured.get()

    def note(self, text: str) -> None:
        """Show dimmed lines."""
        self._print(*map(dim, text.splitlines()))

    def working(self, text: str) -> None:
        """Show a status until the next output; none on a pipe or a recording, which could not erase it."""
        self.clear_status()
        if self.console.is_terminal and not (self.console.is_dumb_terminal or self.console.record):
            self._status = self.console.status(dim(text))
            self._status.start()

    def clear_status(self) -> None:
        """Erase the status."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextmanager
    def capturing(self) -> Iterator[CapturedOutput]:
        """Collect what is shown within the block."""
        self._captured = captured = CapturedOutput()
        try:
            yield captured
        finally:
            self._captured = None

    def _block(self, header: Text | None, rendered: RenderedReply, number: int | None) -> None:
        if self._captured is not None:
            self._captured.errors += rendered.error
        above = [] if header is None else [header]
        below = [] if number is None else _pressable(rendered, number)
        self._print(*above, *rendered.body, *below, Text())

    def _print(self, *parts: RenderableType) -> None:
        self.clear_status()
        if self._captured is not None:
            self._captured.text += _plain(parts, WIDEST)
        self.console.print(_trimmed(self.console, Group(*parts)), end="", soft_wrap=True)


def terminal() -> Console:
    """Return a console on standard output, with colours where the terminal has them.

    Characters that its encoding lacks are replaced by their nearest, instead of raising an error.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=NEAREST)
    return Console(highlight=False, markup=False, emoji=False)


def recorder(width: int = PICTURE_WIDTH) -> Console:
    """Return a console that records its output for a picture.

    Colours, width and height are fixed, so that the picture does not depend on the environment.
    """
    return Console(
        file=StringIO(),
        record=True,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        width=width,
        height=25,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _prompt(user: ConsoleUser) -> Text:
    place = "direct message" if user.direct else user.channel
    role = " (admin)" if user.admin else ""
    return Text.assemble((user.person, "bold green"), role, " in ", (place, "magenta"), "> ")


def plain(rendered: RenderedReply) -> str:
    """Return a reply as plain text, as the message file keeps it."""
    return _plain(rendered.body, RECORD_WIDTH)


def _header(message: Message) -> Text:
    draft = message.draft
    place = f" · in the thread of [{draft.thread}]" if draft.thread else ""
    private = " · only you see this" if draft.reader else ""
    return Text.assemble((f"[{message.number}]", "bold"), (f" {draft.channel}{place}{private}", "dim"))


def _plain(parts: Iterable[RenderableType], width: int) -> str:
    console = Console(
        file=StringIO(), width=width, color_system=None, highlight=False, markup=False, emoji=False
    )
    with console.capture() as captured:
        console.print(_trimmed(console, Group(*parts)), end="", soft_wrap=True)
    return captured.get()


def _trimmed(console: Console, part: RenderableType) -> Segments:
    """Render lines without the trailing spaces of tables."""
    options = console.options.update(width=min(console.width, WIDEST))
    segments: list[Segment] = []
    for line in Segment.split_lines(console.render(part, options)):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = line[-1]._replace(text=line[-1].text.rstrip())
        segments += [*line, Segment.line()]
    return Segments(segments)


def _pressable(rendered: RenderedReply, number: int) -> list[Text]:
    single = [button.verb for button in rendered.buttons if button.row is None]
    rows = list(dict.fromkeys(button.verb for button in rendered.buttons if button.row is not None))
    lines = []
    if single:
        lines.append(dim(f"/press {number} {' | '.join(single)}"))
    if rows:
        lines.append(dim(f"/press {number} {' | '.join(rows)} NUMBER"))
    if rendered.invites_replies:
        lines.append(dim(f"/reply {number} TEXT joins in"))
    return lines
