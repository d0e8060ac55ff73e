"""Suggestions while somebody types an option."""

from collections.abc import Mapping
from typing import Any

from tests.servers.discord.interactions import Interaction
from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Path, Problems, whole

TEXT, WHOLE, NUMBER = 3, 4, 10


def fits(kind: int, value: Any) -> bool:
    """Whether a value is one of an option's kind."""
    if kind == TEXT:
        return isinstance(value, str)
    return whole(value) or (kind == NUMBER and isinstance(value, float))


def check_choice(one: Any, kind: int, where: Path, problems: Problems) -> None:
    if not problems.is_object(one, where) or not problems.needs(one, ["name", "value"], where):
        return
    problems.string(one, "name", limit("choice.name"), where, least=1)
    if not fits(kind, one["value"]):
        problems.add(
            (*where, "value"),
            "APPLICATION_COMMAND_OPTIONS_CHOICE_TYPE",
            "The value is not of the option's type",
        )
    elif kind == TEXT:
        problems.string(one, "value", limit("choice.value"), where, least=1)


def check_choices(data: Mapping[str, Any], one: Interaction) -> list[dict[str, Any]]:
    """Check the suggestions for the option that is typed just now."""
    problems = Problems()
    problems.needs(data, ["choices"], ("data",))
    choices = problems.items(data, "choices", (0, limit("choices")), ("data",))
    kind = focused(one.data.get("options", []))["type"]
    for number, choice in enumerate(choices):
        check_choice(choice, kind, ("data", "choices", number), problems)
    problems.refuse()
    return choices


def focused(options: list[dict[str, Any]]) -> dict[str, Any]:
    """The option that is typed just now."""
    for option in options:
        if option.get("focused"):
            return option
        if "options" in option and (found := focused(option["options"])):
            return found
    return {}
