"""The table of commands as Discord's own: https://docs.discord.com/developers/interactions/application-commands.

All are one command with a subcommand each, so that they stand together wherever people type `/`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.discord.limits import COMMANDS_A_GROUP, DESCRIPTION, WRITTEN
from bot.commands import COMMANDS
from bot.conversation.command import Command
from bot.protocol.arguments import Parameter
from bot.protocol.values import WholeNumber
from bot.protocol.wording import shortened

GROUP, HOME, SAVE_PAPER = "papers", "home", "Save paper"
SUBCOMMAND, TEXT, WHOLE = 1, 3, 4
"""Kinds of options."""
SLASH, MENU = 1, 3
"""Kinds of commands: typed, and in the menu of a message."""
_EVERYWHERE = {"contexts": [0, 1], "integration_types": [0]}
"""In guilds and in direct messages with the bot."""
_ABOUT = "Find, read, vote on and discuss papers with your team"
_HOME = "Your own page: subscriptions, saved papers, and what your team likes"
Translations = Mapping[str, Mapping[str, str]]
"""By Discord's name of a language, what descriptions are in it, by what they are in English."""


def wanted(translations: Translations | None = None) -> list[dict[str, Any]]:
    """Make all commands, described in further languages where there are translations."""
    known = translations or {}
    subcommands = [_subcommand(each, known) for each in COMMANDS]
    own_page = {"type": SUBCOMMAND, "name": HOME, **_described(_HOME, known)}
    assert len(subcommands) < COMMANDS_A_GROUP, "Discord takes no more in a group"
    return [
        {
            "type": SLASH,
            "name": GROUP,
            **_described(_ABOUT, known),
            **_EVERYWHERE,
            "options": [*subcommands, own_page],
        },
        {"type": MENU, "name": SAVE_PAPER, **_EVERYWHERE},
    ]


def same(registered: Sequence[Mapping[str, Any]], wanted_: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what Discord holds is what is wanted, in whatever order and whatever it adds by itself."""

    def by_name(commands: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], Any]:
        return {(each["type"], each["name"]): _bare(each) for each in commands}

    return by_name(registered) == by_name(wanted_)


def parameter_of(command: str, option: str) -> Parameter[Any] | None:
    """Give the parameter behind an option."""
    found = (each for known in COMMANDS if known.name == command for each in known.parameters)
    return next((each for each in found if each.name == option), None)


def _subcommand(command: Command, translations: Translations) -> dict[str, Any]:
    """Make a subcommand; what a form can ask for need not be given."""
    options = [_option(each, translations, asked=command.fill is not None) for each in command.parameters]
    return {
        "type": SUBCOMMAND,
        "name": command.name,
        **_described(command.summary, translations),
        "options": sorted(options, key=lambda option: not option.get("required")),
    }


def _option(parameter: Parameter[Any], translations: Translations, *, asked: bool) -> dict[str, Any]:
    option: dict[str, Any] = {"name": parameter.name, **_described(parameter.description, translations)}
    if isinstance(parameter.read, WholeNumber):
        option |= {"type": WHOLE, "min_value": parameter.read.lowest, "max_value": parameter.read.highest}
    elif parameter.choices:
        option |= {"type": TEXT, "choices": [{"name": each, "value": each} for each in parameter.choices]}
    else:
        option |= {"type": TEXT, "max_length": WRITTEN}
    if parameter.required and not asked:
        option["required"] = True
    if parameter.suggestions is not None:
        option["autocomplete"] = True
    return option


def _described(text: str, translations: Translations) -> dict[str, Any]:
    said = text[:1].upper() + text[1:]
    others = {
        language: shortened(known[text], DESCRIPTION)
        for language, known in translations.items()
        if text in known
    }
    described: dict[str, Any] = {"description": shortened(said, DESCRIPTION)}
    return {**described, "description_localizations": others} if others else described


_KEPT = (
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


def _bare(command: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of a command or an option, with nothing that is as if it were not there."""
    bare = {name: command[name] for name in _KEPT if command.get(name) not in (None, False, "", [], {})}
    choices = [(each["name"], each["value"]) for each in command.get("choices") or ()]
    return {**bare, "choices": choices, "options": [_bare(each) for each in command.get("options") or ()]}
