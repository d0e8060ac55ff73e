"""The connection to Slack is tried until it is there, and says how it stands."""

import asyncio

import pytest

from adapters.slack.inbound import socket
from tests.servers.slack.faults import broken

FINE, REFUSED, LOST = "connected", "token refused", "not connected"


async def becomes(workspace, state):
    async with asyncio.timeout(30):
        while await workspace.adapter.state() != state:  # noqa: ASYNC110 - the SDK has no event for it
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def impatient(monkeypatch, slack):
    """Let no pause take time, and Slack not mind that."""
    slack.rates.on = False
    monkeypatch.setattr(socket, "PING_SECONDS", 0.02)
    monkeypatch.setattr(socket, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(socket, "REFUSED_PAUSE", 0.02)


async def test_a_token_that_is_taken_away_is_told_and_asked_with_again(workspace, slack, caplog):
    assert await workspace.adapter.state() == FINE
    slack.world.tokens[slack.app_token].error = "token_revoked"
    await slack.sockets.cut()
    await becomes(workspace, REFUSED)
    warnings = [each for each in caplog.messages if "Not connected to Slack" in each]
    assert "token_revoked" in warnings[0]
    assert slack.app_token not in caplog.text
    assert not any(record.exc_info for record in caplog.records), "a line each, no traceback"
    slack.world.tokens[slack.app_token].error = ""
    await becomes(workspace, FINE)
    await workspace.says("show #1")


async def test_an_address_that_did_not_work_is_not_used_again(workspace, slack, monkeypatch):
    calls_before = len(slack.calls_of("apps.connections.open"))
    issue = slack.sockets.ticket
    spoilt = iter([True, True])

    def ticket():
        made = issue()
        if next(spoilt, False):
            slack.sockets.tickets.discard(made)
        return made

    monkeypatch.setattr(slack.sockets, "ticket", ticket)
    since = slack.sockets.made
    await slack.sockets.cut()
    await slack.sockets.wait_for_connections(since=since)
    await becomes(workspace, FINE)
    assert len(slack.calls_of("apps.connections.open")) - calls_before >= 3


async def test_slack_that_cannot_be_reached_is_no_wrong_token(workspace, slack):
    slack.faults.next("apps.connections.open", broken(), times=1000)
    await slack.sockets.cut()
    await becomes(workspace, LOST)
