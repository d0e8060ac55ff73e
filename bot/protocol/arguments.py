"""Parses the arguments of commands, the same way for every surface.

The grammar: words, `"several words"` in quotes, and `key:value` (a leading `+` is allowed, as in
`+cat:cs.CL`). Words without a key go to the command's positional parameters, whose own names
may be written before them (`topic:mixture of experts`).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from bot.domain.errors import UserError

T = TypeVar("T")

_LONGEST = 2000
_ECHOED = 60
_TOKEN = re.compile(r'(?:"[^"]*"|[^\s"])+')
_OPERATOR = re.compile(
    r"(?P<out>-{1,2}[^\W\d_].*)|\+?(?P<key>[^\W\d_]+)(?P<sign>[:=])(?P<value>.*)", re.DOTALL
)
_MISSPELT = 5
"""A word of at least this many letters, one edit away from an operator, is taken for a typo."""
_SEARCHING = frozenset(
    {"author", "by", "cat", "discussed", "has", "in", "is", "org", "saved", "venue", "year"}
)
"""Operators of other search tools. They are refused even with a space behind the colon."""
OPERATORS = _SEARCHING | {
    "address",
    "at",
    "changes",
    "code",
    "command",
    "confirm",
    "days",
    "every",
    "full",
    "kind",
    "layout",
    "link",
    "links",
    "min",
    "page",
    "paper",
    "pause",
    "period",
    "query",
    "question",
    "renew",
    "resume",
    "say",
    "scopes",
    "sentences",
    "since",
    "switch",
    "title",
    "token",
    "top",
    "topic",
    "trending",
    "tz",
    "until",
    "value",
}
"""The keys of all commands. A command refuses those that it does not have."""
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


class SuggestionKind(StrEnum):
    """What kind of values to suggest while a person types."""

    PAPER = "paper"
    TOPIC = "topic"
    SUBSCRIPTION = "subscription"
    TIMEZONE = "timezone"
    COMMAND = "command"
    PERIOD = "period"


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Generic[T]):
    """One argument of a command: its name, parser and description.

    `read` parses text; its ValueError says what would be valid.
    A `positional` parameter takes the words without a key. If there are several, each but the last takes one
    word, or several in quotes. With `choices`, it takes only one of these words or of their `aliases`.
    The values of a `repeatable` parameter are joined with commas before they are parsed.
    `label` is its name in a form, and `blank` is the text that an empty form field stands for.
    """

    name: str
    read: Callable[[str], T]
    description: str
    example: str
    required: bool = False
    positional: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    repeatable: bool = False
    label: str = ""
    blank: str = ""
    suggestions: SuggestionKind | None = None

    @property
    def usage(self) -> str:
        """How to write it: `PAPER`, `[up|down]`, `[min:3]`."""
        if self.positional:
            written = "|".join(self.choices) if self.choices else self.name.upper()
        else:
            written = f"{self.name}:{self.example}"
        return written if self.required else f"[{written}]"


class Arguments:
    """Parsed values, by parameter."""

    def __init__(self, values: Mapping[Parameter[Any], object], text: str) -> None:
        self._values = values
        self.text = text

    def get(self, parameter: Parameter[T]) -> T | None:
        """Return a value; None if it was not given."""
        return cast("T | None", self._values.get(parameter))

    def need(self, parameter: Parameter[T]) -> T:
        """Return the value of a required parameter."""
        return cast("T", self._values[parameter])


def split_command(text: str) -> tuple[str, str]:
    """Split a line into the command's name, in lower case, and the rest."""
    name, *rest = text.split(maxsplit=1) or [""]
    return name.lower(), "".join(rest).strip()


def cut(text: str) -> str:
    """Shorten a person's input for an error message."""
    return text if len(text) <= _ECHOED else f"{text[: _ECHOED - 1].rstrip()}…"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return ` Did you mean “…”?` if the word resembles a known one, else an empty string."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def read_arguments(
    given: str | Mapping[str, str], parameters: Sequence[Parameter[Any]], usage: str
) -> Arguments:
    """Parse a command's arguments, from text or from a platform's typed options.

    Raises:
        UserError: an argument is missing, unknown or invalid. The text says what to write instead.

    """
    if isinstance(given, str):
        raw = _from_text(given, parameters, usage)
        text = given
    else:
        raw = dict(given)
        _refuse_operators_in(raw, parameters, usage)
        text = _as_text(raw, parameters)
    values: dict[Parameter[Any], object] = {}
    for parameter in parameters:
        if parameter.name in raw:
            values[parameter] = _read(parameter, raw[parameter.name])
        elif parameter.required:
            text = f"Please say {parameter.description}. It goes like this: `{usage}`"
            raise UserError(text, parameter.name)
    return Arguments(values, text)


def _read(parameter: Parameter[T], raw: str) -> T:
    try:
        return parameter.read(raw)
    except ValueError as error:
        raise UserError(f"“{cut(raw)}” does not fit {parameter.name}: {error}", parameter.name) from None


@dataclass(frozen=True, slots=True)
class _Token:
    """One word, or several in quotes. `closed`: it ends with a quotation mark."""

    text: str
    quoted: bool
    closed: bool

    def key(self, names: Collection[str]) -> str | None:
        """Return the part before its colon, if that is one of these names."""
        name, colon, _ = self.text.removeprefix("+").partition(":")
        return name.lower() if colon and not self.quoted and name.lower() in names else None

    @property
    def value(self) -> str:
        return self.text.partition(":")[2]


def _from_text(text: str, parameters: Sequence[Parameter[Any]], usage: str) -> dict[str, str]:
    if len(text) > _LONGEST:
        raise UserError(f"That is longer than {_LONGEST} characters. Please say it in fewer words.")
    if text.translate(_QUOTES).count('"') % 2:
        raise UserError('A quotation mark has no partner. Please close it: "like this".')
    keyed = {each.name: each for each in parameters if not each.positional}
    places = {each.name for each in parameters if each.positional}
    raw: dict[str, str] = {}
    words: list[str] = []
    tokens = _tokens(text)
    stray: str | None = None
    while tokens:
        token = tokens.pop(0)
        if key := token.key(keyed):
            value = _whole(keyed[key], token, tokens, {*keyed, *places})
            raw[key] = _joined(keyed[key], raw.get(key), value, usage)
            stray = key if words else None
        elif token.key(places):
            words += [token.value] if token.value else []
        else:
            _refuse_operator(token, keyed, usage)
            if stray:
                _refuse_stray(token.text, stray)
            words.append(token.text)
    return raw | _place(words, [each for each in parameters if each.positional], usage)


def _whole(parameter: Parameter[Any], token: _Token, following: list[_Token], names: Collection[str]) -> str:
    """Return a key's value with the words behind it that belong to it; remove these from `following`.

    It takes as many words as still parse together with the value, as in `at:6:30 pm`.
    """
    if not token.value or token.closed:
        return token.value
    free = next((i for i, each in enumerate(following) if each.quoted or each.key(names)), len(following))
    for end in range(free, 0, -1):
        whole = " ".join([token.value, *(each.text for each in following[:end])])
        if _readable(parameter, whole):
            del following[:end]
            return whole
    return token.value


def _readable(parameter: Parameter[Any], raw: str) -> bool:
    try:
        parameter.read(raw)
    except ValueError:
        return False
    return True


def _joined(parameter: Parameter[Any], before: str | None, value: str, usage: str) -> str:
    if not value:
        raise UserError(
            f"`{parameter.name}:` needs a value right behind the colon. It goes like this: `{usage}`"
        )
    if before is None:
        return value
    if not parameter.repeatable:
        raise UserError(f"`{parameter.name}:` is there twice. Please say it once.")
    return f"{before},{value}"


def _refuse_stray(word: str, key: str) -> None:
    raise UserError(
        f"“{cut(word)}” stands behind `{key}:` but does not fit it. If it belongs to the other words, "
        f"please put it before `{key}:`."
    )


def _refuse_operator(token: _Token, keyed: Collection[str], usage: str) -> None:
    """Refuse what looks like an operator but is none here, rather than search for it as a word."""
    found = _OPERATOR.fullmatch(token.text)
    if token.quoted or found is None:
        return
    in_quotes = f'To mean the words themselves, put them in quotes: `"{cut(token.text)}"`.'
    if found["out"]:
        raise UserError(f"I can't leave words out yet, as in “{cut(token.text)}”. {in_quotes}")
    key, sign, value = found["key"].lower(), found["sign"], found["value"]
    if key in keyed and sign == "=" and value:
        raise UserError(f"Please write `{key}:{cut(value)}`, with a colon.")
    if key in OPERATORS and (value or key in _SEARCHING):
        raise UserError(f"There is no `{key}{sign}` here. It goes like this: `{usage}`. {in_quotes}")
    near = [name for name in sorted(OPERATORS, key=lambda name: name not in keyed) if _one_edit(key, name)]
    if len(key) >= _MISSPELT and value and not value.startswith("//") and near:
        hint = f" Did you mean “{near[0]}:”?" if near[0] in keyed else f" It goes like this: `{usage}`."
        raise UserError(f"There is no “{cut(key)}{sign}” here.{hint} {in_quotes}")


def _refuse_operators_in(raw: Mapping[str, str], parameters: Sequence[Parameter[Any]], usage: str) -> None:
    """Refuse operators among the words of a typed option.

    Names of existing subscriptions are exempt: an older version may have accepted such words.
    """
    keyed = {each.name for each in parameters if not each.positional}
    for parameter in parameters:
        if parameter.positional and parameter.suggestions is not SuggestionKind.SUBSCRIPTION:
            for token in _tokens(raw.get(parameter.name, "")):
                if token.key(keyed) and token.value:
                    raise UserError(
                        f"“{cut(token.text)}” stands among the words of {parameter.name}. "
                        f"Please use the option {token.key(keyed)}."
                    )
                _refuse_operator(token, keyed, usage)


def _one_edit(one: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of letters turns one word into the other."""
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return abs(len(one) - len(other)) == 1
    rest, others = one[start:], other[start:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:]
    return swapped or rest[1:] == others[1:] or rest[1:] == others or rest == others[1:]


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(token.replace('"', ""), token.startswith('"'), token.endswith('"'))
        for token in _TOKEN.findall(text.translate(_QUOTES))
    ]


def _place(words: list[str], positional: Sequence[Parameter[Any]], usage: str) -> dict[str, str]:
    placed: dict[str, str] = {}
    chosen = [each for each in positional if each.choices]
    free = [each for each in positional if not each.choices]
    for parameter in chosen:
        allowed = {*parameter.choices, *parameter.aliases}
        index = next((i for i in (-1, 0) if words and words[i].lower() in allowed), None)
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
