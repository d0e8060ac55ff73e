"""A Slack command's lines in the log have one id through adapter, core and delivery."""

import io
import json
import logging
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from app.logs import JsonFormatter
from tests.e2e.slack_workspace import ADA, BEN, said
from tests.servers.slack.faults import broken, refusing


@contextmanager
def logged():
    """Write the log as JSON, as with PAPERCLUB_LOG_FORMAT=json."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.stream
    root.removeHandler(handler)
    root.setLevel(level)


def lines(stream) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
async def failing(workspace):
    """Slack that does not say who somebody is, and a database without reading lists."""
    async with workspace.parts.store._writing_engine.begin() as connection:
        await connection.execute(text("DROP TABLE saved"))
    workspace.slack.faults.next("users.info", broken(), times=20)
    workspace.slack.faults.next("response_url", broken(500), times=1)
    return workspace


async def test_one_id_from_the_adapter_to_the_delivery(failing):
    with logged() as stream:
        answer = await failing.says("saved", person=ADA)
        of_ada = lines(stream)
    assert {each["logger"] for each in of_ada} >= {
        "adapters.slack.inbound.people",
        "bot.conversation.dispatcher",
        "adapters.slack.outbound.conversation",
    }
    (current,) = {each.get("request_id") for each in of_ada}
    assert current
    (failed,) = [each for each in of_ada if "reference" in each]
    assert f"reference {failed['reference']}" in said(answer)
    assert "no such table: saved" in failed["exception"]
    tokens = {failing.slack.bot_token, failing.slack.app_token}
    assert not any(token in line for line in stream.getvalue().splitlines() for token in tokens)

    with logged() as stream:
        await failing.says("saved", person=BEN)
    (another,) = {each.get("request_id") for each in lines(stream)}
    assert another not in {None, current}


async def test_each_post_has_an_id_of_its_own(workspace, clock):
    for topic in ("mixture of experts", "protein folding"):
        await workspace.says(f"subscribe {topic} at:09:00")
    clock.forward(hours=3)
    workspace.slack.faults.next("chat.postMessage", refusing("invalid_blocks"), times=10)
    with logged() as stream:
        await workspace.parts.worker.work_off()
    of_posts = [each for each in lines(stream) if each["logger"] == "bot.posting.delivery"]
    assert of_posts
    assert all(each.get("request_id") for each in of_posts)
