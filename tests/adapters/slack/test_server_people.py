import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.samples import actions, button, choice, section
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
    assert changed["message"]["edited"]["user"] == "U1ADA"
    assert "edited" not in changed["previous_message"]


async def test_a_deleted_root_stands_as_a_tombstone_while_its_thread_goes_on(slack, client):
    root = await slack.say("U1ADA", PAPERS, "root")
    reply = await slack.say("U2BEN", PAPERS, "reply", thread_ts=root.ts)
    await slack.delete(root)
    event = events(slack)[-1]
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    assert event["previous_message"]["text"] == "root"
    response = await client.conversations_replies(channel=PAPERS, ts=root.ts)
    assert [one["text"] for one in response["messages"]] == ["This message was deleted.", "reply"]
    assert (await client.chat_postMessage(channel=PAPERS, text="x", thread_ts=root.ts))["ok"]
    await slack.delete(slack.messages(PAPERS)[-1])
    await slack.delete(reply)
    assert (await client.conversations_history(channel=PAPERS))["messages"] == []


async def test_a_reply_can_be_told_to_the_channel_as_well(slack):
    root = await slack.say("U1ADA", PAPERS, "root")
    await slack.say("U2BEN", PAPERS, "reply", thread_ts=root.ts)
    await slack.say("U2BEN", PAPERS, "both", thread_ts=root.ts, broadcast=True)
    _, reply, both = events(slack)
    assert "subtype" not in reply
    assert (both["subtype"], both["thread_ts"], both["root"]["text"]) == ("thread_broadcast", root.ts, "root")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("see https://arxiv.org/abs/1.", "see <https://arxiv.org/abs/1>."),
        ("see arxiv.org/abs/1, please", "see <http://arxiv.org/abs/1|arxiv.org/abs/1>, please"),
        ("https://a.org/?b=1&c=2", "<https://a.org/?b=1&amp;c=2>"),
        ("<@U0BOT> 1 < 2 & 3", "<@U0BOT> 1 &lt; 2 &amp; 3"),
        ("<https://arxiv.org/abs/1|this> and <!here>", "<https://arxiv.org/abs/1|this> and <!here>"),
        ("ada@example.org", "ada@example.org"),
        ("no. 5", "no. 5"),
    ],
)
async def test_what_people_type_is_marked_up(slack, typed, sent):
    message = await slack.say("U1ADA", PAPERS, typed)
    assert message.text == sent
    (block,) = events(slack)[0]["blocks"]
    assert block["type"] == "rich_text"


async def test_peoples_messages_carry_rich_text(slack):
    await slack.say("U1ADA", PAPERS, "<@U2BEN> a & b https://a.org <https://b.org|b> <!here> <#C1PAPERS>")
    (section_,) = events(slack)[0]["blocks"][0]["elements"]
    assert [part for part in section_["elements"] if part.get("text") != " "] == [
        {"type": "user", "user_id": "U2BEN"},
        {"type": "text", "text": " a & b "},
        {"type": "link", "url": "https://a.org"},
        {"type": "link", "url": "https://b.org", "text": "b"},
        {"type": "broadcast", "range": "here"},
        {"type": "channel", "channel_id": "C1PAPERS"},
    ]


async def test_nobody_writes_where_they_are_not(slack):
    slack.world.channels[PAPERS].members.discard("U2BEN")
    with pytest.raises(LookupError):
        await slack.say("U2BEN", PAPERS, "x")


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
    assert payload["state"]["values"] == {}
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
    ("answer", "texts", "violations"),
    [
        ("hello", ["hello"], 0),
        ({"text": "hello", "response_type": "ephemeral"}, ["hello"], 0),
        ({"blocks": [{"type": "kettle"}]}, [], 1),
        (None, [], 0),
    ],
)
async def test_a_command_is_answered_with_its_acknowledgement(slack, answer, texts, violations):
    sent = await slack.command("U1ADA", PAPERS, "/papers", "find tea")
    assert (sent.payload["command"], sent.payload["text"]) == ("/papers", "find tea")
    assert sent.payload["channel_name"] == "papers"
    sent.take(answer)
    assert [one.text for one in slack.ephemerals("U1ADA")] == texts
    assert len(slack.violations) == violations


async def test_comings_and_goings(slack, client):
    await slack.join("U0BOT", HIDDEN, inviter="U1ADA")
    assert (await client.chat_postMessage(channel=HIDDEN, text="x"))["ok"]
    await slack.leave("U0BOT", HIDDEN)
    await slack.leave("U2BEN", PAPERS)
    await slack.rename(PAPERS, "reading")
    await slack.open_home("U1ADA")
    await slack.archive("U1ADA", PAPERS)
    await slack.remove("U1ADA", PAPERS)
    await slack.uninstall()
    assert kinds(slack) == [
        "member_joined_channel",
        "group_left",
        "member_left_channel",
        "channel_rename",
        "app_home_opened",
        "channel_archive",
        "channel_deleted",
        "tokens_revoked",
        "app_uninstalled",
    ]
    assert slack.world.tokens["xoxb-bot"].error == "account_inactive"
