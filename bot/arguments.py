"""The one place in which a command's arguments are read, whatever surface they were typed on.

The grammar: words, `"several words"` in quotes, and `key:value` (a leading `+` is allowed, as in
`+cat:cs.CL`). Words that belong to no key go to the command's positional parameters, whose own names
may stand before them (`topic:mixture of experts`).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from bot.errors import UserError

T = TypeVar("T")

_LONGEST = 2000
_ECHOED = 60
_TOKEN = re.compile(r'(?:"[^"]*"|[^\s"])+')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


class Suggested(StrEnum):
    """What may be suggested to somebody who types a value."""

    PAPER = "paper"
    TOPIC = "topic"
    SUBSCRIPTION = "subscription"
    TIMEZONE = "timezone"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Generic[T]):
    """One argument of a command: how it is called, read and explained.

    `read` turns text into a value and raises ValueError with what it would have liked to see.
    A positional parameter takes the words that no key names. Where there are several, each but the last takes
    one word, or several in quotes. With `choices`, it takes only one of these words, or of the other ways to
    write them that are in `also`.
    One that is `listed` may be given several times, and is read with commas between.
    In a form it has a `label`, and `blank` is what an empty field stands for.
    """

    name: str
    read: Callable[[str], T]
    meaning: str
    example: str
    required: bool = False
    positional: bool = False
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    listed: bool = False
    label: str = ""
    blank: str = ""
    suggested: Suggested | None = None

    @property
    def usage(self) -> str:
        """How it is written: `PAPER`, `[up|down]`, `[min:3]`."""
        if self.positional:
            written = "|".join(self.choices) if self.choices else self.name.upper()
        else:
            written = f"{self.name}:{self.example}"
        return written if self.required else f"[{written}]"


class Arguments:
    """Values by the parameter that they belong to."""

    def __init__(self, values: Mapping[Parameter[Any], object], text: str) -> None:
        """Take values that were read by their own parameters, and the text they came from."""
        self._values = values
        self.text = text

    def get(self, parameter: Parameter[T]) -> T | None:
        """Give a value, None where it was not given."""
        return cast("T | None", self._values.get(parameter))

    def need(self, parameter: Parameter[T]) -> T:
        """Give the value of a required parameter."""
        return cast("T", self._values[parameter])


def split_command(text: str) -> tuple[str, str]:
    """Split a line into the command's name, in lower case, and the rest."""
    name, *rest = text.split(maxsplit=1) or [""]
    return name.lower(), "".join(rest).strip()


def cut(text: str) -> str:
    """Shorten what somebody typed, for saying it back."""
    return text if len(text) <= _ECHOED else f"{text[: _ECHOED - 1].rstrip()}…"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Give ` Did you mean “…”?` for a word that is nearly a known one, else nothing."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def read_arguments(
    given: str | Mapping[str, str], parameters: Sequence[Parameter[Any]], usage: str
) -> Arguments:
    """Read a command's arguments, from text or from a platform's typed options.

    Raises:
        UserError: something is missing, unknown or not of its kind; the text says what to write instead.

    """
    if isinstance(given, str):
        raw = _from_text(given, parameters, usage)
        text = given
    else:
        raw = dict(given)
        text = _as_text(raw, parameters)
    values: dict[Parameter[Any], object] = {}
    for parameter in parameters:
        if parameter.name in raw:
            values[parameter] = _read(parameter, raw[parameter.name])
        elif parameter.required:
            said = f"Please say {parameter.meaning}. It goes like this: `{usage}`"
            raise UserError(said, parameter.name)
    return Arguments(values, text)


def _read(parameter: Parameter[T], raw: str) -> T:
    try:
        return parameter.read(raw)
    except ValueError as error:
        raise UserError(f"“{cut(raw)}” does not fit {parameter.name}: {error}", parameter.name) from None


def _from_text(text: str, parameters: Sequence[Parameter[Any]], usage: str) -> dict[str, str]:
    if len(text) > _LONGEST:
        raise UserError(f"That is longer than {_LONGEST} characters. Please say it in fewer words.")
    keyed = {each.name: each for each in parameters if not each.positional}
    places = {each.name for each in parameters if each.positional}
    raw: dict[str, str] = {}
    words: list[str] = []
    for token, quoted in _tokens(text):
        key, colon, value = token.removeprefix("+").partition(":")
        key = key.lower()
        if quoted or not colon:
            words.append(token)
        elif key in places and value:
            words.append(value)
        elif key in keyed:
            raw[key] = _joined(keyed[key], raw.get(key), value, usage)
        else:
            if value and not value.startswith("//"):
                _refuse_misspelt(key, keyed)
            words.append(token)
    return raw | _place(words, [each for each in parameters if each.positional], usage)


def _joined(parameter: Parameter[Any], before: str | None, value: str, usage: str) -> str:
    if not value:
        raise UserError(
            f"`{parameter.name}:` needs a value right behind the colon. It goes like this: `{usage}`"
        )
    if before is None:
        return value
    if not parameter.listed:
        raise UserError(f"`{parameter.name}:` is there twice. Please say it once.")
    return f"{before},{value}"


def _refuse_misspelt(key: str, keyed: Collection[str]) -> None:
    near = get_close_matches(key, keyed, n=1, cutoff=0.7)
    if near:
        raise UserError(f"There is no “{cut(key)}:” here. Did you mean “{near[0]}:”?")


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Split into words, and say of each whether it begins with a quotation mark."""
    text = text.translate(_QUOTES)
    if text.count('"') % 2:
        raise UserError('A quotation mark has no partner. Please close it: "like this".')
    return [(token.replace('"', ""), token.startswith('"')) for token in _TOKEN.findall(text)]


def _place(words: list[str], positional: Sequence[Parameter[Any]], usage: str) -> dict[str, str]:
    placed: dict[str, str] = {}
    chosen = [each for each in positional if each.choices]
    free = [each for each in positional if not each.choices]
    for parameter in chosen:
        fitting = {*parameter.choices, *parameter.also}
        index = next((i for i in (-1, 0) if words and words[i].lower() in fitting), None)
        if index is not None:
            placed[parameter.name] = words.pop(index).lower()
    for parameter in free[:-1]:
        if words:
            placed[parameter.name] = words.pop(0)
    if words and free:
        placed[free[-1].name] = " ".join(words)
    elif words:
        known = [choice for each in chosen for choice in each.choices]
        near = did_you_mean(words[0], known)
        raise UserError(f"“{cut(words[0])}” means nothing here.{near} It goes like this: `{usage}`")
    return placed


def _as_text(raw: Mapping[str, str], parameters: Sequence[Parameter[Any]]) -> str:
    parts = []
    for parameter in parameters:
        if parameter.name in raw:
            value = raw[parameter.name].replace('"', "")
            parts.append(f'"{value}"' if parameter.positional else f'{parameter.name}:"{value}"')
    return " ".join(parts)
