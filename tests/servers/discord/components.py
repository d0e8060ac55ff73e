"""Buttons, selects and rows, in messages: https://docs.discord.com/developers/components/reference."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Path, Problems, snowflake

ROW, BUTTON, TEXT_SELECT, TEXT_INPUT, USERS, ROLES, MENTIONABLES, CHANNELS = 1, 2, 3, 4, 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
SELECTS = (TEXT_SELECT, USERS, ROLES, MENTIONABLES, CHANNELS)
INTERACTIVE = (BUTTON, TEXT_INPUT, *SELECTS)
LINK, PREMIUM = 5, 6
DEFAULTS = {
    USERS: ("user",),
    ROLES: ("role",),
    CHANNELS: ("channel",),
    MENTIONABLES: ("user", "role"),
}
"""What may be chosen beforehand in a select, by its kind."""
USUAL: dict[int, dict[str, Any]] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}
"""What Discord takes where nothing is given."""


def inside(components: list[Any]) -> Iterator[dict[str, Any]]:
    """Every component, with all that it holds."""
    for one in components:
        if not isinstance(one, dict):
            continue
        yield one
        held = one.get("components", [])
        yield from inside(held if isinstance(held, list) else [])
        yield from inside([one[name] for name in ("accessory", "component") if name in one])


def kept(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Components as Discord gives them back: each with an id, and what was left out filled in."""
    taken = {one["id"] for one in inside(components) if one.get("id")}
    free = (number for number in range(1, limit("component.id")) if number not in taken)

    def done(one: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in one.items() if value is not None}
        whole = {**USUAL.get(one["type"], {}), **given, "id": one.get("id") or next(free)}
        for name in ("accessory", "component"):
            if name in whole:
                whole[name] = done(whole[name])
        if "components" in whole:
            whole["components"] = [done(each) for each in whole["components"]]
        if "items" in whole:
            whole["items"] = [kept_media(each, each["media"]["url"]) for each in whole["items"]]
        return kept_media(whole, whole["media"]["url"]) if "media" in whole else whole

    return [done(one) for one in components]


def kept_media(one: dict[str, Any], url: str) -> dict[str, Any]:
    media = {"id": "1", "url": url, "proxy_url": url}
    return {"description": None, "spoiler": False, **one, "media": media}


@dataclass
class ComponentCheck:
    """What all kinds of places for components have in common."""

    problems: Problems
    emojis: frozenset[int] | None = None
    """The emojis of guilds that the app may use; None leaves them unchecked."""
    custom_ids: set[str] = field(default_factory=set)
    ids: set[int] = field(default_factory=set)

    def one(self, value: Any, kinds: tuple[int, ...], where: Path) -> bool:
        """Check one component of an allowed kind."""
        if not self.problems.is_object(value, where):
            return False
        kind = value.get("type")
        if isinstance(kind, bool) or kind not in kinds:
            listed = ", ".join(str(each) for each in kinds)
            said = f'Value of field "type" must be one of ({listed},).'
            self.problems.add((*where, "type"), "UNION_TYPE_CHOICES", said)
            return False
        self._number(value, where)
        if kind in INTERACTIVE and not (kind == BUTTON and value.get("style") in {LINK, PREMIUM}):
            self._custom_id(value, where)
        checks: dict[int, Callable[[Mapping[str, Any], Path], None]] = {ROW: self.row, BUTTON: self.button}
        checks |= dict.fromkeys(SELECTS, self.select)
        if kind in checks:
            checks[kind](value, where)
        return True

    def _number(self, value: Mapping[str, Any], where: Path) -> None:
        self.problems.number(value, "id", (0, limit("component.id")), where)
        made = value.get("id")
        if made and made in self.ids:
            self.problems.add((*where, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        if isinstance(made, int):
            self.ids.add(made)

    def _custom_id(self, value: Mapping[str, Any], where: Path) -> None:
        if value.get("custom_id") is None:
            code, said = "BASE_TYPE_REQUIRED", "This field is required"
            if value["type"] == BUTTON:
                code, said = "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required"
            self.problems.add((*where, "custom_id"), code, said)
            return
        self.problems.string(value, "custom_id", limit("custom_id"), where, least=1)
        made = value["custom_id"]
        if made in self.custom_ids:
            said = "Component custom id cannot be duplicated"
            self.problems.add((*where, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", said)
        elif isinstance(made, str):
            self.custom_ids.add(made)

    def row(self, value: Mapping[str, Any], where: Path) -> None:
        """Up to five buttons, or one select."""
        kinds = (BUTTON, *SELECTS)
        if not self.problems.needs(value, ["components"], where):
            return
        held = self.problems.items(value, "components", (1, limit("row.buttons")), where)
        for number, one in enumerate(held):
            self.one(one, kinds, (*where, "components", number))
        widths = [1 if isinstance(one, dict) and one.get("type") == BUTTON else 5 for one in held]
        if 1 < len(held) <= limit("row.buttons") < sum(widths):
            said = "The specified component exceeds the maximum width"
            self.problems.add((*where, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", said)

    def button(self, value: Mapping[str, Any], where: Path) -> None:
        if not self.problems.one_of(value, "style", range(1, 7), where):
            return
        self.problems.truth(value, "disabled", where)
        self.problems.string(value, "label", limit("button.label"), where)
        self.emoji(value, where)
        if value["style"] == LINK:
            self.link_button(value, where)
        elif value["style"] == PREMIUM:
            self.problems.needs(value, ["sku_id"], where)
            self._without(value, ("custom_id", "label", "url", "emoji"), where)
        else:
            self._without(value, ("url", "sku_id"), where)
            self._shown(value, where)

    def link_button(self, value: Mapping[str, Any], where: Path) -> None:
        self._without(value, ("custom_id", "sku_id"), where)
        self._shown(value, where)
        if value.get("url") is None:
            self.problems.add((*where, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
        self.problems.string(value, "url", limit("button.url"), where)
        self.problems.link(value, "url", where, ("http", "https", "discord"))

    def _shown(self, value: Mapping[str, Any], where: Path) -> None:
        if not value.get("label") and not value.get("emoji"):
            said = "A label or emoji is required"
            self.problems.add(where, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", said)

    def _without(self, value: Mapping[str, Any], names: tuple[str, ...], where: Path) -> None:
        for name in names:
            if value.get(name) is not None:
                said = f"A {name} cannot be specified for this button style"
                self.problems.add((*where, name), "BUTTON_COMPONENT_FIELD_NOT_ALLOWED", said)

    def emoji(self, value: Mapping[str, Any], where: Path) -> None:
        """One of Unicode, or of a guild that the app is in.

        Whatever has it, Discord speaks of a button: https://github.com/discord/discord-api-docs/issues/8071.
        """
        given = value.get("emoji")
        if given is None or not self.problems.is_object(given, (*where, "emoji")):
            return
        name, made = given.get("name"), given.get("id")
        if made is None:
            good, part = isinstance(name, str) and is_emoji(name), "name"
        else:
            known = snowflake(made)
            good, part = known is not None and (self.emojis is None or known in self.emojis), "id"
        if not good:
            self.problems.add((*where, "emoji", part), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")

    def select(self, value: Mapping[str, Any], where: Path) -> None:
        self.problems.string(value, "placeholder", limit("select.placeholder"), where)
        self.problems.truth(value, "disabled", where)
        most = limit("select.values")
        self.problems.number(value, "min_values", (0, most), where)
        self.problems.number(value, "max_values", (1, most), where)
        if value["type"] == TEXT_SELECT and self.problems.needs(value, ["options"], where):
            most = self._options(value, where)
        self._defaults(value, where)
        least_chosen, most_chosen = value.get("min_values", 1), value.get("max_values", 1)
        numbers = isinstance(least_chosen, int) and isinstance(most_chosen, int)
        if numbers and most and (least_chosen > most_chosen or most_chosen > most):
            said = "The maximum number of values must fit the minimum and the number of options"
            self.problems.add((*where, "max_values"), "SELECT_COMPONENT_MAX_VALUES_INVALID", said)

    def _defaults(self, value: Mapping[str, Any], where: Path) -> None:
        """No more is chosen beforehand than can be chosen; of people, roles and channels no less either.

        https://docs.discord.com/developers/components/reference#user-select
        """
        least, most = value.get("min_values", 1), value.get("max_values", 1)
        if value["type"] == TEXT_SELECT:
            options = value.get("options") if isinstance(value.get("options"), list) else []
            name, least = "options", 0
            chosen = sum(isinstance(one, dict) and one.get("default") is True for one in options or [])
        else:
            name = "default_values"
            given = self.problems.items(value, name, (0, limit("select.values")), where)
            for number, one in enumerate(given):
                self._default(value["type"], one, (*where, name, number))
            chosen = len(given)
        numbers = isinstance(least, int) and isinstance(most, int)
        if chosen and numbers and not least <= chosen <= most:
            said = f"Between {least} and {most} values can be chosen, not {chosen}"
            self.problems.add((*where, name), "SELECT_COMPONENT_DEFAULT_VALUES_INVALID", said)

    def _default(self, kind: int, one: Any, where: Path) -> None:
        if not self.problems.is_object(one, where):
            return
        self.problems.one_of(one, "type", DEFAULTS[kind], where)
        if snowflake(one.get("id")) is None:
            said = f'Value "{one.get("id")}" is not snowflake.'
            self.problems.add((*where, "id"), "NUMBER_TYPE_COERCE", said)

    def _options(self, value: Mapping[str, Any], where: Path) -> int:
        options = self.problems.items(value, "options", (1, limit("select.options")), where)
        values: set[str] = set()
        for number, one in enumerate(options):
            at = (*where, "options", number)
            if not self.problems.is_object(one, at) or not self.problems.needs(one, ["label", "value"], at):
                continue
            self.problems.string(one, "label", limit("select.label"), at, least=1)
            self.problems.string(one, "value", limit("select.value"), at, least=1)
            self.problems.string(one, "description", limit("select.description"), at)
            self.problems.truth(one, "default", at)
            self.emoji(one, at)
            if one["value"] in values:
                said = "The specified option value is already used"
                self.problems.add((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", said)
            elif isinstance(one["value"], str):
                values.add(one["value"])
        return len(options)


def is_emoji(text: str) -> bool:
    """Whether it looks like one emoji of Unicode: no letter, and something beyond plain signs."""
    keycap = len(text) > 1 and text.endswith("\N{COMBINING ENCLOSING KEYCAP}")
    return keycap or (0 < len(text) <= 16 and all(ord(each) >= 0xA9 and not each.isalpha() for each in text))


def message_components(components: Any, problems: Problems, emojis: frozenset[int] | None = None) -> None:
    """Check the rows of a message without the new components."""
    body = {"components": components}
    check = ComponentCheck(problems, emojis)
    for number, one in enumerate(problems.items(body, "components", (0, limit("rows")), ())):
        check.one(one, (ROW,), ("components", number))
