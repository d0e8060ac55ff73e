from tests.servers.discord.permissions import BITS
from tests.servers.discord.samples import button, row
from tests.servers.discord.state import (
    ADA,
    APP,
    BOT,
    GUILD,
    HIDDEN,
    OTHER_GUILD,
    PAPERS,
    QUIET,
)

MESSAGES = f"/channels/{PAPERS}/messages"


async def listed(api, query=""):
    status, found = await api("GET", MESSAGES + query)
    assert status == 200
    return [one["content"] for one in found]


async def test_history_is_read_in_parts(server, api, refused):
    made = [await server.say(ADA, PAPERS, str(number)) for number in range(60)]
    newest = [str(number) for number in range(59, -1, -1)]
    assert await listed(api) == newest[:50]
    assert await listed(api, "?limit=100") == newest
    assert await listed(api, f"?limit=2&before={made[10].id}") == ["9", "8"]
    assert await listed(api, f"?limit=2&after={made[10].id}") == ["12", "11"]
    assert await listed(api, f"?limit=3&around={made[10].id}") == ["11", "10", "9"]
    await server.delete(made[59])
    assert await listed(api, "?limit=1") == ["58"]
    for query in ("limit=101", "limit=0", "limit=x", "before=x"):
        assert (await refused("GET", f"{MESSAGES}?{query}"))[0] == 50035


async def test_without_the_right_to_history_there_is_none(server, api, refused):
    message = await server.say(ADA, PAPERS, "x")
    await server.permit(PAPERS, BOT, deny="READ_MESSAGE_HISTORY")
    assert await listed(api) == []
    assert (await refused("GET", f"{MESSAGES}/{message.id}"))[0] == 50013
    await server.permit(PAPERS, BOT, deny="VIEW_CHANNEL")
    assert (await refused("GET", MESSAGES))[0] == 50001


async def test_content_of_others_needs_its_intent_switched_on(server, api):
    await server.say(ADA, PAPERS, "secret")
    await server.say(ADA, PAPERS, f"<@{BOT}> told")
    server.world.privileged.discard("MESSAGE_CONTENT")
    assert await listed(api) == [f"<@{BOT}> told", ""]


async def test_typing(api, refused):
    assert await api("POST", f"/channels/{PAPERS}/typing") == (204, None)
    assert (await refused("POST", f"/channels/{QUIET}/typing"))[0] == 50013


async def test_roles_and_overwrites_decide_together(server):
    assert server.may(BOT, PAPERS, "SEND_MESSAGES EMBED_LINKS")
    await server.permit(PAPERS, GUILD, deny="SEND_MESSAGES")
    assert not server.may(BOT, PAPERS, "SEND_MESSAGES")
    assert not server.may(BOT, PAPERS, "EMBED_LINKS")
    await server.permit(PAPERS, server.bot_role(GUILD), allow="SEND_MESSAGES")
    assert server.may(BOT, PAPERS, "SEND_MESSAGES EMBED_LINKS")
    await server.permit(PAPERS, BOT, deny="SEND_MESSAGES")
    assert not server.may(BOT, PAPERS, "SEND_MESSAGES")
    await server.change_role(GUILD, server.bot_role(GUILD), add="ADMINISTRATOR")
    assert server.may(BOT, HIDDEN, "MANAGE_GUILD")
    assert not server.may(ADA, HIDDEN, "MANAGE_MESSAGES")
    assert BITS["VIEW_CHANNEL"] == 1 << 10
    assert APP != BOT
    assert OTHER_GUILD not in [one.id for one in server.world.bots_guilds()]


async def test_buttons_of_a_message_have_numbers(api):
    made = (await api("POST", MESSAGES, json={"content": "x", "components": [row(button(id=5))]}))[1]
    assert made["components"][0]["id"] == 1
    assert made["components"][0]["components"][0]["id"] == 5
