"""Channels shared with other organisations, and one organisation's bot for all its workspaces."""

import pytest

from adapters.slack import SLACK
from bot.domain.channel import Origin
from bot.domain.vote import TallyCount
from tests.e2e.slack_workspace import ADA, PAPERS, said
from tests.servers.slack.state import Channel, Person

SHARED, STRANGER = "C4SHARED", "U9STRANGER"


@pytest.fixture
def shared(workspace):
    """A channel of ours that somebody of another organisation is in."""
    workspace.slack.world.people[STRANGER] = Person(STRANGER, "otto", team="T9ELSE")
    members = {"U0BOT", ADA, STRANGER}
    workspace.slack.world.channels[SHARED] = Channel(SHARED, "shared", members=members, shared=True)
    return workspace


async def votes(workspace, channel: str, installed_in: str = "T0TEAM") -> list[TallyCount]:
    origin = Origin(SLACK, installed_in, channel, ADA)
    async with workspace.parts.store.writing() as tx:
        context = await tx.directory.resolve(origin, workspace.parts.clock.now())
        ranked, _ = await tx.votes.leaders(context.channel.id, None, 9, 0)
    return [each.tally for each in ranked]


async def test_people_of_others_vote_talk_and_fill_in_forms_with_us(shared):
    card = await shared.says("show #1", channel=SHARED)
    await shared.reacts(card, "+1", person=STRANGER)
    await shared.presses(card, "up", person=ADA)
    assert await votes(shared, SHARED) == [TallyCount(2, 0)]
    await shared.slack.say(STRANGER, SHARED, "I like it", thread_ts=card.ts)
    await shared.slack.say(STRANGER, SHARED, "<@U0BOT> subscribe")
    await shared.settle()
    await shared.presses(shared.slack.ephemerals(STRANGER)[-1], "form", person=STRANGER)
    (view,) = shared.slack.world.views.values()
    await (await shared.slack.submit(view, {"topic": "bridges"})).acked()
    await shared.settle()
    assert "Subscribed to" in said(shared.latest(SHARED))
    listed = said(await shared.says("subscriptions", channel=SHARED))
    assert "bridges" in listed
    assert "otto" in listed


async def test_what_others_do_is_ours_and_makes_no_team_of_theirs(shared):
    await shared.slack.say(STRANGER, SHARED, "<@U0BOT> show #1")
    await shared.settle()
    assert await votes(shared, SHARED, installed_in="T9ELSE") == []
    assert "Cheaper Experts" in said(shared.latest(SHARED))


@pytest.mark.parametrize("org_wide", [False, True])
async def test_an_organisation_has_one_bot_for_its_workspaces(workspace, org_wide):
    workspace.slack.world.join_organisation("E0ORG", org_wide=org_wide)
    card = await workspace.says("show #1")
    await workspace.reacts(card, "+1")
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> help vote")
    await workspace.settle()
    assert "vote PAPER" in said(workspace.slack.ephemerals(ADA)[-1])
    await workspace.slack.open_home(ADA)
    await workspace.settle()
    home = workspace.slack.world.homes[ADA]
    await (await workspace.slack.press(ADA, home, "paperclub.form")).acked()
    await workspace.settle()
    (view,) = workspace.slack.world.views.values()
    await (await workspace.slack.submit(view, {"topic": "bridges"})).acked()
    await workspace.settle()
    assert await votes(workspace, PAPERS, "E0ORG" if org_wide else "T0TEAM") == [TallyCount(1, 0)]
