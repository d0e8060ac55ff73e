"""What is pressed in Slack's Home tab acts where it says, and the page shows it at once."""

import pytest

from bot.domain.history import ActivityKind
from bot.domain.vote import TallyCount
from tests.e2e.slack_workspace import ADA, BEN, CLOSED, EVE, PAPERS, said, words
from tests.servers.slack.faults import broken
from tests.servers.slack.views import View


async def home(workspace, person: str = ADA) -> View:
    await workspace.slack.open_home(person)
    await workspace.settle()
    return workspace.slack.world.homes[person]


async def chooses(workspace, view: View, value: str) -> None:
    sent = await workspace.slack.press(view.user, view, "paperclub.more", value=value)
    await sent.acked()
    await workspace.settle()


def page(view: View) -> str:
    return words(view.view["blocks"])


def offered(view: View) -> dict[str, str]:
    """What the papers' menus offer, by what is sent."""
    menus = [each["accessory"] for each in view.view["blocks"] if "accessory" in each]
    return {option["value"]: option["text"]["text"] for menu in menus for option in menu["options"]}


@pytest.fixture
async def liked(workspace):
    """A paper that somebody liked in a channel, its card there, and the page of somebody else."""
    card = await workspace.says("show #1", person=BEN)
    await workspace.presses(card, "up", person=BEN)
    return card, await home(workspace)


async def tally(workspace, channel: str) -> TallyCount:
    async with workspace.parts.store.reading() as tx:
        number = await workspace.channel_id(channel)
        return (await tx.paper_statuses.get(number, [1]))[1].tally


async def test_a_vote_counts_in_the_channel_that_its_button_names(workspace, liked):
    card, view = liked
    assert offered(view)[f"vote:1:1@{PAPERS}"] == "👍 Up-vote in #papers"
    await chooses(workspace, view, f"vote:1:1@{PAPERS}")
    assert await tally(workspace, PAPERS) == TallyCount(2, 0)
    assert await tally(workspace, workspace.slack.world.direct(ADA).id) == TallyCount()
    assert "👍 2" in said(card)
    assert "#papers: 👍 2 👎 0 · you voted 👍" in page(view)
    assert offered(view)[f"vote:1:1@{PAPERS}"] == "Take back 👍 in #papers"
    await chooses(workspace, view, f"vote:1:1@{PAPERS}")
    assert "#papers: 👍 1 👎 0" in page(view)
    assert "you voted" not in page(view)
    assert workspace.slack.messages(workspace.slack.world.direct(ADA).id) == []


async def test_a_discussion_is_had_in_the_channel_that_its_button_names(workspace, liked):
    _, view = liked
    assert offered(view)[f"discuss:1@{PAPERS}"] == "Discuss in #papers"
    await chooses(workspace, view, f"discuss:1@{PAPERS}")
    talk = workspace.latest(PAPERS)
    assert "ada would like to discuss this paper" in said(talk)
    assert "discussed" in page(view)
    await workspace.slack.say(EVE, PAPERS, "Worth it.", thread_ts=talk.ts)
    await workspace.settle()
    async with workspace.parts.store.reading() as tx:
        (entry,), _ = await tx.discussions.history(await workspace.channel_id(PAPERS), 5, 0)
    assert ActivityKind.DISCUSSED in entry.activities
    assert "1 comment" in page(await home(workspace))


async def test_what_is_saved_is_on_the_page_at_once(workspace, liked):
    _, view = liked
    await chooses(workspace, view, f"save:1@{PAPERS}")
    assert "Nothing yet. Save" not in page(view)
    assert "saved" in page(view)
    assert f"save:1@{PAPERS}" not in offered(view), "it is on the list already"
    await chooses(workspace, view, f"summarize:1@{PAPERS}")
    assert "own words" in said(workspace.latest(workspace.slack.world.direct(ADA).id))


async def test_who_is_not_in_the_channel_is_offered_nothing_there(workspace):
    card = await workspace.says("show #1", person=BEN, channel=CLOSED)
    await workspace.presses(card, "up", person=BEN)
    workspace.slack.world.channels[CLOSED].members.discard(EVE)
    view = await home(workspace, EVE)
    assert "Cheaper Experts" in page(view)
    assert set(offered(view)) == {"save:1", "summarize:1", "related:1"}
    assert "closed" not in page(view)
    assert f"discuss:1@{CLOSED}" in offered(await home(workspace, BEN))


async def test_who_has_left_the_channel_changes_nothing_there(workspace, liked):
    _, view = liked
    workspace.slack.world.channels[PAPERS].members.discard(ADA)
    workspace.adapter._listeners._people._memberships.clear()
    await chooses(workspace, view, f"vote:1:1@{PAPERS}")
    assert await tally(workspace, PAPERS) == TallyCount(1, 0)
    assert "You are not in that channel any more" in said(
        workspace.latest(workspace.slack.world.direct(ADA).id)
    )
    assert set(offered(view)) == {"save:1", "summarize:1", "related:1"}


async def test_where_slack_does_not_tell_of_channels_the_page_is_shown_without_them(workspace, liked):
    assert f"vote:1:1@{PAPERS}" in offered(liked[1])
    workspace.adapter._listeners._people._memberships.clear()
    workspace.slack.faults.next("users.conversations", broken(500), times=5)
    view = await home(workspace)
    assert "Cheaper Experts" in page(view)
    assert set(offered(view)) == {"save:1", "summarize:1", "related:1"}
