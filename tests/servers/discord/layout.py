"""The new components of messages: https://docs.discord.com/developers/components/reference#component-object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.discord.components import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    ROW,
    SECTION,
    SEPARATOR,
    TEXT,
    THUMBNAIL,
    ComponentCheck,
    inside,
)
from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Path, Problems

IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
ON_TOP = (*IN_CONTAINER, CONTAINER)
PICTURES = ("http", "https", "attachment")


@dataclass
class LayoutCheck(ComponentCheck):
    """Everything that a message with the new components may hold."""

    uploads: frozenset[str] = frozenset()

    def one(self, value: Any, kinds: tuple[int, ...], where: Path) -> bool:
        if not super().one(value, kinds, where):
            return False
        checks: dict[int, Callable[[Mapping[str, Any], Path], None]] = {
            SECTION: self.section,
            TEXT: self.text,
            THUMBNAIL: self.thumbnail,
            GALLERY: self.gallery,
            FILE: self.file,
            SEPARATOR: self.separator,
            CONTAINER: self.container,
        }
        if value["type"] in checks:
            checks[value["type"]](value, where)
        return True

    def held(self, value: Mapping[str, Any], kinds: tuple[int, ...], most: int, where: Path) -> None:
        if self.problems.needs(value, ["components"], where):
            for number, one in enumerate(self.problems.items(value, "components", (1, most), where)):
                self.one(one, kinds, (*where, "components", number))

    def section(self, value: Mapping[str, Any], where: Path) -> None:
        self.held(value, (TEXT,), limit("section.texts"), where)
        if self.problems.needs(value, ["accessory"], where):
            self.one(value["accessory"], (BUTTON, THUMBNAIL), (*where, "accessory"))

    def container(self, value: Mapping[str, Any], where: Path) -> None:
        self.problems.number(value, "accent_color", (0, limit("embed.color")), where)
        self.problems.truth(value, "spoiler", where)
        self.held(value, IN_CONTAINER, limit("v2.components"), where)

    def text(self, value: Mapping[str, Any], where: Path) -> None:
        if self.problems.needs(value, ["content"], where):
            self.problems.string(value, "content", limit("v2.text"), where, least=1)

    def separator(self, value: Mapping[str, Any], where: Path) -> None:
        self.problems.truth(value, "divider", where)
        if value.get("spacing") is not None:
            self.problems.one_of(value, "spacing", (1, 2), where)

    def thumbnail(self, value: Mapping[str, Any], where: Path) -> None:
        self.media(value, "media", where, PICTURES)
        self.problems.string(value, "description", limit("media.description"), where, least=1)

    def gallery(self, value: Mapping[str, Any], where: Path) -> None:
        self.problems.needs(value, ["items"], where)
        for number, one in enumerate(self.problems.items(value, "items", (1, limit("gallery.items")), where)):
            at = (*where, "items", number)
            if self.problems.is_object(one, at):
                self.thumbnail(one, at)

    def file(self, value: Mapping[str, Any], where: Path) -> None:
        self.media(value, "file", where, ("attachment",))

    def media(self, value: Mapping[str, Any], name: str, where: Path, schemes: tuple[str, ...]) -> None:
        given, at = value.get(name), (*where, name)
        if not self.problems.needs(value, [name], where) or not self.problems.is_object(given, at):
            return
        assert isinstance(given, dict)
        if not self.problems.needs(given, ["url"], at):
            return
        self.problems.string(given, "url", limit("media.url"), at)
        self.problems.link(given, "url", at, schemes)
        scheme, _, name = str(given["url"]).partition("://")
        if scheme == "attachment" and name not in self.uploads:
            said = "The referenced attachment was not found"
            self.problems.add((*at, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", said)


def layout_components(
    components: Any, problems: Problems, uploads: frozenset[str], emojis: frozenset[int] | None = None
) -> None:
    """Check all components of a message that has nothing else; `uploads` are the names of its files."""
    check = LayoutCheck(problems, emojis, uploads=uploads)
    top = problems.items({"components": components}, "components", (1, limit("v2.components")), ())
    for number, one in enumerate(top):
        check.one(one, ON_TOP, ("components", number))
    if problems.found:
        return
    every = list(inside(top))
    most = limit("v2.components")
    if len(every) > most:
        said = f"The total number of components in a message must not exceed {most}"
        problems.add(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", said)
    if sum(len(one["content"]) for one in every if one["type"] == TEXT) > limit("v2.text"):
        said = f"The total length of displayable text must not exceed {limit('v2.text')}"
        problems.add(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", said)
