"""No task that others rely on ends unnoticed: who listens is cancelled with it, which ends the process."""

import asyncio

import pytest

from adapters.common.recount_loop import RecountLoop
from adapters.discord.inbound.gateway import Gateway
from adapters.slack.inbound.socket import SlackSocket
from app.http import server
from app.http.server import served
from app.surfaces import opening, surfaces_set_up
from app.wiring import assembled


class Fault(Exception):
    """One that nobody has foreseen."""


async def fails(*_: object, **__: object) -> None:
    raise Fault


@pytest.mark.parametrize(
    ("platform", "owner", "task"),
    [
        ("slack", RecountLoop, "watch"),
        ("slack", SlackSocket, "connect_async"),
        ("discord", RecountLoop, "watch"),
        ("discord", Gateway, "run"),
    ],
)
async def test_a_listening_task_that_ends(  # noqa: PLR0917 - as many fixtures
    platform, owner, task, slack_settings, discord_settings, clock, embedder, monkeypatch
):
    settings = {"slack": slack_settings, "discord": discord_settings}[platform]
    monkeypatch.setattr(owner, task, fails)
    surfaces = opening(surfaces_set_up(settings, listens=True), settings)
    async with assembled(settings, {}, clock, embedder, opening=surfaces) as parts:
        (adapter,) = parts.adapters().values()
        with pytest.RaisesGroup(Fault, flatten_subgroups=True):
            async with adapter.listening():
                await asyncio.Event().wait()


async def ends(*_: object, **__: object) -> None:
    pass


@pytest.mark.parametrize(("serve", "told"), [(fails, Fault), (ends, RuntimeError)])
async def test_the_server_of_requests(serve, told, monkeypatch):
    monkeypatch.setattr(server._Server, "serve", serve)
    with pytest.RaisesGroup(told, flatten_subgroups=True):
        async with served("127.0.0.1", 0, []):
            await asyncio.Event().wait()
