import json
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.limits import BLOCKS_AS_JSON, MESSAGE_TEXT
from adapters.slack.render.blocks import button
from adapters.slack.render.replies import render
from bot.conversation.lists import SUBSCRIPTIONS_A_PAGE
from bot.domain.vote import Vote
from bot.protocol.actions import CastVote
from bot.protocol.replies import Digest, Help
from tests.reply_samples import BARE, REPLIES, poisoned
from tests.servers.slack.blocks import block_problems, characters
from tests.servers.slack.limits import limit

PIECES = [
    "<!channel>",
    "<!here|x>",
    "<@U123>",
    "<#C1|general>",
    "<https://evil.example|x>",
    "@here",
    "@channel",
    "*b*",
    "_i_",
    "~s~",
    "`c`",
    "```",
    ":tada:",
    "&",
    "&lt;",
    ">",
    "\\",
    '"',
    "\n",
    "\x00",
    "\ud800",
    "\u202e",
    "日本",
    "word ",
    "https://example.org/",
]
PIECE = st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map("".join)
NASTY = st.tuples(PIECE, st.sampled_from([1, 1, 3, 50, 500])).map(lambda pair: pair[0] * pair[1])
ROWS = ("hits", "rows", "quotes", "preview", "entries", "sections", "links")
LINKED = replace(REPLIES["card"], paper=replace(BARE, links=("https://example.org",)))
SAMPLES = {**REPLIES, "linked": LINKED}


def grown(reply, copies):
    """The same reply with every list so many times as long."""
    longer = {
        name: getattr(reply, name) * copies for name in ROWS if isinstance(getattr(reply, name, None), tuple)
    }
    return replace(reply, **longer)


def texts(value):
    """Every text object inside blocks."""
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts(each)]
    if not isinstance(value, dict):
        return []
    if value.get("type") in {"plain_text", "mrkdwn"}:
        return [value]
    return [text for each in value.values() for text in texts(each)]


def may_go_on(reply):
    """Whether further messages may follow the first."""
    return isinstance(reply, Help) or (isinstance(reply, Digest) and reply.preview)


def assert_slack_takes(message):
    blocks = list(message.blocks)
    assert block_problems(blocks) == []
    assert blocks
    assert characters(blocks) < limit("blocks.characters")
    assert len(json.dumps(blocks, ensure_ascii=False)) <= BLOCKS_AS_JSON
    assert 0 < len(message.text.strip()) <= MESSAGE_TEXT
    json.dumps(blocks, ensure_ascii=False).encode()
    message.text.encode()


def assert_inert(message):
    assert "<" not in message.text
    for text in texts(message.blocks):
        assert "<" not in re.sub(r"<https?://[^<>|\s]+\|[^<>|]+>", "", text["text"])
        assert not re.search(r"&(?!amp;|lt;|gt;)", re.sub(r"<http[^|]+\|", "", text["text"]))
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            assert not re.search(r"(?<!\w)@(here|channel|everyone)", re.sub(r"`[^`]*`", "", text["text"]))
        else:
            assert "<" not in text["text"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SAMPLES)), NASTY, st.sampled_from([1, 1, 2, 5, 30]))
def test_whatever_a_reply_holds_slack_takes_it(name, poison, copies):
    reply = grown(poisoned(SAMPLES[name], poison), copies)
    messages = render(reply)
    assert len(messages) == 1 or may_go_on(reply)
    for message in messages:
        assert_slack_takes(message)
        assert_inert(message)


@pytest.mark.parametrize("poison", ["&" * 4000, "\\" * 4000, '"' * 4000, "é* " * 2000, ""])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_worst_texts_fit(name, poison):
    for message in render(grown(poisoned(SAMPLES[name], poison), 8)):
        assert_slack_takes(message)
        assert_inert(message)


def test_a_long_overview_is_cut_and_says_so():
    (message,) = render(grown(REPLIES["digest"], 80))
    assert re.match(r"and \d+ more below\nEach paper follows", message.blocks[-1]["elements"][0]["text"])


def test_a_page_that_is_too_long_says_so():
    (message,) = render(grown(REPLIES["search"], 20))
    shown = message.text.count("Gardens of Attention")
    assert re.match(r"and \d+ more\npage 2 of 4", message.blocks[-2]["elements"][0]["text"])
    assert 5 <= shown < 20


def test_a_long_preview_goes_on_in_further_messages():
    messages = render(grown(REPLIES["preview"], 30))
    assert len(messages) > 1
    said = "\n".join(message.text for message in messages)
    assert said.count("Gardens of Attention") == 30
    assert said.endswith("Nothing has been posted.")


def test_a_page_of_subscriptions_is_one_message():
    (message,) = render(grown(REPLIES["subscriptions"], SUBSCRIPTIONS_A_PAGE))
    assert message.text.count("mixture of experts") == SUBSCRIPTIONS_A_PAGE


def test_the_text_beside_a_long_message_ends_between_lines():
    (message,) = render(grown(REPLIES["search"], 8))
    assert len(message.text) <= MESSAGE_TEXT


def test_a_button_about_what_nobody_sees_has_no_label_for_it():
    assert "accessibility_label" not in button(
        "vote", "Vote", CastVote(1, Vote.UP), accessibility_label="\u200b\u202e"
    )
    assert (
        button("vote", "Vote", CastVote(1, Vote.UP), accessibility_label="Kettles")["accessibility_label"]
        == "Kettles"
    )
