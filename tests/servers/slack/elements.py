"""Block elements and the composition objects inside them, as Slack checks them."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from tests.servers.slack.limits import limit
from tests.servers.slack.problems import Problems

FOCUS = {"action_id", "confirm", "focus_on_load"}
SELECT = FOCUS | {"placeholder"}
WRITTEN = {"action_id", "placeholder", "initial_value", "focus_on_load", "dispatch_action_config"}
ELEMENT_FIELDS: dict[str, set[str]] = {
    "button": {"action_id", "confirm", "text", "url", "value", "style", "accessibility_label"},
    "overflow": {"action_id", "confirm", "options"},
    "static_select": SELECT | {"options", "option_groups", "initial_option"},
    "multi_static_select": SELECT | {"options", "option_groups", "initial_options", "max_selected_items"},
    "external_select": SELECT | {"initial_option", "min_query_length"},
    "multi_external_select": SELECT | {"initial_options", "min_query_length", "max_selected_items"},
    "users_select": SELECT | {"initial_user"},
    "conversations_select": SELECT
    | {"initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"},
    "channels_select": SELECT | {"initial_channel", "response_url_enabled"},
    "datepicker": SELECT | {"initial_date"},
    "timepicker": SELECT | {"initial_time", "timezone"},
    "datetimepicker": FOCUS | {"initial_date_time"},
    "checkboxes": FOCUS | {"options", "initial_options"},
    "radio_buttons": FOCUS | {"options", "initial_option"},
    "plain_text_input": WRITTEN | {"multiline", "min_length", "max_length"},
    "number_input": WRITTEN | {"is_decimal_allowed", "min_value", "max_value"},
    "email_text_input": WRITTEN,
    "url_text_input": WRITTEN,
    "image": {"image_url", "slack_file", "alt_text"},
}
OPTIONS = {
    "overflow": ("overflow.least", "overflow.most"),
    "static_select": (None, "select.options"),
    "multi_static_select": (None, "select.options"),
    "checkboxes": (None, "choices.options"),
    "radio_buttons": (None, "choices.options"),
}
MARKED = {"checkboxes", "radio_buttons"}
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
BOOLEANS = {
    "default_to_current_conversation",
    "focus_on_load",
    "is_decimal_allowed",
    "multiline",
    "response_url_enabled",
}
NUMBERS = {
    "min_length": (0, "input.text"),
    "max_length": (1, "input.text"),
    "min_query_length": (0, "input.text"),
    "max_selected_items": (1, "select.options"),
}
"""The least of each, and the limit that is its most."""


def check_element(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    """Gather what is wrong with one element of a known type."""
    kind = element["type"]
    problems.only(element, ELEMENT_FIELDS[kind] | {"type"}, where)
    if kind == "image":
        problems.picture(element, where)
        return
    problems.flags(element, BOOLEANS, where)
    problems.string(element, "action_id", limit("action_id"), where)
    if "placeholder" in element:
        problems.text(element["placeholder"], where + "/placeholder", limit("placeholder"), plain=True)
    if "confirm" in element:
        check_confirm(element["confirm"], where + "/confirm", problems)
    if kind == "button":
        check_button(element, where, problems)
    if kind in OPTIONS:
        check_options(element, where, problems)
    check_initial(element, where, problems)
    check_numbers(element, where, problems)


def check_button(button: Mapping[str, Any], where: str, problems: Problems) -> None:
    if problems.needs(button, ["text"], where):
        problems.text(button["text"], where + "/text", limit("button.text"), plain=True)
    for name in ("value", "accessibility_label"):
        problems.string(button, name, limit(f"button.{name}"), where)
    problems.address(button, "url", limit("button.url"), where)
    if button.get("style", "primary") not in {"primary", "danger"}:
        problems.add("must be a valid enum value", where + "/style")


def check_options(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    least, most = OPTIONS[element["type"]]
    if "option_groups" in element:
        if "options" in element:
            problems.add("only one of options and option_groups", where)
        check_groups(element, where, problems)
        return
    problems.needs(element, ["options"], where)
    allowed = (limit(least) if least else 1, limit(most))
    marked = element["type"] in MARKED
    for number, option in enumerate(problems.items(element, "options", allowed, where)):
        check_option(option, f"{where}/options/{number}", problems, marked=marked)
        if isinstance(option, dict) and "url" in option and element["type"] != "overflow":
            problems.add("invalid additional property: url", f"{where}/options/{number}")


def check_groups(element: Mapping[str, Any], where: str, problems: Problems, least: int = 1) -> None:
    groups = problems.items(element, "option_groups", (least, limit("select.options")), where)
    for number, group in enumerate(groups):
        at = f"{where}/option_groups/{number}"
        if not problems.is_object(group, at) or not problems.needs(group, ["label", "options"], at):
            continue
        problems.only(group, {"label", "options"}, at)
        problems.text(group["label"], at + "/label", limit("option_group.label"), plain=True)
        for place, option in enumerate(problems.items(group, "options", (1, limit("select.options")), at)):
            check_option(option, f"{at}/options/{place}", problems)


def check_option(option: Any, where: str, problems: Problems, *, marked: bool = False) -> None:
    """Only checkboxes and radio buttons take text with marks."""
    if not problems.is_object(option, where):
        return
    problems.only(option, {"text", "value", "description", "url"}, where)
    if problems.needs(option, ["text", "value"], where):
        problems.text(option["text"], where + "/text", limit("option.text"), plain=not marked)
        problems.string(option, "value", limit("option.value"), where)
    problems.address(option, "url", limit("button.url"), where)
    if "description" in option:
        problems.text(
            option["description"], where + "/description", limit("option.description"), plain=not marked
        )


def check_initial(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    """What is chosen at first is one of the options, to the letter."""
    groups = [group for group in element.get("option_groups", [element]) if isinstance(group, dict)]
    offered = [each for group in groups for each in group.get("options", [])]
    chosen = [element["initial_option"]] if "initial_option" in element else []
    for option in chosen + problems.items(element, "initial_options", (1, limit("select.options")), where):
        check_option(option, where + "/initial_option", problems, marked=element["type"] in MARKED)
        if element["type"] in OPTIONS and option not in offered:
            problems.add("initial_option must be one of the options", where)
    check_moments(element, where, problems)


def check_moments(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    """Days and times that there are.

    block-elements/date-picker-element (YYYY-MM-DD), time-picker-element (HH:mm, and an IANA zone) and
    datetime-picker-element (seconds since 1970 as an integer of ten digits).
    """
    for name, is_right in MOMENTS.items():
        if name in element and not is_right(element[name]):
            problems.add("must match its pattern", f"{where}/{name}")


def _is_day(told: Any) -> bool:
    try:
        return isinstance(told, str) and date.fromisoformat(told).isoformat() == told
    except ValueError:
        return False


MOMENTS: dict[str, Callable[[Any], bool]] = {
    "initial_date": _is_day,
    "initial_time": lambda told: isinstance(told, str) and TIME.fullmatch(told) is not None,
    "initial_date_time": lambda told: type(told) is int and len(str(told)) == 10,
    "timezone": lambda told: told in available_timezones(),
}


def check_numbers(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    if element["type"] == "number_input":
        problems.needs(element, ["is_decimal_allowed"], where)
    for name, (least, most) in NUMBERS.items():
        if name not in element:
            continue
        if type(element[name]) is not int:
            problems.add("must be an integer", f"{where}/{name}")
        elif not least <= element[name] <= limit(most):
            problems.add(f"must be between {least} and {limit(most)}", f"{where}/{name}")
    problems.string(element, "initial_value", limit("input.text"), where, least=0)
    check_order(element, where, problems)


def check_order(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    """The least is no more than the most, and what stands there at first lies between.

    block-elements/number-input-element ("cannot be greater than max_value"; all three are strings),
    plain-text-input-element and multi-select-menu-element.
    """
    if element["type"] == "number_input":
        told = [element.get(name) for name in ("min_value", "initial_value", "max_value")]
        numbers = [_number(each) for each in told if each is not None]
        if None in numbers:
            problems.add("must be a number as a string", where)
        elif numbers != sorted(numbers, key=lambda each: each or 0.0):
            problems.add("min_value must not be greater than max_value", where)
    lengths = [element[name] for name in ("min_length", "max_length") if type(element.get(name)) is int]
    if lengths != sorted(lengths):
        problems.add("min_length must not be greater than max_length", where)
    most, chosen = element.get("max_selected_items"), element.get("initial_options", [])
    if type(most) is int and len(chosen) > most:
        problems.add("no more than max_selected_items initial_options", where)


def _number(told: Any) -> float | None:
    try:
        return float(told) if isinstance(told, str) else None
    except ValueError:
        return None


def check_confirm(confirm: Any, where: str, problems: Problems) -> None:
    """All four texts, and plain: composition-objects/confirmation-dialog-object."""
    if not problems.is_object(confirm, where):
        return
    sizes = {
        "title": "confirm.title",
        "text": "confirm.text",
        "confirm": "confirm.button",
        "deny": "confirm.button",
    }
    problems.only(confirm, sizes.keys() | {"style"}, where)
    problems.needs(confirm, sizes, where)
    for name, size in sizes.items():
        if name in confirm:
            problems.text(confirm[name], f"{where}/{name}", limit(size), plain=True)
    if confirm.get("style", "primary") not in {"primary", "danger"}:
        problems.add("must be a valid enum value", where + "/style")


def suggestion_problems(answer: Any) -> list[str]:
    """What is wrong with the options that an app suggests; none at all is fine."""
    problems = Problems()
    if not problems.is_object(answer, "/"):
        return problems.found
    problems.only(answer, {"options", "option_groups"}, "")
    if ("options" in answer) == ("option_groups" in answer):
        problems.add("needs either options or option_groups", "/")
        return problems.found
    for number, option in enumerate(problems.items(answer, "options", (0, limit("select.options")), "")):
        check_option(option, f"/options/{number}", problems)
    check_groups(answer, "", problems, least=0)
    return problems.found
