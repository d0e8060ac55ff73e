import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack.samples import actions, button, entry, modal
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import Channel, Person

PAPERS, SHARED, EVE = "C1PAPERS", "C4SHARED", "U3EVE"


@pytest.fixture
async def slack():
    async with SlackServer(echoes=False) as server:
        members = {"U0BOT", "U1ADA", EVE}
        server.world.people[EVE] = Person(EVE, "eve", team="T9ELSE")
        server.world.channels[SHARED] = Channel(SHARED, "shared", members=members, shared=True)
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


def bodies(slack):
    return [one.payload for one in slack.deliveries]


async def test_a_shared_channel_tells_that_it_is(slack, client):
    await slack.say("U1ADA", PAPERS, "x")
    await slack.say("U1ADA", SHARED, "x")
    assert [body["is_ext_shared_channel"] for body in bodies(slack)] == [False, True]
    assert (await client.conversations_info(channel=SHARED))["channel"]["is_ext_shared"] is True


async def test_what_others_write_is_of_their_team_and_for_this_installation(slack):
    message = await slack.say(EVE, SHARED, "<@U0BOT> hello")
    await slack.react(EVE, message, "+1")
    written, mention, reaction = bodies(slack)
    assert (written["team_id"], written["context_team_id"]) == ("T9ELSE", "T0TEAM")
    assert (written["event"]["team"], written["event"]["user_team"]) == ("T9ELSE", "T9ELSE")
    assert (mention["team_id"], mention["event"]["team"]) == ("T0TEAM", "T0TEAM")
    assert mention["event"]["source_team"] == "T9ELSE"
    assert (reaction["team_id"], reaction["is_ext_shared_channel"]) == ("T0TEAM", True)
    for body in (written, mention, reaction):
        (authorization,) = body["authorizations"]
        assert (authorization["team_id"], authorization["is_enterprise_install"]) == ("T0TEAM", False)


async def test_others_press_buttons_and_send_forms(slack, client):
    await client.chat_postMessage(channel=SHARED, text="x", blocks=[actions(button())])
    pressed = (await slack.press(EVE, slack.messages(SHARED)[0], "kettle")).payload
    assert (pressed["team"]["id"], pressed["user"]["team_id"]) == ("T0TEAM", "T9ELSE")
    opened = await client.views_open(trigger_id=pressed["trigger_id"], view=modal(entry()))
    view = slack.world.views[opened["view"]["id"]]
    sent = (await slack.submit(view, {"kettle": "x"})).payload
    assert (sent["team"]["id"], sent["view"]["app_installed_team_id"]) == ("T9ELSE", "T0TEAM")


async def test_others_have_neither_commands_nor_shortcuts(slack):
    message = await slack.say(EVE, SHARED, "x")
    for deed in (
        slack.command(EVE, SHARED, "/papers"),
        slack.shortcut(EVE, "find"),
        slack.message_action(EVE, message, "save"),
    ):
        with pytest.raises(LookupError):
            await deed


async def test_of_others_little_is_known(client):
    user = (await client.users_info(user=EVE))["user"]
    assert (user["team_id"], user["is_stranger"]) == ("T9ELSE", True)
    assert "is_admin" not in user


@pytest.mark.parametrize("org_wide", [False, True])
async def test_a_workspace_of_an_organisation(slack, client, org_wide):
    slack.world.join_organisation("E0ORG", org_wide=org_wide)
    await slack.say("U1ADA", PAPERS, "x")
    command = (await slack.command("U1ADA", PAPERS, "/papers")).payload
    opened = await client.views_open(trigger_id=command["trigger_id"], view=modal(entry()))
    sent = (await slack.submit(slack.world.views[opened["view"]["id"]], {"kettle": "x"})).payload
    (event, *_) = bodies(slack)
    assert (event["team_id"], event["enterprise_id"], event["context_enterprise_id"]) == (
        "T0TEAM",
        "E0ORG",
        "E0ORG",
    )
    (authorization,) = event["authorizations"]
    assert authorization["enterprise_id"] == "E0ORG"
    assert (authorization["team_id"], authorization["is_enterprise_install"]) == (
        None if org_wide else "T0TEAM",
        org_wide,
    )
    assert (command["enterprise_id"], command["is_enterprise_install"]) == ("E0ORG", str(org_wide).lower())
    assert command["team_id"] == "T0TEAM"
    assert (sent["enterprise"]["id"], sent["is_enterprise_install"]) == ("E0ORG", org_wide)
    assert sent["user"]["team_id"] == "T0TEAM"
    assert sent["view"]["app_installed_team_id"] == ("E0ORG" if org_wide else "T0TEAM")
    if org_wide:
        assert sent["team"] is None
    else:
        assert (sent["team"]["id"], sent["team"]["enterprise_id"]) == ("T0TEAM", "E0ORG")
    tested = await client.auth_test()
    assert (tested["team_id"], tested["is_enterprise_install"]) == (
        "E0ORG" if org_wide else "T0TEAM",
        org_wide,
    )


async def test_a_workspace_of_its_own_names_no_organisation(slack):
    await slack.say("U1ADA", PAPERS, "x")
    command = (await slack.command("U1ADA", PAPERS, "/papers")).payload
    (event, *_) = bodies(slack)
    assert "enterprise_id" not in event.keys() | command.keys()
    assert command["is_enterprise_install"] == "false"
    assert (await slack.shortcut("U1ADA", "find")).payload["enterprise"] is None


async def test_a_group_of_people_is_a_conversation_of_its_own(slack):
    slack.world.channels["G5GROUP"] = Channel("G5GROUP", "mpdm-ada--ben-1", "mpim", {"U0BOT", "U1ADA"})
    await slack.say("U1ADA", "G5GROUP", "x")
    assert bodies(slack)[0]["event"]["channel_type"] == "mpim"
