"""Events of Discord that are malformed, unknown or of a later version: none costs more than itself."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.discord.inbound import gateway
from tests.e2e.discord_guild import BEN, GUILD, PAPERS, Guild

UP = "👍"
Odd = tuple[str, dict[str, Any]]
"""What an event is, and its payload."""
NO_OBJECTS: tuple[Any, ...] = (None, [], "text", 7, True)


def payload(event: Any, data: Any, **more: Any) -> dict[str, Any]:
    return {"op": 0, "t": event, "d": data} | more


def of_later_versions() -> Iterator[Odd]:
    for event in ("KETTLE_BOILED", "GUILD_KETTLE_CREATE", "CHANNEL_KETTLE_UPDATE", "THREAD_KETTLE", "", 7):
        yield f"unknown {event}", payload(event, {"id": "1", "guild_id": str(GUILD)})
    for op in (99, -1, "x", None):
        yield f"op {op}", payload("MESSAGE_CREATE", {}, op=op)
    for data in NO_OBJECTS:
        yield f"data {data}", payload("MESSAGE_CREATE", data)
        yield f"guild {data}", payload("GUILD_UPDATE", data)
        yield f"interaction {data}", payload("INTERACTION_CREATE", data)


def damaged(payloads: list[dict[str, Any]]) -> Iterator[Odd]:
    """Each kind of event that was really told, with each of its fields missing or null."""
    for event, data in {each["t"]: each["d"] for each in payloads}.items():
        if event in {"READY", "RESUMED"}:
            continue
        for key in data:
            others = {each: data[each] for each in data if each != key}
            yield f"{event} without {key}", payload(event, others)
            yield f"{event} with null {key}", payload(event, {**data, key: None})


async def all_kinds(guild: Guild) -> list[dict[str, Any]]:
    """Let a bit of everything happen, and give what was told of it."""
    card = await guild.says("show #1")
    await guild.reacts(card, UP, person=BEN)
    await guild.unreacts(card, UP, person=BEN)
    written = await guild.writes("https://arxiv.org/abs/2406.01234")
    await guild.discord.edit(written, "Kettles")
    await guild.settle()
    (session,) = guild.discord.sessions.open
    return list(session.told)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "FIRST_PAUSE", 0.01)


async def test_no_event_costs_more_than_itself(guild: Guild, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    odd = [*of_later_versions(), *damaged(await all_kinds(guild))]
    assert len({name for name, _ in odd}) >= 100
    (session,) = guild.discord.sessions.open
    made = guild.discord.gateway.made
    for name, event in odd:
        session.told.append(event | {"s": len(session.told) + 1})
        assert session.socket is not None, name
        session.socket.send(session.told[-1])
        question = await guild.discord.command(BEN, PAPERS, "papers help")
        async with asyncio.timeout(30):
            await question.acked()
    await guild.settle()
    assert guild.discord.gateway.made == made, "the connection stood"
    # What the bot says to a damaged event may be refused: that is the event's own cost.
    guild.discord.calls.clear()
