import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.samples import manifest, plain, section
from tests.servers.slack.server import SlackServer

PAPERS, OTHERS, HIDDEN = "C1PAPERS", "C2OTHERS", "G2HIDDEN"
ATTENTION, BERT = "https://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1810.04805"
ELSEWHERE = "https://example.org/kettle"
UNFURL = {"blocks": [section()]}


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        server.create_app(manifest())
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


def link_events(slack):
    return [one.payload["event"] for one in slack.deliveries if one.kind == "events_api"]


async def test_registered_links_are_told_of_beside_the_message(slack):
    root = await slack.say("U1ADA", PAPERS, f"{ATTENTION} and {BERT}, {ATTENTION} but not {ELSEWHERE}")
    (event,) = link_events(slack)
    assert event.keys() == {
        "type",
        "channel",
        "is_bot_user_member",
        "user",
        "message_ts",
        "unfurl_id",
        "source",
        "links",
        "event_ts",
    }
    assert event["links"] == [{"domain": "arxiv.org", "url": url} for url in (ATTENTION, BERT)]
    await slack.say("U1ADA", PAPERS, "export.arxiv.org/abs/1", thread_ts=root.ts)
    assert link_events(slack)[1]["thread_ts"] == root.ts
    assert link_events(slack)[1]["links"] == [{"domain": "arxiv.org", "url": "http://export.arxiv.org/abs/1"}]
    await slack.say("U1ADA", PAPERS, f"{ELSEWHERE} notarxiv.org")
    assert len(link_events(slack)) == 2
    with pytest.raises(LookupError):
        await slack.type_link("U1ADA", ELSEWHERE)


async def test_a_link_is_told_of_while_it_is_typed(slack):
    event = (await slack.type_link("U1ADA", ATTENTION)).payload["event"]
    assert (event["channel"], event["source"]) == ("COMPOSER", "composer")
    assert event["message_ts"] == event["unfurl_id"]


async def test_without_its_scope_nothing_is_told_of_links(slack, client):
    slack.world.scopes -= {"links:read"}
    await slack.say("U1ADA", PAPERS, ATTENTION)
    assert link_events(slack) == []
    assert [event["type"] for event in slack.withheld] == ["message", "link_shared"]
    ts = slack.messages(PAPERS)[0].ts
    slack.world.tokens[slack.bot_token].scopes.discard("links:write")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.chat_unfurl(channel=PAPERS, ts=ts, unfurls={ATTENTION: UNFURL})


async def test_unfurls_stand_beneath_the_message(slack, client):
    message = await slack.say("U1ADA", PAPERS, f"{ATTENTION} {BERT}")
    await client.chat_unfurl(channel=PAPERS, ts=message.ts, unfurls={ATTENTION: UNFURL})
    await client.chat_unfurl(
        unfurl_id=link_events(slack)[0]["unfurl_id"],
        source="conversations_history",
        unfurls={BERT: {**UNFURL, "preview": {"title": plain()}}},
    )
    assert message.unfurls.keys() == {ATTENTION, BERT}
    (attached, _) = message.body()["attachments"]
    assert (attached["from_url"], attached["is_app_unfurl"], attached["blocks"]) == (
        ATTENTION,
        True,
        UNFURL["blocks"],
    )


async def test_what_is_typed_can_be_unfurled(slack, client):
    event = (await slack.type_link("U1ADA", ATTENTION)).payload["event"]
    by_id = {"unfurl_id": event["unfurl_id"], "source": "composer"}
    for where in (by_id, {"channel": "COMPOSER", "ts": event["message_ts"]}):
        await client.chat_unfurl(**where, unfurls={ATTENTION: UNFURL})
    assert slack.world.shared[event["unfurl_id"]].unfurls == {ATTENTION: UNFURL}


async def test_the_app_hears_that_an_unfurl_changed_the_message(slack, client):
    await slack.say("U1ADA", PAPERS, ATTENTION)
    message = slack.messages(PAPERS)[0]
    await client.chat_unfurl(channel=PAPERS, ts=message.ts, unfurls={ATTENTION: UNFURL})
    call = slack.calls_of("chat.unfurl")[0]
    (event,) = slack.events_of("chat.unfurl", call.arguments, [])
    assert event["subtype"] == "message_changed"
    assert "attachments" in event["message"]
    assert not {"attachments", "edited"} & event["previous_message"].keys()
    drafted = (await slack.type_link("U1ADA", ATTENTION)).payload["event"]["unfurl_id"]
    assert slack.events_of("chat.unfurl", {"unfurl_id": drafted}, []) == []


async def test_who_must_first_agree_is_asked(slack, client):
    message = await slack.say("U1ADA", PAPERS, ATTENTION)
    assert (await client.chat_unfurl(channel=PAPERS, ts=message.ts, user_auth_required=True))["ok"]
    assert message.unfurls == {}


HISTORY = {"source": "conversations_history"}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"channel": ""}, "missing_channel"),
        ({"ts": ""}, "missing_ts"),
        ({"channel": "C9NONE"}, "cannot_find_channel"),
        ({"channel": HIDDEN}, "cannot_find_channel"),
        ({"ts": "1.000001"}, "cannot_find_message"),
        ({"channel": OTHERS}, "cannot_find_message"),
        ({"unfurls": None}, "missing_unfurls"),
        ({"unfurls": {}}, "missing_unfurls"),
        ({"unfurls": "{"}, "invalid_unfurls_format"),
        ({"unfurls": [ATTENTION]}, "invalid_unfurls_format"),
        ({"unfurls": {BERT: UNFURL}}, "cannot_unfurl_message"),
        ({"unfurls": {ELSEWHERE: UNFURL}}, "cannot_unfurl_url"),
        ({"unfurls": {ATTENTION: "text"}}, "cannot_parse_attachment"),
        ({"unfurls": {ATTENTION: {}}}, "cannot_parse_attachment"),
        ({"unfurls": {ATTENTION: {**UNFURL, "kettle": 1}}}, "cannot_parse_attachment"),
        ({"unfurls": {ATTENTION: {**UNFURL, "preview": {"kettle": 1}}}}, "cannot_parse_attachment"),
        ({"unfurls": {ATTENTION: {"blocks": [section("")]}}}, "cannot_parse_attachment"),
        ({"unfurls": {ATTENTION: {"blocks": [{"type": "kettle"}]}}}, "cannot_parse_attachment"),
        ({"unfurl_id": "x"}, "missing_source"),
        (HISTORY, "missing_unfurl_id"),
        ({"unfurl_id": "x", "source": "kettle"}, "invalid_source"),
        ({"unfurl_id": "x", **HISTORY}, "invalid_unfurl_id"),
        ({"kettle": 1}, "invalid_arg_name"),
    ],
)
async def test_bad_unfurls_are_refused(slack, client, changed, error):
    message = await slack.say("U1ADA", PAPERS, f"{ATTENTION} {ELSEWHERE}")
    arguments = {"channel": PAPERS, "ts": message.ts, "unfurls": {ATTENTION: UNFURL}, **changed}
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.unfurl", json=arguments)
    assert caught.value.response["error"] == error
    assert message.unfurls == {}


async def test_what_was_not_told_of_is_not_unfurled(slack, client):
    message = await slack.say("U1ADA", PAPERS, ELSEWHERE)
    shared = await slack.say("U1ADA", PAPERS, ATTENTION)
    unfurl_id = link_events(slack)[0]["unfurl_id"]
    with pytest.raises(SlackApiError, match="cannot_unfurl_url"):
        await client.chat_unfurl(channel=PAPERS, ts=message.ts, unfurls={ELSEWHERE: UNFURL})
    with pytest.raises(SlackApiError, match="invalid_unfurl_id"):
        await client.chat_unfurl(unfurl_id=unfurl_id, source="composer", unfurls={ATTENTION: UNFURL})
    await slack.delete(shared)
    with pytest.raises(SlackApiError, match="cannot_find_message"):
        await client.chat_unfurl(unfurl_id=unfurl_id, **HISTORY, unfurls={ATTENTION: UNFURL})


@pytest.mark.parametrize(
    ("unfurl", "error"),
    [
        ({"blocks": [section("x" * 2999) for _ in range(5)]}, "msg_blocks_too_long"),
        ({"blocks": [section()] * 51}, "cannot_parse_attachment"),
        ({"title": "Kettle", "title_link": "kettle"}, "cannot_parse_attachment"),
        ({"image_url": "ftp://example.org/kettle.png"}, "cannot_parse_attachment"),
        ({**UNFURL, "hide_color": "yes"}, "cannot_parse_attachment"),
    ],
)
async def test_a_preview_is_no_larger_than_a_message_and_links_to_the_web(slack, client, unfurl, error):
    message = await slack.say("U1ADA", PAPERS, ATTENTION)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_unfurl(channel=PAPERS, ts=message.ts, unfurls={ATTENTION: unfurl})
    assert caught.value.response["error"] == error
