import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import faults
from tests.servers.slack.limits import limit
from tests.servers.slack.samples import actions, button, section
from tests.servers.slack.server import SlackServer

PAPERS, CLOSED = "C1PAPERS", "G1CLOSED"


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url, timeout=10, retry_handlers=[])


async def refusal(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_a_scripted_limit_tells_when_to_come_back(slack, client):
    slack.faults.next("chat.postMessage", faults.rate_limited(7), times=2)
    for _ in range(2):
        response = await refusal(client.chat_postMessage(channel=PAPERS, text="x"))
        assert (response.status_code, response["error"]) == (429, "ratelimited")
        assert response.headers["Retry-After"] == "7"
    assert slack.messages(PAPERS) == []
    assert (await client.chat_postMessage(channel=PAPERS, text="x"))["ok"]


async def test_a_broken_server_has_no_json(slack, client):
    slack.faults.next(faults.ANY, faults.broken(503))
    response = await refusal(client.auth_test())
    assert response.status_code == 503
    assert (await client.auth_test())["ok"]


async def test_a_scripted_refusal(slack, client):
    slack.faults.next("auth.test", faults.refusing("internal_error"))
    assert (await refusal(client.auth_test()))["error"] == "internal_error"


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (faults.DROPPED, 0),
        (faults.ACCEPTED_THEN_DROPPED, 1),
        (faults.SILENT, 0),
        (faults.ACCEPTED_THEN_SILENT, 1),
    ],
)
async def test_no_answer_comes_and_the_record_tells_what_was_done(slack, fault, kept):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url, timeout=1, retry_handlers=[])
    slack.faults.next("chat.postMessage", fault)
    with pytest.raises((aiohttp.ClientError, asyncio.TimeoutError)):
        await client.chat_postMessage(channel=PAPERS, text="x")
    assert len(slack.messages(PAPERS)) == kept
    assert len(slack.calls_of("chat.postMessage")) == 1


async def test_one_post_a_second_in_a_channel(slack, client):
    await client.chat_postMessage(channel=PAPERS, text="x")
    await client.chat_postMessage(channel=CLOSED, text="x")
    response = await refusal(client.chat_postMessage(channel=PAPERS, text="y"))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "1")
    slack.clock.advance(1)
    assert (await client.chat_postMessage(channel=PAPERS, text="y"))["ok"]


async def test_so_many_calls_a_minute_of_one_method(slack, client):
    for _ in range(limit("rate.tier3")):
        await client.conversations_info(channel=PAPERS)
    response = await refusal(client.conversations_info(channel=PAPERS))
    assert int(response.headers["Retry-After"]) == 60
    assert (await client.conversations_history(channel=PAPERS))["ok"]
    slack.clock.advance(60)
    assert (await client.conversations_info(channel=PAPERS))["ok"]


async def test_each_workspace_has_rates_of_its_own(slack, client):
    await client.chat_postMessage(channel=PAPERS, text="x")
    elsewhere = slack.world.codes[slack.world.agree("T9OTHER")]
    slack.world.channels[PAPERS].members.add(slack.world.tokens[elsewhere].user)
    other = AsyncWebClient(elsewhere, base_url=slack.base_url)
    assert (await other.chat_postMessage(channel=PAPERS, text="x"))["ok"]


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
async def test_outside_the_marketplace_history_is_read_once_a_minute_fifteen_at_a_time(slack, client, method):
    slack.world.outside_marketplace = True
    root = await client.chat_postMessage(channel=PAPERS, text="x")
    for number in range(40):
        slack.clock.advance(2)
        more = {"thread_ts": root["ts"]} if method.endswith("replies") else {}
        await client.chat_postMessage(channel=PAPERS, text=str(number), **more)
    params = {"channel": PAPERS, "limit": 200} | ({"ts": root["ts"]} if more else {})
    page = await client.api_call(method, params=params)
    assert (len(page["messages"]), page["has_more"]) == (limit("history.outside"), True)
    following = params | {"cursor": page["response_metadata"]["next_cursor"]}
    refused = await refusal(client.api_call(method, params=following))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    slack.clock.advance(60)
    second = await client.api_call(method, params=following)
    texts = [one["text"] for one in page["messages"] + second["messages"]]
    assert len({*texts}) == 2 * limit("history.outside"), "the next page goes on after the first"


async def post(url, **body):
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.text()


@pytest.fixture
def url(slack):
    return slack.responses.make(PAPERS, "U1ADA")


async def test_a_response_url_works_five_times(slack, url):
    for number in range(limit("response_url.uses")):
        assert await post(url, text=str(number)) == (200, "ok")
    status, text = await post(url, text="six")
    assert status == 404
    assert "used_url" in text
    assert [one.text for one in slack.ephemerals("U1ADA")] == list("01234")
    assert slack.messages(PAPERS) == []


async def test_a_response_url_ends_after_thirty_minutes(slack, url):
    slack.clock.advance(limit("response_url.seconds"))
    assert (await post(url, text="x"))[0] == 200
    slack.clock.advance(1)
    assert "expired_url" in (await post(url, text="x"))[1]
    assert "invalid_url" in (await post(url + "9", text="x"))[1]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"text": "x", "response_type": "loud"}, "invalid_payload"),
        ({"text": "x", "kettle": 1}, "invalid_payload"),
        ({"blocks": [{"type": "kettle"}]}, "invalid_blocks"),
    ],
)
async def test_bad_replies_are_refused(slack, url, body, error):
    status, text = await post(url, **body)
    assert status == 400
    assert text.startswith(error)
    assert slack.replies == []


@pytest.mark.parametrize("sent", ["{kettle", '["kettle"]'])
async def test_a_reply_that_is_no_object_is_refused(slack, url, sent):
    async with aiohttp.ClientSession() as session, session.post(url, data=sent) as response:
        assert (response.status, await response.text()) == (400, "invalid_payload")
    assert slack.replies == []


async def test_a_reply_can_be_for_all(slack, url):
    await post(url, text="x", response_type="in_channel")
    assert [one.text for one in slack.messages(PAPERS)] == ["x"]
    assert slack.replies[0].response_type == "in_channel"


async def test_a_reply_replaces_and_deletes_the_original(slack, client):
    blocks = [section(), actions(button())]
    await client.chat_postEphemeral(channel=PAPERS, user="U1ADA", text="x", blocks=blocks)
    (original,) = slack.ephemerals("U1ADA")
    pressed = await slack.press("U1ADA", original, "kettle")
    url = pressed.payload["response_url"]
    assert (await post(url, text="y", replace_original=True))[0] == 200
    assert (original.text, original.blocks) == ("y", [])
    with pytest.raises(LookupError):
        await slack.press("U1ADA", original, "kettle")
    assert (await post(url, delete_original=True))[0] == 200
    assert slack.ephemerals("U1ADA") == []
    assert [one.how for one in slack.replies] == ["replaced", "deleted"]
    assert await post(url, delete_original=True) == (400, "message_not_found")
