import re
from dataclasses import replace
from typing import get_args

import pytest

from adapters.console.outbound.screen import plain
from adapters.console.render.replies import render as render_on_console
from adapters.discord.render.cards import JOIN_IN
from adapters.discord.render.lists import AS_ANSWERS, UNREAD
from adapters.discord.render.modals import (
    FormPage,
    autocomplete_choices,
    confirmation,
    form_message,
    modal,
    more_options,
    next_page,
    reopen_id,
    submitted_values,
)
from adapters.discord.render.replies import DM_GUILD, RenderContext, render
from bot.domain.channel import Layout
from bot.domain.message import MessageRef
from bot.domain.vote import Vote
from bot.protocol.actions import (
    CastVote,
    Discuss,
    EndSubscription,
    OpenForm,
    PauseSubscription,
    Related,
    Save,
    Share,
    Show,
    Summarize,
    TurnPage,
    from_token,
)
from bot.protocol.replies import (
    Choice,
    DigestSection,
    FormField,
    Notice,
    Pages,
    Reply,
    SubscriptionList,
    Suggestions,
    Tone,
)
from tests.discord_words import inside, spoken
from tests.reply_samples import BARE, FORM, HITS, PAPER, REPLIES, SAID

ANYWHERE = RenderContext()
OPTION = re.compile(r"\b(?:query|topic|command):")
"""What stands before a value in Discord alone."""


def text_of(reply, context=ANYWHERE):
    """What all messages of a reply say."""
    return " ".join(spoken(message.components) for message in render(reply, context))


def elements(messages):
    """Everything that can be pressed or chosen: what it means, and its marks."""
    found = []
    for each in (part for message in messages for part in inside(message.components)):
        if "custom_id" in each:
            token, *marks = each["custom_id"].split("|")
            tokens = [option["value"] for option in each["options"]] if "options" in each else [token]
            found += [(from_token(token), *marks) for token in tokens]
    return found


def pressable(name):
    return [action for action, *_ in elements(render(REPLIES[name]))]


def test_every_meaning_is_drawn():
    assert {type(reply) for reply in REPLIES.values()} == set(get_args(Reply))
    assert all(len(render(reply)) == 1 for reply in REPLIES.values())


@pytest.mark.parametrize("name", REPLIES)
def test_all_surfaces_name_the_same_facts(name):
    discord = OPTION.sub("", text_of(REPLIES[name]))
    console = " ".join(plain(render_on_console(REPLIES[name])).replace("`", "").split())
    facts = [" ".join(fact.split()) for fact in SAID[name]]
    if name == "leaderboard":
        assert PAPER.title in discord
    assert [fact for fact in facts if fact not in discord] == []
    assert [fact for fact in facts if fact not in console] == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Notice("No.", Tone.ERROR, "See all with `help`."), "Error: No. See all with /papers help."),
        (replace(REPLIES["digest"], layout=Layout.FLAT), "Each paper follows as a message of its own, to"),
        (replace(REPLIES["digest"], layout=Layout.BROADCAST), AS_ANSWERS),
        (replace(REPLIES["search"], hits=()), "No paper was found."),
        (replace(REPLIES["leaderboard"], rows=()), "No paper yet."),
        (replace(REPLIES["reading"], rows=()), "No paper yet."),
        (replace(REPLIES["summary"], quotes=()), "There is no abstract to quote."),
        (replace(REPLIES["subscribed"], preview=()), "No paper of the last week fits."),
        (replace(REPLIES["subscribed"], changed=True), "Done: Changed the subscription to “mixture of"),
        (replace(REPLIES["digest"], sections=(DigestSection("", HITS),)), "answer. 2 papers Sparse"),
        (
            SubscriptionList("#general", (), Pages("s1", 1, 1, 0)),
            "None yet. For example: /papers subscribe topic:mixture of experts",
        ),
        (replace(REPLIES["settings"], changed=False), "Settings of #general Posts at: 09:00"),
        (replace(REPLIES["settings"], note="A note"), "A note"),
        (REPLIES["help"], "Type /papers and one of these:"),
        (REPLIES["help"], "/papers help command:COMMAND tells more"),
        (REPLIES["detailed_help"], "query:QUERY what to look for For example: /papers search query:experts"),
        (REPLIES["leaderboard"], "#57 · 👍 12 👎 1 · 3 comments · 40 up-votes at its source"),
        (REPLIES["subscriptions"], "number 3 · next post:"),
        (REPLIES["discussion"], JOIN_IN),
    ],
)
def test_what_is_said(reply, words):
    assert words in text_of(reply)


def test_where_there_are_no_threads_papers_answer_the_first_message():
    assert AS_ANSWERS in text_of(REPLIES["digest"], RenderContext(DM_GUILD))
    assert AS_ANSWERS not in text_of(REPLIES["digest"], RenderContext("1"))
    assert AS_ANSWERS not in text_of(REPLIES["quiet"], RenderContext(DM_GUILD))


def test_settings_say_what_is_off():
    assert UNREAD in text_of(REPLIES["settings"], RenderContext(reads_messages=False))
    assert UNREAD not in text_of(REPLIES["settings"], RenderContext(reads_messages=True))


@pytest.mark.parametrize(
    ("layout", "guild", "where"),
    [
        (Layout.THREADED, "1", "in the thread of the day's first message (threaded)"),
        (Layout.THREADED, DM_GUILD, "as answers to the day's first message (threaded)"),
        (Layout.FLAT, "1", "as messages of their own, each with a thread (flat)"),
        (Layout.FLAT, DM_GUILD, "as messages of their own (flat)"),
        (Layout.BROADCAST, "1", "as answers to the day's first message (broadcast)"),
    ],
)
def test_settings_say_what_becomes_of_the_layout_here(layout, guild, where):
    settings = replace(REPLIES["settings"].settings, layout=layout)
    assert f"Papers come: {where}" in text_of(
        replace(REPLIES["settings"], settings=settings), RenderContext(guild)
    )


VOTES = [CastVote(57, Vote.UP), CastVote(57, Vote.DOWN), Save(57)]


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("card", [*VOTES, Summarize(57), Discuss(57), Related(57), Show(57)]),
        ("whole_card", [*VOTES, Summarize(57), Discuss(57), Related(57)]),
        ("summary", [*VOTES, Discuss(57), Related(57), Show(57)]),
        ("discussion", [*VOTES, Summarize(57), Related(57), Show(57)]),
        ("link_card", [*VOTES, Summarize(57), Discuss(57), Related(57), Show(57)]),
        ("search", [Show(57), Show(123), TurnPage("view", 1), TurnPage("view", 3), Share("view", 2)]),
        ("leaderboard", [Show(57), Show(123), TurnPage("view", 1), TurnPage("view", 3)]),
        ("reading", [Show(57)]),
        ("preview", [Show(57), Show(123)]),
        (
            "subscriptions",
            [PauseSubscription(3, paused=True), OpenForm("subscribe", 3), EndSubscription(3)],
        ),
        ("subscribed", [OpenForm("subscribe", 3)]),
        ("settings", [OpenForm("settings")]),
        ("digest", [OpenForm("settings")]),
        ("quiet", [OpenForm("settings")]),
        (
            "home",
            [OpenForm("subscribe"), OpenForm("settings"), OpenForm("subscribe", 3), Show(57), Show(123)],
        ),
        ("form", [OpenForm("subscribe", 3)]),
        ("tally", []),
        ("error", []),
    ],
)
def test_what_can_be_pressed(name, actions):
    assert pressable(name) == actions


def test_who_opens_a_row_looks_alone():
    for name in ("search", "leaderboard", "reading", "preview"):
        opening = [marks for action, *marks in elements(render(REPLIES[name])) if isinstance(action, Show)]
        assert opening
        assert opening[0] == ["look"]
    (select,) = [each for each in inside(render(REPLIES["home"])[0].components) if each["type"] == 3]
    assert select["custom_id"] == "choose|look"


def test_what_stands_on_ones_own_page_concerns_ones_own_talk():
    (page,) = render(REPLIES["home"])
    assert [marks for action, *marks in elements([page]) if isinstance(action, OpenForm)] == [["home"]] * 3


def test_no_button_leads_past_the_first_or_last_page():
    first = replace(REPLIES["search"].pages, page=1)
    for pages, turns in ((first, [2]), (replace(first, page=4), [3])):
        rendered = elements(render(replace(REPLIES["search"], pages=pages)))
        assert [action.page for action, *_ in rendered if isinstance(action, TurnPage)] == turns
    alone = replace(REPLIES["search"], pages=replace(first, pages=1), shareable=False, hits=())
    assert elements(render(alone)) == []


def test_a_paused_subscription_can_go_on():
    row = REPLIES["subscriptions"].rows[0]
    paused = replace(row, subscription=replace(row.subscription, paused=True), next_post=None)
    reply = SubscriptionList("#general", (paused,), Pages("s1", 1, 1, 1))
    assert "number 3 · paused · asked for by ada" in text_of(reply)
    assert (PauseSubscription(3, paused=False),) in elements(render(reply))


def test_ending_a_subscription_asks_first():
    (ending,) = [each for each in elements(render(REPLIES["subscriptions"])) if len(each) > 1]
    assert ending == (EndSubscription(3), "ask")
    question = confirmation(EndSubscription(3))
    assert "no longer posted here" in spoken(question.components)
    ids = [each["custom_id"] for each in inside(question.components) if "custom_id" in each]
    assert ids == ["end:3|asked", "keep"]


def test_buttons_carry_the_votes():
    (message,) = render(REPLIES["card"])
    labels = [each["label"] for each in inside(message.components) if each["type"] == 2]
    assert labels[:2] == ["👍 2", "👎 1"]


def test_titles_lead_to_their_papers_where_there_is_an_address():
    def written(name):
        return [each["content"] for each in inside(render(REPLIES[name])[0].components) if "content" in each]

    assert f"### [{PAPER.title}](https://arxiv.org/abs/2401.00001)\n" in written("card")[1]
    assert written("bare_card")[0].startswith(f"### {BARE.title}\n")
    links = [each["url"] for each in inside(render(REPLIES["card"])[0].components) if "url" in each]
    assert links == ["https://arxiv.org/abs/2401.00001"]
    assert [each for each in inside(render(REPLIES["bare_card"])[0].components) if "url" in each] == []


def test_messages_are_linked_to_within_their_guild():
    row = replace(REPLIES["reading"].rows[0], message=MessageRef("10", "12", "11"))
    reading = replace(REPLIES["reading"], rows=(row,))
    (message,) = render(reading, RenderContext("7"))
    assert any(
        "[message](https://discord.com/channels/7/11/12)" in each.get("content", "")
        for each in inside(message.components)
    )
    assert "message" not in text_of(reading)
    (card,) = render(REPLIES["link_card"], RenderContext("7"))
    assert any(
        "(https://discord.com/channels/7/" in each.get("content", "") for each in inside(card.components)
    )


def test_what_begins_a_thread_has_a_name_and_words_for_tags():
    (card,), (overview,) = render(REPLIES["card"]), render(REPLIES["digest"])
    assert card.title == PAPER.title
    assert {"cs.LG", "cs.CL", "cs", "Fits “experts”"} == set(card.about)
    assert overview.title == "Papers for Wed 25 Nov 2026"
    assert set(overview.about) == {"digest", "experts", "gardens"}


def test_a_posts_token_stands_beside_every_action_and_changes_none():
    for name in ("card", "digest", "quiet"):
        (message,) = render(REPLIES[name])
        stamped = [each for each in inside(message.body(token="T0-k_n")["components"]) if "custom_id" in each]
        plain_ids = [each["custom_id"] for each in inside(message.components) if "custom_id" in each]
        assert [each["custom_id"] for each in stamped] == [f"{name}|T0-k_n" for name in plain_ids]
        assert stamped


def test_nobody_is_called_and_privacy_is_a_flag():
    (message,) = render(REPLIES["card"])
    assert message.body()["allowed_mentions"] == {"parse": []}
    assert message.body(private=True)["flags"] == message.body()["flags"] | 64


def test_a_form_is_a_modal():
    rendered = modal(*next_page(FORM, 0, for_dm=False))
    assert rendered["title"] == "Change “mixture of experts”"
    assert rendered["custom_id"] == "form:subscribe:3|left.0"
    labels = {each["label"]: each for each in rendered["components"]}
    assert list(labels) == ["Topic", "Time", "Time zone", "Layout"]
    assert labels["Topic"]["component"]["value"] == "experts"
    assert labels["Topic"]["component"]["required"]
    assert labels["Time"]["description"] == "“25:00” does not fit at."
    assert labels["Time zone"]["description"] == "The time zone."
    chosen = {each["value"]: each["default"] for each in labels["Layout"]["component"]["options"]}
    assert chosen == {"threaded": False, "flat": True}


def test_a_form_of_more_than_five_fields_goes_on():
    fields = tuple(FormField(f"f{number}", f"Field {number}", "some hint") for number in range(7))
    first, page = next_page(replace(FORM, fields=fields), 0, for_dm=True)
    assert [each.name for each in first.fields] == ["f0", "f1", "f2", "f3", "f4"]
    assert FormPage.parse(modal(first, page)["custom_id"]) == FormPage(
        OpenForm("subscribe", 3), 2, for_dm=True
    )
    ids = [each["custom_id"] for each in inside(more_options(page).components) if "custom_id" in each]
    assert ids == ["form:subscribe:3|left.2|home"]
    without_topic = replace(FORM, fields=fields[1:])
    second, last = next_page(without_topic, page.fields_left, for_dm=False)
    assert [each.name for each in second.fields] == ["f5", "f6"]
    assert last.fields_left == 0


def test_a_refused_form_says_what_is_wrong_and_can_be_filled_in_again():
    message = form_message(FORM, reopen_id(FormPage(OpenForm("subscribe", 3), 2), "k3y"))
    assert "Error: “25:00” does not fit at." in spoken(message.components)
    ids = [each["custom_id"] for each in inside(message.components) if "custom_id" in each]
    assert ids == ["form:subscribe:3|left.2|again.k3y"]


def test_what_was_filled_in_is_read_whatever_holds_it():
    components = [
        {"type": 18, "component": {"type": 4, "custom_id": "topic", "value": "experts"}},
        {"type": 18, "component": {"type": 3, "custom_id": "layout", "values": ["flat"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "links", "values": []}},
        {"type": 1, "components": [{"type": 4, "custom_id": "at", "value": ""}]},
    ]
    assert submitted_values(components) == {"topic": "experts", "layout": "flat", "links": "", "at": ""}


def test_suggestions_are_choices_of_the_options_kind():
    assert autocomplete_choices(REPLIES["suggestions"], integer=False)[0] == {
        "name": "#57 Sparse Experts",
        "value": "#57",
    }
    numbered = Suggestions((Choice("experts", "3"),) * 30)
    assert autocomplete_choices(numbered, integer=True) == [{"name": "experts", "value": 3}] * 25
