"""Forms of commands: what is asked for, what was filled in, and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.conversation.command import Command, FormValues
from bot.conversation.parameters import PAGE
from bot.domain.errors import UserError
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Form, FormField


def is_asked_for(command: Command, given: str | Mapping[str, str]) -> bool:
    """Whether somebody named a command that needs more, said nothing more, and can fill it in."""
    return command.fill is not None and not given and any(each.required for each in command.parameters)


def draw_up(command: Command, filled: FormValues, subject: int | None) -> Form:
    """Draw up a command's form with what stands in it."""
    asked = [each for each in command.parameters if each is not PAGE and each.name not in filled.kept]
    fields = tuple(_field(each, filled.values.get(each.name, "")) for each in asked)
    return Form(command.name, filled.title, command.usage, fields, subject)


def arguments_of(command: Command, filled: FormValues, values: Mapping[str, str]) -> dict[str, str]:
    """Give what was filled in, with what is kept, as the command's arguments."""
    written = {
        each.name: values[each.name].strip() or each.blank
        for each in command.parameters
        if each.name in values
    }
    return {name: value for name, value in written.items() if value} | dict(filled.kept)


def refuse(form: Form, values: Mapping[str, str], error: UserError) -> Form:
    """Give a form back with what was filled in, and what is wrong beside the field that it is about."""
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
        parameter.meaning,
        parameter.example,
        value,
        required=parameter.required,
        choices=parameter.choices,
        suggestions=parameter.suggestions,
    )
