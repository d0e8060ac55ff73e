import json

import aiohttp
import pytest

from tests.servers.discord.limits import limit
from tests.servers.discord.places import Pings
from tests.servers.discord.samples import V2, embed, field, layout, row, text
from tests.servers.discord.state import (
    ADA,
    BEN,
    BOT,
    ELSEWHERE,
    FORUM_CHANNEL,
    GUILD,
    HIDDEN,
    PAPERS,
    QUIET,
    READERS,
    READING,
)

MESSAGES = f"/channels/{PAPERS}/messages"


async def test_a_message_is_created_read_changed_and_deleted(server, api):
    status, made = await api("POST", MESSAGES, json={"content": " tea ", "embeds": [embed()], "nonce": 7})
    assert (status, made["content"], made["nonce"]) == (200, "tea", 7)
    assert made["embeds"] == [{"type": "rich", "title": "Kettle"}]
    assert made["author"]["id"] == str(BOT)
    place = f"{MESSAGES}/{made['id']}"
    status, changed = await api("PATCH", place, json={"embeds": []})
    assert (status, changed["content"], changed["embeds"]) == (200, "tea", [])
    assert changed["edited_timestamp"]
    assert (await api("GET", place))[1]["content"] == "tea"
    assert await api("DELETE", place) == (204, None)
    assert server.messages(PAPERS) == []
    assert [one.edits for one in server.messages(PAPERS, deleted=True)] == [1]


@pytest.mark.parametrize(
    ("token", "status", "message"), [("", 401, "401: Unauthorized"), ("wrong", 401, "401: Unauthorized")]
)
async def test_a_token_is_needed(api, token, status, message):
    assert await api("POST", MESSAGES, token=token, json={"content": "x"}) == (
        status,
        {"message": message, "code": 0},
    )


async def test_paths_and_methods_are_known_or_not(api):
    assert await api("GET", "/kettles") == (404, {"message": "404: Not Found", "code": 0})
    assert await api("PUT", MESSAGES) == (405, {"message": "405: Method Not Allowed", "code": 0})


@pytest.mark.parametrize(
    ("channel", "code"),
    [(1, 10003), (HIDDEN, 50001), (QUIET, 50013), (ELSEWHERE, 50001), (FORUM_CHANNEL, 50008)],
)
async def test_where_the_bot_may_write(server, refused, channel, code):
    assert (await refused("POST", f"/channels/{channel}/messages", json={"content": "x"}))[0] == code
    assert server.messages(channel) == []


@pytest.mark.parametrize(
    ("denied", "code"), [("EMBED_LINKS", 50013), ("SEND_MESSAGES", 50013), ("VIEW_CHANNEL", 50001)]
)
async def test_what_a_channel_denies_the_bot(server, api, refused, denied, code):
    body = {"embeds": [embed()]}
    assert (await api("POST", MESSAGES, json=body))[0] == 200
    await server.permit(PAPERS, BOT, deny=denied)
    assert (await refused("POST", MESSAGES, json=body))[0] == code


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
        ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
        ({"content": "x", "tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT"),
        ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
        ({"content": "x", "flags": "silent"}, "flags", "NUMBER_TYPE_COERCE"),
        ({"content": "x", "attachments": [{"id": 0}]}, "attachments.0.id", "ATTACHMENT_NOT_FOUND"),
        ({"embeds": [embed()] * 11}, "embeds", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": embed()}, "embeds", "LIST_TYPE_CONVERT"),
        ({"embeds": ["x"]}, "embeds.0", "MODEL_TYPE_CONVERT"),
        ({"embeds": [embed(title="x" * 257)]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [embed(description="x" * 4097)]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [embed(url="ftp://x.org")]}, "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
        ({"embeds": [embed(url="https://a b")]}, "embeds.0.url", "URL_TYPE_INVALID_URL"),
        ({"embeds": [embed(color=1 << 24)]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
        ({"embeds": [embed(color=-1)]}, "embeds.0.color", "NUMBER_TYPE_MIN"),
        ({"embeds": [embed(timestamp="tea time")]}, "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
        ({"embeds": [embed(footer={})]}, "embeds.0.footer.text", "BASE_TYPE_REQUIRED"),
        ({"embeds": [embed(footer={"text": "x" * 2049})]}, "embeds.0.footer.text", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [embed(author={"name": "x" * 257})]}, "embeds.0.author.name", "BASE_TYPE_MAX_LENGTH"),
        ({"embeds": [embed(image={})]}, "embeds.0.image.url", "BASE_TYPE_REQUIRED"),
        ({"embeds": [embed(image={"url": "data:x"})]}, "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME"),
        ({"embeds": [embed(fields=[field()] * 26)]}, "embeds.0.fields", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [embed(fields=[field("x" * 257)])]}, "embeds.0.fields.0.name", "BASE_TYPE_BAD_LENGTH"),
        ({"embeds": [embed(fields=[field("")])]}, "embeds.0.fields.0.name", "BASE_TYPE_REQUIRED"),
        ({"embeds": [embed(fields=[field(" ")])]}, "embeds.0.fields.0.name", "BASE_TYPE_REQUIRED"),
        (
            {"embeds": [embed(fields=[field("x", "x" * 1025)])]},
            "embeds.0.fields.0.value",
            "BASE_TYPE_BAD_LENGTH",
        ),
        ({"embeds": [embed(fields=[{"name": "x"}])]}, "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED"),
        (
            {"embeds": [embed(fields=[field(inline=1)])]},
            "embeds.0.fields.0.inline",
            "BOOLEAN_TYPE_CONVERT",
        ),
        ({"embeds": [{"description": "x" * 4000}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ],
)
async def test_bad_bodies_are_refused_where_they_are_bad(server, refused, body, where, code):
    assert await refused("POST", MESSAGES, json=body) == (50035, [(where, code)])
    assert server.messages(PAPERS) == []


async def test_bodies_at_their_limits_are_taken(api):
    texts = {"title": "x" * 256, "footer": {"text": "x" * 2048}, "author": {"name": "x" * 256}}
    whole = embed(**texts, fields=[field("x" * 256, "x" * 1024)] * 2, timestamp="2026-01-02T03:04:05+00:00")
    assert (await api("POST", MESSAGES, json={"content": "x" * 2000, "embeds": [whole]}))[0] == 200
    assert (await api("POST", MESSAGES, json={"embeds": [embed(description="x" * 4096)]}))[0] == 200
    assert (await api("POST", MESSAGES, json={"embeds": [embed()] * 10, "nonce": "n" * 25}))[0] == 200


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "  \n"}, {"content": None, "embeds": []}])
async def test_an_empty_message_is_refused(refused, body):
    assert (await refused("POST", MESSAGES, json=body))[0] == 50006


@pytest.mark.parametrize(
    ("sending", "code"),
    [
        ({"data": "{", "headers": None}, 50035),
        ({"json": []}, 50035),
        ({"json": "x"}, 50035),
    ],
)
async def test_a_body_has_to_be_an_object_of_json(refused, sending, code):
    sending.pop("headers", None)
    assert (await refused("POST", MESSAGES, **sending))[0] == code


async def test_broken_json_is_told(server):
    headers = {"Authorization": "Bot bot-token", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(server.api + MESSAGES, data="{") as response,
    ):
        assert (await response.json())["code"] == 50109
        assert response.headers["Content-Type"] == "application/json"


async def test_a_nonce_that_is_enforced_makes_one_message(server, api, refused):
    body = {"content": "x", "nonce": "n1", "enforce_nonce": True}
    first = (await api("POST", MESSAGES, json=body))[1]
    second = (await api("POST", MESSAGES, json={**body, "content": "y"}))[1]
    assert (first["id"], second["content"]) == (second["id"], "x")
    await api("POST", MESSAGES, json={"content": "free", "nonce": "n1"})
    assert server.counted()["n1"] == 2
    server.clock.advance(limit("nonce.seconds"))
    await api("POST", MESSAGES, json=body)
    assert server.counted()["n1"] == 3
    await server.delete(server.messages(PAPERS)[-1])
    assert (await refused("POST", MESSAGES, json=body))[0] == 10008


async def test_a_reply_names_a_message_of_its_channel(server, api, refused):
    question = await server.say(ADA, PAPERS, "tea?")
    elsewhere = await server.say(ADA, READING, "tea?")
    reference = {"message_id": str(question.id), "channel_id": str(PAPERS)}
    status, made = await api("POST", MESSAGES, json={"content": "x", "message_reference": reference})
    assert (status, made["type"], made["referenced_message"]["id"]) == (200, 19, str(question.id))
    assert [one["id"] for one in made["mentions"]] == [str(ADA)]
    for unknown in ({"message_id": "1"}, {"message_id": str(elsewhere.id)}, {}):
        found = await refused("POST", MESSAGES, json={"content": "x", "message_reference": unknown})
        assert found == (50035, [("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")])
    kept = {"message_id": "1", "fail_if_not_exists": False}
    assert (await api("POST", MESSAGES, json={"content": "x", "message_reference": kept}))[1]["type"] == 0
    await server.permit(PAPERS, BOT, deny="READ_MESSAGE_HISTORY")
    found = await refused("POST", MESSAGES, json={"content": "x", "message_reference": reference})
    assert found[0] == 160002


CALLING = f"<@{ADA}> <@!{BEN}> <@&{READERS}> @everyone"


@pytest.mark.parametrize(
    ("allowed", "called"),
    [
        (None, Pings([ADA, BEN], [READERS], everyone=True)),
        ({"parse": []}, Pings()),
        ({}, Pings()),
        ({"parse": ["users"]}, Pings([ADA, BEN])),
        ({"parse": ["everyone"], "users": [str(ADA)]}, Pings([ADA], everyone=True)),
        ({"roles": [READERS]}, Pings([], [READERS])),
    ],
)
async def test_who_is_called(server, api, allowed, called):
    await server.change_role(GUILD, server.bot_role(GUILD), add="MENTION_EVERYONE")
    status, made = await api("POST", MESSAGES, json={"content": CALLING, "allowed_mentions": allowed})
    assert status == 200
    (message,) = server.messages(PAPERS)
    assert message.pings == called
    assert (len(made["mentions"]), made["mention_everyone"]) == (len(called.users), called.everyone)


async def test_all_are_called_by_those_who_may(server, api):
    await api("POST", MESSAGES, json={"content": CALLING})
    (message,) = server.messages(PAPERS)
    assert (message.pings.roles, message.pings.everyone) == ([], False)
    components = layout(text(f"<@{ADA}>"))
    await api("POST", MESSAGES, json=components)
    assert server.messages(PAPERS)[-1].pings.users == [ADA]


@pytest.mark.parametrize(
    ("allowed", "where", "code"),
    [
        ({"parse": ["cats"]}, "allowed_mentions.parse.0", "BASE_TYPE_CHOICES"),
        (
            {"parse": ["users"], "users": ["1"]},
            "allowed_mentions",
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
        ),
        ({"users": ["x"]}, "allowed_mentions.users.0", "NUMBER_TYPE_COERCE"),
        ({"users": ["1", 1]}, "allowed_mentions.users.1", "SET_TYPE_ALREADY_CONTAINS_VALUE"),
        ({"roles": [str(one) for one in range(101)]}, "allowed_mentions.roles", "BASE_TYPE_BAD_LENGTH"),
        ({"replied_user": "no"}, "allowed_mentions.replied_user", "BOOLEAN_TYPE_CONVERT"),
        ("none", "allowed_mentions", "MODEL_TYPE_CONVERT"),
    ],
)
async def test_rules_for_mentions_are_checked(refused, allowed, where, code):
    found = await refused("POST", MESSAGES, json={"content": "x", "allowed_mentions": allowed})
    assert found == (50035, [(where, code)])


async def test_files_come_as_a_form(server, api, refused):
    def form(**body):
        made = aiohttp.FormData(quote_fields=False)
        made.add_field("payload_json", json.dumps(body))
        made.add_field("files[0]", b"hello", filename="a.txt")
        return made

    fields = {"attachments": [{"id": 0, "description": "greeting"}]}
    status, made = await api("POST", MESSAGES, data=form(**fields))
    (file,) = made["attachments"]
    assert (status, file["filename"], file["size"], file["description"]) == (200, "a.txt", 5, "greeting")
    place = f"{MESSAGES}/{made['id']}"
    kept = (await api("PATCH", place, json={"content": "x", "attachments": [{"id": file["id"]}]}))[1]
    assert len(kept["attachments"]) == 1
    assert (await api("PATCH", place, json={"attachments": []}))[1]["attachments"] == []
    await server.permit(PAPERS, BOT, deny="ATTACH_FILES")
    assert (await refused("POST", MESSAGES, data=form()))[0] == 50013


async def test_what_can_be_edited(server, api, refused):
    others = await server.say(ADA, PAPERS, "mine")
    assert (await refused("PATCH", f"{MESSAGES}/{others.id}", json={"content": "x"}))[0] == 50005
    assert (await refused("PATCH", f"{MESSAGES}/1", json={"content": "x"}))[0] == 10008
    own = (await api("POST", MESSAGES, json={"content": "x"}))[1]
    place = f"{MESSAGES}/{own['id']}"
    assert (await refused("PATCH", place, json={"content": ""}))[0] == 50006
    assert (await refused("PATCH", place, json={"content": "x" * 2001}))[0] == 50035
    found = await refused("PATCH", place, json=layout(text()))
    assert found == (50035, [("flags", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")])
    changed = await api("PATCH", place, json=layout(text(), content=None))
    assert (changed[0], changed[1]["flags"]) == (200, V2)
    found = await refused("PATCH", place, json={"content": "x"})
    assert found == (50035, [("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")])


async def test_whose_messages_can_be_deleted(server, api, refused):
    others = await server.say(ADA, PAPERS, "mine")
    place = f"{MESSAGES}/{others.id}"
    assert (await refused("DELETE", place))[0] == 50013
    await server.change_role(GUILD, server.bot_role(GUILD), add="MANAGE_MESSAGES")
    assert (await api("DELETE", place))[0] == 204
    assert (await refused("DELETE", place))[0] == 10008


def forward(message, **more):
    reference = {"type": 1, "message_id": str(message.id), "channel_id": str(message.channel)}
    return {"message_reference": {**reference, **more}}


async def test_a_message_is_passed_on_as_it_is_then(server, api):
    message = await server.say(ADA, READING, "kettles")
    made = (await api("POST", MESSAGES, json=forward(message)))[1]
    assert (made["content"], made["flags"], made["type"]) == ("", 1 << 14, 0)
    assert made["message_reference"] == {
        "type": 1,
        "message_id": str(message.id),
        "channel_id": str(READING),
        "guild_id": str(GUILD),
    }
    await server.edit(message, "cups")
    (snapshot,) = (await api("GET", f"{MESSAGES}/{made['id']}"))[1]["message_snapshots"]
    assert snapshot["message"]["content"] == "kettles"


@pytest.mark.parametrize(
    "more", [{"content": "x"}, {"embeds": [{"title": "x"}]}, layout(text("x")), {"components": [row()]}]
)
async def test_a_forward_has_no_content_of_its_own(server, refused, more):
    message = await server.say(ADA, READING, "kettles")
    found = await refused("POST", MESSAGES, json={**forward(message), **more})
    assert found == (50035, [("message_reference", "FORWARD_CONTAINS_UNSUPPORTED_CONTENT")])
    assert server.messages(PAPERS) == []


@pytest.mark.parametrize(
    ("more", "where", "code"),
    [
        ({"type": 2}, "type", "BASE_TYPE_CHOICES"),
        ({"channel_id": None}, "channel_id", "BASE_TYPE_REQUIRED"),
        ({"message_id": None}, "message_id", "BASE_TYPE_REQUIRED"),
    ],
)
async def test_a_forward_names_what_it_passes_on(server, refused, more, where, code):
    message = await server.say(ADA, READING, "kettles")
    found = await refused("POST", MESSAGES, json=forward(message, **more))
    assert found == (50035, [(f"message_reference.{where}", code)])


async def test_only_what_the_bot_can_see_and_read_is_passed_on(server, refused):
    hidden = await server.say(ADA, HIDDEN, "kettles")
    assert (await refused("POST", MESSAGES, json=forward(hidden)))[0] == 50001
    message = await server.say(ADA, READING, "kettles")
    await server.permit(READING, BOT, deny="READ_MESSAGE_HISTORY")
    assert (await refused("POST", MESSAGES, json=forward(message)))[0] == 160009
    await server.permit(READING, BOT)
    server.world.privileged.discard("MESSAGE_CONTENT")
    assert (await refused("POST", MESSAGES, json=forward(message)))[0] == 160014
    server.world.privileged.add("MESSAGE_CONTENT")
    await server.start_thread(ADA, READING, "talk")
    announced = server.messages(READING)[-1]
    found = await refused("POST", MESSAGES, json=forward(announced))
    assert found == (50035, [("message_reference", "FORWARD_MESSAGE_TYPE_INVALID")])
    await server.delete(message)
    assert (await refused("POST", MESSAGES, json=forward(message)))[0] == 10008
