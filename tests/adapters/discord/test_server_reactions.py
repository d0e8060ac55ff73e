from urllib.parse import quote

import pytest

from tests.servers.discord.components import is_emoji
from tests.servers.discord.limits import limit
from tests.servers.discord.places import Person
from tests.servers.discord.state import ADA, BEN, BOT, CUSTOM_EMOJI, GUILD, HIDDEN, OTHER_GUILD, PAPERS

UP, DOWN = quote("👍"), quote("👎🏽")
CUSTOM = quote(f"kettle:{CUSTOM_EMOJI}")


@pytest.fixture
async def message(server):
    return await server.say(ADA, PAPERS, "x")


@pytest.fixture
def place(message):
    return f"/channels/{PAPERS}/messages/{message.id}/reactions"


@pytest.mark.parametrize("emoji", [UP, DOWN, CUSTOM, quote("1️⃣")])
async def test_the_bot_reacts_and_takes_it_back(api, message, place, emoji):
    for _ in range(2):
        assert await api("PUT", f"{place}/{emoji}/@me") == (204, None)
    assert list(message.reactions.values()) == [[BOT]]
    assert await api("DELETE", f"{place}/{emoji}/@me") == (204, None)
    assert message.reactions == {}


@pytest.mark.parametrize("emoji", ["kettle", quote("kettle:1"), quote(":1"), "1", "%20"])
async def test_only_emoji_that_exist(refused, message, place, emoji):
    assert (await refused("PUT", f"{place}/{emoji}/@me"))[0] == 10014
    assert message.reactions == {}


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("👍", True),
        ("❤️", True),
        ("©", True),
        ("👩‍🔬", True),
        ("🇩🇪", True),
        ("a", False),
        ("", False),
        ("é", False),
    ],
)
def test_what_an_emoji_is(text, good):
    assert is_emoji(text) is good


async def test_the_first_of_an_emoji_needs_a_right_of_its_own(server, api, refused, message, place):
    await server.permit(PAPERS, BOT, deny="ADD_REACTIONS")
    assert (await refused("PUT", f"{place}/{UP}/@me"))[0] == 50013
    await server.react(BEN, message, "👍")
    assert (await api("PUT", f"{place}/{UP}/@me"))[0] == 204
    await server.permit(PAPERS, BOT, deny="READ_MESSAGE_HISTORY")
    assert (await refused("PUT", f"{place}/{DOWN}/@me"))[0] == 50013
    assert (await refused("GET", f"{place}/{UP}"))[0] == 50013
    assert (await refused("PUT", f"/channels/{HIDDEN}/messages/1/reactions/{UP}/@me"))[0] == 50001
    await server.permit(PAPERS, BOT)
    assert (await refused("PUT", f"/channels/{PAPERS}/messages/1/reactions/{UP}/@me"))[0] == 10008


async def test_another_guilds_emoji_takes_that_guild_and_a_right(server, api, refused, place):
    strange = 12345
    server.world.guilds[OTHER_GUILD].emojis[strange] = "cup"
    cup = quote(f"cup:{strange}")
    assert (await refused("PUT", f"{place}/{cup}/@me"))[0] == 10014
    await server.invite(OTHER_GUILD)
    await server.change_role(GUILD, server.bot_role(GUILD), remove="USE_EXTERNAL_EMOJIS")
    assert (await refused("PUT", f"{place}/{cup}/@me"))[0] == 50013
    assert (await api("PUT", f"{place}/{CUSTOM}/@me"))[0] == 204
    await server.change_role(GUILD, server.bot_role(GUILD), add="USE_EXTERNAL_EMOJIS")
    assert (await api("PUT", f"{place}/{cup}/@me"))[0] == 204


async def test_twenty_emoji_and_no_more(server, refused, message, place):
    for number in range(limit("reactions.message")):
        await server.react(BEN, message, chr(0x1F600 + number))
    assert (await refused("PUT", f"{place}/{UP}/@me"))[0] == 30010


async def test_who_reacted_is_read_in_parts(server, api, refused, message, place):
    users = [Person(1000 + number, f"user{number}") for number in range(120)]
    server.world.people |= {one.id: one for one in users}
    message.reactions["👍"] = [one.id for one in reversed(users)]
    assert len((await api("GET", f"{place}/{UP}"))[1]) == limit("reactions.default")
    first = (await api("GET", f"{place}/{UP}?limit=100"))[1]
    assert [int(one["id"]) for one in first] == list(range(1000, 1100))
    rest = (await api("GET", f"{place}/{UP}?limit=100&after=1099"))[1]
    assert [int(one["id"]) for one in rest] == list(range(1100, 1120))
    assert (await api("GET", f"{place}/{DOWN}"))[1] == []
    assert (await api("GET", f"{place}/{UP}?type=1"))[1] == []
    assert (await refused("GET", f"{place}/{UP}?limit=101"))[0] == 50035


async def test_reactions_of_others_are_for_moderators(server, api, refused, message, place):
    await server.react(BEN, message, "👍")
    for path in (f"{place}/{UP}/{BEN}", f"{place}/{UP}", place):
        assert (await refused("DELETE", path))[0] == 50013
    await server.change_role(GUILD, server.bot_role(GUILD), add="MANAGE_MESSAGES")
    assert (await api("DELETE", f"{place}/{UP}/{BEN}"))[0] == 204
    assert message.reactions == {}
    for path in (f"{place}/{UP}", place):
        await server.react(BEN, message, "👍")
        assert (await api("DELETE", path))[0] == 204
        assert message.reactions == {}


async def test_reactions_stand_with_their_message(server, api, message):
    await server.react(BEN, message, "👍")
    await server.react(ADA, message, f"kettle:{CUSTOM_EMOJI}")
    body = (await api("GET", f"/channels/{PAPERS}/messages/{message.id}"))[1]
    assert [(one["emoji"]["name"], one["count"], one["me"]) for one in body["reactions"]] == [
        ("👍", 1, False),
        ("kettle", 1, False),
    ]


async def test_an_archived_thread_takes_no_reactions(server, api, refused, message):
    thread = await server.start_thread(ADA, message, "talk")
    inside = await server.say(ADA, thread.id, "x")
    place = f"/channels/{thread.id}/messages/{inside.id}/reactions/{UP}/@me"
    assert (await api("PUT", place))[0] == 204
    await server.archive(thread)
    assert (await refused("PUT", place))[0] == 50083
    assert (await refused("DELETE", place))[0] == 50083
