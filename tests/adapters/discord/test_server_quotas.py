"""What the server refuses because it is too often, or too many: each refusal is Discord's."""

import pytest

from tests.servers.discord.limits import limit
from tests.servers.discord.places import Person
from tests.servers.discord.samples import command
from tests.servers.discord.state import ADA, APP, BOT, GUILD, PAPERS, READING

MESSAGES = f"/channels/{PAPERS}/messages"
GLOBAL, LOCAL = f"/applications/{APP}/commands", f"/applications/{APP}/guilds/{GUILD}/commands"
THREAD = {"name": "talk", "type": 11}
HOUR, DAY = 3600, 86_400


async def posted(api, number=1, channel=PAPERS):
    made = [
        (await api("POST", f"/channels/{channel}/messages", json={"content": "x"}))[1] for _ in range(number)
    ]
    return [f"/channels/{channel}/messages/{each['id']}" for each in made]


async def test_messages_over_an_hour_old_are_edited_so_often_in_a_channel(server, api, refused):
    old = await posted(api, 5)
    (elsewhere,) = await posted(api, channel=READING)
    server.clock.advance(HOUR + 1)
    (young,) = await posted(api)
    for place in old[:3]:
        assert (await api("PATCH", place, json={"content": "y"}))[0] == 200
    status, body = await api("PATCH", old[3], json={"content": "y"})
    assert (status, body["code"], body["retry_after"]) == (429, 30046, 20.0)
    assert "older than 1 hour" in body["message"]
    assert (await api("PATCH", young, json={"content": "y"}))[0] == 200
    assert (await api("PATCH", elsewhere, json={"content": "y"}))[0] == 200
    server.clock.advance(20)
    assert (await api("PATCH", old[3], json={"content": "y"}))[0] == 200
    server.world.old_edits.most = 1
    assert (await refused("PATCH", old[4], json={"content": "y"}))[0] == 30046


async def test_two_hundred_new_commands_a_day_in_each_place(server, api, refused):
    names = [f"boil{number}" for number in range(limit("commands.slash"))]
    for _ in range(2):
        assert (await api("PUT", GLOBAL, json=[command(name=name) for name in names]))[0] == 200
        assert (await api("PUT", GLOBAL, json=[]))[0] == 200
    status, body = await api("POST", GLOBAL, json=command())
    assert (status, body["code"], body["retry_after"]) == (429, 30034, DAY)
    assert (await refused("PUT", GLOBAL, json=[command()]))[0] == 30034
    assert (await api("POST", LOCAL, json=command()))[0] == 201, "each guild has its own"
    server.clock.advance(DAY)
    assert (await api("POST", GLOBAL, json=command()))[0] == 201


async def test_commands_that_are_changed_are_no_new_ones(server, api):
    server.world.created[None] = [server.clock()] * (limit("commands.created") - 1)
    for _ in range(3):
        assert (await api("POST", GLOBAL, json=command()))[0] in {200, 201}
        assert (await api("PUT", GLOBAL, json=[command(description="Heat it")]))[0] == 200


async def test_a_guild_has_so_many_active_threads(server, api, refused):
    server.world.most_active_threads = 1
    first = await server.start_thread(ADA, PAPERS, "first")
    assert (await refused("POST", f"/channels/{PAPERS}/threads", json=THREAD))[0] == 160006
    await server.archive(first)
    assert (await api("POST", f"/channels/{PAPERS}/threads", json=THREAD))[0] == 201
    assert (await refused("POST", f"/channels/{first.id}/messages", json={"content": "x"}))[0] == 160006
    await server.change_role(GUILD, server.bot_role(GUILD), add="MANAGE_THREADS")
    assert (await refused("PATCH", f"/channels/{first.id}", json={"archived": False}))[0] == 160006


async def test_a_thread_has_so_many_members(server, refused):
    thread = await server.start_thread(ADA, PAPERS, "talk")
    for made in range(limit("thread.members") - 1):
        server.world.people[made] = Person(made, f"user{made}")
        thread.thread_members[made] = 0.0
    assert (await refused("PUT", f"/channels/{thread.id}/thread-members/@me"))[0] == 30033
    assert BOT not in thread.thread_members


async def test_a_locked_thread_is_written_in_by_moderators_alone(server, api, refused):
    thread = await server.start_thread(ADA, PAPERS, "talk")
    (own,) = await posted(api, channel=thread.id)
    thread.locked = True
    place = f"/channels/{thread.id}/messages"
    assert (await refused("POST", place, json={"content": "x"}))[0] == 160005
    assert (await refused("PATCH", own, json={"content": "y"}))[0] == 160005
    await server.archive(thread, locked=True)
    assert (await refused("POST", place, json={"content": "x"}))[0] == 50083
    await server.change_role(GUILD, server.bot_role(GUILD), add="MANAGE_THREADS")
    assert (await api("POST", place, json={"content": "x"}))[0] == 200


async def test_talks_with_new_people_are_opened_so_often(server, api, refused):
    most = server.world.opened_talks.most
    for made in range(1000, 1000 + most + 1):
        server.world.people[made] = Person(made, f"user{made}")
    path = "/users/@me/channels"
    for made in range(1000, 1000 + most):
        assert (await api("POST", path, json={"recipient_id": str(made)}))[0] == 200
    last = {"recipient_id": str(1000 + most)}
    assert (await refused("POST", path, json=last))[0] == 40003
    assert (await api("POST", path, json={"recipient_id": "1000"}))[0] == 200, "they have one already"
    server.clock.advance(server.world.opened_talks.seconds)
    assert (await api("POST", path, json=last))[0] == 200


async def test_so_many_messages_are_pinned(server, api, refused):
    await server.change_role(GUILD, server.bot_role(GUILD), add="PIN_MESSAGES")
    for message in [await server.say(ADA, PAPERS, "x") for _ in range(limit("pins"))]:
        message.pinned_at = server.clock()
    last = await server.say(ADA, PAPERS, "x")
    assert (await refused("PUT", f"{MESSAGES}/pins/{last.id}"))[0] == 30003
    listed = (await api("GET", f"{MESSAGES}/pins"))[1]
    assert (len(listed["items"]), listed["has_more"]) == (limit("pins.most"), True)


@pytest.mark.parametrize("right", ["MANAGE_MESSAGES", "MANAGE_CHANNELS"])
async def test_pinning_takes_a_permission_of_its_own(server, api, refused, right):
    message = await server.say(ADA, PAPERS, "x")
    place = f"{MESSAGES}/pins/{message.id}"
    await server.change_role(GUILD, server.bot_role(GUILD), add=right)
    assert (await refused("PUT", place))[0] == 50013
    await server.change_role(GUILD, server.bot_role(GUILD), add="PIN_MESSAGES", remove=right)
    assert (await api("PUT", place))[0] == 204
    ((item,),) = ((await api("GET", f"{MESSAGES}/pins"))[1]["items"],)
    assert (item["message"]["id"], item["message"]["pinned"]) == (str(message.id), True)
    assert server.deliveries[-1].event == "CHANNEL_PINS_UPDATE"
    assert (await api("DELETE", place))[0] == 204
    assert (await api("GET", f"{MESSAGES}/pins"))[1] == {"items": [], "has_more": False}


async def test_slow_mode_is_for_all_but_bots_and_those_with_a_permission_for_it(server, api):
    await server.permit(PAPERS, ADA, allow="MANAGE_MESSAGES MANAGE_CHANNELS")
    server.world.find_channel(PAPERS).slowmode = 60
    await server.say(ADA, PAPERS, "x")
    with pytest.raises(LookupError):
        await server.say(ADA, PAPERS, "y")
    await posted(api, 2)
    await server.permit(PAPERS, ADA, allow="BYPASS_SLOWMODE")
    await server.say(ADA, PAPERS, "y")
    await server.permit(PAPERS, ADA)
    server.clock.advance(60)
    await server.say(ADA, PAPERS, "z")
