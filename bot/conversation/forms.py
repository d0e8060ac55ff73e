"""Builds commands' forms, reads what was filled in, and shows what was wrong with it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.conversation.command import Command, FormValues
from bot.conversation.parameters import PAGE
from bot.domain.errors import UserError
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Form, FormField


def build_form(command: Command, filled: FormValues, subject: int | None) -> Form:
    """Return a command's form with its values."""
    shown = [each for each in command.parameters if each is not PAGE and each.name not in filled.fixed]
    fields = tuple(_field(each, filled.values.get(each.name, "")) for each in shown)
    return Form(command.name, filled.title, command.usage, fields, subject)


def arguments_of(command: Command, filled: FormValues, values: Mapping[str, str]) -> dict[str, str]:
    """Return the submitted values, with the form's fixed ones, as the command's arguments."""
    submitted = {
        each.name: values[each.name].strip() or each.blank
        for each in command.parameters
        if each.name in values
    }
    return {name: value for name, value in submitted.items() if value} | dict(filled.fixed)


def with_error(form: Form, values: Mapping[str, str], error: UserError) -> Form:
    """Return the form with the submitted values, and the error beside the field that caused it."""
    about = {each.name for each in form.fields} & {error.parameter}
    fields = tuple(
        replace(each, value=values.get(each.name, each.value), error=str(error) if each.name in about else "")
        for each in form.fields
    )
    return replace(form, fields=fields, error="" if about else str(error))


def _field(parameter: Parameter[object], value: str) -> FormField:
    return FormField(
        parameter.name,
        parameter.label,
        parameter.description,
        parameter.example,
        value,
        required=parameter.required,
        choices=parameter.choices,
        suggestions=parameter.suggestions,
    )
