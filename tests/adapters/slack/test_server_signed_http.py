import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.delivery import Delivery, post_signed
from tests.servers.slack.limits import limit
from tests.servers.slack.samples import actions, button, entry, external, modal, option
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import SIGNING_SECRET

PAPERS = "C1PAPERS"


async def acknowledge(ack):
    await ack()


async def refused(ack):
    await ack(response_action="errors", errors={"kettle": "No"})


async def suggested(ack):
    await ack(options=[option(7)])


async def command(ack):
    await ack("boiling")


@pytest.fixture
async def slack():
    async with SlackServer(echoes=False) as server:
        yield server


@pytest.fixture
async def requests(slack):
    """What a stock app behind a request URL was asked, and with which headers."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    app = AsyncApp(client=client, signing_secret=SIGNING_SECRET, process_before_response=True)
    app.command("/papers")(command)
    app.action("kettle")(acknowledge)
    app.event("message")(acknowledge)
    app.view("form")(refused)
    app.options("tea")(suggested)
    asked = []

    async def handle(request):
        asked.append(request)
        answer = await app.async_dispatch(
            AsyncBoltRequest(body=await request.text(), headers=dict(request.headers))
        )
        kind = answer.headers.get("content-type", ["text/plain"])[0].partition(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=kind)

    served = web.Application()
    served.router.add_post("/slack/events", handle)
    async with TestServer(served) as server:
        slack.request_url = str(server.make_url("/slack/events"))
        yield asked


async def test_a_command_is_a_form(slack, requests):
    sent = await slack.command("U1ADA", PAPERS, "/papers", "find tea & milk")
    assert (sent.status, sent.answer) == (200, "boiling")
    assert requests[0].content_type == "application/x-www-form-urlencoded"
    assert (await requests[0].post())["text"] == "find tea & milk"
    assert [one.text for one in slack.ephemerals("U1ADA")] == ["boiling"]


async def test_an_interaction_is_json_in_a_form(slack, requests):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    await client.chat_postMessage(channel=PAPERS, text="x", blocks=[actions(button())])
    sent = await slack.press("U1ADA", slack.messages(PAPERS)[0], "kettle")
    assert (sent.status, sent.acks) == (200, 1)
    assert '"block_actions"' in (await requests[0].post())["payload"]


@pytest.mark.usefixtures("requests")
async def test_a_form_is_answered_in_the_response(slack):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    blocks = [entry(), entry(block_id="b", element=external(), optional=True)]
    form = modal(*blocks, callback_id="form")
    opened = await client.views_open(trigger_id=slack.world.trigger("U1ADA"), view=form)
    view = slack.world.views[opened["view"]["id"]]
    await slack.suggest("U1ADA", view, "tea", "")
    await slack.submit(view, {"kettle": "Ada", "b": "kettle-7"})
    assert (view.errors, slack.violations) == ({"kettle": "No"}, [])


async def test_an_event_is_json_and_comes_again_with_its_headers(slack, requests):
    await slack.say("U1ADA", PAPERS, "hello")
    again = await slack.redeliver(slack.deliveries[0], reason="http_timeout")
    assert (requests[0].content_type, again.status) == ("application/json", 200)
    assert "X-Slack-Retry-Num" not in requests[0].headers
    assert requests[1].headers["X-Slack-Retry-Num"] == "1"
    assert requests[1].headers["X-Slack-Retry-Reason"] == "http_timeout"


@pytest.mark.usefixtures("requests")
@pytest.mark.parametrize(
    ("spoilt", "status"),
    [
        ({}, 200),
        ({"age": limit("signature.seconds") - 60}, 200),
        ({"age": limit("signature.seconds") + 60}, 401),
        ({"secret": "another"}, 401),
        ({"secret": None}, 401),
    ],
)
async def test_signatures(slack, spoilt, status):
    payload = {"type": "event_callback", "event": {"type": "message", "channel": PAPERS, "user": "U1ADA"}}
    sent = Delivery("events_api", payload)
    await post_signed(slack.request_url, sent, slack.clock(), **spoilt)
    assert (sent.status, sent.acks) == (status, int(status == 200))
