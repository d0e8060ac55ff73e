"""The operations that programs can call, made from the table of commands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from bot.conversation.command import Command, ForPrograms
from bot.conversation.parameters import PAGE
from bot.domain.errors import UserError
from bot.protocol.arguments import Parameter, cut, did_you_mean
from bot.protocol.values import WholeNumber

CHANNEL = "channel"
"""The argument that names a channel. No command has a parameter of this name."""
LONGEST_ARGUMENT = 2000
_NOT_FOR_VISITORS: Mapping[str, frozenset[str]] = {
    "search": frozenset({"is"}),
    "show": frozenset(),
    "summarize": frozenset({"full"}),
    "related": frozenset({"kind"}),
    "trending": frozenset(),
    "help": frozenset(),
}
"""The commands that need no token, and the parameters that do: these ask other servers, or for a team."""
_DIGITS = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Operation:
    """A command as a program calls it. `changes`: it needs the scope `write`."""

    command: Command
    changes: bool
    parameters: tuple[Parameter[Any], ...]

    @property
    def name(self) -> str:
        """The command's name."""
        return self.command.name

    @property
    def open(self) -> bool:
        """Whether visitors without a token may call it."""
        return not self.changes and self.name in _NOT_FOR_VISITORS

    def open_to_visitors(self, arguments: Mapping[str, str]) -> bool:
        """Whether a visitor may call it with these arguments."""
        return self.open and not arguments.keys() & _NOT_FOR_VISITORS[self.name]


def operations(commands: Sequence[Command]) -> tuple[Operation, ...]:
    """Return the operations of a table of commands."""
    return tuple(operation for each in commands for operation in _operations_of(each))


def _operations_of(command: Command) -> Iterator[Operation]:
    match command.programs:
        case ForPrograms.NOTHING:
            return
        case ForPrograms.READS:
            yield Operation(command, changes=False, parameters=command.parameters)
        case ForPrograms.WRITES:
            yield Operation(command, changes=True, parameters=command.parameters)
        case ForPrograms.BOTH:
            pages = tuple(each for each in command.parameters if each is PAGE)
            others = tuple(each for each in command.parameters if each is not PAGE)
            yield Operation(command, changes=False, parameters=pages)
            yield Operation(command, changes=True, parameters=others)
        case _:
            assert_never(command.programs)


def parameter_schema(parameter: Parameter[Any]) -> dict[str, Any]:
    """Return the JSON Schema of a parameter's values."""
    if isinstance(parameter.read, WholeNumber):
        return {"type": "integer", "minimum": parameter.read.lowest, "maximum": parameter.read.highest}
    if parameter.choices:
        return {"type": "string", "enum": list(parameter.choices)}
    return {"type": "string", "minLength": 1, "maxLength": LONGEST_ARGUMENT}


CHANNEL_SCHEMA: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_ARGUMENT}
CHANNEL_DESCRIPTION = "a channel that you may read, by its name or id; without it, your own direct messages"


def arguments_schema(operation: Operation, *, channel: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of all arguments, as one object."""
    properties = {
        each.name: {**parameter_schema(each), "description": described(each)} for each in operation.parameters
    }
    if channel:
        properties[CHANNEL] = {**CHANNEL_SCHEMA, "description": CHANNEL_DESCRIPTION}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required := [each.name for each in operation.parameters if each.required]:
        schema["required"] = required
    return schema


def described(parameter: Parameter[Any]) -> str:
    """Describe a parameter with an example."""
    return f"{parameter.description}; such as {parameter.example}"


def arguments_from(operation: Operation, given: Mapping[str, object]) -> tuple[dict[str, str], str]:
    """Return the command's arguments as text, and the channel, empty if none is named.

    Raises:
        UserError: an argument is unknown, or not of its kind.

    """
    known = {each.name: each for each in operation.parameters}
    read = {}
    for name, value in given.items():
        if name not in known and name != CHANNEL:
            near = did_you_mean(name, [*known, CHANNEL])
            raise UserError(f"There is no parameter “{cut(name)}”.{near}", name)
        read[name] = _as_text(name, known.get(name), value)
    return read, read.pop(CHANNEL, "")


def _as_text(name: str, parameter: Parameter[Any] | None, value: object) -> str:
    numeric = parameter is not None and isinstance(parameter.read, WholeNumber)
    if numeric and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        raise UserError(f"{name} takes {'a whole number' if numeric else 'a text'}.", name)
    if len(value) > LONGEST_ARGUMENT:
        raise UserError(f"{name} takes at most {LONGEST_ARGUMENT} characters.", name)
    if numeric and not _DIGITS.fullmatch(value):
        raise UserError(f"“{cut(value)}” does not fit {name}: it takes a whole number.", name)
    if parameter is not None and parameter.choices and value not in parameter.choices:
        raise UserError(
            f"“{cut(value)}” does not fit {name}: it takes {' or '.join(parameter.choices)}.", name
        )
    return value
