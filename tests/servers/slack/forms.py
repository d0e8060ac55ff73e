"""What people fill in: the elements of a surface and the state that Slack keeps of them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers.slack.limits import limit

Element = Mapping[str, Any]
State = dict[str, dict[str, dict[str, Any]]]
"""By `block_id`, then `action_id`."""
KEPT = {
    **dict.fromkeys(
        ("plain_text_input", "number_input", "email_text_input", "url_text_input"), ("value", "initial_value")
    ),
    **dict.fromkeys(
        ("static_select", "external_select", "radio_buttons"), ("selected_option", "initial_option")
    ),
    **dict.fromkeys(
        ("checkboxes", "multi_static_select", "multi_external_select"),
        ("selected_options", "initial_options"),
    ),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
"""What the state of each kind is called, and the field that it begins with."""
EXTERNAL = {"external_select", "multi_external_select"}
WRITTEN = {
    "datepicker": (r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "YYYY-MM-DD"),
    "timepicker": (r"([01]\d|2[0-3]):[0-5]\d", "HH:MM"),
    "email_text_input": (r"\S+@\S+", "an e-mail address"),
    "url_text_input": (r"https?://\S+", "an address"),
}
"""What texts of these kinds look like."""


def elements(blocks: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Everything to press or fill in, with its block."""
    for block in blocks:
        if block["type"] == "actions":
            yield from ((block, each) for each in block["elements"])
        for name in ("accessory", "element"):
            if name in block and "action_id" in block[name]:
                yield block, block[name]


def beginning(element: Element) -> dict[str, Any]:
    """The state of an element that nobody has touched."""
    name, initial = KEPT[element["type"]]
    return {"type": element["type"], name: element.get(initial, [] if name == "selected_options" else None)}


def state_of(blocks: list[dict[str, Any]], before: State) -> State:
    """The state of a surface; what has kept its ids and its kind keeps what was entered."""
    state: State = {}
    for block, element in elements(blocks):
        if element["type"] in KEPT:
            kept = before.get(block["block_id"], {}).get(element["action_id"], {})
            same = kept.get("type") == element["type"]
            state.setdefault(block["block_id"], {})[element["action_id"]] = (
                kept if same else beginning(element)
            )
    return state


def entered(element: Element, value: Any, offered: list[dict[str, Any]]) -> dict[str, Any]:
    """The state once somebody has typed or chosen this; LookupError for what they cannot."""
    kind = element["type"]
    name, _ = KEPT[kind]
    options = [*_options(element), *offered]
    if name == "selected_options":
        return {"type": kind, name: [_chosen(options, each) for each in value]}
    if name == "selected_option":
        return {"type": kind, name: None if value is None else _chosen(options, value)}
    if value is not None and not isinstance(value, str):
        raise LookupError(f"{value!r} is no text")
    if value and (why := _impossible(element, value)):
        raise LookupError(f"{value!r} cannot be entered: {why}")
    return {"type": kind, name: value or None}


def filled(state: Mapping[str, Any]) -> bool:
    """Whether somebody has entered anything."""
    name, _ = KEPT[state["type"]]
    return state[name] not in (None, "", [])


def _options(element: Element) -> Iterator[dict[str, Any]]:
    yield from element.get("options", [])
    if element["type"] in EXTERNAL and "initial_option" in element:
        yield element["initial_option"]
    for group in element.get("option_groups", []):
        yield from group["options"]


def _chosen(options: list[dict[str, Any]], value: str) -> dict[str, Any]:
    for option in options:
        if option["value"] == value:
            return option
    raise LookupError(f"no option {value!r} there")


def _impossible(element: Element, text: str) -> str:
    """Why Slack's own form would not take a text, empty where it would."""
    kind = element["type"]
    if kind == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", limit("input.text"))
        return "" if least <= len(text) <= most else f"it takes {least} to {most} characters"
    if kind == "number_input":
        return _impossible_number(element, text)
    pattern, wanted = WRITTEN.get(kind, (r"(?s).*", ""))
    return "" if re.fullmatch(pattern, text) else f"it takes {wanted}"


def _impossible_number(element: Element, text: str) -> str:
    try:
        number = float(text) if element["is_decimal_allowed"] else int(text)
    except ValueError:
        return "it takes a number"
    least, most = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
    return "" if least <= number <= most else f"it takes {least} to {most}"
