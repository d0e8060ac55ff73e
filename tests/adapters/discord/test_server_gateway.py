import json
import zlib

import aiohttp
import pytest

from tests.servers.discord.intents import BITS, EVERY
from tests.servers.discord.limits import limit
from tests.servers.discord.state import (
    ADA,
    APP,
    BOT,
    GUILD,
    PAPERS,
    TOKEN,
)

MOST = EVERY & ~BITS["GUILD_PRESENCES"]
BARE = MOST & ~BITS["MESSAGE_CONTENT"]


async def test_a_session_begins_with_unavailable_guilds(server, socket):
    await socket.identify()
    payload = await socket.event("READY")
    assert payload["guilds"] == [{"id": str(GUILD), "unavailable": True}]
    ids = payload["user"]["id"], payload["application"]["id"]
    assert (*ids, payload["shard"]) == (str(BOT), str(APP), [0, 1])
    assert payload["resume_gateway_url"].startswith("ws://127.0.0.1:")
    guild = await socket.event("GUILD_CREATE")
    assert (guild["id"], guild["unavailable"], guild["member_count"]) == (str(GUILD), False, 4)
    assert [one["user"]["id"] for one in guild["members"]] == [str(BOT)]
    assert "___hidden___" in [one["name"] for one in guild["channels"]]
    assert TOKEN not in json.dumps(server.gateway.identified)


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": None}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"intents": EVERY}, 4014),
        ({"shard": [1, 1]}, 4010),
        ({"shard": [-1, 2]}, 4010),
        ({"shard": "0"}, 4010),
        ({"properties": None}, 4002),
    ],
)
async def test_a_bad_beginning_is_refused(server, socket, spoilt, code):
    await socket.identify(**spoilt)
    assert await socket.closed() == code
    assert server.gateway.closes == [code]
    assert list(server.sessions.open) == []


@pytest.mark.parametrize("intent", ["MESSAGE_CONTENT", "GUILD_MEMBERS"])
async def test_a_privileged_intent_has_to_be_switched_on(server, socket, intent):
    server.world.privileged.discard(intent)
    await socket.identify(BITS[intent])
    assert await socket.closed() == 4014


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4002),
        ("[]", 4002),
        ('{"op": "x"}', 4002),
        (json.dumps({"op": 1, "d": "x" * 4096}), 4002),
        ('{"op": 99, "d": null}', 4001),
        ('{"op": 3, "d": {}}', 4003),
    ],
)
async def test_bad_words_end_the_connection(socket, text, code):
    await socket.web.send_str(text)
    assert await socket.closed() == code


async def test_a_session_begins_once(ready):
    await ready.identify()
    assert await ready.closed() == 4005


@pytest.mark.parametrize("query", ["?v=9&encoding=json", "?v=10&encoding=etf"])
async def test_only_version_ten_in_json(server, socket_of, query):
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url + query) as web:
        assert await socket_of(web).closed() == 4012


async def test_too_many_guilds_for_one_shard(server, socket):
    server.gateway.guilds_per_shard = 0
    await socket.identify()
    assert await socket.closed() == 4011


async def test_heartbeats_are_answered_unless_they_are_not(server, ready):
    await ready.send(1, ready.seen)
    assert (await ready.receive())["op"] == 11
    assert [one.heard for one in server.sessions.open] == [2]
    server.gateway.answers_heartbeats = False
    await ready.send(1, ready.seen)
    message = await server.say(ADA, PAPERS, "x")
    assert (await ready.receive())["t"] == "MESSAGE_CREATE"
    assert message.told.told


async def test_everything_can_be_compressed(server, socket_of):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + "?v=10&encoding=json&compress=zlib-stream") as web,
    ):
        inflate = zlib.decompressobj()
        data = await web.receive_bytes()
        assert data.endswith(b"\x00\x00\xff\xff")
        assert json.loads(inflate.decompress(data))["op"] == 10
        await socket_of(web).identify()
        assert json.loads(inflate.decompress(await web.receive_bytes()))["t"] == "READY"


async def test_so_many_words_a_minute(server, ready):
    server.gateway.strict_pace = True
    for _ in range(limit("gateway.sent") - 1):
        await ready.send(1, ready.seen)
    server.clock.advance(limit("gateway.sent.seconds"))
    for _ in range(limit("gateway.sent")):
        await ready.send(1, ready.seen)
        assert (await ready.receive())["op"] == 11
    await ready.send(1, ready.seen)
    assert await ready.closed() == 4008


async def test_one_session_in_five_seconds(server, connection):
    server.gateway.strict_pace = True
    async with connection() as first, connection() as second:
        await first.identify()
        await first.event("READY")
        await second.identify()
        assert await second.receive() == {"op": 9, "d": False}
        server.clock.advance(limit("gateway.identify.seconds"))
        await second.identify()
        await second.event("READY")
