import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import Person

PAPERS, OTHERS, OLD, HIDDEN = "C1PAPERS", "C2OTHERS", "C3OLD", "G2HIDDEN"
KETTLE = {"event_type": "kettle", "event_payload": {"token": "k1"}}


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        server.rates.on = False  # Much is posted in one moment.
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


async def error_of(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_permalinks(client):
    posted = await client.chat_postMessage(channel=PAPERS, text="x")
    link = await client.chat_getPermalink(channel=PAPERS, message_ts=posted["ts"])
    assert link["permalink"].endswith(f"/{PAPERS}/p" + posted["ts"].replace(".", ""))
    reply = await client.chat_postMessage(channel=PAPERS, text="x", thread_ts=posted["ts"])
    link = await client.chat_getPermalink(channel=PAPERS, message_ts=reply["ts"])
    assert link["permalink"].endswith(f"?thread_ts={posted['ts']}&cid={PAPERS}")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": PAPERS, "message_ts": "1.0"}, "message_not_found"),
        ({"channel": HIDDEN, "message_ts": "1.0"}, "channel_not_found"),
        ({"channel": "C9NONE", "message_ts": "1.0"}, "channel_not_found"),
        ({"channel": PAPERS}, "invalid_arguments"),
    ],
)
async def test_no_permalinks_to_what_is_not_there(client, arguments, error):
    call = client.api_call("chat.getPermalink", params=arguments)
    assert (await error_of(call))["error"] == error


async def stamps(client, **arguments):
    answer = await client.conversations_history(channel=PAPERS, **arguments)
    return [one["ts"] for one in answer["messages"]]


async def test_history_pages_newest_first(client):
    posted = [(await client.chat_postMessage(channel=PAPERS, text=str(n)))["ts"] for n in range(5)]
    seen, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        answer = await client.conversations_history(channel=PAPERS, limit=2, cursor=cursor)
        seen += [one["ts"] for one in answer["messages"]]
        cursor = answer.get("response_metadata", {}).get("next_cursor", "")
        assert answer["has_more"] == bool(cursor)
        pages += 1
    assert (seen, pages) == (posted[::-1], 3)
    assert await stamps(client, oldest=posted[1], latest=posted[3]) == [posted[2]]
    assert await stamps(client, oldest=posted[1], latest=posted[3], inclusive=True) == posted[3:0:-1]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": OTHERS}, "not_in_channel"),
        ({"channel": HIDDEN}, "channel_not_found"),
        ({"channel": PAPERS, "cursor": "kettle"}, "invalid_cursor"),
        ({"channel": PAPERS, "oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"channel": PAPERS, "latest": "now"}, "invalid_ts_latest"),
        ({"channel": PAPERS, "limit": -1}, "invalid_limit"),
        ({"channel": PAPERS, "limit": "many"}, "invalid_cursor"),
    ],
)
async def test_bad_questions_for_history_are_refused(client, arguments, error):
    assert (await error_of(client.conversations_history(**arguments)))["error"] == error


async def test_the_payload_of_metadata_is_told_on_request(client):
    await client.chat_postMessage(channel=PAPERS, text="x", metadata=KETTLE)
    short = (await client.conversations_history(channel=PAPERS))["messages"][0]
    whole = (await client.conversations_history(channel=PAPERS, include_all_metadata=True))["messages"][0]
    assert (short["metadata"], whole["metadata"]) == ({"event_type": "kettle"}, KETTLE)


async def test_doubled_posts_can_be_counted(slack, client):
    for channel in (PAPERS, PAPERS, "G1CLOSED"):
        await client.chat_postMessage(channel=channel, text="x", metadata=KETTLE)
    assert slack.counted("token") == {"k1": 3}


async def test_threads(client):
    root = (await client.chat_postMessage(channel=PAPERS, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=PAPERS, text="r", thread_ts=root))["ts"]
    response = await client.chat_postMessage(channel=PAPERS, text="b", thread_ts=root, reply_broadcast=True)
    assert await stamps(client) == [response["ts"], root]
    answer = await client.conversations_replies(channel=PAPERS, ts=root)
    assert [one["ts"] for one in answer["messages"]] == [root, reply, response["ts"]]
    assert answer["messages"][0]["reply_count"] == 2
    under_a_reply = client.chat_postMessage(channel=PAPERS, text="x", thread_ts=reply)
    assert (await error_of(under_a_reply))["error"] == "thread_not_found"
    nowhere = client.conversations_replies(channel=PAPERS, ts="1.0")
    assert (await error_of(nowhere))["error"] == "thread_not_found"


async def test_reactions(slack, client):
    posted = await client.chat_postMessage(channel=PAPERS, text="x")
    at = {"channel": PAPERS, "timestamp": posted["ts"]}
    await client.reactions_add(name="+1", **at)
    assert (await error_of(client.reactions_add(name="+1", **at)))["error"] == "already_reacted"
    assert (await error_of(client.reactions_add(name="No Name", **at)))["error"] == "invalid_name"
    assert (await error_of(client.reactions_get(channel=PAPERS, timestamp="1.0")))[
        "error"
    ] == "message_not_found"
    for number in range(5):
        slack.messages(PAPERS)[0].reactions["+1"].append(f"U{number}")
    short = (await client.reactions_get(**at))["message"]["reactions"][0]
    whole = (await client.reactions_get(full=True, **at))["message"]["reactions"][0]
    assert (len(short["users"]), short["count"], len(whole["users"])) == (3, 6, 6)
    await client.reactions_remove(name="+1", **at)
    assert (await error_of(client.reactions_remove(name="+1", **at)))["error"] == "no_reaction"


async def test_conversations_and_users(client):
    assert (await client.conversations_info(channel=OTHERS))["channel"]["is_member"] is False
    assert (await client.conversations_join(channel=OTHERS))["channel"]["is_member"] is True
    assert (await error_of(client.conversations_join(channel=OLD)))["error"] == "is_archived"
    opened = (await client.conversations_open(users="U1ADA"))["channel"]["id"]
    assert (await client.chat_postMessage(channel=opened, text="x"))["channel"] == opened
    assert (await client.chat_postMessage(channel="U1ADA", text="x"))["channel"] == opened
    assert (await error_of(client.conversations_open(users="U9")))["error"] == "user_not_found"
    assert (await client.users_info(user="U1ADA"))["user"]["tz"] == "UTC"
    assert (await error_of(client.users_info(user="U9")))["error"] == "user_not_found"


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": "U1ADA,U2BEN"}, "method_not_supported_for_channel_type"),
        ("conversations.open", {"users": "U9"}, "user_not_found"),
        ("conversations.open", {"users": "U0BOT"}, "cannot_dm_bot"),
        ("conversations.open", {"users": "U3GONE"}, "user_disabled"),
        ("conversations.open", {"channel": "D9NONE"}, "channel_not_found"),
        ("conversations.join", {"channel": "G1CLOSED"}, "method_not_supported_for_channel_type"),
        ("conversations.join", {"channel": HIDDEN}, "channel_not_found"),
        ("conversations.info", {"channel": HIDDEN}, "channel_not_found"),
        ("reactions.get", {}, "no_item_specified"),
        ("reactions.get", {"channel": OTHERS, "timestamp": "1.0"}, "not_in_channel"),
        ("reactions.add", {"channel": OLD, "timestamp": "1.0", "name": "tea"}, "is_archived"),
    ],
)
async def test_other_bad_questions_are_refused(slack, client, method, arguments, error):
    slack.world.people["U3GONE"] = Person("U3GONE", "gone", deleted=True)
    assert (await error_of(client.api_call(method, params=arguments)))["error"] == error


async def test_a_direct_message_is_opened_once(client):
    first = await client.conversations_open(users="U1ADA", return_im=True)
    assert (first["channel"]["is_im"], first["channel"]["user"]) == (True, "U1ADA")
    assert first["already_open"] is False
    again = await client.conversations_open(channel=first["channel"]["id"])
    assert again["channel"]["id"] == first["channel"]["id"]
    assert (await client.conversations_open(users="U1ADA"))["already_open"] is True


async def test_members_are_counted_on_request(client):
    channel = (await client.conversations_info(channel=PAPERS, include_num_members=True))["channel"]
    assert channel["num_members"] == 3


async def test_the_conversations_of_somebody(slack, client):
    response = await client.users_conversations(user="U1ADA", types="public_channel,private_channel", limit=2)
    assert [one["id"] for one in response["channels"]] == [PAPERS, OTHERS]
    cursor = response["response_metadata"]["next_cursor"]
    more = await client.users_conversations(
        user="U1ADA", types="public_channel,private_channel", cursor=cursor, exclude_archived=True
    )
    assert {one["id"] for one in more["channels"]} == {"G1CLOSED"}, "others' private ones are left out"
    assert (await error_of(client.users_conversations(user="U9")))["error"] == "user_not_found"
    assert (await error_of(client.users_conversations(types="kettles")))["error"] == "invalid_types"
    slack.world.tokens["xoxb-bot"].scopes.discard("groups:read")
    error = await error_of(client.users_conversations(types="private_channel"))
    assert (error["error"], error["needed"]) == ("missing_scope", "groups:read")
