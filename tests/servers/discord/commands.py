"""Application commands: https://docs.discord.com/developers/interactions/application-commands."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.discord.choices import NUMBER, TEXT, WHOLE, check_choice, fits
from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Path, Problems, snowflake, whole

SLASH, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
GUILD_INSTALL, USER_INSTALL, PRIVATE_CHANNEL = 0, 1, 2
KINDS = range(1, 12)
PARTICULAR = {
    "choices": {TEXT, WHOLE, NUMBER},
    "autocomplete": {TEXT, WHOLE, NUMBER},
    "min_value": {WHOLE, NUMBER},
    "max_value": {WHOLE, NUMBER},
    "min_length": {TEXT},
    "max_length": {TEXT},
    "channel_types": {7},
    "options": {SUBCOMMAND, GROUP},
}
"""What only options of some kinds may have."""
NAME = re.compile(r"[-_'\w\u0900-\u097F\u0E00-\u0E7F]{1,32}")
LOCALES = frozenset(
    [
        *(
            "id",
            "da",
            "de",
            "en-GB",
            "en-US",
            "es-ES",
            "es-419",
            "fr",
            "hr",
            "it",
            "lt",
            "hu",
            "nl",
            "no",
            "pl",
        ),
        *("pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja"),
        *("zh-TW", "ko"),
    ]
)


@dataclass
class CommandCheck:
    """Everything that a command has to be."""

    problems: Problems
    everywhere: bool = True
    """Whether it is global, and not of one guild."""
    installs: frozenset[int] = frozenset({GUILD_INSTALL})
    """How the app can be installed."""

    def run(self, command: Any, where: Path, *, partial: bool = False) -> None:
        if not self.problems.is_object(command, where):
            return
        kind = command.get("type", SLASH)
        if not self.problems.choice(kind, (SLASH, USER, MESSAGE), (*where, "type")):
            return
        if not partial:
            needed = ["name", "description"] if kind == SLASH else ["name"]
            self.problems.needs(command, needed, where)
        if kind == SLASH:
            self.name(command, where)
            self.described(command, where)
            self.options(command, where, 0)
        else:
            self.menu(command, where)
        self.who(command, where)
        if characters(command) > limit("command.characters"):
            said = f"Command exceeds maximum size ({limit('command.characters')})"
            self.problems.add(where, "APPLICATION_COMMAND_TOO_LARGE", said)

    def menu(self, command: Mapping[str, Any], where: Path) -> None:
        """A command of a menu has a name of any letters, and nothing else to show."""
        self.problems.string(command, "name", limit("command.name"), where, least=1)
        for name in ("description", "options"):
            if command.get(name):
                said = "Context menu commands cannot have " + name
                self.problems.add((*where, name), f"APPLICATION_COMMAND_{name.upper()}_NOT_ALLOWED", said)

    def who(self, command: Mapping[str, Any], where: Path) -> None:
        """For whom and where it is."""
        given = command.get("default_member_permissions")
        if given is not None and snowflake(given) is None:
            self.problems.add(
                (*where, "default_member_permissions"), "NUMBER_TYPE_COERCE", f'Value "{given}" is not int.'
            )
        contexts = self.places(command, "contexts", (0, 1, PRIVATE_CHANNEL), where)
        installs = self.places(command, "integration_types", (GUILD_INSTALL, USER_INSTALL), where)
        self.together(contexts, installs or [GUILD_INSTALL], where)
        self.problems.truth(command, "nsfw", where)
        self.problems.truth(command, "dm_permission", where)

    def places(
        self, command: Mapping[str, Any], name: str, allowed: tuple[int, ...], where: Path
    ) -> list[Any]:
        """Where a command can be used, or to whom the app is installed: each once, and of a global one only.

        https://docs.discord.com/developers/interactions/application-commands#application-command-object, and
        `uniqueItems` in the published description of the API.
        """
        given = self.problems.items(command, name, (1, len(allowed)), where)
        for number, one in enumerate(given):
            at = (*where, name, number)
            self.problems.choice(one, allowed, at)
            if one in given[:number]:
                said = "The set already contains this value."
                self.problems.add(at, "SET_TYPE_ALREADY_CONTAINS_VALUE", said)
        if given and not self.everywhere:
            said = f"{name} can only be set for global commands"
            self.problems.add((*where, name), "APPLICATION_COMMAND_CONTEXTS_NOT_GLOBAL", said)
        return given

    def together(self, contexts: list[Any], installs: list[Any], where: Path) -> None:
        """Contexts and ways to install that go together.

        A way has to be one of the app's, and private channels mean something only where people install it:
        https://docs.discord.com/developers/interactions/application-commands#contexts.
        """
        for number, one in enumerate(installs):
            if one in {GUILD_INSTALL, USER_INSTALL} and one not in self.installs:
                said = "The app does not support this installation context"
                code = "APPLICATION_COMMAND_INTEGRATION_TYPE_UNSUPPORTED"
                self.problems.add((*where, "integration_types", number), code, said)
        if PRIVATE_CHANNEL in contexts and USER_INSTALL not in installs:
            said = "Private channels need the integration type for people"
            number = contexts.index(PRIVATE_CHANNEL)
            self.problems.add((*where, "contexts", number), "APPLICATION_COMMAND_CONTEXT_INVALID", said)

    def name(self, value: Mapping[str, Any], where: Path) -> None:
        self.named(value.get("name"), (*where, "name"))
        for locale, text in self.localized(value, "name_localizations", where):
            self.named(text, (*where, "name_localizations", locale))

    def named(self, text: Any, where: Path) -> None:
        if text is None:
            return
        whole_name = isinstance(text, str) and NAME.fullmatch(text)
        if not whole_name or text != text.lower():
            said = "Command name is invalid"
            self.problems.add(where, "APPLICATION_COMMAND_INVALID_NAME", said)

    def described(self, value: Mapping[str, Any], where: Path) -> None:
        most = limit("command.description")
        self.problems.string(value, "description", most, where, least=1)
        for locale, _ in self.localized(value, "description_localizations", where):
            inside = value["description_localizations"]
            self.problems.string(inside, locale, most, (*where, "description_localizations"), least=1)

    def localized(self, value: Mapping[str, Any], name: str, where: Path) -> Iterator[tuple[str, Any]]:
        given = value.get(name)
        if given is None or not self.problems.is_object(given, (*where, name)):
            return
        assert isinstance(given, dict)
        for locale, text in given.items():
            if locale not in LOCALES:
                said = f"Value must be one of {{{', '.join(sorted(LOCALES))}}}."
                self.problems.add((*where, name, locale), "ENUM_TYPE_COERCE", said)
            else:
                yield locale, text

    def options(self, value: Mapping[str, Any], where: Path, depth: int) -> None:
        """Options of a command, of a group (depth 1) or of a subcommand (depth 2)."""
        options = self.problems.items(value, "options", (0, limit("command.options")), where)
        names: set[Any] = set()
        optional = False
        kinds = set()
        for number, one in enumerate(options):
            at = (*where, "options", number)
            if not self.problems.is_object(one, at) or not self.problems.one_of(one, "type", KINDS, at):
                continue
            self.option(one, at, depth)
            kinds.add(one["type"] in {SUBCOMMAND, GROUP})
            if one.get("name") in names:
                said = "Option names must be unique"
                self.problems.add((*at, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_NOT_UNIQUE", said)
            names.add(one.get("name"))
            if one.get("required") and optional:
                said = "Required options must be placed before non-required options"
                self.problems.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", said)
            optional = optional or (one["type"] not in {SUBCOMMAND, GROUP} and not one.get("required"))
        if len(kinds) > 1:
            said = "Sub-command and sub-command group option types are mutually exclusive to all other types"
            self.problems.add((*where, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)

    def option(self, one: Mapping[str, Any], where: Path, depth: int) -> None:
        kind = one["type"]
        self.problems.needs(one, ["name", "description"], where)
        self.name(one, where)
        self.described(one, where)
        self.problems.truth(one, "required", where)
        allowed = {0: KINDS, 1: (SUBCOMMAND,), 2: KINDS[2:]}[depth]
        if kind not in allowed:
            said = "This option type cannot stand here"
            self.problems.add((*where, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", said)
            return
        for name, kinds in PARTICULAR.items():
            if one.get(name) and kind not in kinds:
                said = f"This option type cannot have {name}"
                self.problems.add((*where, name), "APPLICATION_COMMAND_OPTION_FIELD_NOT_ALLOWED", said)
        if kind == SUBCOMMAND:
            self.options(one, where, 2)
        elif kind == GROUP:
            self.problems.needs(one, ["options"], where)
            self.options(one, where, 1)
        else:
            self.value(one, where)

    def value(self, one: Mapping[str, Any], where: Path) -> None:
        """What an option takes."""
        self.problems.truth(one, "autocomplete", where)
        most = limit("option.length")
        self.problems.number(one, "min_length", (0, most), where)
        self.problems.number(one, "max_length", (1, most), where)
        if one["type"] == WHOLE:
            for name in ("min_value", "max_value"):
                self.problems.number(one, name, (-(2**53), 2**53), where)
        for kind in ("value", "length"):
            self.ordered(one, f"min_{kind}", f"max_{kind}", where)
        choices = self.problems.items(one, "choices", (0, limit("choices")), where)
        names: set[Any] = set()
        for number, choice in enumerate(choices if one["type"] in PARTICULAR["choices"] else []):
            at = (*where, "choices", number)
            check_choice(choice, one["type"], at, self.problems)
            if isinstance(choice, dict) and choice.get("name") in names:
                said = "Choice names must be unique"
                self.problems.add(at, "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_NOT_UNIQUE", said)
            names.add(choice.get("name") if isinstance(choice, dict) else None)
        if choices and one.get("autocomplete"):
            said = "An option with choices cannot be completed"
            self.problems.add((*where, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", said)

    def ordered(self, one: Mapping[str, Any], least: str, most: str, where: Path) -> None:
        """The least that an option takes is not above the most: there would be nothing to give it.

        https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-structure
        """
        bounds = one.get(least), one.get(most)
        if all(fits(NUMBER, each) for each in bounds) and bounds[0] > bounds[1]:  # type: ignore[operator] # numbers
            said = f"{least} must not be above {most}"
            self.problems.add((*where, least), "APPLICATION_COMMAND_OPTIONS_MIN_ABOVE_MAX", said)


def characters(value: Mapping[str, Any]) -> int:
    """How long all names, descriptions and values are together, in their longest language."""
    longest = 0
    for name in ("name", "description"):
        texts = [value.get(name), *(value.get(f"{name}_localizations") or {}).values()]
        longest += max((len(text) for text in texts if isinstance(text, str)), default=0)
    longest += len(value["value"]) if isinstance(value.get("value"), str) else 0
    inside = [*(value.get("options") or []), *(value.get("choices") or [])]
    return longest + sum(characters(one) for one in inside if isinstance(one, dict))


def check_set(commands: list[Any], problems: Problems, where: Path = ()) -> None:
    """Check commands that stand together: how many, and that each name of a kind is there once."""
    most = {SLASH: "slash", USER: "user", MESSAGE: "message"}
    seen: dict[int, set[Any]] = {kind: set() for kind in most}
    for number, one in enumerate(commands):
        kind = one.get("type", SLASH) if isinstance(one, dict) else None
        if not whole(kind) or kind not in seen:
            continue
        if one.get("name") in seen[kind]:
            said = "Application command names must be unique"
            problems.add((*where, number), "APPLICATION_COMMANDS_DUPLICATE_NAME", said)
        seen[kind].add(one.get("name"))
    for kind, name in most.items():
        if len(seen[kind]) > limit(f"commands.{name}"):
            said = f"Must be {limit(f'commands.{name}')} or fewer in length."
            problems.add(where, "BASE_TYPE_MAX_LENGTH", said)
