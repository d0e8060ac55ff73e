"""How the server's people use commands."""

import pytest

from tests.servers.discord.samples import (
    command,
    parameter,
)
from tests.servers.discord.state import (
    ADA,
    APP,
    BEN,
    GUILD,
    HIDDEN,
    OWNER,
    PAPERS,
)

COMMANDS = f"/applications/{APP}/commands"


GROUPED = command(
    parameter(1, "cold"),
    parameter(
        2, "hot", options=[parameter(1, "tea", options=[parameter(4, "cups", min_value=1, max_value=3)])]
    ),
)
PLAIN = command(
    parameter(required=True, min_length=2, max_length=4),
    parameter(3, "kind", choices=[{"name": "Black", "value": "black"}]),
    parameter(6, "who"),
    parameter(5, "hot"),
    parameter(10, "litres", autocomplete=True),
    name="brew",
)


async def test_commands_are_used_as_they_are_registered(server, api):
    await api("PUT", COMMANDS, json=[GROUPED, PLAIN])
    used = await server.command(ADA, PAPERS, "boil hot tea", cups=2)
    inner = {"name": "tea", "type": 1, "options": [{"name": "cups", "type": 4, "value": 2}]}
    assert used.data["options"] == [{"name": "hot", "type": 2, "options": [inner]}]
    used = await server.command(
        ADA, PAPERS, "brew", kettle="tea", who=BEN, hot=True, litres=0.5, kind="black"
    )
    assert used.data["resolved"]["users"][str(BEN)]["username"] == "ben"
    assert [one["value"] for one in used.data["options"]] == ["tea", "black", str(BEN), True, 0.5]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("teapot", {}),
        ("boil", {}),
        ("boil tea", {}),
        ("boil hot", {}),
        ("boil hot tea", {"cups": 4}),
        ("boil hot tea", {"cups": "2"}),
        ("boil hot tea", {"cups": True}),
        ("brew", {}),
        ("brew", {"kettle": "t"}),
        ("brew", {"kettle": "teapot"}),
        ("brew", {"kettle": "tea", "kind": "green"}),
        ("brew", {"kettle": "tea", "who": 1}),
        ("brew", {"kettle": "tea", "hot": 1}),
        ("brew", {"kettle": "tea", "cups": 1}),
    ],
)
async def test_nothing_else_can_be_used(server, api, name, options):
    await api("PUT", COMMANDS, json=[GROUPED, PLAIN])
    with pytest.raises(LookupError):
        await server.command(ADA, PAPERS, name, **options)
    assert server.interactions.all == []


async def test_who_may_use_a_command_and_where(server, api):
    closed = command(name="close", default_member_permissions="32")
    await api("PUT", COMMANDS, json=[command(name="here", contexts=[0]), closed])
    direct = server.world.direct(ADA).id
    assert await server.command(OWNER, PAPERS, "close")
    assert await server.command(ADA, direct, "close")
    assert await server.command(ADA, PAPERS, "here")
    for user, channel, name in ((ADA, PAPERS, "close"), (ADA, direct, "here"), (BEN, HIDDEN, "here")):
        with pytest.raises(LookupError):
            await server.command(user, channel, name)
    await server.permit(PAPERS, GUILD, deny="USE_APPLICATION_COMMANDS")
    with pytest.raises(LookupError):
        await server.command(ADA, PAPERS, "here")


async def test_a_guilds_own_command_goes_before_a_global_one(server, api):
    place = f"/applications/{APP}/guilds/{GUILD}/commands"
    await api("PUT", COMMANDS, json=[command()])
    own = (await api("PUT", place, json=[command()]))[1][0]
    used = await server.command(ADA, PAPERS, "boil")
    assert (used.data["id"], used.data["guild_id"]) == (own["id"], str(GUILD))
    await server.kick(GUILD)
    assert [one.get("guild_id") for one in server.world.commands.values()] == [None]


async def test_suggestions_are_asked_for_where_they_are(server, api):
    await api("PUT", COMMANDS, json=[PLAIN])
    typing = await server.autocomplete(ADA, PAPERS, "brew", "litres", "0.", hot=True)
    assert [one.get("focused") for one in typing.data["options"]] == [None, True]
    with pytest.raises(LookupError):
        await server.autocomplete(ADA, PAPERS, "brew", "kettle", "te")


async def test_a_command_of_a_messages_menu_sees_what_is_written(server, api):
    server.world.privileged.discard("MESSAGE_CONTENT")
    await api("PUT", COMMANDS, json=[{"type": 3, "name": "Boil this"}])
    message = await server.say(BEN, PAPERS, "secret")
    used = await server.message_command(ADA, message, "Boil this")
    assert used.data["target_id"] == str(message.id)
    assert used.data["resolved"]["messages"][str(message.id)]["content"] == "secret"
    with pytest.raises(LookupError):
        await server.command(ADA, PAPERS, "Boil this")
