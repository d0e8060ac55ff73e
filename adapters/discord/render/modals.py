"""Renders modals, autocomplete, and a person's home page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord.limits import (
    CHOICE_NAME,
    CHOICES,
    EXAMPLE,
    FIELD_HINT,
    FIELD_LABEL,
    INPUT_LENGTH,
    LINE,
    MODAL_FIELDS,
    MODAL_TITLE,
)
from adapters.discord.render.components import (
    BLANK,
    CONFIRMED,
    HOME,
    MARK,
    Colour,
    Component,
    ComponentType,
    Message,
    Style,
    action_row,
    build_fitting,
    button,
    heading,
    message,
    named_button,
    notes,
    section,
    select,
    text,
    walk,
)
from adapters.discord.render.lists import leaderboard_lines, reading_lines, subscription_lines
from adapters.discord.render.text import command, fitted, prose
from bot.domain.errors import UserError
from bot.domain.paper import Paper
from bot.protocol.actions import Action, EndSubscription, OpenForm, Show, from_token, to_token
from bot.protocol.replies import Form, FormField, Home, SubscriptionRow, Suggestions, Tone
from bot.protocol.wording import (
    GETTING_STARTED,
    HOME_SAVED,
    HOME_START,
    HOME_SUBSCRIPTIONS,
    HOME_TOP,
    NO_SUBSCRIPTIONS,
    NO_VOTES,
    NOTHING_SAVED,
    TONES,
    cleaned,
    field_text,
    shortened,
)

KEEP = "keep"
"""The `custom_id` of the button that cancels an action instead of confirming it."""
FORM_KEY = "again."
"""The prefix of the mark that holds the key of a kept form."""
FIELDS_LEFT = "left."
"""The prefix of the mark that holds the number of fields left."""
SHORT = 1
"""The style of a text input of one line:
https://docs.discord.com/developers/components/reference#text-input-text-input-styles."""
MORE_OPTIONS = "There is more to choose, if you like."


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of a form, because a modal holds five fields at most.

    `fields_left` is the number of fields that come on later pages. A form `for_dm` concerns the person's DM
    channel, wherever it was opened. The `custom_id`s of the modal, and of the button that opens it, hold all
    of this.
    """

    opens: OpenForm
    fields_left: int = 0
    for_dm: bool = False

    @property
    def custom_id(self) -> str:
        """Return the page as a `custom_id`."""
        custom_id = f"{to_token(self.opens)}{MARK}{FIELDS_LEFT}{self.fields_left}"
        return f"{custom_id}{MARK}{HOME}" if self.for_dm else custom_id

    @classmethod
    def parse(cls, custom_id: str) -> "FormPage":
        """Parse a `custom_id`.

        Raises:
            UserError: an older version of the bot made it.

        """
        token, *marks = custom_id.split(MARK)
        opens = from_token(token)
        if not isinstance(opens, OpenForm):
            raise UserError("This form is from an older version. Please open it again.")
        return cls(opens, fields_left_in(marks), HOME in marks)


def fields_left_in(marks: Iterable[str]) -> int:
    """Return the number of fields left according to the marks of a `custom_id`, 0 if they don't say."""
    numbers = (int(each.removeprefix(FIELDS_LEFT)) for each in marks if each.startswith(FIELDS_LEFT))
    return next(numbers, 0)


def next_page(form: Form, fields_left: int, *, for_dm: bool) -> tuple[Form, FormPage]:
    """Return the next page of a form with `fields_left` fields to go, or its first page if that is 0."""
    total = len(form.fields)
    start = total - fields_left if 0 < fields_left <= total else 0
    fields = form.fields[start : start + MODAL_FIELDS]
    page = FormPage(OpenForm(form.command, form.subject), max(0, total - start - MODAL_FIELDS), for_dm)
    return replace(form, fields=fields), page


def modal(form: Form, page: FormPage) -> dict[str, Any]:
    """Build the data of a modal; the form has at most MODAL_FIELDS fields."""
    return {
        "custom_id": page.custom_id,
        "title": _plain(form.title, MODAL_TITLE),
        "components": [_field(each) for each in form.fields],
    }


def form_message(form: Form, custom_id: str) -> Message:
    """Render a form's errors, if any, and the button with this `custom_id`, which opens the form."""
    texts = [each for each in (form.error, *(field.error for field in form.fields)) if each]
    errors = [f"**{TONES[Tone.ERROR]}** {fitted(each, LINE, prose)}" for each in texts]
    return message(
        [
            text(f"**{fitted(form.title, LINE)}**", *errors[:MODAL_FIELDS]),
            *action_row(named_button("Fill in the form", custom_id, Style.PRIMARY)),
            *notes(f"Or type it: {fitted(form.usage, LINE, command)}"),
        ],
        colour=Colour.ERROR if errors else Colour.PAPER,
    )


def reopen_id(page: FormPage, key: str) -> str:
    """Return the `custom_id` of the button that opens the form which is kept under `key`."""
    return f"{page.custom_id}{MARK}{FORM_KEY}{key}"


def more_options(page: FormPage) -> Message:
    """Render the button that opens the rest of a form."""
    return message([text(MORE_OPTIONS), *action_row(named_button("More options", page.custom_id))])


def confirmation(action: EndSubscription) -> Message:
    """Render the question whether to end a subscription."""
    return message(
        [
            text(heading("End this subscription?"), "Its papers are no longer posted here."),
            *action_row(
                button("End it", action, Style.DANGER, mark=CONFIRMED),
                named_button("Keep it", KEEP),
            ),
        ],
        colour=Colour.WARNING,
    )


def submitted_values(components: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the submitted value of each field of a modal."""
    # Discord sends labels with a component each; action rows with components are the older form.
    return {
        each["custom_id"]: str(each["value"]) if "value" in each else "".join(each["values"][:1])
        for label in components
        for each in [*walk(label.get("components", ())), *filter(None, [label.get("component")])]
        if "custom_id" in each
    }


def autocomplete_choices(reply: Suggestions, *, integer: bool) -> list[dict[str, Any]]:
    """Return the choices of an autocomplete, at most CHOICES; `integer` says that values are integers."""
    return [
        {
            "name": _plain(each.label, CHOICE_NAME),
            "value": int(each.value) if integer else _plain(each.value, CHOICE_NAME),
        }
        for each in reply.choices[:CHOICES]
    ]


def home(page: Home, guild: str) -> Message:
    """Render a person's home page."""

    def build(count: int) -> list[Component]:
        top, saved = page.top[:count], page.saved[:count]
        return [
            *action_row(
                button("Subscribe to a topic", OpenForm("subscribe"), Style.PRIMARY, mark=HOME),
                button("Settings", OpenForm("settings"), mark=HOME),
            ),
            text(heading(HOME_SUBSCRIPTIONS)),
            *(
                [_subscription_section(each) for each in page.subscriptions[:count]]
                or [text(prose(NO_SUBSCRIPTIONS))]
            ),
            _list_text(HOME_TOP, [leaderboard_lines(each) for each in top], NO_VOTES),
            _list_text(
                HOME_SAVED, [reading_lines(each, page.timezone, guild) for each in saved], NOTHING_SAVED
            ),
            *select(
                "Open a paper",
                [
                    *(_select_option(each.paper) for each in top),
                    *(_select_option(each.paper) for each in saved),
                ],
            ),
            text(heading(HOME_START), *(f"- {prose(each)}" for each in GETTING_STARTED)),
        ]

    return message(build_fitting(build, max(map(len, (page.subscriptions, page.top, page.saved)))))


def _subscription_section(row: SubscriptionRow) -> Component:
    change = button("Change", OpenForm("subscribe", row.subscription.id), mark=HOME)
    return section(change, *subscription_lines(row))


def _list_text(name: str, rows: Sequence[tuple[str, ...]], empty: str) -> Component:
    return text(heading(name), *(line for each in rows for line in each), "" if rows else prose(empty))


def _select_option(paper: Paper) -> tuple[str, Action]:
    return f"#{paper.id} {paper.title}", Show(paper.id)


def _field(field: FormField) -> Component:
    return {
        "type": ComponentType.LABEL,
        "label": _plain(field.label or field.name, FIELD_LABEL),
        "description": _plain(field.error or field_text(field), FIELD_HINT),
        "component": _element(field),
    }


def _element(field: FormField) -> Component:
    if field.choices:
        return {
            "type": ComponentType.STRING_SELECT,
            "custom_id": field.name,
            "required": field.required,
            "options": [
                {"label": each, "value": each, "default": each == field.value} for each in field.choices
            ],
        }
    value = {"value": field.value[:INPUT_LENGTH]} if field.value else {}
    return {
        "type": ComponentType.TEXT_INPUT,
        "style": SHORT,
        "custom_id": field.name,
        "required": field.required,
        "max_length": INPUT_LENGTH,
        "placeholder": _plain(field.example, EXAMPLE),
        **value,
    }


def _plain(words: str, length: int) -> str:
    return shortened(cleaned(words), length) or BLANK
