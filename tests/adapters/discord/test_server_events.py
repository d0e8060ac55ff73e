import asyncio

import pytest

from tests.servers.discord.intents import BITS, EVERY
from tests.servers.discord.state import (
    ADA,
    BEN,
    BOT,
    ELSEWHERE,
    GUILD,
    HIDDEN,
    OTHER_GUILD,
    PAPERS,
)

MOST = EVERY & ~BITS["GUILD_PRESENCES"]
BARE = MOST & ~BITS["MESSAGE_CONTENT"]


async def test_guilds_go_to_their_shard(server, connection):
    await server.invite(OTHER_GUILD)
    async with connection() as even, connection() as odd:
        for socket, number, guild in ((even, 0, GUILD), (odd, 1, OTHER_GUILD)):
            await socket.identify(shard=[number, 2])
            payload = await socket.event("READY")
            assert [one["id"] for one in payload["guilds"]] == [str(guild)]
            await socket.event("GUILD_CREATE")
        await server.say(ADA, ELSEWHERE, "odd")
        await server.say(ADA, PAPERS, "even")
        await server.direct(ADA, "direct")
        assert (await odd.event("MESSAGE_CREATE"))["content"] == "odd"
        assert [(await even.event("MESSAGE_CREATE"))["content"] for _ in range(2)] == ["even", "direct"]


@pytest.mark.parametrize(
    ("missing", "action", "received"),
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
async def test_only_what_was_asked_for_is_told(server, socket, missing, action, received):
    message = await server.say(ADA, PAPERS, "x")
    await socket.identify(MOST & ~BITS[missing])
    await socket.event("READY")
    done = await action(server, message)
    delivery = getattr(done, "told", None)
    assert (delivery.told if hasattr(delivery, "told") else done.told) is received


async def test_without_the_intent_the_content_of_others_is_empty(server, socket):
    await socket.identify(BARE)
    await socket.event("READY")
    contents = []
    for text in ("secret", f"<@{BOT}> told"):
        message = await server.say(ADA, PAPERS, text)
        contents.append((await socket.event("MESSAGE_CREATE"))["content"])
    assert contents == ["", f"<@{BOT}> told"]
    await server.edit(message, "secret")
    assert (await socket.event("MESSAGE_UPDATE"))["content"] == ""
    await server.direct(ADA, "direct")
    assert (await socket.event("MESSAGE_CREATE"))["content"] == "direct"


async def test_its_own_content_is_always_told(server, api, socket):
    await socket.identify(BARE)
    await socket.event("READY")
    await api("POST", f"/channels/{PAPERS}/messages", json={"content": "mine", "nonce": "n1"})
    payload = await socket.event("MESSAGE_CREATE")
    assert (payload["content"], payload["nonce"], payload["guild_id"]) == ("mine", "n1", str(GUILD))
    assert server.messages(PAPERS)[0].content == "mine"


async def test_the_bot_hears_only_of_channels_it_can_see(server, ready):
    hidden = await server.say(ADA, HIDDEN, "x")
    assert not hidden.told.told
    with pytest.raises(AssertionError):
        await hidden.acked()
    await server.permit(HIDDEN, BOT, allow="VIEW_CHANNEL")
    assert await ready.event("CHANNEL_UPDATE")
    assert (await server.say(ADA, HIDDEN, "x")).told.told


async def test_what_was_missed_comes_after_a_resume(server, connection):
    async with connection() as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        await socket.event("GUILD_CREATE")
        seen = socket.seen
    await server.until(lambda: not server.gateway.sockets)
    assert list(server.sessions.open) == []
    async with connection() as socket:
        await socket.resume(session, seen)
        assert await socket.receive() == {"op": 9, "d": False}


async def test_a_session_outlives_a_connection_that_breaks(server, connection):
    async with connection() as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        await socket.event("GUILD_CREATE")
        seen = socket.seen
        server.gateway.cut()
        await socket.closed()
    await server.until(lambda: not server.gateway.sockets)
    missed = [await server.say(ADA, PAPERS, text) for text in ("a", "b")]
    assert all(one.told.told for one in missed)
    async with connection() as socket:
        await socket.resume(session, seen)
        assert await socket.events_until("RESUMED") == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
        await server.say(ADA, PAPERS, "c")
        assert (await socket.event("MESSAGE_CREATE"))["content"] == "c"
    assert server.gateway.resumed == [session]


@pytest.mark.parametrize(("sequence", "code"), [(99, 4007), (-1, 4007), (None, 4007)])
async def test_a_resume_has_to_know_what_it_saw(server, sequence, code, connection):
    async with connection() as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        server.gateway.cut()
    async with connection() as socket:
        await socket.resume(session, sequence)
        assert await socket.closed() == code


async def test_a_resume_can_be_refused(server, connection):
    async with connection() as socket:
        await socket.identify()
        session = (await socket.event("READY"))["session_id"]
        server.gateway.cut()
    server.gateway.resumes = False
    async with connection() as socket:
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
    payload = await ready.event("GUILD_MEMBERS_CHUNK")
    assert (len(payload["members"]), payload["nonce"]) == (4, "n")
    await ready.send(8, {"guild_id": str(GUILD), "user_ids": [str(ADA)], "limit": 0})
    payload = await ready.event("GUILD_MEMBERS_CHUNK")
    assert [one["user"]["id"] for one in payload["members"]] == [str(ADA)]
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


async def test_a_session_that_nobody_resumes_ends_with_the_next(server, connection):
    async with connection() as socket:
        await socket.identify()
        await socket.event("READY")
        message = await server.say(ADA, PAPERS, "x")
        waiting = asyncio.create_task(message.acked())
        server.gateway.cut()
        await socket.closed()
    async with connection() as socket:
        await socket.identify()
        await socket.event("READY")
        assert len(list(server.sessions.open)) == 1
        with pytest.raises(AssertionError, match="ended"):
            await waiting


async def test_of_channels_that_the_bot_cannot_see_hardly_anything_is_told(server, socket):
    await socket.identify()
    channels = {int(one["id"]): one for one in (await socket.event("GUILD_CREATE"))["channels"]}
    hidden, seen = channels[HIDDEN], channels[PAPERS]
    assert (hidden["name"], hidden["flags"], hidden["topic"]) == ("___hidden___", 1 << 17, None)
    assert [(one["id"], one["deny"]) for one in hidden["permission_overwrites"]] == [(str(GUILD), "1024")]
    assert (seen["name"], seen["flags"]) == ("papers", 0)
    await server.permit(HIDDEN, BOT, allow="VIEW_CHANNEL")
    payload = await socket.event("CHANNEL_UPDATE")
    assert (payload["id"], payload["name"], payload["flags"]) == (str(HIDDEN), "hidden", 0)
    await server.permit(PAPERS, BOT, deny="VIEW_CHANNEL")
    payload = await socket.event("CHANNEL_UPDATE")
    assert (payload["id"], payload["name"]) == (str(PAPERS), "___hidden___")


async def test_a_role_that_shows_a_channel_tells_of_it(server, socket):
    await socket.identify()
    await socket.event("GUILD_CREATE")
    await server.change_role(GUILD, server.bot_role(GUILD), add="ADMINISTRATOR")
    payload = await socket.event("CHANNEL_UPDATE")
    assert (payload["id"], payload["name"]) == (str(HIDDEN), "hidden")
