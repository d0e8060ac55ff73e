import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.samples import actions, button, choice, entry, modal, section
from tests.servers.slack.server import SlackServer

PAPERS, HIDDEN = "C1PAPERS", "G2HIDDEN"


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


def events(slack):
    return [one.payload["event"] for one in slack.deliveries if one.kind == "events_api"]


def kinds(slack):
    return [event["type"] for event in events(slack)]


async def test_what_a_message_sets_off(slack):
    await slack.say("U1ADA", PAPERS, "<@U0BOT> look at <https://arxiv.org/abs/1706.03762|this>")
    assert kinds(slack) == ["message", "app_mention", "link_shared"]
    shared = events(slack)[2]
    assert shared["links"] == [{"url": "https://arxiv.org/abs/1706.03762", "domain": "arxiv.org"}]
    assert (shared["source"], shared["is_bot_user_member"]) == ("conversations_history", True)
    wrapping = [one.payload for one in slack.deliveries]
    assert len({one["event_id"] for one in wrapping}) == 3
    assert {one["type"] for one in wrapping} == {"event_callback"}


async def test_the_bot_does_not_hear_conversations_it_is_not_in(slack):
    await slack.say("U1ADA", HIDDEN, "hello")
    assert events(slack) == []
    await slack.say("U1ADA", HIDDEN, "https://arxiv.org/abs/1706.03762")
    assert events(slack)[0]["is_bot_user_member"] is False
    drafted = await slack.type_link("U1ADA", "https://arxiv.org/abs/1706.03762")
    assert drafted.payload["event"]["source"] == "composer"


async def test_reactions_are_told_and_counted(slack, client):
    ts = (await client.chat_postMessage(channel=PAPERS, text="x"))["ts"]
    (message,) = slack.messages(PAPERS)
    await slack.react("U1ADA", message, "+1::skin-tone-3")
    await slack.react("U2BEN", message, "tea")
    await slack.unreact("U2BEN", message, "tea")
    assert kinds(slack) == ["reaction_added", "reaction_added", "reaction_removed"]
    assert events(slack)[0]["item"] == {"type": "message", "channel": PAPERS, "ts": ts}
    assert events(slack)[0]["item_user"] == "U0BOT"
    counted = await client.reactions_get(channel=PAPERS, timestamp=ts, full=True)
    assert counted["message"]["reactions"] == [{"name": "+1::skin-tone-3", "users": ["U1ADA"], "count": 1}]


async def test_messages_are_changed_and_deleted(slack):
    message = await slack.say("U1ADA", PAPERS, "one")
    await slack.edit(message, "two")
    await slack.delete(message)
    changed, deleted = events(slack)[1:]
    assert changed["subtype"] == "message_changed"
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("one", "two")
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", message.ts)
    assert slack.messages(PAPERS) == []


async def test_only_what_stands_there_is_pressed(slack, client):
    blocks = [
        section(accessory=choice("overflow", 3)),
        actions(button(value="a"), block_id="first"),
        actions(button(value="b"), block_id="second"),
    ]
    await client.chat_postMessage(channel=PAPERS, text="x", blocks=blocks)
    (message,) = slack.messages(PAPERS)
    payload = (await slack.press("U1ADA", message, "kettle", value="b")).payload
    assert (payload["type"], payload["message"]["ts"]) == ("block_actions", message.ts)
    assert payload["actions"][0]["block_id"] == "second"
    assert payload["actions"][0]["value"] == "b"
    assert payload["container"]["is_ephemeral"] is False
    chosen = (await slack.press("U1ADA", message, "overflow", value="kettle-2")).payload["actions"][0]
    assert chosen["selected_option"]["value"] == "kettle-2"
    for action_id, value in (("teapot", None), ("kettle", "c"), ("overflow", "kettle-3")):
        with pytest.raises(LookupError):
            await slack.press("U1ADA", message, action_id, value=value)


async def test_an_ephemeral_is_pressed_by_its_reader_alone(slack, client):
    await client.chat_postEphemeral(channel=PAPERS, user="U1ADA", text="x", blocks=[actions(button())])
    (message,) = slack.ephemerals("U1ADA")
    payload = (await slack.press("U1ADA", message, "kettle")).payload
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    with pytest.raises(LookupError):
        await slack.press("U2BEN", message, "kettle")


@pytest.mark.parametrize(
    ("answer", "stays_open", "violations"),
    [
        (None, False, 0),
        ({"response_action": "clear"}, False, 0),
        ({"response_action": "errors", "errors": {"kettle": "No"}}, True, 0),
        ({"response_action": "errors", "errors": {"teapot": "No"}}, True, 1),
        ({"response_action": "errors"}, True, 1),
        ({"response_action": "update", "view": modal(section())}, True, 0),
        ({"response_action": "update", "view": {"type": "modal"}}, True, 2),
        ({"response_action": "boil"}, True, 1),
    ],
)
async def test_a_view_is_submitted(slack, client, answer, stays_open, violations):
    trigger = (await slack.command("U1ADA", PAPERS, "/papers")).payload["trigger_id"]
    opened = await client.views_open(trigger_id=trigger, view=modal(entry(), callback_id="c"))
    view = slack.world.views[opened["view"]["id"]]
    values = {"kettle": {"name": {"type": "plain_text_input", "value": "Ada"}}}
    sent = await slack.submit(view, values)
    assert sent.payload["type"] == "view_submission"
    assert sent.payload["view"]["state"]["values"] == values
    sent.take(answer)
    assert (view.open, len(slack.violations)) == (stays_open, violations)


async def test_only_inputs_that_are_there_are_filled_in(slack, client):
    opened = await client.views_open(trigger_id=slack.world.trigger("U1ADA"), view=modal(entry()))
    with pytest.raises(LookupError):
        await slack.submit(slack.world.views[opened["view"]["id"]], {"teapot": {"name": {}}})


@pytest.mark.parametrize(
    ("answer", "told", "violations"),
    [
        ("hello", ["hello"], 0),
        ({"text": "hello", "response_type": "ephemeral"}, ["hello"], 0),
        ({"blocks": [{"type": "kettle"}]}, [], 1),
        (None, [], 0),
    ],
)
async def test_a_command_is_answered_with_its_acknowledgement(slack, answer, told, violations):
    sent = await slack.command("U1ADA", PAPERS, "/papers", "find tea")
    assert (sent.payload["command"], sent.payload["text"]) == ("/papers", "find tea")
    assert sent.payload["channel_name"] == "papers"
    sent.take(answer)
    assert [one.text for one in slack.ephemerals("U1ADA")] == told
    assert len(slack.violations) == violations


async def test_shortcuts(slack):
    message = await slack.say("U1ADA", PAPERS, "x")
    assert (await slack.shortcut("U1ADA", "find")).payload["callback_id"] == "find"
    payload = (await slack.message_action("U2BEN", message, "save")).payload
    assert (payload["type"], payload["message"]["text"]) == ("message_action", "x")


async def test_comings_and_goings(slack, client):
    await slack.join("U0BOT", HIDDEN, inviter="U1ADA")
    assert (await client.chat_postMessage(channel=HIDDEN, text="x"))["ok"]
    await slack.leave("U0BOT", HIDDEN)
    await slack.leave("U2BEN", PAPERS)
    await slack.rename(PAPERS, "reading")
    await slack.open_home("U1ADA")
    await slack.archive("U1ADA", PAPERS)
    await slack.uninstall()
    assert kinds(slack) == [
        "member_joined_channel",
        "group_left",
        "member_left_channel",
        "channel_rename",
        "app_home_opened",
        "channel_archive",
        "tokens_revoked",
        "app_uninstalled",
    ]
    assert slack.world.tokens["xoxb-bot"].error == "account_inactive"
