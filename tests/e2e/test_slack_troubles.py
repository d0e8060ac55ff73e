"""What people in Slack are told while Slack is busy, and by which way."""

import pytest

from tests.e2e.slack_workspace import ADA, OTHERS, said
from tests.servers.slack.faults import DROPPED, Fault, broken, rate_limited, refusing

EXPIRED = Fault(404, '{"ok":false,"error":"expired_url"}')


def heard(workspace) -> str:
    """The latest that only ada sees."""
    return said(workspace.slack.ephemerals(ADA)[-1])


def ways(workspace) -> list[str]:
    return [each.via for each in workspace.slack.ephemerals(ADA)]


@pytest.mark.parametrize("seconds", [2, 45])
async def test_a_private_answer_waits_as_long_as_slack_asks(workspace, clock, seconds):
    workspace.slack.faults.next("response_url", rate_limited(seconds))
    before = clock.timestamp()
    await workspace.says("help vote")
    assert "vote PAPER" in heard(workspace)
    assert clock.timestamp() - before >= seconds
    assert ways(workspace) == ["response_url"]


@pytest.mark.parametrize("fault", [EXPIRED, broken(500), DROPPED, rate_limited(600)])
async def test_a_private_answer_finds_another_way(workspace, fault):
    workspace.slack.faults.next("response_url", fault)
    await workspace.says("help vote")
    assert "vote PAPER" in heard(workspace)
    assert ways(workspace) == ["chat.postEphemeral"]


async def test_an_answer_that_takes_longer_than_the_address_lasts_still_comes(workspace, clock):
    await workspace.says("search experts")
    clock.forward(minutes=31)
    card = await workspace.says("show #1")
    clock.forward(minutes=31)
    workspace.slack.faults.next("response_url", EXPIRED)
    await workspace.presses(card, "save")
    assert "is on your reading list" in heard(workspace)


async def test_pages_are_turned_by_a_new_message_where_the_old_one_is_out_of_reach(workspace, many_papers):
    await workspace.parts.library.add(many_papers)
    answer = await workspace.says("search rivers and their fish")
    workspace.slack.faults.next("response_url", EXPIRED)
    await workspace.presses(answer, "next")
    assert "page 2 of" in heard(workspace)


@pytest.mark.parametrize(
    ("fault", "times", "told"),
    [
        (rate_limited(30), 3, "Slack is busy and did not take my answer. Please try again in a minute."),
        (rate_limited(300), 1, "Slack is busy and did not take my answer. Please try again in 5 minutes."),
        (refusing("ratelimited"), 1, "Slack is busy and did not take my answer."),
        (broken(503), 1, "Slack did not confirm my answer. If it is missing, please try again in a minute."),
        (DROPPED, 1, "Slack did not confirm my answer."),
        (refusing("fatal_error"), 1, "Slack did not confirm my answer."),
    ],
)
async def test_who_asks_hears_of_a_busy_slack_and_not_of_us(workspace, caplog, fault, times, told):
    workspace.slack.faults.next("chat.postMessage", fault, times=times)
    await workspace.says("show #1")
    assert told in heard(workspace)
    assert "our side" not in heard(workspace)
    assert "Answering CommandInvoked failed" in caplog.text


async def test_what_slack_refuses_is_our_fault_and_has_a_reference(workspace, caplog):
    workspace.slack.faults.next("chat.postMessage", refusing("invalid_blocks"))
    await workspace.says("show #1")
    assert "Something went wrong on our side" in heard(workspace)
    assert "Reference" in caplog.text


async def test_a_busy_home_is_told_of_in_ones_own_talk(workspace):
    workspace.slack.faults.next("views.publish", broken(503))
    await workspace.slack.open_home(ADA)
    await workspace.settle()
    direct = workspace.slack.world.direct(ADA).id
    assert "Slack did not confirm my answer" in said(workspace.latest(direct))


async def test_where_the_bot_is_no_member_an_expired_address_is_the_end_of_it(workspace, caplog):
    workspace.slack.world.channels[OTHERS].members.add(ADA)
    workspace.slack.faults.next("response_url", EXPIRED, times=5)
    sent = await workspace.slack.command(ADA, OTHERS, "/papers", "help")
    await sent.acked()
    await workspace.settle()
    assert "I am not in it any more" in caplog.text
