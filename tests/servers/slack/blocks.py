"""Block Kit as Slack checks it: https://docs.slack.dev/reference/block-kit/."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.slack.elements import ELEMENT_FIELDS, check_element
from tests.servers.slack.limits import limit
from tests.servers.slack.problems import Problems
from tests.servers.slack.rich_texts import check_rich_text

ALWAYS = {"type", "block_id"}
BLOCK_FIELDS: dict[str, set[str]] = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text"},
    "divider": set(),
    "context": {"elements"},
    "actions": {"elements"},
    "image": {"image_url", "slack_file", "alt_text", "title"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "rich_text": {"elements"},
    "markdown": {"text"},
}
IN_ACTIONS = {
    "button",
    "overflow",
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "checkboxes",
    "radio_buttons",
}
IN_SECTION = (IN_ACTIONS - {"datetimepicker"}) | {"image", "multi_static_select", "multi_external_select"}
IN_INPUT = (IN_ACTIONS - {"button", "overflow"}) | {
    "multi_static_select",
    "multi_external_select",
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
}
IN_MESSAGE = set(BLOCK_FIELDS)
IN_VIEW = set(BLOCK_FIELDS) - {"markdown"}


@dataclass
class BlockCheck:
    """Checks one list of blocks and gathers what is wrong with it."""

    surface: str
    problems: Problems = field(default_factory=Problems)
    focused: bool = False
    """Whether an element has asked for the focus, which one of them may."""

    def run(self, blocks: Any) -> list[str]:
        if not isinstance(blocks, list):
            return ["must be an array [json-pointer:/blocks]"]
        most = limit("blocks.message" if self.surface == "message" else "blocks.view")
        if len(blocks) > most:
            self.problems.add(f"no more than {most} items allowed", "/blocks")
        seen: set[str] = set()
        for number, block in enumerate(blocks):
            where = f"/blocks/{number}"
            if self.problems.is_object(block, where):
                self.block(block, where)
                if (block_id := block.get("block_id")) in seen:
                    self.problems.add(f"`block_id` already exists: {block_id}", where + "/block_id")
                elif isinstance(block_id, str):
                    seen.add(block_id)
        return self.problems.found

    def block(self, block: Mapping[str, Any], where: str) -> None:
        kind = block.get("type")
        if kind not in (IN_MESSAGE if self.surface == "message" else IN_VIEW):
            self.problems.add(f"unsupported type: {kind}", where + "/type")
            return
        self.problems.only(block, ALWAYS | BLOCK_FIELDS[kind], where)
        self.problems.flags(block, ["expand", "optional", "dispatch_action"], where)
        self.problems.string(block, "block_id", limit("block_id"), where)
        getattr(self, kind)(block, where)

    def section(self, block: Mapping[str, Any], where: str) -> None:
        if "text" not in block and not block.get("fields"):
            self.problems.add("missing required field: text", where)
        if "text" in block:
            self.problems.text(block["text"], where + "/text", limit("section.text"))
        for number, one in enumerate(
            self.problems.items(block, "fields", (1, limit("section.fields")), where)
        ):
            self.problems.text(one, f"{where}/fields/{number}", limit("section.field"))
        if "accessory" in block:
            self.element(block["accessory"], IN_SECTION, where + "/accessory")

    def header(self, block: Mapping[str, Any], where: str) -> None:
        if self.problems.needs(block, ["text"], where):
            self.problems.text(block["text"], where + "/text", limit("header.text"), plain=True)

    def divider(self, block: Mapping[str, Any], where: str) -> None:
        """Has nothing to check."""

    def context(self, block: Mapping[str, Any], where: str) -> None:
        self.problems.needs(block, ["elements"], where)
        for number, one in enumerate(
            self.problems.items(block, "elements", (1, limit("context.elements")), where)
        ):
            at = f"{where}/elements/{number}"
            if isinstance(one, dict) and one.get("type") == "image":
                check_element(one, at, self.problems)
            else:
                self.problems.text(one, at, limit("context.text"))

    def actions(self, block: Mapping[str, Any], where: str) -> None:
        self.problems.needs(block, ["elements"], where)
        seen: set[str] = set()
        for number, one in enumerate(
            self.problems.items(block, "elements", (1, limit("actions.elements")), where)
        ):
            at = f"{where}/elements/{number}"
            self.element(one, IN_ACTIONS, at)
            action_id = one.get("action_id") if isinstance(one, dict) else None
            if action_id in seen:
                self.problems.add(f"`action_id` already exists: {action_id}", at + "/action_id")
            elif isinstance(action_id, str):
                seen.add(action_id)

    def image(self, block: Mapping[str, Any], where: str) -> None:
        self.problems.picture(block, where)
        if "title" in block:
            self.problems.text(block["title"], where + "/title", limit("image.title"), plain=True)

    def input(self, block: Mapping[str, Any], where: str) -> None:
        if self.problems.needs(block, ["label", "element"], where):
            self.problems.text(block["label"], where + "/label", limit("input.label"), plain=True)
            self.element(block["element"], IN_INPUT, where + "/element")
        if "hint" in block:
            self.problems.text(block["hint"], where + "/hint", limit("input.hint"), plain=True)

    def rich_text(self, block: Mapping[str, Any], where: str) -> None:
        self.problems.needs(block, ["elements"], where)
        for number, one in enumerate(self.problems.items(block, "elements", (1, 10_000), where)):
            check_rich_text(one, f"{where}/elements/{number}", self.problems)

    def markdown(self, block: Mapping[str, Any], where: str) -> None:
        if self.problems.needs(block, ["text"], where):
            self.problems.string(block, "text", limit("markdown.text"), where)
            self.problems.not_blank(block["text"], where + "/text")

    def element(self, element: Any, allowed: set[str], where: str) -> None:
        if not self.problems.is_object(element, where):
            return
        if element.get("type") not in allowed or element["type"] not in ELEMENT_FIELDS:
            self.problems.add(f"unsupported type: {element.get('type')}", where + "/type")
            return
        check_element(element, where, self.problems)
        if element.get("focus_on_load"):
            if self.focused:
                self.problems.add("only one element may have focus_on_load", where + "/focus_on_load")
            self.focused = True


def block_problems(blocks: Any, surface: str = "message") -> list[str]:
    """What is wrong with these blocks, as Slack words it."""
    return BlockCheck(surface).run(blocks)


def characters(value: Any) -> int:
    """How long all texts inside are together."""
    if isinstance(value, list):
        return sum(characters(each) for each in value)
    if isinstance(value, dict):
        return sum(
            len(inside) if name == "text" and isinstance(inside, str) else characters(inside)
            for name, inside in value.items()
        )
    return 0


VIEW_FIELDS = {
    "type",
    "title",
    "blocks",
    "close",
    "submit",
    "private_metadata",
    "callback_id",
    "clear_on_close",
    "notify_on_close",
    "external_id",
    "submit_disabled",
}


def view_problems(view: Any, wanted: str) -> list[str]:
    """What is wrong with a view of a kind, `modal` or `home`."""
    problems = Problems()
    if not problems.is_object(view, "/view"):
        return problems.found
    problems.only(view, VIEW_FIELDS, "/view")
    if view.get("type") != wanted:
        problems.add(f"must be {wanted}", "/view/type")
    problems.flags(view, ["clear_on_close", "notify_on_close", "submit_disabled"], "/view")
    problems.needs(view, ["blocks"], "/view")
    if wanted == "modal":
        check_modal(view, problems)
    for name in ("callback_id", "external_id", "private_metadata"):
        problems.string(view, name, limit(f"view.{name}"), "/view", least=0)
    return problems.found + block_problems(view.get("blocks", []), wanted)


def check_modal(view: Mapping[str, Any], problems: Problems) -> None:
    """A modal has a short title, and a submit button where it has inputs."""
    problems.needs(view, ["title"], "/view")
    for name in ("title", "close", "submit"):
        if name in view:
            most = limit("view.title" if name == "title" else "view.button")
            problems.text(view[name], f"/view/{name}", most, plain=True)
    blocks = view.get("blocks", [])
    if any(isinstance(each, dict) and each.get("type") == "input" for each in blocks):
        problems.needs(view, ["submit"], "/view")
