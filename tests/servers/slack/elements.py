"""Block elements and the composition objects inside them, as Slack checks them."""

from collections.abc import Mapping
from typing import Any

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


def check_element(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    """Gather what is wrong with one element of a known type."""
    kind = element["type"]
    problems.only(element, ELEMENT_FIELDS[kind] | {"type"}, where)
    if kind == "image":
        problems.picture(element, where)
        return
    problems.string(element, "action_id", limit("action_id"), where)
    if "placeholder" in element:
        problems.text(element["placeholder"], where + "/placeholder", limit("placeholder"), plain=True)
    if "confirm" in element:
        check_confirm(element["confirm"], where + "/confirm", problems)
    if kind == "button":
        check_button(element, where, problems)
    if kind in OPTIONS:
        check_options(element, where, problems)
    if kind == "number_input":
        problems.needs(element, ["is_decimal_allowed"], where)


def check_button(button: Mapping[str, Any], where: str, problems: Problems) -> None:
    if problems.needs(button, ["text"], where):
        problems.text(button["text"], where + "/text", limit("button.text"), plain=True)
    for name in ("value", "url", "accessibility_label"):
        problems.string(button, name, limit(f"button.{name}"), where)
    if button.get("style", "primary") not in {"primary", "danger"}:
        problems.add("must be a valid enum value", where + "/style")


def check_options(element: Mapping[str, Any], where: str, problems: Problems) -> None:
    least, most = OPTIONS[element["type"]]
    allowed = (limit(least) if least else 1, limit(most))
    if "option_groups" in element:
        problems.items(element, "option_groups", (1, limit("select.options")), where)
        return
    problems.needs(element, ["options"], where)
    for number, option in enumerate(problems.items(element, "options", allowed, where)):
        check_option(option, f"{where}/options/{number}", problems)


def check_option(option: Any, where: str, problems: Problems) -> None:
    if not problems.is_object(option, where):
        return
    problems.only(option, {"text", "value", "description", "url"}, where)
    if problems.needs(option, ["text", "value"], where):
        problems.text(option["text"], where + "/text", limit("option.text"))
        problems.string(option, "value", limit("option.value"), where)
    if "description" in option:
        problems.text(option["description"], where + "/description", limit("option.description"))


def check_confirm(confirm: Any, where: str, problems: Problems) -> None:
    if not problems.is_object(confirm, where):
        return
    problems.only(confirm, {"title", "text", "confirm", "deny", "style"}, where)
    sizes = {
        "title": "confirm.title",
        "text": "confirm.text",
        "confirm": "confirm.button",
        "deny": "confirm.button",
    }
    problems.needs(confirm, ["title", "text"], where)
    for name, size in sizes.items():
        if name in confirm:
            problems.text(confirm[name], f"{where}/{name}", limit(size), plain=name != "text")
