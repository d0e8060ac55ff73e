from dataclasses import replace
from typing import get_args

import pytest

from adapters.console.outbound.screen import plain
from adapters.console.render.replies import render as render_on_console
from adapters.slack.render.cards import JOIN_IN
from adapters.slack.render.replies import render
from bot.domain.channel import Layout
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
from bot.protocol.replies import DigestSection, Notice, Pages, Reply, SubscriptionList, Tone
from bot.protocol.wording import MORE_HELP
from tests.reply_samples import BARE, HITS, PAPER, REPLIES, SAID


def said(reply):
    """What the text beside the blocks says, however it is broken into lines."""
    return " ".join("\n".join(message.text for message in render(reply)).split())


def elements(reply):
    """Every button and menu option, as its `action_id` and what its token means."""
    found = []
    for block in (block for message in render(reply) for block in message.blocks):
        for element in [*block.get("elements", ()), *filter(None, [block.get("accessory")])]:
            if "action_id" in element:
                tokens = [option["value"] for option in element.get("options", [element])]
                found += [
                    (element["action_id"].removeprefix("paperclub."), from_token(each)) for each in tokens
                ]
    return found


def test_every_meaning_is_drawn():
    assert {type(reply) for reply in REPLIES.values()} == set(get_args(Reply))
    assert all(len(render(reply)) == 1 for reply in REPLIES.values())


@pytest.mark.parametrize("name", REPLIES)
def test_both_surfaces_name_the_same_facts(name):
    slack = said(REPLIES[name])
    console = " ".join(plain(render_on_console(REPLIES[name])).replace("`", "").split())
    facts = [" ".join(fact.split()) for fact in SAID[name]]
    if name == "leaderboard":
        assert PAPER.title in slack
    assert [fact for fact in facts if fact not in slack] == []
    assert [fact for fact in facts if fact not in console] == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Notice("No.", Tone.ERROR, "See all with `help`."), "Error: No. See all with /papers help."),
        (replace(REPLIES["digest"], layout=Layout.FLAT), "Each paper follows as a message of its own, to"),
        (replace(REPLIES["digest"], layout=Layout.BROADCAST), "thread, seen in the channel too, to vote on."),
        (replace(REPLIES["search"], hits=()), "No paper was found."),
        (replace(REPLIES["leaderboard"], rows=()), "No paper yet."),
        (replace(REPLIES["reading"], rows=()), "No paper yet."),
        (replace(REPLIES["summary"], quotes=()), "There is no abstract to quote."),
        (replace(REPLIES["subscribed"], preview=()), "No paper of the last week fits."),
        (replace(REPLIES["subscribed"], changed=True), "Done: Changed the subscription to “mixture of"),
        (replace(REPLIES["digest"], sections=(DigestSection("", HITS),)), "answer. 2 papers • Sparse"),
        (
            SubscriptionList("#general", (), Pages("s1", 1, 1, 0)),
            "None yet. For example: /papers subscribe mixture of experts",
        ),
        (replace(REPLIES["settings"], changed=False, note="Asked by ada"), "Settings of #general Posts at"),
        (replace(REPLIES["settings"], note="A note"), "A note"),
        (REPLIES["help"], "Type /papers and one of these:"),
        (REPLIES["help"], MORE_HELP.replace("`help COMMAND`", "/papers help COMMAND")),
        (REPLIES["detailed_help"], "For example: /papers search experts"),
        (REPLIES["leaderboard"], "#57 · 👍 12 👎 1 · 3 comments · 40 up-votes at its source"),
        (REPLIES["subscriptions"], "number 3 · next post:"),
        (REPLIES["discussion"], JOIN_IN),
    ],
)
def test_what_is_said(reply, words):
    assert words in said(reply)


VOTES = [("up", CastVote(57, Vote.UP)), ("down", CastVote(57, Vote.DOWN)), ("save", Save(57))]
MORE = [("more", Related(57)), ("more", Show(57))]


def menu(paper_id):
    actions = [
        CastVote(paper_id, Vote.UP),
        Save(paper_id),
        Summarize(paper_id),
        Discuss(paper_id),
        Related(paper_id),
    ]
    return [("more", action) for action in actions]


@pytest.mark.parametrize(
    ("name", "pressable"),
    [
        ("card", [*VOTES, ("summarize", Summarize(57)), ("discuss", Discuss(57)), *MORE]),
        (
            "whole_card",
            [*VOTES, ("summarize", Summarize(57)), ("discuss", Discuss(57)), ("related", Related(57))],
        ),
        ("summary", [*VOTES, ("discuss", Discuss(57)), *MORE]),
        ("discussion", [*VOTES, ("summarize", Summarize(57)), *MORE]),
        (
            "search",
            [
                *menu(57),
                *menu(123),
                ("previous", TurnPage("view", 1)),
                ("next", TurnPage("view", 3)),
                ("share", Share("view", 2)),
            ],
        ),
        (
            "leaderboard",
            [*menu(57), *menu(123), ("previous", TurnPage("view", 1)), ("next", TurnPage("view", 3))],
        ),
        ("reading", menu(57)),
        ("preview", [*menu(57), *menu(123)]),
        (
            "subscriptions",
            [
                ("pause", PauseSubscription(3, paused=True)),
                ("edit", OpenForm("subscribe", 3)),
                ("end", EndSubscription(3)),
            ],
        ),
        ("digest", []),
        ("tally", []),
        ("error", []),
    ],
)
def test_what_can_be_pressed(name, pressable):
    assert elements(REPLIES[name]) == pressable


def test_no_button_leads_past_the_first_or_last_page():
    first = replace(REPLIES["search"].pages, page=1)
    for pages, names in ((first, ["next", "share"]), (replace(first, page=4), ["previous", "share"])):
        drawn = elements(replace(REPLIES["search"], pages=pages, hits=HITS))
        assert [verb for verb, _ in drawn if verb != "more"] == names
    assert elements(replace(REPLIES["search"], pages=replace(first, pages=1), shareable=False, hits=())) == []


def test_a_paused_subscription_can_go_on():
    row = REPLIES["subscriptions"].rows[0]
    paused = replace(row, subscription=replace(row.subscription, paused=True), next_post=None)
    reply = SubscriptionList("#general", (paused,), Pages("s1", 1, 1, 1))
    assert "number 3 · paused · asked for by ada" in said(reply)
    assert ("resume", PauseSubscription(3, paused=False)) in elements(reply)


def test_ending_a_subscription_is_asked_for_once_more():
    (message,) = render(REPLIES["subscriptions"])
    (_, _, end) = next(block["elements"] for block in message.blocks if block["type"] == "actions")
    assert end["confirm"]["text"]["text"] == "Papers on “mixture of experts” are no longer posted here."
    assert end["confirm"]["style"] == "danger"


def test_buttons_carry_the_votes_and_tell_which_paper_they_are_for():
    (message,) = render(REPLIES["card"])
    up, down, *_ = message.blocks[-1]["elements"]
    assert (up["text"]["text"], down["text"]["text"]) == ("👍 2", "👎 1")
    assert up["accessibility_label"].startswith("Up-vote #57 Sparse Experts")


def test_titles_lead_to_their_papers_where_there_is_an_address():
    (linked,), (bare,) = render(REPLIES["card"]), render(REPLIES["bare_card"])
    assert linked.blocks[1]["text"]["text"] == f"*<https://arxiv.org/abs/2401.00001|{PAPER.title}>*"
    assert bare.blocks[0]["text"]["text"] == f"*{BARE.title}*"
