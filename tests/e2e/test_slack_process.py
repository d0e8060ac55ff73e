"""`paperclub run` in Slack, as a process of its own."""

import asyncio
import time

import pytest

from tests.e2e.slack_workspace import ADA, BEN, PAPERS, said
from tests.servers.slack.server import SlackServer
from tests.waiting import DEADLINE


@pytest.fixture
async def slack():
    async with SlackServer(clock=time.time) as server:
        yield server
        assert server.violations == []


@pytest.fixture
def run(process, slack):
    def started():
        return process(
            "run",
            PAPERCLUB_SLACK_BOT_TOKEN=slack.bot_token,
            PAPERCLUB_SLACK_APP_TOKEN=slack.app_token,
            PAPERCLUB_SLACK_API_URL=slack.base_url,
            PAPERCLUB_PORT="0",
        )

    return started


async def test_killed_in_the_middle_it_goes_on_where_it_was(run, slack, process, tmp_path):
    file = tmp_path / "papers.jsonl"
    file.write_text('{"title": "Seeing Cracks in Bridges", "abstract": "Drones photograph bridges."}\n')
    importing = process("import", file)
    await asyncio.to_thread(importing.communicate, timeout=DEADLINE)
    assert importing.returncode == 0

    first = run()
    await slack.sockets.wait_for_connections(1)
    await (await slack.command(ADA, PAPERS, "/papers", "show #1")).acked()
    await slack.until(lambda: len(slack.messages(PAPERS)) == 1)
    (card,) = slack.messages(PAPERS)
    await slack.react(ADA, card, "+1")
    await slack.until(lambda: "👍 1" in said(card))
    first.kill()
    await slack.until(lambda: not slack.sockets.open)

    await slack.react(BEN, card, "thumbsup")
    second = run()
    await slack.sockets.wait_for_connections(1)
    await slack.until(lambda: "👍 2" in said(card))
    await slack.press(BEN, card, "paperclub.down")
    await slack.until(lambda: "👎 1" in said(card))
    second.terminate()
    output, _ = await asyncio.to_thread(second.communicate, timeout=DEADLINE)
    assert second.returncode == 0, "asked to stop, it stops in order"
    assert "Connected to Slack" in output
    assert slack.bot_token not in output
    assert slack.app_token not in output
