import json

import pytest

from adapters.discord.limits import COMMANDS_A_GROUP
from adapters.discord.render.commands import (
    GROUP,
    HOME,
    INTEGER,
    MESSAGE_COMMAND,
    SAVE_PAPER,
    STRING,
    definitions,
    equivalent,
    find_parameter,
)
from bot.commands import COMMANDS
from bot.protocol.arguments import SuggestionKind
from tests.servers.discord.commands import CommandCheck, check_set
from tests.servers.discord.openapi import ABSENT, Published, file
from tests.servers.discord.problems import Problems

GERMAN = {"de": {"Find papers by meaning and by word": "Papiere nach Sinn und Wort finden"}}


def subcommands(commands=None):
    (group,) = [each for each in commands or definitions() if each["name"] == GROUP]
    return {each["name"]: each for each in group["options"]}


def options(command):
    return {each["name"]: each for each in subcommands()[command]["options"]}


def test_every_command_is_a_subcommand_and_there_is_room_for_them():
    assert list(subcommands()) == [*(command.name for command in COMMANDS), HOME]
    assert len(subcommands()) <= COMMANDS_A_GROUP


def test_discord_takes_them():
    problems = Problems()
    for commands in (definitions(), definitions(GERMAN)):
        for command in commands:
            CommandCheck(problems).run(command, ())
        check_set(commands, problems)
    assert problems.found == []


def test_they_are_as_discord_publishes_them():
    place = file()
    if place is None:
        pytest.skip(ABSENT)
    route = "PUT /applications/{application_id}/commands"
    assert Published.read(place).body_problems(route, definitions(GERMAN)) == []


def test_options_have_types_choices_and_suggestions():
    assert options("subscribe")["top"] | {"description": ""} == {
        "name": "top",
        "description": "",
        "type": INTEGER,
        "min_value": 1,
        "max_value": 20,
    }
    assert [each["value"] for each in options("vote")["value"]["choices"]] == ["up", "down", "none"]
    assert [each["value"] for each in options("search")["is"]["choices"]] == ["discussed", "unread"]
    completed = {
        (command, name)
        for command, definition in subcommands().items()
        for name, option in ((each["name"], each) for each in definition.get("options", ()))
        if option.get("autocomplete")
    }
    assert {("show", "paper"), ("subscribe", "topic"), ("unsubscribe", "topic")} <= completed
    assert {("subscribe", "tz"), ("settings", "tz"), ("subscriptions", "pause")} <= completed
    assert options("subscriptions")["pause"]["type"] == INTEGER
    assert options("search")["query"]["type"] == STRING


def test_what_is_required_comes_first_and_what_a_form_asks_for_is_not():
    assert next(iter(options("search"))) == "query"
    assert options("search")["query"]["required"]
    assert "required" not in options("subscribe")["topic"]


def test_descriptions_can_be_in_further_languages():
    assert "description_localizations" not in subcommands()["search"]
    translated = subcommands(definitions(GERMAN))["search"]
    assert translated["description_localizations"] == {"de": "Papiere nach Sinn und Wort finden"}


def test_a_message_has_a_command_that_saves_its_paper():
    (menu,) = [each for each in definitions() if each["type"] == MESSAGE_COMMAND]
    assert menu["name"] == SAVE_PAPER
    assert "description" not in menu


def registered(commands):
    """Commands as Discord gives them back: with ids, and with what was left out."""
    extra = {"id": "1", "application_id": "2", "version": "3", "nsfw": False, "dm_permission": True}
    return [
        {"description": "", "default_member_permissions": None, "options": [], **extra, **each}
        for each in json.loads(json.dumps(commands))
    ]


def test_what_discord_adds_by_itself_is_no_change():
    assert equivalent(registered(definitions()), definitions())
    assert equivalent(list(reversed(registered(definitions()))), definitions())


def change_summary(commands):
    commands[0]["options"][0]["description"] = "Something else"


def drop_option(commands):
    commands[0]["options"][0]["options"].pop()


def drop_command(commands):
    commands.pop()


def change_choice(commands):
    (top,) = [each for each in commands[0]["options"] if each["name"] == "top"]
    top["options"][0]["choices"][0]["name"] = "fortnight"


def require(commands):
    (subscribe,) = [each for each in commands[0]["options"] if each["name"] == "subscribe"]
    subscribe["options"][0]["required"] = True


@pytest.mark.parametrize("change", [change_summary, drop_option, drop_command, change_choice, require])
def test_whatever_is_changed_is_noticed(change):
    changed = registered(definitions())
    change(changed)
    assert not equivalent(changed, definitions())
    assert not equivalent([], definitions())


def test_options_lead_back_to_their_parameters():
    found = find_parameter("show", "paper")
    assert found is not None
    assert found.suggestions is SuggestionKind.PAPER
    assert find_parameter("show", "nothing") is None
    assert find_parameter("nothing", "paper") is None
