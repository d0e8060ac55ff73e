"""Slack's cards show the votes as they are: after a downtime, after failures, and under people's links."""

import logging

import pytest

from adapters.slack import SLACK
from bot.domain.channel import Origin
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.paper import PaperDraft
from bot.domain.vote import TallyCount
from tests.e2e.slack_workspace import ADA, BEN, EVE, PAPERS, Workspace, said, words
from tests.servers.slack.faults import DROPPED, broken, rate_limited, refusing
from tests.servers.slack.state import TEAM, Message
from tests.servers.slack.views import BOT_USER
from tests.storage.making import put_paper

MANY = 120
ARXIV = "https://arxiv.org/abs/2401.00001"


async def fill(workspace: Workspace, clock) -> list[Message]:
    """Post cards of many papers over two weeks."""
    cards = []
    clock.forward(days=-14)
    async with workspace.parts.store.writing() as tx:
        context = await tx.directory.resolve(Origin(SLACK, TEAM, PAPERS, ADA), clock.now())
        for number in range(MANY):
            clock.forward(days=14 / (MANY + 1))
            card = Message(PAPERS, workspace.slack.world.ts(), BOT_USER, f"River {number}")
            paper_id, _ = await put_paper(tx, PaperDraft(f"River {number}", "Fish.", "test"), clock.now())
            shown = ShownMessage(context.channel.id, paper_id, MessageRef(PAPERS, card.ts), MessageKind.CARD)
            await tx.messages.record(context.channel, [shown], clock.now())
            cards.append(card)
    workspace.slack.world.posted += cards
    return cards


async def test_a_reconnect_redraws_the_cards_whose_votes_changed_alone(open_workspace, clock):
    async with open_workspace() as workspace:
        cards = await fill(workspace, clock)
    slack = workspace.slack
    slack.rates.on = True
    for number in (3, 60, MANY - 1):
        cards[number].reactions["+1"] = [BEN]
    clock.forward(minutes=5)
    async with open_workspace() as workspace:
        await workspace.settle()
    asked = slack.calls_of("reactions.get")
    assert (len(asked), {call.error for call in asked}) == (MANY, {""}), "none came too soon"
    assert len(slack.calls_of("chat.update")) == 3
    assert ["👍 1" in said(card) for card in cards].count(True) == 3


async def test_a_redraw_that_a_crash_prevented_is_made_up_for(open_workspace, drafts, monkeypatch):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        card = await workspace.says("show #1")
        with monkeypatch.context() as crashing:
            crashing.setattr(workspace.parts.tally_updates, "changed", lambda *_: None)
            await workspace.reacts(card, "+1")
    assert "👍 1" not in said(card)
    async with open_workspace() as workspace:
        await workspace.settle()
    assert "👍 1" in said(card)


@pytest.mark.parametrize("fault", [broken(503), DROPPED, rate_limited(30), refusing("internal_error")])
async def test_a_redraw_that_fails_is_repeated_until_the_card_is_right(workspace, fault):
    card = await workspace.says("show #1")
    workspace.slack.faults.next("chat.update", fault, times=5)
    await workspace.reacts(card, "+1")
    assert "👍 1" in said(card)


async def test_a_card_that_fails_holds_up_no_other_and_is_given_up_in_the_log(workspace, caplog):
    other, card = [await workspace.says("show #1") for _ in range(2)]
    caplog.set_level(logging.ERROR)
    workspace.slack.faults.next("chat.update", broken(), times=200)
    await workspace.reacts(card, "+1")
    assert "show old votes" in caplog.text
    tried = len(workspace.slack.calls_of("chat.update"))
    assert 2 * 60 <= tried <= 2 * 70
    workspace.slack.faults.waiting.clear()
    await workspace.reacts(card, "+1", person=BEN)
    assert ["👍 2" in said(each) for each in (other, card)] == [True, True]


async def test_a_card_that_is_gone_is_not_drawn_again_and_again(workspace):
    first, card = [await workspace.says("show #1") for _ in range(2)]
    first.deleted = True
    await workspace.reacts(card, "+1")
    assert "👍 1" in said(card)
    assert len(workspace.slack.calls_of("chat.update")) == 2


async def test_many_redraws_keep_to_the_methods_tier(workspace, many_papers):
    await workspace.parts.library.add(many_papers)
    cards = [await workspace.says(f"show #{number}") for number in range(1, 16) for _ in range(4)]
    workspace.slack.rates.on = True
    workspace.slack.calls.clear()
    for card in cards[::4]:
        await workspace.slack.react(ADA, card, "+1")
    await workspace.settle()
    updates = workspace.slack.calls_of("chat.update")
    assert (len(updates), {call.error for call in updates}) == (60, {""})
    assert all("👍 1" in said(card) for card in cards)


def preview(message: Message) -> str:
    return words([each["blocks"] for each in message.unfurls.values()])


async def test_a_links_preview_follows_the_votes(following):
    message = await following.slack.say(BEN, PAPERS, f"{ARXIV} and https://example.org/experts")
    await following.settle()
    assert "👍 1" not in preview(message)
    card = await following.says("show 2401.00001")
    await following.presses(card, "up", person=EVE)
    assert "👍 1" in preview(message)
    assert "Known Routers" in preview(message)
    await following.presses(card, "up", person=EVE)
    assert "👍 1" not in preview(message)


async def test_a_links_preview_is_right_after_a_downtime(open_workspace, clock):
    async with open_workspace() as workspace:
        known = PaperDraft("Known Routers", "They route.", "test", links=(ARXIV,))
        await workspace.parts.library.add([known])
        await workspace.says("settings links:on")
        message = await workspace.slack.say(BEN, PAPERS, f"Read {ARXIV}")
        await workspace.settle()
    message.reactions["+1"] = [EVE]
    clock.forward(hours=1)
    async with open_workspace() as workspace:
        await workspace.settle()
        async with workspace.parts.store.reading() as tx:
            tally = (await tx.paper_statuses.get(await workspace.channel_id(PAPERS), [1]))[1].tally
    assert tally == TallyCount(1, 0)
    assert "👍 1" in preview(message)
