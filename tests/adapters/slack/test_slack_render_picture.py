import struct

import pytest

from adapters.slack.render import render
from tests.adapters.slack.drawing.page import CHROMIUM, WIDTH, page, picture
from tests.reply_samples import REPLIES, poisoned

HEIGHT = 4600


def drawn(replies):
    return {
        f"{name} {number}": message.blocks
        for name, reply in replies.items()
        for number, message in enumerate(render(reply), 1)
    }


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")
def test_every_reply_can_be_looked_at(tmp_path):
    raw = picture(page(drawn(REPLIES)), tmp_path, HEIGHT).read_bytes()
    assert raw.startswith(b"\x89PNG")
    assert struct.unpack(">II", raw[16:24]) == (WIDTH, HEIGHT)


def test_foreign_text_stays_text_in_the_page():
    hostile = "<script>alert(1)</script><img src=x>'\"&amp;"
    shown = page(drawn({name: poisoned(reply, hostile) for name, reply in REPLIES.items()}))
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
