import pytest

from tests.servers.discord.limits import limit
from tests.servers.discord.permissions import BITS
from tests.servers.discord.samples import (
    EPHEMERAL,
    button,
    command,
    layout,
    parameter,
    row,
    select,
    text,
)
from tests.servers.discord.state import ADA, APP, BEN, GUILD, PAPERS

ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
LOADING = 1 << 7
COMMANDS = f"/applications/{APP}/commands"


@pytest.fixture
async def used(server, api):
    """A slash command that Ada has just used."""
    await api("POST", COMMANDS, json=command(parameter(autocomplete=True)))
    return await server.command(ADA, PAPERS, "boil", kettle="tea")


@pytest.fixture
async def pressed(server, api):
    """A button that Ada has just pressed."""
    body = {"content": "x", "components": [row(button())]}
    await api("POST", f"/channels/{PAPERS}/messages", json=body)
    return await server.press(ADA, server.messages(PAPERS)[0], "kettle")


def callback(one):
    return f"/interactions/{one.id}/{one.token}/callback"


def hook(one, rest=""):
    return f"/webhooks/{APP}/{one.token}{rest}"


async def answered(api, one, kind, **data):
    assert await api("POST", callback(one), token="", json={"type": kind, "data": data}) == (204, None)


async def test_a_command_is_answered_once(server, api, refused, used):
    body = {"type": ANSWER, "data": {"content": "hot"}}
    status, told = await api("POST", callback(used) + "?with_response=true", token="", json=body)
    assert (status, told["interaction"]["type"], told["resource"]["message"]["content"]) == (200, 2, "hot")
    (message,) = server.messages(PAPERS)
    assert (message.kind, message.interaction["name"]) == (20, "boil")
    assert (used.response, used.original) == (ANSWER, message)
    assert (await refused("POST", callback(used), json=body))[0] == 40060


async def test_an_answer_comes_in_three_seconds(server, api, refused, used):
    server.clock.advance(limit("interaction.seconds"))
    await answered(api, used, DEFER)
    late = await server.command(ADA, PAPERS, "boil")
    server.clock.advance(limit("interaction.seconds") + 0.1)
    assert (await refused("POST", callback(late), json={"type": DEFER}))[0] == 10062
    assert (await refused("POST", hook(late), json={"content": "x"}))[0] == 10015
    assert (await refused("POST", f"/interactions/1/{used.token}/callback", json={"type": DEFER}))[0] == 10062
    wrong = f"/interactions/{late.id}/{used.token}/callback"
    assert (await refused("POST", wrong, json={"type": DEFER}))[0] == 10062


@pytest.mark.parametrize("kind", [0, 1, DEFER_UPDATE, UPDATE, CHOICES, None, True])
async def test_a_command_takes_only_what_fits_it(refused, used, kind):
    assert await refused("POST", callback(used), json={"type": kind}) == (
        50035,
        [("type", "BASE_TYPE_CHOICES")],
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"content": "x" * 2001}, (50035, [("data.content", "BASE_TYPE_MAX_LENGTH")])),
        ({"components": [button()]}, (50035, [("data.components.0.type", "UNION_TYPE_CHOICES")])),
        ({}, (50006, [])),
        ("x", (50035, [("data", "MODEL_TYPE_CONVERT")])),
    ],
)
async def test_bad_answers_are_refused(server, refused, used, data, code):
    assert await refused("POST", callback(used), json={"type": ANSWER, "data": data}) == code
    assert server.messages(PAPERS) == []
    assert used.answer is None


async def test_a_deferral_settles_who_sees_the_answer(server, api, used):
    await answered(api, used, DEFER, flags=EPHEMERAL)
    assert used.original.flags == EPHEMERAL | LOADING
    status, filled = await api("POST", hook(used), token="", json={"content": "hot"})
    assert (status, filled["id"], filled["flags"]) == (200, str(used.original.id), EPHEMERAL)
    await api("POST", hook(used), token="", json={"content": "for all"})
    assert [one.content for one in server.ephemerals(ADA)] == ["hot"]
    assert [one.content for one in server.messages(PAPERS)] == ["for all"]
    place = f"/channels/{PAPERS}/messages/{used.original.id}"
    assert (await api("GET", place))[0] == 404
    other = await server.command(ADA, PAPERS, "boil")
    await answered(api, other, DEFER)
    await api("POST", hook(other), token="", json={"content": "open", "flags": EPHEMERAL})
    assert [one.content for one in server.messages(PAPERS)] == ["for all", "open"]


async def test_the_answer_is_read_changed_and_deleted(server, api, refused, used):
    await answered(api, used, DEFER)
    original = hook(used, "/messages/@original")
    assert (await api("GET", original, token=""))[1]["flags"] == LOADING
    changed = (await api("PATCH", original, token="", json={"content": "hot"}))[1]
    assert (changed["content"], changed["flags"], changed["webhook_id"]) == ("hot", 0, str(APP))
    further = (await api("POST", hook(used), token="", json=layout(text("more"))))[1]
    place = hook(used, f"/messages/{further['id']}")
    assert (await api("PATCH", place, token="", json={"components": [text("less")]}))[0] == 200
    assert (await api("DELETE", place, token=""))[0] == 204
    assert (await refused("GET", place))[0] == 10008
    assert (await api("DELETE", original, token=""))[0] == 204
    assert (await refused("PATCH", original, json={"content": "x"}))[0] == 10008
    assert server.messages(PAPERS) == []


async def test_an_answer_opens_an_archived_thread_unless_it_is_locked(server, api, refused):
    await api("POST", COMMANDS, json=command())
    thread = await server.start_thread(ADA, PAPERS, "talk")
    used = await server.command(ADA, thread.id, "boil")
    await server.archive(thread, locked=True)
    body = {"type": ANSWER, "data": {"content": "x"}}
    assert (await refused("POST", callback(used), json=body))[0] == 50083
    thread.locked = False
    await answered(api, used, ANSWER, content="x")
    assert not thread.archived
    await server.archive(thread)
    with pytest.raises(LookupError):
        await server.command(ADA, thread.id, "boil")


async def test_a_token_is_good_for_fifteen_minutes(server, api, refused, used):
    await answered(api, used, DEFER)
    server.clock.advance(limit("interaction.token.seconds"))
    assert (await api("PATCH", hook(used, "/messages/@original"), token="", json={"content": "x"}))[0] == 200
    server.clock.advance(1)
    for method, path in (("POST", ""), ("GET", "/messages/@original"), ("PATCH", "/messages/@original")):
        assert (await refused(method, hook(used, path), json={"content": "x"}))[0] == 50027


async def test_a_follow_up_needs_an_answer_and_the_app(api, refused, used):
    assert (await refused("POST", hook(used), json={"content": "x"}))[0] == 10015
    await answered(api, used, DEFER)
    assert (await refused("POST", f"/webhooks/1/{used.token}", json={"content": "x"}))[0] == 10015
    assert (await refused("POST", f"/webhooks/{APP}/kettle", json={"content": "x"}))[0] == 10015
    assert (await refused("POST", hook(used), json={}))[0] == 50006
    assert (await refused("POST", hook(used), json={"content": "x" * 2001}))[0] == 50035


async def test_a_button_changes_its_message_at_once_or_later(server, api, pressed):
    await answered(api, pressed, UPDATE, content="y", components=[])
    (message,) = server.messages(PAPERS)
    assert (message.content, message.components, message.edits) == ("y", [], 1)
    assert pressed.original is message
    body = {"content": "x", "components": [row(select())]}
    await api("POST", f"/channels/{PAPERS}/messages", json=body)
    chosen = await server.choose(BEN, server.messages(PAPERS)[1], "choice", "kettle-1")
    await answered(api, chosen, DEFER_UPDATE)
    await api("PATCH", hook(chosen, "/messages/@original"), token="", json={"content": "z"})
    assert server.messages(PAPERS)[1].content == "z"
    answer = (await api("POST", hook(chosen), token="", json={"content": "w", "flags": EPHEMERAL}))[1]
    assert [one.id for one in server.ephemerals(BEN)] == [int(answer["id"])]


async def test_a_button_can_be_answered_with_a_message(server, api, refused, pressed):
    await answered(api, pressed, ANSWER, content="hot", flags=EPHEMERAL)
    (message,) = server.ephemerals(ADA)
    assert (message.kind, message.reference["message_id"]) == (19, str(pressed.message.id))
    again = await server.press(ADA, pressed.message, "kettle")
    spoilt = {"type": UPDATE, "data": {"content": "x" * 2001}}
    assert (await refused("POST", callback(again), json=spoilt))[1] == [
        ("data.content", "BASE_TYPE_MAX_LENGTH")
    ]


async def test_what_an_interaction_tells(server, used, pressed):
    told = used.delivery.data
    assert (told["type"], told["data"]["name"], told["data"]["options"][0]["value"]) == (2, "boil", "tea")
    assert (told["member"]["user"]["id"], told["guild_id"], told["context"]) == (str(ADA), str(GUILD), 0)
    assert (told["channel"]["id"], told["locale"], told["version"]) == (str(PAPERS), "en-US", 1)
    assert int(told["app_permissions"]) & BITS["SEND_MESSAGES"]
    assert int(told["member"]["permissions"]) & BITS["SEND_MESSAGES"]
    assert pressed.delivery.data["message"]["id"] == str(pressed.message.id)
    assert pressed.delivery.data["data"] == {"custom_id": "kettle", "component_type": 2, "id": 2}
    direct = await server.command(ADA, server.world.direct(ADA).id, "boil")
    assert (direct.delivery.data["user"]["id"], direct.delivery.data["context"]) == (str(ADA), 1)
    assert "member" not in direct.delivery.data
