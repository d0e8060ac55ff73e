import asyncio
import contextlib
import json
import zlib

import aiohttp
import pytest

from tests.servers.discord.intents import BITS, EVERY
from tests.servers.discord.limits import limit
from tests.servers.discord.state import (
    ADA,
    APP,
    BEN,
    BOT,
    ELSEWHERE,
    GUILD,
    HIDDEN,
    OTHER_GUILD,
    PAPERS,
    TOKEN,
)

MOST = EVERY & ~BITS["GUILD_PRESENCES"]
BARE = MOST & ~BITS["MESSAGE_CONTENT"]


class Socket:
    """A connection that speaks the gateway's language, and no more."""

    def __init__(self, web):
        self.web = web
        self.seen = 0

    async def send(self, opcode, data=None):
        await self.web.send_json({"op": opcode, "d": data})

    async def receive(self):
        payload = await self.web.receive_json(timeout=10)
        self.seen = payload.get("s") or self.seen
        return payload

    async def event(self, name):
        """The next event of this name; what comes before it is dropped."""
        while True:
            payload = await self.receive()
            if payload["op"] == 0 and payload["t"] == name:
                return payload["d"]

    async def events_until(self, name):
        """The names of all events up to this one."""
        names = []
        while not names or names[-1] != name:
            payload = await self.receive()
            names += [payload["t"]] if payload["op"] == 0 else []
        return names

    async def identify(self, intents=MOST, **more):
        properties = {"os": "linux", "browser": "kettle", "device": "kettle"}
        await self.send(2, {"token": TOKEN, "intents": intents, "properties": properties, **more})

    async def resume(self, session, sequence):
        await self.send(6, {"token": TOKEN, "session_id": session, "seq": sequence})

    async def closed(self):
        """The code with which the server ends the connection."""
        while not self.web.closed:
            await self.web.receive(timeout=10)
        return self.web.close_code


@contextlib.asynccontextmanager
async def connection(server, query="?v=10&encoding=json"):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + query) as web,
    ):
        socket = Socket(web)
        assert (await socket.receive())["d"]["heartbeat_interval"] == limit("gateway.heartbeat")
        yield socket


@pytest.fixture
async def socket(server):
    async with connection(server) as made:
        yield made


@pytest.fixture
async def ready(socket):
    await socket.identify()
    await socket.event("GUILD_CREATE")
    return socket


async def test_a_session_begins_with_unavailable_guilds(server, socket):
    await socket.identify()
    told = await socket.event("READY")
    assert told["guilds"] == [{"id": str(GUILD), "unavailable": True}]
    assert (told["user"]["id"], told["application"]["id"], told["shard"]) == (str(BOT), str(APP), [0, 1])
    assert told["resume_gateway_url"].startswith("ws://127.0.0.1:")
    guild = await socket.event("GUILD_CREATE")
    assert (guild["id"], guild["unavailable"], guild["member_count"]) == (str(GUILD), False, 4)
    assert [one["user"]["id"] for one in guild["members"]] == [str(BOT)]
    assert "hidden" in [one["name"] for one in guild["channels"]]
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
async def test_only_version_ten_in_json(server, query):
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url + query) as web:
        assert await Socket(web).closed() == 4012


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


async def test_everything_can_be_compressed(server):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + "?v=10&encoding=json&compress=zlib-stream") as web,
    ):
        inflate = zlib.decompressobj()
        data = await web.receive_bytes()
        assert data.endswith(b"\x00\x00\xff\xff")
        assert json.loads(inflate.decompress(data))["op"] == 10
        await Socket(web).identify()
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


async def test_one_session_in_five_seconds(server):
    server.gateway.strict_pace = True
    async with connection(server) as first, connection(server) as second:
        await first.identify()
        await first.event("READY")
        await second.identify()
        assert await second.receive() == {"op": 9, "d": False}
        server.clock.advance(limit("gateway.identify.seconds"))
        await second.identify()
        await second.event("READY")


async def test_guilds_go_to_their_shard(server):
    await server.invite(OTHER_GUILD)
    async with connection(server) as even, connection(server) as odd:
        for socket, number, guild in ((even, 0, GUILD), (odd, 1, OTHER_GUILD)):
            await socket.identify(shard=[number, 2])
            told = await socket.event("READY")
            assert [one["id"] for one in told["guilds"]] == [str(guild)]
            await socket.event("GUILD_CREATE")
        await server.say(ADA, ELSEWHERE, "odd")
        await server.say(ADA, PAPERS, "even")
        await server.direct(ADA, "direct")
        assert (await odd.event("MESSAGE_CREATE"))["content"] == "odd"
        assert [(await even.event("MESSAGE_CREATE"))["content"] for _ in range(2)] == ["even", "direct"]


@pytest.mark.parametrize(
    ("missing", "deed", "heard"),
    [
        ("GUILD_MESSAGES", lambda s, _: s.say(ADA, PAPERS, "x"), False),
        ("GUILD_MESSAGES", lambda s, _: s.direct(ADA, "x"), True),
        ("DIRECT_MESSAGES", lambda s, _: s.direct(ADA, "x"), False),
        ("DIRECT_MESSAGES", lambda s, _: s.say(ADA, PAPERS, "x"), True),
        ("GUILD_MESSAGE_REACTIONS", lambda s, m: s.react(BEN, m, "👍"), False),
        ("DIRECT_MESSAGE_REACTIONS", lambda s, m: s.react(BEN, m, "👍"), True),
        ("GUILDS", lambda s, _: s.rename(PAPERS, "other"), False),
        ("GUILD_MEMBERS", lambda s, _: s.go(GUILD, BEN), False),
        ("GUILD_MEMBERS", lambda s, _: s.rename(PAPERS, "other"), True),
    ],
)
async def test_only_what_was_asked_for_is_told(server, socket, missing, deed, heard):
    message = await server.say(ADA, PAPERS, "x")
    await socket.identify(MOST & ~BITS[missing])
    await socket.event("READY")
    done = await deed(server, message)
    delivery = getattr(done, "told", None)
    assert (delivery.told if hasattr(delivery, "told") else done.told) is heard


async def test_without_the_intent_the_content_of_others_is_empty(server, socket):
    await socket.identify(BARE)
    await socket.event("READY")
    heard = []
    for text in ("secret", f"<@{BOT}> told"):
        message = await server.say(ADA, PAPERS, text)
        heard.append((await socket.event("MESSAGE_CREATE"))["content"])
    assert heard == ["", f"<@{BOT}> told"]
    await server.edit(message, "secret")
    assert (await socket.event("MESSAGE_UPDATE"))["content"] == ""
    await server.direct(ADA, "direct")
    assert (await socket.event("MESSAGE_CREATE"))["content"] == "direct"


async def test_its_own_content_is_always_told(server, api, socket):
    await socket.identify(BARE)
    await socket.event("READY")
    await api("POST", f"/channels/{PAPERS}/messages", json={"content": "mine", "nonce": "n1"})
    told = await socket.event("MESSAGE_CREATE")
    assert (told["content"], told["nonce"], told["guild_id"]) == ("mine", "n1", str(GUILD))
    assert server.messages(PAPERS)[0].content == "mine"


async def test_the_bot_hears_only_of_channels_it_can_see(server, ready):
    hidden = await server.say(ADA, HIDDEN, "x")
    assert not hidden.told.told
    with pytest.raises(AssertionError):
        await hidden.acked()
    await server.permit(HIDDEN, BOT, allow="VIEW_CHANNEL")
    assert await ready.event("CHANNEL_UPDATE")
    assert (await server.say(ADA, HIDDEN, "x")).told.told


async def test_what_was_missed_comes_after_a_resume(server):
    async with connection(server) as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        await socket.event("GUILD_CREATE")
        seen = socket.seen
    await server.until(lambda: not server.gateway.sockets)
    assert list(server.sessions.open) == []
    async with connection(server) as socket:
        await socket.resume(session, seen)
        assert await socket.receive() == {"op": 9, "d": False}


async def test_a_session_outlives_a_connection_that_breaks(server):
    async with connection(server) as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        await socket.event("GUILD_CREATE")
        seen = socket.seen
        server.gateway.cut()
        await socket.closed()
    await server.until(lambda: not server.gateway.sockets)
    missed = [await server.say(ADA, PAPERS, text) for text in ("a", "b")]
    assert all(one.told.told for one in missed)
    async with connection(server) as socket:
        await socket.resume(session, seen)
        assert await socket.events_until("RESUMED") == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
        await server.say(ADA, PAPERS, "c")
        assert (await socket.event("MESSAGE_CREATE"))["content"] == "c"
    assert server.gateway.resumed == [session]


@pytest.mark.parametrize(("sequence", "code"), [(99, 4007), (-1, 4007), (None, 4007)])
async def test_a_resume_has_to_know_what_it_saw(server, sequence, code):
    async with connection(server) as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        server.gateway.cut()
    async with connection(server) as socket:
        await socket.resume(session, sequence)
        assert await socket.closed() == code


async def test_a_resume_can_be_refused(server):
    async with connection(server) as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        server.gateway.cut()
    server.gateway.resumes = False
    async with connection(server) as socket:
        await socket.resume(session, 1)
        assert await socket.receive() == {"op": 9, "d": False}
        await socket.send(6, {"token": "wrong", "session_id": session, "seq": 1})
        assert await socket.closed() == 4004


async def test_the_server_asks_to_come_again(server, ready):
    server.gateway.reconnect()
    assert await ready.receive() == {"op": 7, "d": None}
    server.gateway.invalidate(resumable=True)
    assert await ready.receive() == {"op": 9, "d": True}
    server.gateway.close(4000)
    assert await ready.closed() == 4000


async def test_members_are_told_to_those_who_ask(server, ready):
    await ready.send(8, {"guild_id": str(GUILD), "query": "", "limit": 0, "nonce": "n"})
    told = await ready.event("GUILD_MEMBERS_CHUNK")
    assert (len(told["members"]), told["nonce"]) == (4, "n")
    await ready.send(8, {"guild_id": str(GUILD), "user_ids": [str(ADA)], "limit": 0})
    told = await ready.event("GUILD_MEMBERS_CHUNK")
    assert [one["user"]["id"] for one in told["members"]] == [str(ADA)]
    assert server.crashes == []


async def test_a_heartbeat_is_asked_for_to_know_what_was_heard(server, ready):
    message = await server.say(ADA, PAPERS, "x")
    waiting = message.acked()
    number = message.told.sessions[0][1]

    async def answer():
        while (await ready.receive())["op"] != 1:
            pass
        await ready.send(1, number)

    await asyncio.gather(waiting, answer())
    assert [one.heard for one in server.sessions.open] == [number]


async def test_a_session_that_nobody_resumes_ends_with_the_next(server):
    async with connection(server) as socket:
        await socket.identify()
        await socket.event("READY")
        message = await server.say(ADA, PAPERS, "x")
        waiting = asyncio.create_task(message.acked())
        server.gateway.cut()
        await socket.closed()
    async with connection(server) as socket:
        await socket.identify()
        await socket.event("READY")
        assert len(list(server.sessions.open)) == 1
        with pytest.raises(AssertionError, match="ended"):
            await waiting
