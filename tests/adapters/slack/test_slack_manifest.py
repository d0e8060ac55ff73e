import pytest

from adapters.slack.inbound.events import parse_event
from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES, UNFURL_DOMAINS, manifest
from adapters.slack.render.text import COMMAND
from bot.commands import COMMANDS
from tests.servers.slack.apps import manifest_problems
from tests.servers.slack.events import EVENTS, name_of
from tests.servers.slack.server import SlackServer
from tests.servers.slack.story import everything
from tests.servers.slack.views import BOT_USER

ADDRESS = "https://papers.example.org"


def addresses(value):
    """Every address in a manifest."""
    if isinstance(value, dict):
        return [found for each in value.values() for found in addresses(each)]
    if isinstance(value, list):
        return [found for each in value for found in addresses(each)]
    return [value] if str(value).startswith("http") else []


@pytest.mark.parametrize("url", ["", ADDRESS, ADDRESS + "/"])
def test_slack_takes_the_manifest(url):
    assert manifest_problems(manifest(url)) == []


def test_socket_mode_needs_no_address():
    made = manifest()
    assert addresses(made) == []
    assert made["settings"]["socket_mode_enabled"] is True


def test_over_http_everything_has_its_address():
    made = manifest(ADDRESS + "/")
    assert made["settings"]["socket_mode_enabled"] is False
    assert set(addresses(made)) == {ADDRESS + "/slack/events", ADDRESS + "/slack/oauth_redirect"}
    assert made["oauth_config"]["redirect_urls"] == [ADDRESS + "/slack/oauth_redirect"]


def test_the_command_is_told_from_the_table():
    (command,) = manifest()["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["usage_hint"].split(" | ") == [each.name for each in COMMANDS]


def test_lists_hold_nothing_twice():
    for names in (BOT_SCOPES, BOT_EVENTS, UNFURL_DOMAINS):
        assert len(set(names)) == len(names)
    assert list(BOT_SCOPES) == sorted(BOT_SCOPES)


async def test_what_is_subscribed_to_is_what_means_something():
    async with SlackServer() as slack:
        await everything(slack)
    happened = {name_of(one.payload["event"]) for one in slack.deliveries}
    handled = {
        name_of(one.payload["event"])
        for one in slack.deliveries
        if parse_event(one.payload, BOT_USER) is not None
    }
    assert happened == set(EVENTS)
    assert handled == set(BOT_EVENTS)
