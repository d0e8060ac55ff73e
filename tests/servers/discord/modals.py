"""Modals: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.discord.components import (
    LABEL,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    ComponentCheck,
)
from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Path, Problems, whole

STYLES = (1, 2)


@dataclass
class ModalCheck(ComponentCheck):
    """Inputs in labels, or as before each in a row."""

    def one(self, value: Any, kinds: tuple[int, ...], where: Path) -> bool:
        if not super().one(value, kinds, where):
            return False
        if value["type"] == LABEL:
            self.label(value, where)
        elif value["type"] == TEXT_INPUT:
            self.input(value, where)
        elif value["type"] == TEXT and self.problems.needs(value, ["content"], where):
            self.problems.string(value, "content", limit("v2.text"), where, least=1)
        return True

    def row(self, value: Mapping[str, Any], where: Path) -> None:
        if not self.problems.needs(value, ["components"], where):
            return
        for number, one in enumerate(self.problems.items(value, "components", (1, 1), where)):
            at = (*where, "components", number)
            if self.one(one, (TEXT_INPUT,), at):
                self.problems.needs(one, ["label"], at)

    def label(self, value: Mapping[str, Any], where: Path) -> None:
        self.problems.string(value, "description", limit("label.description"), where, least=1)
        if self.problems.needs(value, ["label", "component"], where):
            self.problems.string(value, "label", limit("label.label"), where, least=1)
            self.one(value["component"], (TEXT_INPUT, *SELECTS), (*where, "component"))

    def select(self, value: Mapping[str, Any], where: Path) -> None:
        super().select(value, where)
        self.problems.truth(value, "required", where)
        if value.get("disabled"):
            self.problems.add(
                (*where, "disabled"), "COMPONENT_DISABLED_IN_MODAL", "A modal has nothing disabled"
            )
        if value.get("min_values") == 0 and value.get("required") is not False:
            said = "A required select takes one value at least"
            self.problems.add((*where, "min_values"), "SELECT_COMPONENT_MIN_VALUES_INVALID", said)

    def input(self, value: Mapping[str, Any], where: Path) -> None:
        most = limit("input.length")
        self.problems.one_of(value, "style", STYLES, where)
        self.problems.string(value, "label", limit("label.label"), where, least=1)
        self.problems.string(value, "value", most, where)
        self.problems.string(value, "placeholder", limit("input.placeholder"), where)
        self.problems.truth(value, "required", where)
        self.problems.number(value, "min_length", (0, most), where)
        self.problems.number(value, "max_length", (1, most), where)
        least, longest = value.get("min_length"), value.get("max_length")
        if whole(least) and whole(longest) and least > longest:  # type: ignore[operator] # both are numbers
            said = "The least length must not be above the most"
            self.problems.add((*where, "min_length"), "TEXT_INPUT_COMPONENT_LENGTH_INVALID", said)


def check_modal(modal: Any, problems: Problems, emojis: frozenset[int] | None = None) -> None:
    """Check a modal as the data of a callback."""
    where: Path = ("data",)
    if not problems.is_object(modal, where):
        return
    problems.needs(modal, ["custom_id", "title", "components"], where)
    problems.string(modal, "custom_id", limit("custom_id"), where, least=1)
    problems.string(modal, "title", limit("modal.title"), where, least=1)
    check = ModalCheck(problems, emojis)
    held = problems.items(modal, "components", (1, limit("modal.components")), where)
    for number, one in enumerate(held):
        check.one(one, (ROW, LABEL, TEXT), (*where, "components", number))
