"""A post in doubt is looked for as far as Slack lets us read, and the next look goes on from there."""

import pytest

from bot.domain.post import PostState
from tests.e2e.slack_workspace import ADA, BEN, PAPERS
from tests.servers.slack.faults import ACCEPTED_THEN_DROPPED, DROPPED, refusing
from tests.servers.slack.state import Message

BACK = 200


async def doubtful(workspace, clock, fault=ACCEPTED_THEN_DROPPED) -> None:
    """Let a post's answer be lost, and much be said after it."""
    await workspace.says("subscribe mixture of experts at:09:00")
    clock.forward(hours=3)
    workspace.slack.faults.next("chat.postMessage", fault)
    await workspace.parts.worker.work_off()
    assert await states(workspace) == [PostState.UNKNOWN]
    world = workspace.slack.world
    world.posted += [Message(PAPERS, world.ts(), BEN, f"Word {number}") for number in range(BACK)]
    workspace.slack.calls.clear()


async def states(workspace) -> list[PostState]:
    async with workspace.parts.store.reading() as tx:
        troubles = await tx.outbox.list_troubles(workspace.parts.clock.now())
    return [each.post.state for each in troubles]


async def minutes_until_sent(workspace, clock, most: int) -> int:
    for minute in range(most):
        if not await states(workspace):
            return minute
        clock.forward(minutes=1)
        await workspace.parts.worker.work_off()
    return most


def outside(slack) -> None:
    slack.world.outside_marketplace = slack.rates.on = True


async def test_a_token_far_back_is_found_at_fifteen_messages_a_minute(workspace, clock):
    await doubtful(workspace, clock)
    outside(workspace.slack)
    took = await minutes_until_sent(workspace, clock, 40)
    pages = BACK // 15 + 1
    assert pages <= took <= pages + 4
    assert set(workspace.slack.counted("token").values()) == {1}
    read = [call for call in workspace.slack.calls_of("conversations.history") if not call.error]
    assert len(read) == pages
    assert len({call.arguments.get("cursor") for call in read}) == pages, "no page was read twice"


async def test_a_search_goes_on_after_a_restart(open_workspace, drafts, clock):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        await doubtful(workspace, clock)
        outside(workspace.slack)
        assert await minutes_until_sent(workspace, clock, 7) == 7
    read = len([call for call in workspace.slack.calls_of("conversations.history") if not call.error])
    async with open_workspace() as workspace:
        assert await minutes_until_sent(workspace, clock, 40) <= BACK // 15 + 5 - read
    assert set(workspace.slack.counted("token").values()) == {1}


async def test_what_stands_nowhere_is_sent_again_once_all_is_looked_through(workspace, clock):
    await doubtful(workspace, clock, DROPPED)
    outside(workspace.slack)
    await minutes_until_sent(workspace, clock, 60)
    assert workspace.slack.counted("token") == {}
    clock.forward(minutes=11)
    await workspace.parts.worker.work_off()
    assert set(workspace.slack.counted("token").values()) == {1}
    assert workspace.slack.messages(PAPERS)[-1].metadata is not None, "it was sent after all those words"


async def test_what_is_said_meanwhile_moves_no_page(workspace, clock):
    await doubtful(workspace, clock)
    outside(workspace.slack)
    for _ in range(5):
        clock.forward(minutes=1)
        await workspace.parts.worker.work_off()
        await workspace.slack.say(ADA, PAPERS, "hello")
    await minutes_until_sent(workspace, clock, 40)
    read = [call.arguments.get("cursor") for call in workspace.slack.calls_of("conversations.history")]
    assert len({*read}) == BACK // 15 + 1
    assert set(workspace.slack.counted("token").values()) == {1}


@pytest.mark.parametrize("error", ["invalid_cursor", "internal_error"])
async def test_a_cursor_that_slack_forgot_begins_anew_and_a_failure_goes_on(workspace, clock, error):
    await doubtful(workspace, clock)
    outside(workspace.slack)
    for _ in range(4):
        clock.forward(minutes=1)
        await workspace.parts.worker.work_off()
    workspace.slack.faults.next("conversations.history", refusing(error))
    await minutes_until_sent(workspace, clock, 60)
    assert await states(workspace) == []
    assert set(workspace.slack.counted("token").values()) == {1}


async def test_an_app_of_ones_own_reads_it_at_once(workspace, clock):
    await doubtful(workspace, clock)
    workspace.slack.rates.on = True
    clock.forward(minutes=2)
    await workspace.parts.worker.work_off()
    assert await states(workspace) == []
    assert len(workspace.slack.calls_of("conversations.history")) == 2
