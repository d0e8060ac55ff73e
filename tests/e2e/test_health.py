"""What a process tells of itself at /healthz and /readyz is so."""

import asyncio
import json
from dataclasses import replace

import pytest

from adapters.slack import SLACK
from app.health import health
from app.roles import Role
from storage.sql.store import SqlStore
from tests.servers.slack.faults import broken
from tests.waiting import DEADLINE

NOBODYS = "postgresql://nobody@127.0.0.1:9/nothing"


@pytest.fixture
def asked(workspace):
    """Ask one of the paths, of a process with these parts."""

    async def ask(path, parts=workspace.parts, role=Role.ALL):
        adapters = {SLACK: workspace.adapter} if role.listens else {}
        routes = {each.path: each.endpoint for each in health(role, parts, adapters, fetches=True)}
        answer = await routes[path](None)
        return answer.status_code, json.loads(answer.body)

    return ask


@pytest.fixture
def worked(workspace, clock):
    """Let both of the worker's loops have come round."""
    workspace.parts.worker.rounds.update(planning=clock.now(), sending=clock.now())


@pytest.mark.usefixtures("worked")
async def test_a_process_that_does_all_that_it_is_for(asked):
    status, told = await asked("/readyz")
    assert status == 200
    assert told["ready"] is True
    assert (told["database"], told["slack"], told["time of slack"]) == ("answers", "connected", "known")
    assert told["planning"] == told["sending"] == told["last_round"]
    assert told["fetching"] is None
    assert (await asked("/healthz"))[0] == 200


@pytest.mark.usefixtures("worked")
async def test_a_loop_that_has_not_come_round(asked, workspace, clock):
    clock.forward(minutes=3)
    workspace.parts.worker.rounds["sending"] = clock.now()
    for path in ("/healthz", "/readyz"):
        status, told = await asked(path)
        assert status == 503
        assert told["planning"] < told["sending"]


@pytest.mark.usefixtures("worked")
async def test_a_database_that_does_not_answer(asked, workspace):
    parts = replace(workspace.parts, store=SqlStore(NOBODYS))
    status, told = await asked("/readyz", parts)
    assert (status, told["ready"], told["database"]) == (503, False, "does not answer")
    assert (await asked("/healthz", parts))[0] == 200, "to start it anew would not help"


@pytest.mark.usefixtures("worked")
async def test_a_platform_that_is_not_connected(asked, workspace, slack):
    slack.faults.next("apps.connections.open", broken(), times=1000)
    await slack.sockets.cut()
    async with asyncio.timeout(DEADLINE):
        while await workspace.adapter.state() == "connected":  # noqa: ASYNC110 - the SDK has no event for it
            await asyncio.sleep(0)
    status, told = await asked("/readyz")
    assert (status, told["slack"]) == (503, "not connected")
    assert (await asked("/healthz"))[0] == 200, "it is tried again by itself"
    assert (await asked("/readyz", role=Role.WORKER))[0] == 200, "a worker listens to nobody"


async def test_a_gateway_follows_and_tells_of_no_loop_that_it_does_not_have(asked, workspace, clock):
    status, told = await asked("/readyz", role=Role.GATEWAY)
    assert status == 503
    workspace.parts.follower.last_round = clock.now()
    status, told = await asked("/readyz", role=Role.GATEWAY)
    assert status == 200
    assert not {"planning", "sending", "fetching", "time of slack"} & told.keys()
