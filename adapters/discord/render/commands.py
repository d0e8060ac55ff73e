"""Builds Discord's definitions of the commands: https://docs.discord.com/developers/interactions/application-commands.

All are subcommands of `/papers`, so that people find them together.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.discord.limits import COMMANDS_A_GROUP, DESCRIPTION, INPUT_LENGTH
from bot.commands import COMMANDS
from bot.conversation.command import Command
from bot.protocol.arguments import Parameter
from bot.protocol.values import WholeNumber
from bot.protocol.wording import shortened

GROUP, HOME, SAVE_PAPER = "papers", "home", "Save paper"
SUBCOMMAND, STRING, INTEGER = 1, 3, 4
"""Types of options:
https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type."""
SLASH_COMMAND, MESSAGE_COMMAND = 1, 3
"""Types of commands; a message command is in the context menu of a message."""
_EVERYWHERE = {"contexts": [0, 1], "integration_types": [0]}
"""The commands work in guilds and in direct messages with the bot, for an app that a guild installed."""
_ABOUT = "Find, read, vote on and discuss papers with your team"
_HOME = "Your own page: subscriptions, saved papers, and what your team likes"
Translations = Mapping[str, Mapping[str, str]]
"""Discord's locale → English description → its translation."""


def definitions(translations: Translations | None = None) -> list[dict[str, Any]]:
    """Return the definitions of all commands, as the bulk overwrite endpoint takes them."""
    known = translations or {}
    subcommands = [_subcommand(each, known) for each in COMMANDS]
    own_page = {"type": SUBCOMMAND, "name": HOME, **_described(_HOME, known)}
    assert len(subcommands) < COMMANDS_A_GROUP, "Discord takes no more subcommands"
    return [
        {
            "type": SLASH_COMMAND,
            "name": GROUP,
            **_described(_ABOUT, known),
            **_EVERYWHERE,
            "options": [*subcommands, own_page],
        },
        {"type": MESSAGE_COMMAND, "name": SAVE_PAPER, **_EVERYWHERE},
    ]


def equivalent(registered: Sequence[Mapping[str, Any]], defined: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Discord has exactly the defined commands, in any order, ignoring fields that it adds."""

    def by_name(commands: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], Any]:
        return {(each["type"], each["name"]): _normalized(each) for each in commands}

    return by_name(registered) == by_name(defined)


def find_parameter(command: str, option: str) -> Parameter[Any] | None:
    """Return the parameter of a command behind an option; None if there is none."""
    parameters = (each for known in COMMANDS if known.name == command for each in known.parameters)
    return next((each for each in parameters if each.name == option), None)


def _subcommand(command: Command, translations: Translations) -> dict[str, Any]:
    # A form asks for what is missing, so no option of such a command is required.
    options = [_option(each, translations, has_form=command.fill is not None) for each in command.parameters]
    return {
        "type": SUBCOMMAND,
        "name": command.name,
        **_described(command.summary, translations),
        # Discord refuses a required option behind one that isn't.
        "options": sorted(options, key=lambda option: not option.get("required")),
    }


def _option(parameter: Parameter[Any], translations: Translations, *, has_form: bool) -> dict[str, Any]:
    option: dict[str, Any] = {"name": parameter.name, **_described(parameter.description, translations)}
    if isinstance(parameter.read, WholeNumber):
        option |= {"type": INTEGER, "min_value": parameter.read.lowest, "max_value": parameter.read.highest}
    elif parameter.choices:
        option |= {"type": STRING, "choices": [{"name": each, "value": each} for each in parameter.choices]}
    else:
        option |= {"type": STRING, "max_length": INPUT_LENGTH}
    if parameter.required and not has_form:
        option["required"] = True
    if parameter.suggestions is not None:
        option["autocomplete"] = True
    return option


def _described(text: str, translations: Translations) -> dict[str, Any]:
    sentence = text[:1].upper() + text[1:]
    others = {
        language: shortened(known[text], DESCRIPTION)
        for language, known in translations.items()
        if text in known
    }
    described: dict[str, Any] = {"description": shortened(sentence, DESCRIPTION)}
    return {**described, "description_localizations": others} if others else described


_COMPARED = (
    "type",
    "name",
    "description",
    "description_localizations",
    "contexts",
    "integration_types",
    "required",
    "autocomplete",
    "min_value",
    "max_value",
    "max_length",
)


def _normalized(command: Mapping[str, Any]) -> dict[str, Any]:
    """Return the compared fields of a command or an option, without those that have their default."""
    fields = {name: command[name] for name in _COMPARED if command.get(name) not in (None, False, "", [], {})}
    choices = [(each["name"], each["value"]) for each in command.get("choices") or ()]
    return {
        **fields,
        "choices": choices,
        "options": [_normalized(each) for each in command.get("options") or ()],
    }
