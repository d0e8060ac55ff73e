"""Whatever a program or a reader asks for, it hears nothing of another team, and never of a fault of ours."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as thorough
from hypothesis import strategies as st

from adapters.common.programs.operations import CHANNEL, Operation, operations
from adapters.mcp.inbound.tools import TOOLS
from bot.commands import COMMANDS
from tests.e2e.program_teams import OURS, PUBLIC_URL, THEIRS, Team, Teams

TABLE = operations(COMMANDS)
HEADERS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
ODD = st.text(max_size=20) | st.sampled_from(["", " ", "\x00", "#0", "#-1", "9" * 40, "a:b", '"', "[" * 50])


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"public_url": PUBLIC_URL})


@pytest.fixture
async def teams(scene, settings, clock, open_world) -> AsyncIterator[Teams]:
    async with scene.again(settings, clock, open_world) as teams:
        yield teams


def arguments(operation: Operation, other: Team) -> st.SearchStrategy[dict[str, Any]]:
    """What may be asked with: what would find the other team's paper, without its mark, and anything."""
    known = st.sampled_from(
        [
            "secret zebra routing",
            f"#{other.paper}",
            str(other.paper),
            "zebra",
            "#1",
            "1",
            "2",
            "month",
            "near",
        ]
    )
    values: dict[str, st.SearchStrategy[Any]] = {
        each.name: known
        | ODD
        | (st.sampled_from(each.choices) if each.choices else st.just(each.example))
        | st.integers()
        for each in operation.parameters
    }
    values[CHANNEL] = st.sampled_from([other.channel, other.channel[1:], "#general", ""]) | ODD
    values["odd"] = ODD
    needed = {each.name: values.pop(each.name) for each in operation.parameters if each.required}
    return st.fixed_dictionaries(needed, optional=values)


async def call(client: httpx.AsyncClient, operation: Operation, given_: dict[str, Any]) -> httpx.Response:
    address = f"/api/v1/{operation.name}"
    if operation.changes:
        return await client.post(address, json=given_)
    return await client.get(address, params={name: str(value) for name, value in given_.items()})


async def call_tool(client: httpx.AsyncClient, name: str, given_: dict[str, Any]) -> httpx.Response:
    params = {"name": name, "arguments": given_}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return await client.post("/mcp", json=message, headers=HEADERS)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
async def test_no_operation_tool_or_feed_tells_of_another_team(teams: Teams) -> None:
    loop = asyncio.get_running_loop()

    async def ask(asker: Team, other: Team, operation: Operation, given_: dict[str, Any]) -> None:
        async with teams.client(asker) as client, teams.client() as stranger:
            answers = [await call(client, operation, given_), await call(stranger, operation, given_)]
            if operation.name in TOOLS:
                answers.append(await call_tool(client, operation.name, given_))
                assert answers[-1].status_code == 200, answers[-1].text
                assert '"error":' not in answers[-1].text, answers[-1].text
        for each in answers:
            assert each.status_code < 500, each.text
            assert other.mark not in each.text
        assert asker.mark not in answers[1].text

    async def follow(other: Team, address: str, topic: str) -> None:
        async with teams.client() as client:
            answer = await client.get(address.partition("?")[0], params={"topic": topic} if topic else {})
            found = await client.get("/feeds/search", params={"q": topic or "secret zebra routing"})
        assert answer.status_code < 500
        assert other.mark not in answer.text
        assert found.status_code < 500
        assert OURS not in found.text
        assert THEIRS not in found.text

    def wait(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(60)

    pairs = [(teams.ours, teams.theirs), (teams.theirs, teams.ours)]

    @thorough(max_examples=200, deadline=None, database=None)
    @given(st.data())
    def explore(data: st.DataObject) -> None:
        asker, other = data.draw(st.sampled_from(pairs))
        operation = data.draw(st.sampled_from(TABLE), label="operation")
        wait(ask(asker, other, operation, data.draw(arguments(operation, other), label="arguments")))

    @thorough(max_examples=40, deadline=None, database=None)
    @given(st.sampled_from(pairs), st.integers(0, 3), ODD)
    def explore_feeds(pair: tuple[Team, Team], feed: int, topic: str) -> None:
        asker, other = pair
        wait(follow(other, asker.feeds[feed], topic))

    await asyncio.to_thread(explore)
    await asyncio.to_thread(explore_feeds)
    for team in (teams.ours, teams.theirs):
        async with teams.client(team) as client:
            own = await call(client, TABLE[0], {"query": "secret zebra routing"})
        assert team.mark in own.text
