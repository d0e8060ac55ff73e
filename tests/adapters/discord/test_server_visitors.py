"""What the server's people can do, and what they cannot."""

import pytest

from tests.servers.discord.places import Pings
from tests.servers.discord.samples import (
    EPHEMERAL,
    button,
    label,
    layout,
    link_button,
    modal,
    row,
    select,
    text,
    text_input,
)
from tests.servers.discord.state import (
    ADA,
    APP,
    BEN,
    BOT,
    ELSEWHERE,
    FORUM_CHANNEL,
    GUILD,
    HIDDEN,
    OTHER_GUILD,
    OWNER,
    PAPERS,
    QUIET,
    READERS,
    READING,
    THEORY,
)

COMMANDS = f"/applications/{APP}/commands"


def events(server):
    return [one.event for one in server.deliveries]


@pytest.fixture
async def posted(server, api):
    """A message of the bot with something to press."""

    async def post(*components, **more):
        body = {"content": "x", "components": [row(*components)], **more}
        assert (await api("POST", f"/channels/{PAPERS}/messages", json=body))[0] == 200
        return server.messages(PAPERS)[-1]

    return post


async def test_a_forward_has_no_words_of_its_own_but_a_copy(server, api):
    message = await server.post_by_app(PAPERS, layout(text("Kettles"), row(link_button())))
    forward = await server.forward(ADA, message, READING)
    body = (await api("GET", f"/channels/{READING}/messages/{forward.id}"))[1]
    assert (body["content"], body["components"], body["flags"]) == ("", [], 1 << 14)
    assert body["message_reference"]["type"] == 1
    assert "referenced_message" not in body
    (snapshot,) = body["message_snapshots"]
    assert [each["type"] for each in snapshot["message"]["components"]] == [10, 1]
    assert "author" not in snapshot["message"]
    server.world.privileged.discard("MESSAGE_CONTENT")
    (hidden,) = (await api("GET", f"/channels/{READING}/messages/{forward.id}"))[1]["message_snapshots"]
    assert hidden["message"]["components"] == []
    await server.start_thread(ADA, PAPERS, "kettles")
    announced = next(one for one in server.messages(PAPERS) if one.kind == 18)
    for user, what, where in ((BEN, message, HIDDEN), (ADA, announced, READING), (ADA, message, QUIET)):
        with pytest.raises(LookupError):
            await server.forward(user, what, where)


async def test_people_write_where_they_may(server):
    message = await server.say(ADA, PAPERS, f"hello <@{BOT}>")
    answer = await server.say(BEN, PAPERS, "hi", reply_to=message)
    assert (message.pings, answer.kind, answer.pings) == (Pings([BOT]), 19, Pings([ADA]))
    assert await server.say(ADA, HIDDEN, "x")
    for user, channel in ((BEN, HIDDEN), (ADA, QUIET), (OWNER, ELSEWHERE), (ADA, FORUM_CHANNEL), (ADA, 1)):
        with pytest.raises(LookupError):
            await server.say(user, channel, "x")
    assert (await server.direct(ADA, "x")).guild is None


async def test_messages_are_edited_and_deleted_alone_or_together(server, api):
    made = [await server.say(ADA, PAPERS, str(number)) for number in range(4)]
    assert (await server.edit(made[0], f"<@{BEN}>")).data["mentions"][0]["id"] == str(BEN)
    assert (await server.delete(made[0])).data["id"] == str(made[0].id)
    told = await server.delete(*made[1:3])
    assert (told.event, told.data["ids"]) == ("MESSAGE_DELETE_BULK", [str(one.id) for one in made[1:3]])
    assert server.messages(PAPERS) == made[3:]
    with pytest.raises(LookupError):
        await server.delete(made[0])
    await api("POST", f"/channels/{PAPERS}/messages", json={"content": "x"})
    with pytest.raises(LookupError):
        await server.edit(server.messages(PAPERS)[-1], "y")


async def test_reactions_come_go_and_are_cleared(server):
    message = await server.say(ADA, PAPERS, "x")
    await server.react(ADA, message, "👍")
    with pytest.raises(LookupError):
        await server.react(ADA, message, "👍")
    await server.unreact(ADA, message, "👍")
    with pytest.raises(LookupError):
        await server.unreact(ADA, message, "👍")
    for user in (ADA, BEN):
        for emoji in ("👍", "👎"):
            await server.react(user, message, emoji)
    told = await server.clear_reactions(message, "👍")
    assert (told.event, told.data["emoji"]["name"]) == ("MESSAGE_REACTION_REMOVE_EMOJI", "👍")
    assert message.reactions == {"👎": [ADA, BEN]}
    assert (await server.clear_reactions(message)).event == "MESSAGE_REACTION_REMOVE_ALL"
    assert message.reactions == {}
    await server.permit(PAPERS, GUILD, deny="ADD_REACTIONS")
    with pytest.raises(LookupError):
        await server.react(ADA, message, "👍")


async def test_only_what_stands_there_is_pressed(server, posted):
    message = await posted(button(), button(custom_id="off", disabled=True), link_button())
    pressed = await server.press(ADA, message, "kettle")
    assert pressed.data["custom_id"] == "kettle"
    for custom_id in ("off", "teapot"):
        with pytest.raises(LookupError):
            await server.press(ADA, message, custom_id)
    await server.delete(message)
    with pytest.raises(LookupError):
        await server.press(ADA, message, "kettle")


async def test_an_ephemeral_is_pressed_by_its_reader_alone(server, api, posted):
    pressed = await server.press(ADA, await posted(button()), "kettle")
    data = {"content": "x", "flags": EPHEMERAL, "components": [row(button())]}
    await api("POST", f"/interactions/{pressed.id}/{pressed.token}/callback", json={"type": 4, "data": data})
    (message,) = server.ephemerals(ADA)
    assert (await server.press(ADA, message, "kettle")).message is message
    with pytest.raises(LookupError):
        await server.press(BEN, message, "kettle")
    with pytest.raises(LookupError):
        await server.react(ADA, message, "👍")


async def test_only_what_is_offered_is_chosen(server, posted):
    message = await posted(select(3, max_values=2))
    assert (await server.choose(ADA, message, "choice", "kettle-0", "kettle-2")).data["values"] == [
        "kettle-0",
        "kettle-2",
    ]
    for values in ((), ("kettle-3",), ("kettle-0", "kettle-1", "kettle-2")):
        with pytest.raises(LookupError):
            await server.choose(ADA, message, "choice", *values)
    with pytest.raises(LookupError):
        await server.press(ADA, message, "choice")


@pytest.mark.parametrize(
    ("kind", "value", "names"),
    [
        (5, ADA, {"users", "members"}),
        (6, READERS, {"roles"}),
        (7, READERS, {"roles"}),
        (8, PAPERS, {"channels"}),
    ],
)
async def test_people_roles_and_channels_are_chosen_by_their_ids(server, posted, kind, value, names):
    message = await posted({"type": kind, "custom_id": "who"})
    chosen = await server.choose(ADA, message, "who", value)
    assert chosen.data["resolved"].keys() == names
    assert chosen.data["values"] == [str(value)]
    with pytest.raises(LookupError):
        await server.choose(ADA, message, "who", 1)


async def test_only_an_open_modal_is_submitted_and_only_as_it_is(server, api, posted):
    pressed = await server.press(ADA, await posted(button()), "kettle")
    with pytest.raises(LookupError):
        await server.submit(pressed, {"name": "Ada"})
    inputs = (label(text_input(min_length=2, max_length=4)), label(select(custom_id="which"), label="Which"))
    await api(
        "POST",
        f"/interactions/{pressed.id}/{pressed.token}/callback",
        json={"type": 9, "data": modal(*inputs)},
    )
    good = {"name": "Ada", "which": ["kettle-0"]}
    for spoilt in ({"name": "A"}, {"name": "Adaaa"}, {"which": []}, {"which": ["kettle-9"]}, {"teapot": "x"}):
        with pytest.raises(LookupError):
            await server.submit(pressed, {**good, **spoilt})
    assert await server.submit(pressed, good)
    with pytest.raises(LookupError):
        await server.submit(pressed, good)


async def test_threads_and_posts_of_people(server):
    message = await server.say(ADA, PAPERS, "x")
    thread = await server.start_thread(BEN, message, "talk")
    assert (thread.id, thread.owner, message.thread) == (message.id, BEN, thread.id)
    await server.say(ADA, thread.id, "inside")
    assert set(thread.thread_members) == {ADA, BEN}
    await server.archive(thread)
    await server.say(ADA, thread.id, "again")
    assert not thread.archived
    await server.archive(thread, locked=True)
    with pytest.raises(LookupError):
        await server.say(ADA, thread.id, "x")
    await server.open_again(thread)
    post, first = await server.start_post(ADA, FORUM_CHANNEL, "Kettles", "hello", [THEORY])
    assert (first.id, post.applied_tags) == (post.id, [THEORY])
    for spoilt in ((ADA, PAPERS, "x", "y"), (ADA, FORUM_CHANNEL, "x", "y", [1])):
        with pytest.raises(LookupError):
            await server.start_post(*spoilt)
    with pytest.raises(LookupError):
        await server.start_thread(ADA, FORUM_CHANNEL, "x")
    await server.delete_thread(thread)
    assert server.world.find_channel(thread.id) is None
    assert message.thread is None
    assert "THREAD_DELETE" in events(server)


async def test_the_bot_is_invited_and_kicked(server):
    joined = await server.invite(OTHER_GUILD)
    assert "unavailable" not in joined.data
    assert server.may(BOT, ELSEWHERE, "SEND_MESSAGES")
    with pytest.raises(LookupError):
        await server.invite(OTHER_GUILD)
    left = await server.kick(OTHER_GUILD)
    assert left.data == {"id": str(OTHER_GUILD)}
    assert not server.may(BOT, ELSEWHERE, "VIEW_CHANNEL")
    out = await server.outage(GUILD)
    assert out.data == {"id": str(GUILD), "unavailable": True}
    assert (await server.recover(GUILD)).data["unavailable"] is False


async def test_channels_are_made_renamed_and_deleted(server):
    made = await server.create_channel(GUILD, "new")
    assert (await server.rename(made.id, "newer")).data["name"] == "newer"
    message = await server.say(ADA, made.id, "x")
    thread = await server.start_thread(ADA, message, "talk")
    await server.delete_channel(made.id)
    assert (server.world.find_channel(made.id), server.world.find_channel(thread.id)) == (None, None)
    assert message.deleted
    await server.rename_guild(GUILD, "Renamed")
    assert events(server)[-2:] == ["CHANNEL_DELETE", "GUILD_UPDATE"]
    with pytest.raises(LookupError):
        await server.rename(made.id, "x")


async def test_people_come_and_go(server):
    await server.come(OTHER_GUILD, OWNER)
    assert await server.say(OWNER, ELSEWHERE, "x")
    await server.go(OTHER_GUILD, OWNER)
    with pytest.raises(LookupError):
        await server.say(OWNER, ELSEWHERE, "x")
    assert events(server)[-1] == "GUILD_MEMBER_REMOVE"
