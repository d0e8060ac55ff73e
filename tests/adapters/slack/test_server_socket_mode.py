import contextlib

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.limits import RETRY_AFTER_SECONDS, limit
from tests.servers.slack.samples import actions, button, entry, external, modal, option
from tests.servers.slack.server import SlackServer

PAPERS = "C1PAPERS"


@pytest.fixture
async def slack():
    async with SlackServer(echoes=False) as server:
        yield server


async def address(slack):
    client = AsyncWebClient(slack.app_token, base_url=slack.base_url)
    return (await client.apps_connections_open(app_token=slack.app_token))["url"]


@contextlib.asynccontextmanager
async def connection(slack):
    async with aiohttp.ClientSession() as session, session.ws_connect(await address(slack)) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await slack.sockets.wait_for_connections(1)
        yield socket


async def test_a_ticket_opens_one_connection(slack):
    url = await address(slack)
    assert url.startswith("ws://127.0.0.1:")
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_each_envelope_goes_to_one_connection(slack):
    async with connection(slack) as one, connection(slack) as other:
        await slack.sockets.wait_for_connections(2)
        await slack.say("U1ADA", PAPERS, "a")
        await slack.say("U1ADA", PAPERS, "b")
        said = {(await socket.receive_json())["payload"]["event"]["text"] for socket in (one, other)}
        assert said == {"a", "b"}
        assert {one.connection for one in slack.deliveries} == {1, 2}


async def test_acknowledgements_are_recorded(slack):
    async with connection(slack) as socket:
        sent = await slack.command("U1ADA", PAPERS, "/papers", "x")
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "hello"}})
        await socket.send_json({"envelope_id": "nobody's"})
        await socket.send_str("{kettle")
        await sent.acked()
        assert (sent.acks, sent.late, sent.answer) == (1, False, {"text": "hello"})
        event = await slack.open_home("U1ADA")
        envelope = await socket.receive_json()
        assert envelope["accepts_response_payload"] is False
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "hello"}})
        await event.acked()
        assert slack.sockets.stray == [{"envelope_id": "nobody's"}, "{kettle"]
        assert len(slack.violations) == 1


async def test_what_was_not_acknowledged_comes_again(slack):
    async with connection(slack) as socket:
        await slack.say("U1ADA", PAPERS, "a")
        first = await socket.receive_json()
        (again,) = await slack.redeliver_unacked()
        second = await socket.receive_json()
        assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
        assert second["payload"]["event_id"] == first["payload"]["event_id"]
        assert second["envelope_id"] != first["envelope_id"]
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await again.acked()
        assert await slack.redeliver_unacked() == []


async def test_nothing_comes_again_more_often_than_slack_tries(slack):
    await slack.say("U1ADA", PAPERS, "a")
    for _ in range(limit("events.retries")):
        assert len(await slack.redeliver_unacked()) == 1
    assert await slack.redeliver_unacked() == []
    assert len(RETRY_AFTER_SECONDS) == limit("events.retries")


async def test_the_app_hears_of_its_own_bot(slack):
    slack.echoes = True
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    heard = []
    async with connection(slack) as socket:
        ts = (await client.chat_postMessage(channel=PAPERS, text="x"))["ts"]
        heard.append((await socket.receive_json())["payload"]["event"])
        await client.reactions_add(channel=PAPERS, timestamp=ts, name="tea")
        heard.append((await socket.receive_json())["payload"]["event"])
        await client.chat_update(channel=PAPERS, ts=ts, text="y")
        heard.append((await socket.receive_json())["payload"]["event"])
        await client.chat_delete(channel=PAPERS, ts=ts)
        heard.append((await socket.receive_json())["payload"]["event"])
        await client.conversations_join(channel="C2OTHERS")
        heard.append((await socket.receive_json())["payload"]["event"])
    assert [event.get("subtype", event["type"]) for event in heard] == [
        "message",
        "reaction_added",
        "message_changed",
        "message_deleted",
        "member_joined_channel",
    ]
    assert heard[0]["bot_id"] == "B0BOT"
    assert (heard[1]["user"], heard[1]["item_user"]) == ("U0BOT", "U0BOT")
    assert (heard[2]["previous_message"]["text"], heard[2]["message"]["text"]) == ("x", "y")


async def test_ten_connections_and_no_more(slack):
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(limit("socket.connections")):
            await stack.enter_async_context(connection(slack))
        await slack.sockets.wait_for_connections(limit("socket.connections"))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        socket = await stack.enter_async_context(session.ws_connect(await address(slack)))
        assert (await socket.receive_json())["reason"] == "too_many_websockets"


async def acknowledge(ack):
    await ack()


async def command(ack):
    await ack("boiling")


async def pressed(ack, body, respond):
    await ack()
    if "response_url" in body:
        await respond("pressed")


async def mentioned(event, client):
    await client.chat_postMessage(channel=event["channel"], text=f"heard {event['text']}")


async def refused(ack):
    await ack(response_action="errors", errors={"kettle": "No"})


async def suggested(ack, body):
    await ack(options=[option(int(body["value"] or 0))])


async def greeted(client, event):
    await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [actions(button())]})


async def saved(ack, shortcut, client):
    await ack()
    await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(entry(), callback_id="form"))


@pytest.fixture
async def app(slack):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    made = AsyncApp(client=client, signing_secret="signing-secret")
    made.command("/papers")(command)
    made.action("kettle")(pressed)
    made.event("app_mention")(mentioned)
    made.event("message")(acknowledge)
    made.event("app_home_opened")(greeted)
    made.event("link_shared")(acknowledge)
    made.view("form")(refused)
    made.view_closed("form")(acknowledge)
    made.options("tea")(suggested)
    made.shortcut("save")(saved)
    apps = AsyncWebClient(slack.app_token, base_url=slack.base_url)
    handler = AsyncSocketModeHandler(made, slack.app_token, web_client=apps, ping_interval=1)
    await handler.connect_async()
    await slack.sockets.wait_for_connections(1)
    yield made
    await handler.close_async()


@pytest.mark.usefixtures("app")
async def test_bolt_acknowledges_a_command(slack):
    sent = await (await slack.command("U1ADA", PAPERS, "/papers", "x")).acked()
    assert sent.answer == {"text": "boiling"}
    assert [one.text for one in slack.ephemerals("U1ADA")] == ["boiling"]


@pytest.mark.usefixtures("app")
async def test_bolt_acknowledges_a_button(slack):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    await client.chat_postMessage(channel=PAPERS, text="x", blocks=[actions(button())])
    await (await slack.press("U1ADA", slack.messages(PAPERS)[0], "kettle")).acked()
    await slack.until(lambda: bool(slack.replies))
    assert [one.message.text for one in slack.replies] == ["pressed"]


@pytest.mark.usefixtures("app")
async def test_bolt_acknowledges_an_event_each_time_it_comes(slack):
    await slack.say("U1ADA", PAPERS, "<@U0BOT> hello")
    acked = [await one.acked() for one in slack.deliveries]
    mention = next(one for one in acked if one.payload["event"]["type"] == "app_mention")
    await slack.until(lambda: len(slack.messages(PAPERS)) == 2)
    slack.clock.advance(1)  # Two posts in a second are one too many.
    await (await slack.redeliver(mention)).acked()
    await slack.until(lambda: len(slack.calls_of("chat.postMessage")) == 2)
    assert [one.text for one in slack.messages(PAPERS) if one.is_bots] == ["heard <@U0BOT> hello"] * 2


@pytest.mark.usefixtures("app")
async def test_bolt_opens_a_form_and_says_what_is_wrong_with_it(slack):
    message = await slack.say("U1ADA", PAPERS, "https://arxiv.org/abs/1")
    await (await slack.message_action("U1ADA", message, "save")).acked()
    await slack.until(lambda: bool(slack.world.views))
    (view,) = slack.world.views.values()
    await (await slack.submit(view, {"kettle": "Ada"})).acked()
    assert (view.errors, view.open) == ({"kettle": "No"}, True)
    view.view["notify_on_close"] = True
    assert await (await slack.close(view)).acked()
    assert slack.violations == []


@pytest.mark.usefixtures("app")
async def test_bolt_suggests_options(slack):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    blocks = [entry(element=external())]
    opened = await client.views_open(trigger_id=slack.world.trigger("U1ADA"), view=modal(*blocks))
    view = slack.world.views[opened["view"]["id"]]
    await (await slack.suggest("U1ADA", view, "tea", "7")).acked()
    assert view.offered == {"tea": [option(7)]}
    assert slack.violations == []


@pytest.mark.usefixtures("app")
async def test_bolt_fills_the_home(slack):
    await (await slack.open_home("U1ADA")).acked()
    await slack.until(lambda: bool(slack.world.homes))
    await (await slack.press("U1ADA", slack.world.homes["U1ADA"], "kettle")).acked()
    assert slack.violations == []


@pytest.mark.usefixtures("app")
async def test_bolt_reconnects_when_told_to(slack):
    first = slack.sockets.made
    await slack.sockets.disconnect()
    await slack.sockets.wait_for_connections(1, since=first)
    sent = await (await slack.command("U1ADA", PAPERS, "/papers")).acked()
    assert sent.connection > first


@pytest.mark.usefixtures("app")
async def test_bolt_reconnects_when_it_is_cut_off(slack):
    first = slack.sockets.made
    await slack.sockets.cut()
    await slack.sockets.wait_for_connections(1, since=first)
    await (await slack.command("U1ADA", PAPERS, "/papers")).acked()
