"""Modals, and the metadata of all views: https://docs.slack.dev/reference/views."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.limits import (
    FIELD_HINT,
    FIELD_LABEL,
    FORM_ERROR,
    INPUT_TEXT,
    LINE,
    OPTION_TEXT,
    VIEW_TITLE,
)
from adapters.slack.render.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    message,
    plain,
    section,
)
from adapters.slack.render.text import command, fitted, prose
from bot.protocol.actions import OpenForm
from bot.protocol.arguments import SuggestionKind
from bot.protocol.replies import Choice, Form, FormField, Tone
from bot.protocol.wording import TONES, field_text, shortened

FORM = "paperclub.form"
"""The `callback_id` of every form."""
VALUE = "paperclub.value"
"""The `action_id` of a form's inputs."""
SUGGEST = "paperclub.suggest."
"""The `action_id` of an input with suggestions begins with it; the kind of suggestion follows."""


@dataclass(frozen=True, slots=True)
class ModalContext:
    """Where a view was opened. Slack's payloads of views lack it, so `private_metadata` carries it."""

    channel: str
    channel_name: str = ""
    command: str = ""
    subject: int | None = None

    @property
    def metadata(self) -> str:
        """The context as `private_metadata`."""
        return json.dumps([self.channel, self.channel_name, self.command, self.subject])

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "ModalContext":
        """Read the context of a view."""
        return cls(*json.loads(view["private_metadata"]))


def modal(form: Form, channel: str, channel_name: str) -> dict[str, Any]:
    """A form as the view of a modal."""
    error = [section(f"*{TONES[Tone.ERROR]}* {fitted(form.error, LINE, prose)}")] if form.error else []
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": ModalContext(channel, channel_name, form.command, form.subject).metadata,
        "title": plain(form.command.capitalize(), VIEW_TITLE),
        "submit": plain("Save", VIEW_TITLE),
        "close": plain("Cancel", VIEW_TITLE),
        "blocks": [section(f"*{fitted(form.title, LINE)}*"), *error, *map(_input, form.fields)],
    }


def form(reply: Form) -> Message:
    """A form as a message whose button opens it, as Slack opens a modal only upon a person's action."""
    open_button = button("form", "Fill in the form", OpenForm(reply.command, reply.subject), reply.title)
    texts = [each for each in (reply.error, *(field.error for field in reply.fields)) if each]
    errors = [section(f"*{TONES[Tone.ERROR]}* {fitted(each, LINE, prose)}") for each in texts]
    return message(
        [
            section(f"*{fitted(reply.title, LINE)}*"),
            *errors,
            *actions(open_button),
            *context(f"Or type it: {fitted(reply.usage, LINE, command)}"),
        ]
    )


def errors_of(form: Form) -> dict[str, str]:
    """A submitted form's errors, by field. An error of no field goes to the first, as Slack needs one."""
    errors = {each.name: each.error for each in form.fields if each.error}
    if form.error:
        errors.setdefault(form.fields[0].name, form.error)
    return {name: shortened(error, FORM_ERROR) for name, error in errors.items()}


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """A submitted form's values, by field."""
    return {
        name: _value(next(iter(elements.values())))
        for name, elements in view["state"]["values"].items()
        if elements
    }


def options(choices: tuple[Choice, ...]) -> list[Block]:
    """Suggestions as option objects."""
    return [_option(each.label, each.value) for each in choices]


def _input(field: FormField) -> Block:
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, FIELD_LABEL),
        "hint": plain(field_text(field), FIELD_HINT),
        "optional": not field.required,
        "element": _element(field),
    }


def _element(field: FormField) -> Block:
    if field.choices:
        initial_option = {"initial_option": _option(field.value, field.value)} if field.value else {}
        return {
            "type": "static_select",
            "action_id": VALUE,
            "options": [_option(each, each) for each in field.choices],
            **initial_option,
        }
    if field.suggestions is SuggestionKind.TIMEZONE:
        return {
            "type": "external_select",
            "action_id": f"{SUGGEST}{field.suggestions}",
            "min_query_length": 0,
            "placeholder": plain("Type a city", OPTION_TEXT),
            "initial_option": _option(field.value, field.value),
        }
    initial_value = {"initial_value": field.value} if field.value else {}
    return {
        "type": "plain_text_input",
        "action_id": VALUE,
        "max_length": INPUT_TEXT,
        "placeholder": plain(field.example, OPTION_TEXT),
        **initial_value,
    }


def _option(label: str, value: str) -> Block:
    return {"text": plain(label, OPTION_TEXT), "value": value}


def _value(element: Mapping[str, Any]) -> str:
    if "selected_option" in element:
        return str((element["selected_option"] or {}).get("value") or "")
    return str(element.get("value") or "")
