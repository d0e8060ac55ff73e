import struct

import pytest

from adapters.slack.render.home import home_view
from adapters.slack.render.modals import errors_of, modal
from adapters.slack.render.replies import render
from bot.protocol.replies import Form, Home
from tests.adapters.slack.drawing import page
from tests.reply_samples import REPLIES, poisoned
from tests.servers.slack.samples import choice, entry, external, option, plain
from tests.servers.slack.samples import modal as sample

HEIGHT = 7200


def drawn(replies):
    """Every reply as a message, and what has a view of its own as that too."""
    parts = []
    for name, reply in replies.items():
        for number, message in enumerate(render(reply), 1):
            parts.append(page.message(f"{name} {number}", message.blocks))
        if isinstance(reply, Form):
            parts.append(page.modal(f"{name} modal", modal(reply, "C1", "#papers"), errors_of(reply)))
        if isinstance(reply, Home):
            parts.append(page.home(f"{name} view", home_view(reply, "D1")))
    return parts


@pytest.mark.skipif(not page.CHROMIUM.exists(), reason=f"{page.CHROMIUM} is not installed")
def test_every_reply_can_be_looked_at(tmp_path):
    raw = page.picture(page.page(*drawn(REPLIES)), tmp_path, HEIGHT).read_bytes()
    assert raw.startswith(b"\x89PNG")
    assert struct.unpack(">II", raw[16:24]) == (page.WIDTH, HEIGHT)


def test_foreign_text_stays_text_in_the_page():
    hostile = "<script>alert(1)</script><img src=x>'\"&amp;"
    shown = page.page(*drawn({name: poisoned(reply, hostile) for name, reply in REPLIES.items()}))
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_inputs_show_what_stands_in_them_and_what_is_wrong():
    written = {"type": "plain_text_input", "action_id": "a", "placeholder": plain("for example")}
    shown = page.modal(
        "form",
        sample(
            entry(element=written, optional=True, hint=plain("a hint")),
            entry(block_id="filled", element={**written, "initial_value": "A <b>"}),
            entry(block_id="radio", element=choice("radio_buttons", 2, initial_option=option(1))),
            entry(block_id="chosen", element=external(initial_option=option(text=plain("green")))),
            entry(block_id="time", element={"type": "timepicker", "initial_time": "09:00"}),
            close=plain("Cancel"),
        ),
        {"filled": "No <i>"},
    )
    for part in (
        "for example",
        "(optional)",
        "a hint",
        "A &lt;b&gt;",
        "No &lt;i&gt;",
        "green",
        "09:00",
        "Cancel",
    ):
        assert part in shown
    assert shown.count("class='choice chosen'") == 1
