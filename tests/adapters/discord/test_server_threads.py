import pytest

from tests.servers.discord.places import HAS_THREAD, NEWS
from tests.servers.discord.samples import embed
from tests.servers.discord.state import (
    ADA,
    BEN,
    BOT,
    FORUM_CHANNEL,
    GUILD,
    PAPERS,
    PRACTICE,
    QUIET,
    STAFF,
    TAGGED_FORUM,
    THEORY,
)

THREADS, POSTS = f"/channels/{PAPERS}/threads", f"/channels/{FORUM_CHANNEL}/threads"
POST = {"name": "Kettles", "message": {"content": "Let us talk"}}


@pytest.fixture
async def thread(server):
    return await server.start_thread(ADA, PAPERS, "talk")


async def manage(server):
    await server.change_role(GUILD, server.bot_role(GUILD), add="MANAGE_THREADS")


async def test_a_thread_begins_at_a_message(server, api, refused):
    message = await server.say(ADA, PAPERS, "x")
    place = f"/channels/{PAPERS}/messages/{message.id}/threads"
    status, made = await api("POST", place, json={"name": "talk", "auto_archive_duration": 60})
    assert (status, made["id"], made["type"], made["parent_id"]) == (201, str(message.id), 11, str(PAPERS))
    assert made["thread_metadata"]["auto_archive_duration"] == 60
    assert made["member"]["user_id"] == str(BOT)
    shown = (await api("GET", f"/channels/{PAPERS}/messages/{message.id}"))[1]
    assert (shown["flags"], shown["thread"]["name"]) == (HAS_THREAD, "talk")
    (starter,) = (await api("GET", f"/channels/{made['id']}/messages"))[1]
    assert (starter["type"], starter["referenced_message"]["id"]) == (21, str(message.id))
    assert (await refused("POST", place, json={"name": "again"}))[0] == 160004
    unknown = f"/channels/{PAPERS}/messages/1/threads"
    assert (await refused("POST", unknown, json={"name": "x"}))[0] == 10008


async def test_a_thread_begins_without_a_message(server, api, refused):
    status, made = await api("POST", THREADS, json={"name": "talk", "type": 11})
    assert (status, made["type"]) == (201, 11)
    (notice,) = server.messages(PAPERS)
    assert (notice.kind, notice.content) == (18, "talk")
    assert (await refused("POST", THREADS, json={"name": "hidden"}))[0] == 50013
    await server.change_role(GUILD, server.bot_role(GUILD), add="CREATE_PRIVATE_THREADS")
    assert (await api("POST", THREADS, json={"name": "hidden"}))[1]["type"] == 12
    assert len(server.messages(PAPERS)) == 1


async def test_a_news_channel_has_threads_of_its_own(server, api):
    news = await server.create_channel(GUILD, "news", NEWS)
    message = await server.say(ADA, news.id, "x")
    made = (await api("POST", f"/channels/{news.id}/messages/{message.id}/threads", json={"name": "x"}))[1]
    assert made["type"] == 10


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"type": 11}, "name", "BASE_TYPE_REQUIRED"),
        ({"name": "", "type": 11}, "name", "BASE_TYPE_REQUIRED"),
        ({"name": "x" * 101, "type": 11}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"name": "x", "type": 0}, "type", "BASE_TYPE_CHOICES"),
        (
            {"name": "x", "type": 11, "auto_archive_duration": 61},
            "auto_archive_duration",
            "BASE_TYPE_CHOICES",
        ),
        ({"name": "x", "type": 11, "rate_limit_per_user": 21_601}, "rate_limit_per_user", "NUMBER_TYPE_MAX"),
    ],
)
async def test_bad_threads_are_refused(refused, body, where, code):
    assert await refused("POST", THREADS, json=body) == (50035, [(where, code)])


async def test_the_right_to_begin_a_thread(server, refused, thread):
    await server.permit(PAPERS, BOT, deny="CREATE_PUBLIC_THREADS")
    assert (await refused("POST", THREADS, json={"name": "x", "type": 11}))[0] == 50013
    message = await server.say(ADA, PAPERS, "x")
    place = f"/channels/{PAPERS}/messages/{message.id}/threads"
    assert (await refused("POST", place, json={"name": "x"}))[0] == 50013
    assert (await refused("POST", f"/channels/{thread.id}/threads", json={"name": "x"}))[0] == 50024


async def test_a_forum_post_is_a_thread_with_its_message(server, api):
    body = {**POST, "applied_tags": [str(THEORY), PRACTICE]}
    status, made = await api("POST", POSTS, json=body)
    assert (status, made["message"]["id"], made["message"]["channel_id"]) == (201, made["id"], made["id"])
    assert made["applied_tags"] == [str(THEORY), str(PRACTICE)]
    assert (made["message_count"], made["total_message_sent"]) == (1, 0)
    (message,) = server.messages(int(made["id"]))
    assert message.content == "Let us talk"
    assert (await api("POST", f"/channels/{made['id']}/messages", json={"content": "more"}))[0] == 200


@pytest.mark.parametrize(
    ("forum", "body", "code"),
    [
        (FORUM_CHANNEL, {"name": "x"}, (50035, [("message", "BASE_TYPE_REQUIRED")])),
        (FORUM_CHANNEL, {**POST, "message": "x"}, (50035, [("message", "MODEL_TYPE_CONVERT")])),
        (FORUM_CHANNEL, {**POST, "message": {}}, (50006, [])),
        (
            FORUM_CHANNEL,
            {**POST, "message": {"content": "x" * 2001}},
            (50035, [("message.content", "BASE_TYPE_MAX_LENGTH")]),
        ),
        (
            FORUM_CHANNEL,
            {**POST, "applied_tags": [str(one) for one in range(6)]},
            (50035, [("applied_tags", "BASE_TYPE_BAD_LENGTH")]),
        ),
        (FORUM_CHANNEL, {**POST, "applied_tags": ["1"]}, (10087, [])),
        (FORUM_CHANNEL, {**POST, "applied_tags": [str(STAFF)]}, (50013, [])),
        (TAGGED_FORUM, POST, (40067, [])),
        (TAGGED_FORUM, {**POST, "applied_tags": []}, (40067, [])),
    ],
)
async def test_bad_posts_are_refused(server, refused, forum, body, code):
    assert await refused("POST", f"/channels/{forum}/threads", json=body) == code
    assert server.world.threads(forum) == []


async def test_a_post_needs_the_right_to_send(server, refused):
    await server.permit(FORUM_CHANNEL, BOT, deny="EMBED_LINKS")
    with_embed = {"name": "x", "message": {"embeds": [embed()]}}
    assert (await refused("POST", POSTS, json=with_embed))[0] == 50013
    await server.permit(FORUM_CHANNEL, BOT, deny="SEND_MESSAGES")
    assert (await refused("POST", POSTS, json=POST))[0] == 50013


async def test_writing_in_threads_is_a_right_of_its_own(server, api, refused, thread):
    place = f"/channels/{thread.id}/messages"
    await server.permit(PAPERS, BOT, deny="SEND_MESSAGES")
    assert (await api("POST", place, json={"content": "x"}))[0] == 200
    await server.permit(PAPERS, BOT, deny="SEND_MESSAGES_IN_THREADS")
    assert (await refused("POST", place, json={"content": "x"}))[0] == 50013
    quiet = await server.start_thread(ADA, QUIET, "talk")
    assert (await refused("POST", f"/channels/{quiet.id}/messages", json={"content": "x"}))[0] == 50013


async def test_an_archived_thread_is_opened_by_a_message_unless_it_is_locked(server, api, refused, thread):
    place = f"/channels/{thread.id}/messages"
    own = (await api("POST", place, json={"content": "x"}))[1]
    await server.archive(thread)
    assert (await refused("PATCH", f"{place}/{own['id']}", json={"content": "y"}))[0] == 50083
    assert (await refused("PUT", f"/channels/{thread.id}/thread-members/@me"))[0] == 50083
    assert (await api("POST", place, json={"content": "again"}))[0] == 200
    assert not thread.archived
    await server.archive(thread, locked=True)
    assert (await refused("POST", place, json={"content": "x"}))[0] == 50083
    assert (await api("DELETE", f"{place}/{own['id']}"))[0] == 204
    assert thread.archived


async def test_who_may_change_a_thread(server, api, refused, thread):
    place = f"/channels/{thread.id}"
    assert (await refused("PATCH", place, json={"name": "mine"}))[0] == 50013
    await api("PUT", f"{place}/thread-members/@me")
    await server.archive(thread)
    assert (await refused("PATCH", place, json={"name": "mine"}))[0] == 50083
    assert (await api("PATCH", place, json={"archived": False}))[0] == 200
    await server.archive(thread, locked=True)
    assert (await refused("PATCH", place, json={"archived": False}))[0] == 50013
    await manage(server)
    body = {"archived": False, "locked": False, "name": "ours", "auto_archive_duration": 4320}
    changed = (await api("PATCH", place, json=body))[1]
    assert (changed["name"], changed["thread_metadata"]["locked"]) == ("ours", False)
    assert (await refused("PATCH", place, json={"auto_archive_duration": 7}))[0] == 50035
    assert (await api("DELETE", place))[1]["id"] == str(thread.id)
    assert (await refused("GET", place))[0] == 10003


async def test_its_own_thread_is_the_bots_to_change(server, api, refused):
    made = (await api("POST", POSTS, json=POST))[1]
    place = f"/channels/{made['id']}"
    changed = (await api("PATCH", place, json={"name": "Teapots", "applied_tags": [str(THEORY)]}))[1]
    assert (changed["name"], changed["applied_tags"]) == ("Teapots", [str(THEORY)])
    assert (await refused("PATCH", place, json={"locked": True}))[0] == 50013
    assert (await refused("DELETE", place))[0] == 50013
    assert (await api("PATCH", place, json={"archived": True}))[1]["thread_metadata"]["archived"]
    assert len(server.world.threads(FORUM_CHANNEL)) == 1


async def test_threads_are_listed(server, api, refused):
    made = []
    for number in range(3):
        made.append(await server.start_thread(ADA, PAPERS, f"talk {number}"))
        server.clock.advance(1)
    await api("PUT", f"/channels/{made[2].id}/thread-members/@me")
    active = (await api("GET", f"/guilds/{GUILD}/threads/active"))[1]
    assert [int(one["id"]) for one in active["threads"]] == [one.id for one in reversed(made)]
    assert [one["id"] for one in active["members"]] == [str(made[2].id)]
    for one in made:
        server.clock.advance(1)
        await server.archive(one)
    assert (await api("GET", f"/guilds/{GUILD}/threads/active"))[1]["threads"] == []
    place = f"/channels/{PAPERS}/threads/archived/public"
    first = (await api("GET", f"{place}?limit=2"))[1]
    assert [one["name"] for one in first["threads"]] == ["talk 2", "talk 1"]
    assert first["has_more"] is True
    last = first["threads"][-1]["thread_metadata"]["archive_timestamp"]
    rest = (await api("GET", place, params={"before": last}))[1]
    assert ([one["name"] for one in rest["threads"]], rest["has_more"]) == (["talk 0"], False)
    assert (await refused("GET", place, params={"before": "tea time"}))[0] == 50035
    await server.permit(PAPERS, BOT, deny="READ_MESSAGE_HISTORY")
    assert (await refused("GET", place))[0] == 50013


async def test_a_private_thread_is_for_its_members(server, api, refused, thread):
    thread.kind = 12
    place = f"/channels/{thread.id}"
    assert (await refused("GET", place))[0] == 50001
    assert (await api("GET", f"/guilds/{GUILD}/threads/active"))[1]["threads"] == []
    thread.thread_members[BOT] = server.clock()
    assert (await api("GET", place))[0] == 200


async def test_who_is_in_a_thread(server, api, refused, thread):
    place = f"/channels/{thread.id}/thread-members"
    assert (await api("PUT", f"{place}/@me"))[0] == 204
    assert (await api("PUT", f"{place}/{BEN}"))[0] == 204
    assert (await refused("PUT", f"{place}/1"))[0] == 10013
    assert [int(one["user_id"]) for one in (await api("GET", place))[1]] == sorted([ADA, BEN, BOT])
    assert (await api("DELETE", f"{place}/@me"))[0] == 204
    assert BOT not in thread.thread_members
    assert (await refused("PUT", f"/channels/{PAPERS}/thread-members/@me"))[0] == 50024
    server.world.privileged.discard("GUILD_MEMBERS")
    assert (await refused("GET", place))[0] == 50001
