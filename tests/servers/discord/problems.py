"""The small checks that all bodies are made of, worded as Discord words an Invalid Form Body."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.servers.discord.errors import DiscordError

Path = tuple[str | int, ...]


def whole(value: Any) -> bool:
    """Whether it is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def snowflake(value: Any) -> int | None:
    """An id, which comes as text or as a number."""
    if whole(value) and value >= 0:
        return int(value)
    return int(value) if isinstance(value, str) and value.isdecimal() else None


@dataclass
class Problems:
    """What was found wrong so far, by where it stands in the body."""

    found: list[tuple[Path, str, str]] = field(default_factory=list)

    def add(self, where: Path, code: str, message: str) -> None:
        self.found.append((where, code, message))

    def refuse(self) -> None:
        """Refuse the body where anything is wrong with it."""
        if self.found:
            raise DiscordError(50035, errors=self.nested())

    def nested(self) -> dict[str, Any]:
        """The errors in the shape of the body, each under the names that lead to it."""
        errors: dict[str, Any] = {}
        for where, code, message in self.found:
            inside = errors
            for name in where:
                inside = inside.setdefault(str(name), {})
            inside.setdefault("_errors", []).append({"code": code, "message": message})
        return errors

    def is_object(self, value: Any, where: Path) -> bool:
        if not isinstance(value, dict):
            self.add(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return isinstance(value, dict)

    def needs(self, value: Mapping[str, Any], names: Collection[str], where: Path) -> bool:
        missing = [name for name in names if value.get(name) is None]
        for name in missing:
            self.add((*where, name), "BASE_TYPE_REQUIRED", "This field is required")
        return not missing

    def string(self, value: Mapping[str, Any], name: str, most: int, where: Path, least: int = 0) -> None:
        """Text of an allowed length; None is as if it were not there."""
        text, where = value.get(name), (*where, name)
        if text is None:
            return
        if not isinstance(text, str):
            self.add(where, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        elif len(text.strip()) < min(least, 1):
            self.add(where, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(text) > most or len(text) < least:
            if least:
                self.add(where, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            else:
                self.add(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def number(self, value: Mapping[str, Any], name: str, allowed: tuple[int, int], where: Path) -> None:
        given, where = value.get(name), (*where, name)
        least, most = allowed
        if given is None:
            return
        if not whole(given):
            self.add(where, "NUMBER_TYPE_COERCE", f'Value "{given}" is not int.')
        elif given < least:
            self.add(where, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif given > most:
            self.add(where, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")

    def truth(self, value: Mapping[str, Any], name: str, where: Path) -> None:
        if not isinstance(value.get(name), bool | None):
            self.add((*where, name), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")

    def one_of(self, value: Mapping[str, Any], name: str, allowed: Collection[Any], where: Path) -> bool:
        return self.choice(value.get(name), allowed, (*where, name))

    def choice(self, given: Any, allowed: Collection[Any], where: Path) -> bool:
        """One of the values that are allowed; true and false are no numbers."""
        if isinstance(given, bool) or given not in allowed:
            listed = ", ".join(str(each) for each in allowed)
            self.add(where, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
            return False
        return True

    def items(self, value: Mapping[str, Any], name: str, allowed: tuple[int, int], where: Path) -> list[Any]:
        """The items of a list of an allowed length."""
        given, where = value.get(name), (*where, name)
        least, most = allowed
        if given is None:
            return []
        if not isinstance(given, list):
            self.add(where, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(given) <= most:
            said = f"Must be between {least} and {most} in length."
            self.add(where, "BASE_TYPE_BAD_LENGTH", said)
        return list(given)

    def ids(self, value: Mapping[str, Any], name: str, most: int, where: Path) -> list[int]:
        """A list of ids, none of them twice."""
        known: list[int] = []
        for number, one in enumerate(self.items(value, name, (0, most), where)):
            at, made = (*where, name, number), snowflake(one)
            if made is None:
                self.add(at, "NUMBER_TYPE_COERCE", f'Value "{one}" is not snowflake.')
            elif made in known:
                self.add(at, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value.")
            else:
                known.append(made)
        return known

    def link(self, value: Mapping[str, Any], name: str, where: Path, schemes: Collection[str]) -> None:
        given = value.get(name)
        if not isinstance(given, str):
            return
        parts = urlsplit(given)
        if parts.scheme not in schemes:
            listed = ", ".join(repr(each) for each in schemes)
            said = f"Scheme {parts.scheme!r} is not supported. Scheme must be one of ({listed})."
            self.add((*where, name), "URL_TYPE_INVALID_SCHEME", said)
        elif not (parts.netloc or parts.path) or " " in given:
            self.add((*where, name), "URL_TYPE_INVALID_URL", "Not a well formed URL.")
