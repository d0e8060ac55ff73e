import pytest

from tests.servers.discord.places import Member, Person
from tests.servers.discord.state import (
    ADA,
    APP,
    BEN,
    BOT,
    FORUM_CHANNEL,
    GUILD,
    HIDDEN,
    OTHER_GUILD,
    OWNER,
    PAPERS,
    TAGGED_FORUM,
)


async def test_who_the_bot_is(server, api):
    assert (await api("GET", "/users/@me"))[1]["id"] == str(BOT)
    for path in ("/applications/@me", "/oauth2/applications/@me"):
        app = (await api("GET", path))[1]
        assert (app["id"], app["bot"]["id"], app["owner"]["id"]) == (str(APP), str(BOT), str(OWNER))
        assert app["flags"] == 1 << 15 | 1 << 19
    server.world.privileged.clear()
    assert (await api("GET", "/applications/@me"))[1]["flags"] == 0


async def test_where_the_gateway_is(server, api):
    payload = (await api("GET", "/gateway/bot"))[1]
    assert (payload["url"], payload["shards"]) == (server.gateway_url, 1)
    assert payload["session_start_limit"]["max_concurrency"] == 1
    assert (await api("GET", "/gateway"))[1] == {"url": server.gateway_url}


async def test_channels_are_read(api, refused):
    assert (await api("GET", f"/channels/{PAPERS}"))[1]["name"] == "papers"
    forum = (await api("GET", f"/channels/{FORUM_CHANNEL}"))[1]
    assert (forum["type"], [tag["name"] for tag in forum["available_tags"]]) == (
        15,
        ["theory", "practice", "staff"],
    )
    assert (await api("GET", f"/channels/{TAGGED_FORUM}"))[1]["flags"] == 1 << 4
    assert (await refused("GET", f"/channels/{HIDDEN}"))[0] == 50001
    assert (await refused("GET", "/channels/1"))[0] == 10003
    assert await refused("GET", "/channels/kettle") == (50035, [("channel_id", "NUMBER_TYPE_COERCE")])


async def test_channels_are_changed_by_those_who_manage_them(server, api, refused):
    place = f"/channels/{PAPERS}"
    assert (await refused("PATCH", place, json={"topic": "tea"}))[0] == 50013
    await server.change_role(GUILD, server.bot_role(GUILD), add="MANAGE_CHANNELS")
    changed = (await api("PATCH", place, json={"topic": "tea"}))[1]
    assert (changed["topic"], changed["name"]) == ("tea", "papers")
    for body in ({"name": ""}, {"name": "x" * 101}, {"topic": "x" * 1025}, {"rate_limit_per_user": -1}):
        assert (await refused("PATCH", place, json=body))[0] == 50035
    assert (await refused("DELETE", place))[0] == 50013


async def test_a_guild_is_read_by_its_members(server, api, refused):
    assert (await api("GET", f"/guilds/{GUILD}"))[1]["name"] == "Example"
    names = [one["name"] for one in (await api("GET", f"/guilds/{GUILD}/channels"))[1]]
    assert "papers" in names
    assert "hidden" not in names
    roles = (await api("GET", f"/guilds/{GUILD}/roles"))[1]
    assert [role["tags"] for role in roles if role["managed"]] == [{"bot_id": str(BOT)}]
    for rest in ("", "/channels", "/roles", "/members"):
        assert (await refused("GET", f"/guilds/{OTHER_GUILD}{rest}"))[0] == 10004
    await server.invite(OTHER_GUILD)
    assert [one["name"] for one in (await api("GET", "/users/@me/guilds"))[1]] == ["Example", "Other"]
    assert (await api("DELETE", f"/users/@me/guilds/{OTHER_GUILD}"))[0] == 204
    assert (await refused("GET", f"/guilds/{OTHER_GUILD}"))[0] == 10004


async def test_members_are_read(server, api, refused):
    ada = (await api("GET", f"/guilds/{GUILD}/members/{ADA}"))[1]
    assert (ada["user"]["username"], ada["nick"]) == ("ada", None)
    server.world.people[7] = Person(7, "cleo")
    assert (await refused("GET", f"/guilds/{GUILD}/members/7"))[0] == 10007
    assert (await refused("GET", f"/guilds/{GUILD}/members/1"))[0] == 10013
    assert (await api("GET", "/users/7"))[1]["username"] == "cleo"
    assert (await refused("GET", "/users/1"))[0] == 10013
    server.world.guilds[GUILD].members[7] = Member(7)
    found = (await api("GET", f"/guilds/{GUILD}/members?limit=1000"))[1]
    assert [int(one["user"]["id"]) for one in found] == sorted([7, OWNER, ADA, BEN, BOT])
    assert len((await api("GET", f"/guilds/{GUILD}/members?limit=2&after={OWNER}"))[1]) == 2
    assert (await refused("GET", f"/guilds/{GUILD}/members?limit=1001"))[0] == 50035
    server.world.privileged.discard("GUILD_MEMBERS")
    assert (await refused("GET", f"/guilds/{GUILD}/members"))[0] == 50001


async def test_a_direct_conversation_is_opened_once(server, api, refused):
    first, second = [
        (await api("POST", "/users/@me/channels", json={"recipient_id": each}))[1] for each in (ADA, str(ADA))
    ]
    assert (first["id"], first["type"], first["recipients"][0]["id"]) == (second["id"], 1, str(ADA))
    place = f"/channels/{first['id']}"
    assert (await api("POST", f"{place}/messages", json={"content": "x"}))[0] == 200
    assert (await refused("PATCH", place, json={"name": "x"}))[0] == 50003
    server.world.people[ADA].takes_direct = False
    assert (await refused("POST", f"{place}/messages", json={"content": "x"}))[0] == 50007
    await server.kick(GUILD)
    assert (await refused("POST", f"{place}/messages", json={"content": "x"}))[0] == 50278


@pytest.mark.parametrize(
    ("body", "code"), [({}, 50035), ({"recipient_id": "1"}, 50033), ({"recipient_id": str(BOT)}, 50033)]
)
async def test_whom_the_bot_cannot_write_to(refused, body, code):
    assert (await refused("POST", "/users/@me/channels", json=body))[0] == code
