import json
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.limits import METHODS, limit
from tests.servers.slack.samples import actions, button, modal, section
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import CLIENT_ID, CLIENT_SECRET

PUBLISHED = next(
    (
        found
        for folder in Path(__file__).parents
        if (found := folder / "shared/reference/specs/slack-web-api.json").exists()
    ),
    None,
)
PAPERS, OTHERS, OLD, HIDDEN = "C1PAPERS", "C2OTHERS", "C3OLD", "G2HIDDEN"
KETTLE = {"event_type": "kettle", "event_payload": {"token": "k1"}}


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


async def error_of(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def ask(slack, method, token="xoxb-bot", **sending):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(slack.base_url + method, **sending) as response,
    ):
        return await response.json()


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("xapp-app", "chat.postMessage", "not_allowed_token_type"),
        ("xoxb-bot", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb-bot", "kettle.boil", "unknown_method"),
    ],
)
async def test_tokens_are_for_their_methods(slack, token, method, error):
    answer = await ask(slack, method, token)
    assert (answer["ok"], answer["error"]) == (False, error)


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
async def test_a_token_can_end(slack, client, error):
    assert (await client.auth_test())["user_id"] == "U0BOT"
    slack.world.tokens["xoxb-bot"].error = error
    assert (await error_of(client.auth_test()))["error"] == error


@pytest.mark.parametrize(
    ("missing", "call", "needed"),
    [
        ("chat:write", lambda c: c.chat_postMessage(channel=PAPERS, text="x"), "chat:write"),
        ("reactions:read", lambda c: c.reactions_get(channel=PAPERS, timestamp="1.0"), "reactions:read"),
        ("channels:history", lambda c: c.conversations_history(channel=PAPERS), "channels:history"),
        ("groups:history", lambda c: c.conversations_history(channel="G1CLOSED"), "groups:history"),
        ("users:read", lambda c: c.users_info(user="U1ADA"), "users:read"),
        ("im:write", lambda c: c.conversations_open(users="U1ADA"), "im:write"),
    ],
)
async def test_scopes(slack, client, missing, call, needed):
    slack.world.tokens["xoxb-bot"].scopes.discard(missing)
    response = await error_of(call(client))
    assert (response["error"], response["needed"]) == ("missing_scope", needed)
    assert missing not in response["provided"].split(",")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C9NONE", "text": "x"}, "channel_not_found"),
        ({"channel": HIDDEN, "text": "x"}, "channel_not_found"),
        ({"channel": OTHERS, "text": "x"}, "not_in_channel"),
        ({"channel": OLD, "text": "x"}, "is_archived"),
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": PAPERS}, "no_text"),
        ({"channel": PAPERS, "text": "x", "kettle": 1}, "invalid_arg_name"),
        ({"channel": PAPERS, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": PAPERS, "text": "x", "blocks": [{"type": "kettle"}]}, "invalid_blocks"),
        ({"channel": PAPERS, "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": PAPERS, "text": "x", "blocks": "{}"}, "invalid_blocks_format"),
        ({"channel": PAPERS, "text": "x", "blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
        ({"channel": PAPERS, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": PAPERS, "text": "x", "thread_ts": 1.5}, "invalid_thread_ts"),
        ({"channel": PAPERS, "text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ({"channel": PAPERS, "text": "x", "metadata": {"event_type": "k"}}, "invalid_metadata_format"),
        (
            {"channel": PAPERS, "text": "x", "metadata": {"event_type": "", "event_payload": {}}},
            "invalid_metadata_format",
        ),
        (
            {"channel": PAPERS, "text": "x", "metadata": {"event_type": "k", "event_payload": "v"}},
            "invalid_metadata_format",
        ),
        (
            {
                "channel": PAPERS,
                "text": "x",
                "metadata": {"event_type": "k", "event_payload": {"v": "x" * 17_000}},
            },
            "metadata_too_large",
        ),
    ],
)
async def test_bad_posts_are_refused(slack, arguments, error):
    assert (await ask(slack, "chat.postMessage", json=arguments))["error"] == error
    assert slack.messages(PAPERS) == []
    assert slack.calls[-1].error == error


@pytest.mark.parametrize("way", ["json", "data", "token in the form"])
async def test_good_posts_are_kept(slack, way):
    blocks = [section(), actions(button())]
    arguments = {"channel": PAPERS, "text": "x", "blocks": blocks, "metadata": KETTLE}
    if way == "json":
        answer = await ask(slack, "chat.postMessage", json=arguments)
        assert answer["warning"] == "missing_charset"
    else:
        form = arguments | {"blocks": json.dumps(blocks), "metadata": json.dumps(KETTLE)}
        token = "xoxb-bot" if way == "data" else ""
        answer = await ask(
            slack, "chat.postMessage", token, data=form | ({} if token else {"token": "xoxb-bot"})
        )
    assert answer["ok"], answer
    (message,) = slack.messages(PAPERS)
    assert (message.ts, message.metadata) == (answer["ts"], KETTLE)
    assert answer["message"]["bot_id"] == "B0BOT"
    assert all("block_id" in block for block in answer["message"]["blocks"])
    assert "token" not in slack.calls[-1].arguments


async def test_writing_where_the_bot_is_not_a_member_takes_a_scope(slack, client):
    slack.world.tokens["xoxb-bot"].scopes.add("chat:write.public")
    assert (await client.chat_postMessage(channel=OTHERS, text="x"))["ok"]


async def test_ephemerals_are_not_in_history_and_cannot_be_rewritten(slack, client):
    posted = await client.chat_postEphemeral(channel=PAPERS, user="U1ADA", text="x")
    assert (await client.conversations_history(channel=PAPERS))["messages"] == []
    assert [one.text for one in slack.ephemerals("U1ADA")] == ["x"]
    rewriting = client.chat_update(channel=PAPERS, ts=posted["message_ts"], text="y")
    assert (await error_of(rewriting))["error"] == "message_not_found"
    stranger = client.chat_postEphemeral(channel=PAPERS, user="U9", text="x")
    assert (await error_of(stranger))["error"] == "user_not_in_channel"


async def test_only_own_messages_are_updated_and_deleted(slack, client):
    theirs = await slack.say("U1ADA", PAPERS, "hello")
    for call, error in (
        (client.chat_update(channel=PAPERS, ts=theirs.ts, text="x"), "cant_update_message"),
        (client.chat_delete(channel=PAPERS, ts=theirs.ts), "cant_delete_message"),
        (client.chat_update(channel=PAPERS, ts="1.000001", text="x"), "message_not_found"),
        (client.chat_delete(channel=PAPERS, ts="1.000001"), "message_not_found"),
        (client.chat_delete(channel=OLD, ts="1.000001"), "is_archived"),
    ):
        assert (await error_of(call))["error"] == error
    ours = await client.chat_postMessage(channel=PAPERS, text="x", blocks=[section()], metadata=KETTLE)
    too_long = client.chat_update(channel=PAPERS, ts=ours["ts"], text="x" * 4001)
    assert (await error_of(too_long))["error"] == "msg_too_long"
    nothing = client.api_call("chat.update", json={"channel": PAPERS, "ts": ours["ts"]})
    assert (await error_of(nothing))["error"] == "no_text"
    await client.chat_update(channel=PAPERS, ts=ours["ts"], text="y")
    kept = slack.messages(PAPERS)[-1]
    assert (kept.text, kept.blocks, kept.metadata, kept.edits) == ("y", [], KETTLE, 1)
    await client.chat_delete(channel=PAPERS, ts=ours["ts"])
    assert [one.text for one in slack.messages(PAPERS)] == ["hello"]
    assert len(slack.messages(PAPERS, deleted=True)) == 2


async def test_json_is_not_read_where_slack_does_not_read_it(slack):
    answer = await ask(slack, "conversations.history", json={"channel": PAPERS})
    assert answer["error"] == "invalid_arguments"


async def test_a_trigger_opens_one_view_within_three_seconds(slack, client):
    fresh, old = slack.world.trigger("U1ADA"), slack.world.trigger("U1ADA")
    opened = await client.views_open(trigger_id=fresh, view=modal(section()))
    assert opened["view"]["root_view_id"] == opened["view"]["id"]
    again = client.views_open(trigger_id=fresh, view=modal())
    assert (await error_of(again))["error"] == "exchanged_trigger_id"
    slack.clock.advance(limit("trigger_id.seconds") + 0.1)
    assert (await error_of(client.views_open(trigger_id=old, view=modal())))["error"] == "expired_trigger_id"
    unknown = client.views_open(trigger_id="t", view=modal())
    assert (await error_of(unknown))["error"] == "invalid_trigger_id"
    bad = await error_of(client.views_open(trigger_id=old, view=modal(title="bare")))
    assert bad["error"] == "invalid_arguments"
    view_id = opened["view"]["id"]
    stale = client.views_update(view_id=view_id, view=modal(), hash="other")
    assert (await error_of(stale))["error"] == "hash_conflict"
    assert (await client.views_update(view_id=view_id, view=modal(), hash=opened["view"]["hash"]))["ok"]
    assert (await error_of(client.views_update(view_id="V9", view=modal())))["error"] == "not_found"


async def test_an_external_id_is_for_one_view(slack, client):
    view = modal(external_id="kettle")
    for error in ("", "duplicate_external_id"):
        opening = client.views_open(trigger_id=slack.world.trigger("U1ADA"), view=view)
        assert (await error_of(opening))["error"] == error if error else (await opening)["ok"]
    assert (await client.views_update(external_id="kettle", view=view))["ok"]


async def test_an_app_token_tells_of_the_app(slack):
    assert (await ask(slack, "auth.test", slack.app_token))["app_id"] == "A0APP"


async def test_what_is_not_json_is_refused(slack):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = await ask(slack, "chat.postMessage", data="{kettle", headers=headers)
    assert answer == {"ok": False, "error": "invalid_json"}


async def test_homes(slack, client):
    assert (await client.views_publish(user_id="U1ADA", view={"type": "home", "blocks": [section()]}))["ok"]
    assert slack.world.homes["U1ADA"].view["blocks"][0]["type"] == "section"
    assert (await error_of(client.views_publish(user_id="U1ADA", view=modal())))[
        "error"
    ] == "invalid_arguments"


@pytest.mark.parametrize("way", ["form", "basic"])
async def test_installing(slack, way):
    async def install(secret, code="good-code"):
        if way == "form":
            sent = {"client_id": CLIENT_ID, "client_secret": secret, "code": code}
            return await ask(slack, "oauth.v2.access", "", data=sent)
        headers = {"Authorization": aiohttp.encode_basic_auth(CLIENT_ID, secret)}
        return await ask(slack, "oauth.v2.access", "", data={"code": code}, headers=headers)

    assert (await install("no"))["error"] == "bad_client_secret"
    assert (await ask(slack, "oauth.v2.access", "", data={"client_id": "no"}))["error"] == "invalid_client_id"
    answer = await install(CLIENT_SECRET)
    assert (answer["access_token"], answer["bot_user_id"]) == ("xoxb-bot", "U0BOT")
    assert (await install(CLIENT_SECRET))["error"] == "invalid_code"
    assert not {"client_secret", "code"} & slack.calls[-1].arguments.keys()


async def test_a_token_of_another_workspace_is_good_there_alone(slack):
    codes = {"T9OTHER": slack.world.agree("T9OTHER", "E1"), None: slack.world.agree(None, "E1")}
    for team, code in codes.items():
        sent = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": code}
        answer = await ask(slack, "oauth.v2.access", "", data=sent)
        assert (answer["team"] or {}).get("id") == team
        assert (answer["enterprise"]["id"], answer["is_enterprise_install"]) == ("E1", team is None)
        client = AsyncWebClient(answer["access_token"], base_url=slack.base_url)
        tested = await client.auth_test()
        assert (tested["team_id"], tested["user_id"]) == (team or "E1", answer["bot_user_id"])
        error = (await error_of(client.chat_postMessage(channel=OTHERS, text="x")))["error"]
        assert error == "not_in_channel"
        posting = client.chat_postMessage(channel=PAPERS, text="x")
        if team is None:
            assert (await posting)["ok"]
        else:
            assert (await error_of(posting))["error"] == "not_in_channel"


def published_arguments():
    if PUBLISHED is None:
        return []
    paths = json.loads(PUBLISHED.read_text())["paths"]
    return [
        (name, {one["name"] for one in next(iter(paths[f"/{name}"].values())).get("parameters", [])})
        for name in METHODS
        if f"/{name}" in paths
    ]


@pytest.mark.skipif(PUBLISHED is None, reason="Slack's published schema is not here")
@pytest.mark.parametrize(("name", "published"), published_arguments())
def test_every_published_argument_is_known(name, published):
    assert published - {"token"} <= METHODS[name].arguments
    assert METHODS[name].required <= METHODS[name].arguments


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("chat.postMessage", {"channel": PAPERS, "text": "x", "unfurl_links": "no"}),
        ("chat.postMessage", {"channel": PAPERS, "text": "x", "reply_broadcast": "yes"}),
        ("chat.postMessage", {"channel": PAPERS, "text": "x", "mrkdwn": 2}),
        ("chat.postMessage", {"channel": PAPERS, "text": "x", "unfurl_media": []}),
        ("chat.update", {"channel": PAPERS, "ts": "1.1", "text": "x", "link_names": "on"}),
    ],
)
async def test_what_is_true_or_false_is_nothing_else(slack, method, arguments):
    answer = await ask(slack, method, json=arguments)
    assert answer["error"] == "invalid_arguments"
    assert "must be a boolean" in answer["response_metadata"]["messages"][0]


@pytest.mark.parametrize("flag", [True, False, "true", "False", "1", 0])
async def test_what_is_true_or_false_may_be_written_in_several_ways(slack, flag):
    answer = await ask(slack, "chat.postMessage", json={"channel": PAPERS, "text": "x", "mrkdwn": flag})
    assert answer["ok"]


@pytest.mark.parametrize("blank", [" ", "\n\t", "\N{NO-BREAK SPACE}"])
async def test_a_text_that_nobody_sees_is_none(slack, blank):
    answer = await ask(slack, "chat.postMessage", json={"channel": PAPERS, "text": blank})
    assert answer["error"] == "no_text"
