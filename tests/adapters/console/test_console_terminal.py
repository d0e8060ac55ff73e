import io
import re
import sys
from xml.etree import ElementTree as ET

import pytest
from console_samples import canvas
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.console.inbound.prompt import NameCompleter, typed_lines
from adapters.console.outbound.screen import Screen, recorder, terminal
from adapters.console.render.picture import to_svg
from adapters.console.render.replies import render
from adapters.console.user import ConsoleUser
from tests.reply_samples import REPLIES


class Stream(io.TextIOWrapper):
    """A stream that says whether it is a terminal."""

    def __init__(self, encoding="utf-8", *, tty):
        self.tty = tty
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    def isatty(self):
        return self.tty

    @property
    def written(self):
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture
def stdout(monkeypatch):
    for variable in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")

    def use(stream):
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return use


def show_all(name="card"):
    screen = Screen(terminal())
    screen.working("Looking …")
    screen.echo(ConsoleUser("ada"), "card")
    screen.show(render(REPLIES[name]))


def test_a_terminal_gets_colours(stdout):
    stream = stdout(Stream(tty=True))
    show_all()
    assert "\x1b[1m" in stream.written
    assert "Looking" in stream.written


def test_a_pipe_gets_plain_text(stdout):
    stream = stdout(Stream(tty=False))
    show_all()
    assert "\x1b" not in stream.written
    assert "Looking" not in stream.written
    assert stream.written.startswith("ada in #general> card\n")


def test_no_color_is_heeded(stdout, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = stdout(Stream(tty=True))
    show_all()
    assert not re.search(r"\x1b\[[\d;]*3\d", stream.written)


def test_a_dumb_terminal_gets_plain_text(stdout, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = stdout(Stream(tty=True))
    show_all()
    assert "\x1b" not in stream.written


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", REPLIES)
def test_every_encoding_can_be_written(stdout, encoding, name):
    stream = stdout(Stream(encoding, tty=False))
    show_all(name)
    assert (
        "👍".encode(encoding, "replace").decode() not in stream.written or "?" in name or name == "discussion"
    )
    assert "\x1b" not in stream.written


def test_wide_terminals_do_not_make_long_lines(stdout, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    stream = stdout(Stream(tty=False))
    show_all("whole_card")
    assert max(map(len, stream.written.splitlines())) <= 100


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("se", ["search", "settings"]),
        ("/papers se", ["search", "settings"]),
        ("/r", ["/reply"]),
        (
            "/",
            [
                "/press",
                "/say",
                "/reply",
                "/as",
                "/in",
                "/dm",
                "/home",
                "/import",
                "/post",
                "/who",
                "/help",
                "/quit",
            ],
        ),
        ("search mix", []),
        ("xyz", []),
    ],
)
def test_names_are_completed(typed, offered):
    completer = NameCompleter({"search": "Find papers", "settings": "Change", "vote": "Vote"})
    found = completer.get_completions(Document(typed), CompleteEvent())
    assert [each.text for each in found] == offered


async def test_typed_lines_come_until_ctrl_d_and_are_kept(tmp_path):
    kept = tmp_path / "folder" / "typed"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("search x\rdropped\x03show 1\r\x04")
        lines = [line async for line in typed_lines(lambda: "ada> ", {"search": ""}, kept)]
    assert lines == ["search x", "show 1"]
    assert "+search x" in kept.read_text()


def test_the_prompt_says_who_and_where():
    screen = Screen(canvas())
    assert screen.prompt(ConsoleUser("ada")) == "ada in #general> "
    assert screen.prompt(ConsoleUser("ada", "@ada", admin=True)) == "ada (admin) in direct message> "
    assert screen.console.export_text() == ""


def test_the_picture_is_whole_and_asks_nobody():
    screen = Screen(recorder(80))
    screen.working("Looking …")
    for name in REPLIES:
        screen.echo(ConsoleUser("ada"), name)
        screen.show(render(REPLIES[name]))
    svg = to_svg(screen.console, "paperclub")
    root = ET.fromstring(svg)
    assert re.findall(r"https?://[^\"&<\s]+", svg.replace("https://arxiv.org/abs/2401.00001", "")) == [
        "http://www.w3.org/2000/svg"
    ]
    assert "Looking" not in svg
    text = "".join(root.itertext()).replace("\xa0", " ")
    assert "Done: Saved." in text
    assert "Error: There is no command" in text
    assert to_svg(screen.console, "paperclub") == svg


def test_wide_characters_take_two_columns_in_the_picture():
    screen = Screen(recorder(80))
    screen.note("👍 2")
    assert f'textLength="{12.2 * 4:g}"' in to_svg(screen.console, "x")
