import copy
import json
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.apps import manifest_problems
from tests.servers.slack.events import EVENTS
from tests.servers.slack.samples import manifest
from tests.servers.slack.server import SlackServer
from tests.servers.slack.story import everything

PUBLISHED = next(
    (
        found
        for folder in Path(__file__).parents
        if (found := folder / "shared/reference/specs/slack-events-api.json").exists()
    ),
    None,
)
PAPERS = "C1PAPERS"


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        server.create_app(manifest())
        yield server


def changed(path, value):
    """The sample manifest with one place changed, or without it where there is no value."""
    made = copy.deepcopy(manifest())
    *folders, name = path.split("/")
    inside = made
    for folder in folders:
        inside = inside[int(folder) if folder.isdigit() else folder]
    if value is None:
        del inside[name]
    else:
        inside[name] = value
    return made


def test_a_good_manifest_is_taken():
    assert manifest_problems(manifest()) == []


COMMAND = {"command": "/kettle", "description": "Boil"}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("kettle", 1, "invalid additional property: kettle"),
        ("display_information", None, "missing required field: display_information"),
        ("display_information/name", None, "missing required field: name"),
        ("display_information/name", "x" * 36, "less than 36"),
        ("display_information/name", "", "more than 0"),
        ("display_information/description", "x" * 141, "less than 141"),
        ("features/bot_user/display_name", None, "missing required field: display_name"),
        ("features/bot_user/always_online", "yes", "must be bool"),
        ("features/app_home/home_tab_enabled", 1, "must be bool"),
        ("features/app_home/kettle", True, "invalid additional property"),
        ("features/shortcuts/0/description", None, "missing required field: description"),
        ("features/shortcuts/0/name", "x" * 25, "less than 25"),
        ("features/shortcuts/0/type", "kettle", "must match its pattern"),
        ("features/shortcuts", [], "no less than 1"),
        ("features/shortcuts", {}, "must be an array"),
        ("features/slash_commands/0/command", "kettle", "must match its pattern"),
        ("features/slash_commands/0/description", None, "missing required field: description"),
        ("features/slash_commands/0/usage_hint", "x" * 1001, "less than 1001"),
        ("features/slash_commands", [COMMAND] * 51, "no more than 50"),
        ("features/unfurl_domains", ["a.org"] * 6, "no more than 5"),
        ("features/unfurl_domains", ["https://a.org"], "must match its pattern"),
        ("features/unfurl_domains", None, "link_shared requires unfurl_domains"),
        ("oauth_config/redirect_urls", ["http://a.org"], "must match its pattern"),
        ("oauth_config/scopes/bot", "commands", "must be an array"),
        ("oauth_config/scopes/bot", ["commands"], "link_shared requires scope links:read"),
        ("oauth_config/scopes/bot", ["links:read"], "requires scope commands"),
        ("settings/event_subscriptions/bot_events", ["kettle_boiled"], "unknown event"),
        (
            "settings/event_subscriptions/bot_events",
            ["member_joined_channel"],
            "channels:read or groups:read",
        ),
        ("settings/event_subscriptions/request_url", "http://a.org", "must match its pattern"),
        ("settings/interactivity/is_enabled", None, "missing required field: is_enabled"),
        ("settings/socket_mode_enabled", "no", "must be bool"),
        ("settings/socket_mode_enabled", False, "Event Subscription requires Request URL"),
        ("settings/socket_mode_enabled", False, "Interactivity requires a Request URL"),
        ("settings/socket_mode_enabled", False, "missing required field: url"),
        ("settings", "kettle", "must be an object"),
    ],
)
def test_a_bad_manifest_is_refused(path, value, problem):
    made = changed(path, value)
    assert problem in " ".join(manifest_problems(made))
    with pytest.raises(ValueError, match=r"\[json-pointer:"):
        SlackServer().create_app(made)


async def test_the_token_has_the_manifests_scopes_alone(slack):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=PAPERS, text="x")
    response = caught.value.response
    assert (response["needed"], response["provided"]) == ("chat:write", "commands,links:read,links:write")
    token = slack.world.tokens[slack.world.codes[slack.world.agree()]]
    assert token.scopes == {"commands", "links:read", "links:write"}


async def test_only_what_was_subscribed_to_is_sent(slack):
    unsent = await slack.join("U1ADA", PAPERS)
    assert (await unsent.acked()).acks == 0
    await slack.say("U1ADA", PAPERS, "<@U0BOT> hello")
    assert slack.deliveries == []
    assert [event["type"] for event in slack.withheld] == ["member_joined_channel", "message", "app_mention"]


@pytest.mark.parametrize("missing", [None, "channels:history"])
async def test_each_kind_of_conversation_is_heard_with_its_own_scope(slack, missing):
    slack.app = type(slack.app)(None)
    slack.world.scopes = frozenset({"channels:history", "groups:history", "im:history"} - {missing})
    for channel in (PAPERS, "G1CLOSED", slack.world.direct("U1ADA").id):
        await slack.say("U1ADA", channel, "x")
    heard = [one.payload["event"]["channel_type"] for one in slack.deliveries]
    assert heard == (["group", "im"] if missing else ["channel", "group", "im"])


@pytest.mark.parametrize(
    "deed",
    [
        lambda s: s.command("U1ADA", PAPERS, "/teapot"),
        lambda s: s.shortcut("U1ADA", "boil"),
        lambda s: s.message_action("U1ADA", s.world.posted[0], "brew"),
        lambda s: s.open_home("U1ADA", "messages"),
        lambda s: s.open_home("U1ADA", "about"),
        lambda s: s.say("U1ADA", s.world.direct("U1ADA").id, "x"),
    ],
)
async def test_people_use_what_the_app_has(slack, deed):
    await slack.say("U1ADA", PAPERS, "x")
    await slack.command("U1ADA", PAPERS, "/kettle")
    await slack.message_action("U1ADA", slack.world.posted[0], "boil")
    await slack.open_home("U1ADA")
    with pytest.raises(LookupError):
        await deed(slack)


@pytest.mark.parametrize(
    "deed", [lambda s: s.command("U1ADA", PAPERS, "/kettle"), lambda s: s.shortcut("U1ADA", "boil")]
)
async def test_commands_and_shortcuts_take_a_scope(slack, deed):
    slack.app = type(slack.app)(None)
    slack.world.scopes -= {"commands"}
    with pytest.raises(LookupError):
        await deed(slack)


async def test_the_scopes_that_were_needed_are_known(slack):
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    await slack.say("U1ADA", PAPERS, "https://arxiv.org/abs/1")
    assert slack.world.demanded == {"links:read"}
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.conversations_history(channel=PAPERS)
    await slack.command("U1ADA", PAPERS, "/kettle")
    assert slack.world.demanded == {"links:read", "commands"}
    slack.world.tokens[slack.bot_token].scopes.add("channels:history")
    await client.conversations_history(channel=PAPERS)
    assert slack.world.demanded == {"links:read", "commands", "channels:history"}


@pytest.mark.parametrize(
    ("enabled", "read_only", "may"), [(True, False, True), (True, True, False), (False, False, False)]
)
async def test_people_write_in_the_messages_tab_if_they_may(slack, enabled, read_only, may):
    tab = {"messages_tab_enabled": enabled, "messages_tab_read_only_enabled": read_only}
    slack.create_app(changed("features/app_home", tab))
    direct = slack.world.direct("U1ADA").id
    if may:
        assert await slack.say("U1ADA", direct, "x")
    else:
        with pytest.raises(LookupError):
            await slack.say("U1ADA", direct, "x")


async def test_without_a_home_tab_no_home_is_published(slack):
    slack.create_app(changed("features/app_home", {"home_tab_enabled": False}))
    client = AsyncWebClient(slack.bot_token, base_url=slack.base_url)
    with pytest.raises(SlackApiError, match="not_enabled"):
        await client.views_publish(user_id="U1ADA", view={"type": "home", "blocks": []})


def published_scopes():
    if PUBLISHED is None:
        return []
    topics = json.loads(PUBLISHED.read_text())["topics"]
    named = {name: topics.get(name.replace("_", "."), {}).get("subscribe") for name in EVENTS}
    return [(name, problem["x-scopes-required"]) for name, problem in named.items() if problem]


@pytest.mark.skipif(PUBLISHED is None, reason="Slack's published schema is not here")
@pytest.mark.parametrize(("name", "scopes"), published_scopes())
def test_events_take_the_published_scopes(name, scopes):
    assert sorted(EVENTS[name]) == sorted(scopes) or (name == "app_mention" and not scopes)


@pytest.mark.skipif(PUBLISHED is None, reason="Slack's published schema is not here")
async def test_events_have_the_published_shape():
    async with SlackServer() as slack:
        await everything(slack)
    wrapper = json.loads(PUBLISHED.read_text())["components"]["schemas"]["GenericEventWrapper"]
    kinds = set()
    for one in slack.deliveries:
        kinds.add(one.payload["event"]["type"])
        # Slack no longer sends `authed_users`: `authorizations` has taken its place.
        assert set(wrapper["required"]) - {"authed_users"} <= one.payload.keys()
        assert set(wrapper["properties"]["event"]["required"]) <= one.payload["event"].keys()
    assert kinds == {name.partition(".")[0] for name in EVENTS}
