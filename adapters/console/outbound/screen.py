"""What is put on the terminal: messages with their numbers, edits, echoes and the picture of it all."""

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
from adapters.console.render.replies import Drawing
from adapters.console.render.text import NEAREST
from adapters.console.seat import Seat


@dataclass(slots=True)
class Heard:
    """What was shown while somebody listened."""

    text: str = ""
    errors: int = 0

    def says(self, wanted: str) -> bool:
        """Whether this was shown, wherever its lines were broken."""
        return " ".join(wanted.split()) in " ".join(self.text.split())


class Screen:
    """A terminal, a pipe or a recording."""

    def __init__(self, console: Console) -> None:
        """Take a console from `terminal` or `recorder`."""
        self.console = console
        self._heard: Heard | None = None
        self._status: Status | None = None

    def message(self, message: Message, drawing: Drawing) -> None:
        """Show a message of the bot that has a number."""
        self._block(_header(message), drawing, message.number)

    def aside(self, drawing: Drawing) -> None:
        """Show something that is no message and cannot be pressed or voted on."""
        self._block(None, drawing, None)

    def edited(self, message: Message, drawing: Drawing) -> None:
        """Show what has become of a message: in one line, where only its marks have changed."""
        if drawing.brief is not None:
            self._print(Text.assemble("✎ ", (f"[{message.number}]", "bold"), " ", drawing.brief))
        else:
            self._block(Text.assemble("✎ ", _header(message)), drawing, message.number)

    def echo(self, seat: Seat, line: str) -> None:
        """Show a line as if it were typed now."""
        self._print(Text.assemble(_prompt(seat), (line, "bold")))

    def prompt(self, seat: Seat) -> str:
        """What stands before the line that is typed, with its colours."""
        with self.console.capture() as captured:
            self.console.print(_prompt(seat), end="")
        return captured.get()

    def remark(self, text: str) -> None:
        """Show lines that stand back."""
        self._print(*map(dim, text.splitlines()))

    def working(self, text: str) -> None:
        """Say that something takes a moment, where that can be wiped away again."""
        self.rest()
        if self.console.is_terminal and not (self.console.is_dumb_terminal or self.console.record):
            self._status = self.console.status(dim(text))
            self._status.start()

    def rest(self) -> None:
        """Wipe away what `working` said."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextmanager
    def listening(self) -> Iterator[Heard]:
        """Keep what is shown meanwhile."""
        self._heard = heard = Heard()
        try:
            yield heard
        finally:
            self._heard = None

    def _block(self, header: Text | None, drawing: Drawing, number: int | None) -> None:
        if self._heard is not None:
            self._heard.errors += drawing.error
        above = [] if header is None else [header]
        below = [] if number is None else _pressable(drawing, number)
        self._print(*above, *drawing.body, *below, Text())

    def _print(self, *parts: RenderableType) -> None:
        self.rest()
        if self._heard is not None:
            self._heard.text += _plain(parts, WIDEST)
        self.console.print(_trimmed(self.console, Group(*parts)), end="", soft_wrap=True)


def terminal() -> Console:
    """A console on standard output: coloured where it is a terminal that has colours."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=NEAREST)
    return Console(highlight=False, markup=False, emoji=False)


def recorder(width: int = PICTURE_WIDTH) -> Console:
    """A console that writes nowhere and keeps all, to make a picture from.

    Colours and both measures are given, so that no variable of the environment changes the picture.
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


def _prompt(seat: Seat) -> Text:
    place = "direct message" if seat.direct else seat.channel
    role = " (admin)" if seat.admin else ""
    return Text.assemble((seat.person, "bold green"), role, " in ", (place, "magenta"), "> ")


def plain(drawing: Drawing) -> str:
    """A drawing as the record keeps it."""
    return _plain(drawing.body, RECORD_WIDTH)


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
    """Lines without the blanks that tables leave at their ends."""
    options = console.options.update(width=min(console.width, WIDEST))
    segments: list[Segment] = []
    for line in Segment.split_lines(console.render(part, options)):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = line[-1]._replace(text=line[-1].text.rstrip())
        segments += [*line, Segment.line()]
    return Segments(segments)


def _pressable(drawing: Drawing, number: int) -> list[Text]:
    single = [button.verb for button in drawing.buttons if button.row is None]
    rows = list(dict.fromkeys(button.verb for button in drawing.buttons if button.row is not None))
    lines = []
    if single:
        lines.append(dim(f"/press {number} {' | '.join(single)}"))
    if rows:
        lines.append(dim(f"/press {number} {' | '.join(rows)} NUMBER"))
    if drawing.for_talk:
        lines.append(dim(f"/reply {number} TEXT joins in"))
    return lines
