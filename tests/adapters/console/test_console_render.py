from dataclasses import replace
from io import BytesIO, TextIOWrapper
from typing import get_args

import pytest
from console_samples import canvas
from rich.cells import cell_len

from adapters.console.outbound.history import Draft, Message
from adapters.console.outbound.screen import Screen
from adapters.console.render.replies import controls, render
from adapters.console.render.text import NEAREST
from bot.domain.vote import Vote
from bot.protocol.actions import (
    TOKEN_LIMIT,
    CastVote,
    EndSubscription,
    PauseSubscription,
    Share,
    TurnPage,
    to_token,
)
from bot.protocol.replies import (
    Digest,
    DigestSection,
    Notice,
    Pages,
    PaperCard,
    Reply,
    SearchResults,
    SubscriptionList,
    Tone,
)
from tests.reply_samples import HITS, MARKED_RESULTS, MARKS, PAPER, REPLIES, poisoned

HOSTILE = "[bold]x[/bold] \x1b[31mred \x1b]8;;http://evil\x07link\u202eturned :+1: `code`\nnext \ud800"


def drawn(reply, width=100, *, colour=False, number=12):
    console = canvas(width, colour=colour)
    draft = Draft("#general", "paperclub", None, "")
    Screen(console).show_message(Message(number, draft), render(reply))
    return console.export_text(styles=colour)


def test_every_meaning_is_among_the_samples():
    assert {type(each) for each in REPLIES.values()} == set(get_args(Reply))


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("name", REPLIES)
def test_every_meaning_fits_the_width_without_colours(name, width):
    text = drawn(REPLIES[name], width)
    assert "\x1b" not in text
    assert text.splitlines()[0] == "[12] #general"
    assert [line for line in text.splitlines() if cell_len(line) > width or line != line.rstrip()] == []


@pytest.mark.parametrize("name", REPLIES)
def test_colours_change_nothing_that_is_read(name):
    console = canvas(colour=True)
    Screen(console).show(render(REPLIES[name]))
    coloured = console.export_text(styles=True, clear=False)
    plain = canvas()
    Screen(plain).show(render(REPLIES[name]))
    assert console.export_text() == plain.export_text()
    assert "\x1b[" in coloured or name == "info"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "search",
            """\
[12] #general
“mixture of experts”

 #57 Sparse Experts for Long Sequences: a Study of Routing
     under Pressure
     Ada Lund, Bo Meyer, Cy Novak and 2 others · 2024 ·
     cs.LG, cs.CL
     👍 2 👎 1 · you voted 👍 · discussed · posted · saved
     “Experts are routed by meaning.”
     https://arxiv.org/abs/2401.00001

#123 Gardens of Attention

page 2 of 4 · 18 papers
/press 12 next | previous | share
/press 12 up | down | save | summary | show | related NUMBER

""",
        ),
        (
            "summary",
            """\
[12] #general
#57 Sparse Experts for Long Sequences: a Study of Routing
under Pressure
Ada Lund, Bo Meyer, Cy Novak and 2 others · 2024 · cs.LG,
cs.CL
The abstract in its own words:
“Routing decides.” (sentence 1 of 8)
“It holds up.” (sentence 3 of 8)
👍 2 👎 1 · you voted 👍 · discussed · posted · saved
https://arxiv.org/abs/2401.00001
/press 12 up | down | save | show | related | discuss

""",
        ),
        (
            "digest",
            """\
[12] #general
Papers for Wed 25 Nov 2026
Careful: arXiv did not answer.

experts · 2 papers
 #57 Sparse Experts for Long Sequences: a Study of Routing
     under Pressure
#123 Gardens of Attention

gardens · 1 paper
#123 Gardens of Attention

Each paper follows in this message's thread, to vote on.

""",
        ),
        (
            "leaderboard",
            """\
[12] #general
Top papers in #general

Rank Paper                               Up Down Said Source
  1. #57 Sparse Experts for Long         12    1    3     40
     Sequences: a Study of Routing under
     Pressure
  2. #123 Gardens of Attention            1    0    0      0

page 2 of 4 · 18 papers
/press 12 next | previous
/press 12 up | down | save | summary | show | related NUMBER

""",
        ),
        (
            "subscribed",
            """\
[12] #general
Done: Subscribed to “mixture of experts”
Monday to Friday at 09:00 Europe/Paris · at most 1 paper a
day · at least 3 up-votes · only cs.LG
Next post: Wed 25 Nov, 09:00 Europe/Paris

The last week's papers that fit:
 #57 Sparse Experts for Long Sequences: a Study of Routing
     under Pressure
#123 Gardens of Attention

""",
        ),
        (
            "error",
            """\
[12] #general
Error: There is no command “serch”.
See all with `help`.

""",
        ),
    ],
)
def test_how_it_looks_at_sixty_columns(name, shown):
    assert drawn(REPLIES[name], 60) == shown


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("card", ["Fits “experts”", "👍 2 👎 1", "Routing decides…", "/press 12 up | down"]),
        ("bare_card", ["#123 Gardens of Attention", "There is no abstract.", "👍 0 👎 0"]),
        (
            "preview",
            ["Preview of the papers for Wed 25 Nov 2026", "“Experts are", "Nothing has been posted."],
        ),
        ("quiet", ["Nothing new since Monday."]),
        ("tally", ["#57 Sparse Experts", "👍 2 👎 1 · you voted 👍"]),
        ("discussion", ["ada asks: “Does it hold?”", "/reply 12 TEXT"]),
        ("reading", ["Wed 25 Nov 2026, 09:00 · posted, voted · 👍 2 👎 1 · message [12]", "1 paper"]),
        ("subscriptions", ["next post: Wed 25 Nov, 09:00 Europe/Paris · asked for by ada", "pause | end"]),
        ("settings", ["Done: Settings of #general", "09:00", "UTC", "(threaded)", "(anyone)"]),
        ("help", ["search  Find papers", "`help COMMAND`"]),
        ("detailed_help", ["QUERY  what to look for", "search experts"]),
        ("done", ["Done: Saved."]),
        ("warning", ["Careful: The list is short."]),
    ],
)
def test_what_each_meaning_says(name, words):
    text = drawn(REPLIES[name])
    assert [word for word in words if word not in text] == []


def test_a_notice_keeps_its_lines():
    several = Notice("Several fit. Say which:\n#57 Sparse Experts\n#123 Gardens", Tone.ERROR, "See `help`.")
    assert drawn(several) == (
        "[12] #general\nError: Several fit. Say which:\n#57 Sparse Experts\n#123 Gardens\nSee `help`.\n\n"
    )


def test_empty_lists_say_so():
    empty = SubscriptionList("#general", (), Pages("s1", 1, 1, 0))
    assert "None yet." in drawn(empty)
    assert render(replace(REPLIES["search"], hits=())).buttons == ()
    assert "No paper was found." in drawn(replace(REPLIES["search"], hits=()))
    for name in ("leaderboard", "reading"):
        assert "No paper yet." in drawn(replace(REPLIES[name], rows=()))
    assert "There is no abstract to quote." in drawn(replace(REPLIES["summary"], quotes=()))


def test_buttons_carry_their_actions():
    tokens = {button.name: button.action for button in render(REPLIES["search"]).buttons}
    assert tokens["next"] == TurnPage("view", 3)
    assert tokens["previous"] == TurnPage("view", 1)
    assert tokens["share"] == Share("view", 2)
    assert tokens["up 57"] == CastVote(57, Vote.UP)
    assert tokens["down 123"] == CastVote(123, Vote.DOWN)
    listed = {button.name: button.action for button in render(REPLIES["subscriptions"]).buttons}
    assert listed == {"pause 3": PauseSubscription(3, paused=True), "end 3": EndSubscription(3)}


def test_no_button_leads_past_the_first_or_last_page():
    first = replace(REPLIES["search"].pages, page=1)
    last = replace(first, page=4)
    for pages, names in ((first, {"next", "share"}), (last, {"previous", "share"})):
        reply = SearchResults("x", HITS, pages)
        assert {button.verb for button in render(reply).buttons if button.row is None} == names


def test_a_paused_subscription_can_go_on():
    row = REPLIES["subscriptions"].rows[0]
    paused = replace(row, subscription=replace(row.subscription, paused=True), next_post=None)
    reply = SubscriptionList("#general", (paused,), Pages("s1", 1, 1, 1))
    assert "paused · asked for by ada" in drawn(reply)
    assert render(reply).buttons[0].action == PauseSubscription(3, paused=False)


@pytest.mark.parametrize("name", REPLIES)
def test_buttons_have_names_of_their_own_and_short_tokens(name):
    buttons = render(REPLIES[name]).buttons
    assert len({button.name for button in buttons}) == len(buttons)
    assert all(len(to_token(button.action)) <= TOKEN_LIMIT for button in buttons)


def test_a_paper_under_two_topics_has_its_buttons_once():
    twice = Digest(REPLIES["preview"].day, (DigestSection("a", HITS), DigestSection("b", HITS)), preview=True)
    buttons = render(twice).buttons
    assert len({button.name for button in buttons}) == len(buttons)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("name", REPLIES)
def test_foreign_text_comes_out_inert(name, colour):
    console = canvas(colour=colour)
    Screen(console).show(render(poisoned(REPLIES[name], HOSTILE)))
    styled = console.export_text(styles=True, clear=False)
    text = console.export_text()
    assert "[bold]x[/bold]" in text or name in {"help", "empty_home"}
    assert ":+1:" in text or name in {"help", "tally", "empty_home"}
    assert not set("\x1b\x07\u202e\ud800") & set(text)
    assert "\x1b[31m" not in styled.replace("\x1b[1;31m", "")
    assert "\x1b]8" not in styled
    text.encode()


def test_a_terminal_that_has_no_emoji_gets_words():
    raw = BytesIO()
    console = canvas()
    console.file = TextIOWrapper(raw, encoding="ascii", errors=NEAREST, write_through=True)
    for reply in REPLIES.values():
        Screen(console).show(render(reply))
    Screen(console).show(controls())
    text = raw.getvalue().decode("ascii")
    assert "up 2 down 1 - you voted up - discussed" in text
    assert '"Experts are routed by meaning."' in text
    assert "?" not in text.replace("Does it hold?", "")


def test_an_abstract_is_shown_whole_only_when_asked_for():
    assert "show" in {button.verb for button in render(PaperCard(PAPER, MARKS)).buttons}
    whole = render(REPLIES["whole_card"])
    assert "show" not in {button.verb for button in whole.buttons}
    assert " ".join(drawn(REPLIES["whole_card"]).split()).count("Routing decides") == 12


def test_words_that_answer_are_bold():
    shown = drawn(MARKED_RESULTS, colour=True)
    assert "\x1b[1mlow\x1b[0m" in shown
    assert "\x1b[1mexperts\x1b[0m" in shown
    assert "“How low-rank <experts> are *routed*.”" in drawn(MARKED_RESULTS)
