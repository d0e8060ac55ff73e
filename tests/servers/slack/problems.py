"""The small checks that all of Block Kit is made of, worded as Slack words its refusals."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.limits import limit

WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")


@dataclass
class Problems:
    """What was found wrong so far."""

    found: list[str] = field(default_factory=list)

    def add(self, what: str, where: str) -> None:
        self.found.append(f"[ERROR] {what} [json-pointer:{where}]")

    def is_object(self, value: Any, where: str) -> bool:
        if not isinstance(value, dict):
            self.add("must be an object", where)
        return isinstance(value, dict)

    def only(self, value: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
        for name in value.keys() - set(allowed):
            self.add(f"invalid additional property: {name}", where)

    def needs(self, value: Mapping[str, Any], names: Iterable[str], where: str) -> bool:
        missing = [name for name in names if name not in value]
        for name in missing:
            self.add(f"missing required field: {name}", where)
        return not missing

    def string(self, value: Mapping[str, Any], name: str, most: int, where: str, least: int = 1) -> None:
        if name not in value:
            return
        where = f"{where}/{name}"
        if not isinstance(value[name], str):
            self.add("must be a string", where)
        elif len(value[name]) > most:
            self.add(f"must be less than {most + 1} characters", where)
        elif len(value[name]) < least:
            self.add(f"must be more than {least - 1} characters", where)

    def flags(self, value: Mapping[str, Any], names: Iterable[str], where: str) -> None:
        """What the pages of blocks and elements call a Boolean is no text and no number."""
        for name in names:
            if name in value and type(value[name]) is not bool:
                self.add("must be a boolean", f"{where}/{name}")

    def address(self, value: Mapping[str, Any], name: str, most: int, where: str) -> None:
        """An address of the web, whole: block-elements/button-element, blocks/image-block."""
        self.string(value, name, most, where)
        if isinstance(told := value.get(name), str) and not WEB.fullmatch(told):
            self.add("must be a valid url", f"{where}/{name}")

    def items(self, value: Mapping[str, Any], name: str, allowed: tuple[int, int], where: str) -> list[Any]:
        if name not in value:
            return []
        least, most = allowed
        where = f"{where}/{name}"
        if not isinstance(value[name], list):
            self.add("must be an array", where)
            return []
        if len(value[name]) > most:
            self.add(f"no more than {most} items allowed", where)
        if len(value[name]) < least:
            self.add(f"no less than {least} items allowed", where)
        return list(value[name])

    def text(self, value: Any, where: str, most: int, *, plain: bool = False) -> None:
        if not self.is_object(value, where):
            return
        kind = value.get("type")
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.add(f"unsupported type: {kind}", where + "/type")
            return
        self.only(value, {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}, where)
        self.flags(value, ["emoji", "verbatim"], where)
        if self.needs(value, ["text"], where):
            self.string(value, "text", most, where)
            self.not_blank(value["text"], where + "/text")

    def not_blank(self, text: Any, where: str) -> None:
        """A text has a character at least: composition-objects/text-object. One that nobody sees is none."""
        if isinstance(text, str) and text and not text.strip():
            self.add("must be more than 0 characters", where)

    def picture(self, value: Mapping[str, Any], where: str) -> None:
        self.needs(value, ["alt_text"], where)
        if ("image_url" in value) == ("slack_file" in value):
            self.add("missing required field: image_url", where)
        self.address(value, "image_url", limit("image.url"), where)
        self.string(value, "alt_text", limit("image.alt_text"), where, least=0)
