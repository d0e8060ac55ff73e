import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.discord.limits import COMPONENTS, CUSTOM_ID, NONCE, TEXT, THREAD_NAME
from adapters.discord.render.modals import autocomplete_choices, form_message, modal, next_page
from adapters.discord.render.replies import DM_GUILD, RenderContext, render
from bot.conversation.lists import RESULTS_A_PAGE, ROWS_A_PAGE, SUBSCRIPTIONS_A_PAGE
from bot.protocol.replies import Digest, Help
from tests.discord_words import inside, spoken
from tests.reply_samples import BARE, FORM, REPLIES, poisoned
from tests.servers.discord.drafts import check_message
from tests.servers.discord.modals import check_modal
from tests.servers.discord.openapi import ABSENT, Published, file
from tests.servers.discord.problems import Problems

PIECES = [
    "@everyone",
    "@here",
    "<@1234567890123456789>",
    "<@&123>",
    "<#123>",
    "<:kettle:123>",
    "<t:1>",
    "</papers:1>",
    "[x](https://evil.example)",
    "https://evil.example/",
    "<https://evil.example>",
    "**b**",
    "_i_",
    "__u__",
    "~~s~~",
    "||spoiler||",
    "`c`",
    "```",
    ":tada:",
    "# h",
    "-# s",
    "> q",
    "- l",
    "1. l",
    "\\",
    "\n",
    "\x00",
    "\ud800",
    "\u202e",
    "日本",
    "word ",
]
PIECE = st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map("".join)
NASTY = st.tuples(PIECE, st.sampled_from([1, 1, 3, 50, 500])).map(lambda pair: pair[0] * pair[1])
ROWS = ("hits", "rows", "quotes", "preview", "entries", "sections", "subscriptions", "saved", "top")
LINKED = replace(REPLIES["card"], paper=replace(BARE, links=("https://example.org",)))
SAMPLES = {**REPLIES, "linked": LINKED}
TOKEN = "T" * 24
SET = re.compile(r"\\.|`[^`]*`|\[[^\[\]]*\]\(https?://[^()\s]+\)|\*\*", re.DOTALL)
"""Escaped signs, and the code, links and weight that we set ourselves."""


@pytest.fixture(scope="session")
def published():
    place = file()
    return None if place is None else Published.read(place)


def grown(reply, copies):
    """The same reply with every list so many times as long."""
    longer = {
        name: getattr(reply, name) * copies for name in ROWS if isinstance(getattr(reply, name, None), tuple)
    }
    return replace(reply, **longer)


def may_go_on(reply):
    """Whether further messages may follow the first."""
    return isinstance(reply, Help) or (isinstance(reply, Digest) and reply.preview)


def assert_discord_takes(message):
    body = message.body(token=TOKEN)
    check_message(body, {})
    every = list(inside(body["components"]))
    assert len(every) <= COMPONENTS
    assert 0 < sum(len(each.get("content", "")) for each in every) <= TEXT
    assert all(len(each["custom_id"]) <= CUSTOM_ID for each in every if "custom_id" in each)
    assert 0 < len(message.title.strip()) <= THREAD_NAME
    str(body).encode()


def assert_inert(message):
    for text in (each["content"] for each in inside(message.components) if "content" in each):
        around = SET.sub("", text)
        assert not set("*_~`|<[]") & set(around)
        assert not re.search(r"(?<!\w)@\w", around)
        assert "://" not in around
        # What is code stands between the words around it: they do not touch.
        assert not re.search(r":[^\s:\u200b]+:", SET.sub(" ", text))
        for line in text.splitlines():
            assert not re.match(r"(#{1,3}|-#|[-+>]|\d+\.) ", re.sub(r"^(### |-# |> |- )", "", line))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(SAMPLES)),
    NASTY,
    st.sampled_from([1, 1, 2, 5, 30]),
    st.sampled_from(
        [RenderContext(), RenderContext("123456789012345678", reads_messages=False), RenderContext(DM_GUILD)]
    ),
)
def test_whatever_a_reply_holds_discord_takes_it(name, poison, copies, context):
    reply = grown(poisoned(SAMPLES[name], poison), copies)
    messages = render(reply, context)
    assert len(messages) == 1 or may_go_on(reply)
    for message in messages:
        assert_discord_takes(message)
        assert_inert(message)


@pytest.mark.parametrize("poison", ["\\" * 3000, "é* " * 1000, "[](" * 1000, ""])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_worst_texts_fit(name, poison):
    for message in render(grown(poisoned(SAMPLES[name], poison), 6), RenderContext("1")):
        assert_discord_takes(message)
        assert_inert(message)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_drawn_is_as_discord_publishes_it(name, published):
    if published is None:
        pytest.skip(ABSENT)
    for message in render(SAMPLES[name]):
        body = message.body(token=TOKEN) | {"nonce": TOKEN, "enforce_nonce": True}
        assert published.body_problems("POST /channels/{channel_id}/messages", body) == []
    callback = "POST /interactions/{interaction_id}/{interaction_token}/callback"
    assert (
        published.body_problems(callback, {"type": 9, "data": modal(*next_page(FORM, 0, for_dm=True))}) == []
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(NASTY, st.integers(1, 4))
def test_whatever_a_form_holds_it_is_a_modal(poison, copies):
    fields = tuple(
        replace(field, name=f"{field.name}{number}")
        for number in range(copies)
        for field in poisoned(FORM, poison).fields
    )
    form = replace(poisoned(FORM, poison), fields=fields)
    left = len(fields)
    while left:
        part, page = next_page(form, left, for_dm=True)
        problems = Problems()
        check_modal(modal(part, page), problems)
        assert problems.found == []
        left = page.fields_left
    assert_discord_takes(form_message(form, "form:subscribe:3"))


@settings(max_examples=25)
@given(PIECE)
def test_whatever_is_suggested_it_can_be_chosen(poison):
    for choice in autocomplete_choices(poisoned(SAMPLES["suggestions"], poison), integer=False):
        assert 0 < len(choice["name"]) <= 100
        assert 0 < len(choice["value"]) <= 100


def test_a_token_fits_a_nonce():
    assert len(TOKEN) <= NONCE


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("search", RESULTS_A_PAGE),
        ("leaderboard", ROWS_A_PAGE),
        ("reading", ROWS_A_PAGE),
        ("subscriptions", SUBSCRIPTIONS_A_PAGE),
        ("home", 5),
    ],
)
def test_a_page_is_one_message_with_all_its_rows(name, rows):
    copies = rows if name in {"reading", "subscriptions", "home"} else -(-rows // 2)
    (message,) = render(grown(REPLIES[name], copies), RenderContext("123456789012345678"))
    assert "more" not in spoken(message.components).replace("More options", "")


def test_a_page_that_is_too_long_says_so():
    (message,) = render(grown(REPLIES["search"], 20))
    text = spoken(message.components)
    assert re.search(r"and \d+ more page 2 of 4", text)
    assert 5 <= text.count("Gardens of Attention") < 20


def test_a_long_overview_is_cut_and_says_so():
    (message,) = render(grown(REPLIES["digest"], 80))
    assert re.search(r"and \d+ more below Each paper follows", spoken(message.components))


def test_a_long_preview_goes_on_in_further_messages():
    messages = render(grown(REPLIES["preview"], 30))
    assert len(messages) > 1
    text = " ".join(spoken(message.components) for message in messages)
    assert text.count("Gardens of Attention") == 30
    assert text.endswith("Nothing has been posted.")
