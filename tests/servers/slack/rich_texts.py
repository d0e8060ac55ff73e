"""What stands in a `rich_text` block: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from collections.abc import Collection, Mapping
from typing import Any

from tests.servers.slack.limits import limit
from tests.servers.slack.problems import Problems

INSIDE: dict[str, tuple[set[str], set[str]]] = {
    "text": ({"text"}, {"style"}),
    "link": ({"url"}, {"text", "unsafe", "style"}),
    "emoji": ({"name"}, {"unicode", "style"}),
    "user": ({"user_id"}, {"style"}),
    "usergroup": ({"usergroup_id"}, {"style"}),
    "channel": ({"channel_id"}, {"style"}),
    "broadcast": ({"range"}, {"style"}),
    "color": ({"value"}, {"style"}),
    "date": ({"timestamp", "format"}, {"url", "fallback", "style"}),
}
"""Of each kind, the fields that it has to have, and those that it may have."""
RANGES = {"here", "channel", "everyone"}
STYLES = {"bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink"}
FIELDS: dict[str, set[str]] = {
    "rich_text_section": set(),
    "rich_text_preformatted": {"border", "language"},
    "rich_text_quote": {"border"},
    "rich_text_list": {"style", "indent", "offset", "border"},
}
PREFORMATTED = {"text", "link"}


def check_rich_text(part: Any, where: str, problems: Problems) -> None:
    """A section, list, quote or preformatted text, with all that stands in it."""
    if not problems.is_object(part, where):
        return
    kind = part.get("type")
    if kind not in FIELDS:
        problems.add(f"unsupported type: {kind}", where + "/type")
        return
    problems.only(part, FIELDS[kind] | {"type", "elements"}, where)
    problems.needs(part, ["elements"], where)
    if kind == "rich_text_list":
        check_list(part, where, problems)
        return
    allowed = PREFORMATTED if kind == "rich_text_preformatted" else INSIDE.keys()
    for number, one in enumerate(problems.items(part, "elements", (0, 10_000), where)):
        check_inside(one, f"{where}/elements/{number}", problems, allowed)


def check_list(part: Mapping[str, Any], where: str, problems: Problems) -> None:
    """Sections alone, with bullets or numbers: block-elements/rich-text-list-element."""
    if problems.needs(part, ["style"], where) and part["style"] not in {"bullet", "ordered"}:
        problems.add("must be a valid enum value", where + "/style")
    if type(part.get("indent", 0)) is not int or not 0 <= part.get("indent", 0) <= limit("rich_text.indent"):
        problems.add("must be a small integer", where + "/indent")
    for number, one in enumerate(problems.items(part, "elements", (1, 10_000), where)):
        at = f"{where}/elements/{number}"
        if not isinstance(one, dict) or one.get("type") != "rich_text_section":
            problems.add("unsupported type", at)
        else:
            check_rich_text(one, at, problems)


def check_inside(one: Any, where: str, problems: Problems, allowed: Collection[str]) -> None:
    """A text, a link, a name and so on: block-elements/rich-text-section-element and its neighbours."""
    if not problems.is_object(one, where):
        return
    kind = one.get("type")
    if kind not in allowed:
        problems.add(f"unsupported type: {kind}", where + "/type")
        return
    needed, more = INSIDE[kind]
    problems.only(one, needed | more | {"type"}, where)
    problems.needs(one, needed, where)
    for name in (needed | more) - {"style", "unsafe", "timestamp"}:
        problems.string(one, name, 3000, where)
    problems.flags(one, ["unsafe"], where)
    if kind in {"link", "date"}:
        problems.address(one, "url", limit("button.url"), where)
    if kind == "broadcast" and one.get("range") not in RANGES:
        problems.add("must be a valid enum value", where + "/range")
    if kind == "date" and type(one.get("timestamp")) is not int:
        problems.add("must be an integer", where + "/timestamp")
    if "style" in one and problems.is_object(one["style"], where + "/style"):
        problems.only(one["style"], STYLES, where + "/style")
        problems.flags(one["style"], STYLES, where + "/style")
