"""Modals, suggestions, and one's own page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord.limits import (
    CHOICE_NAME,
    CHOICES,
    EXAMPLE,
    FIELD_HINT,
    FIELD_LABEL,
    LINE,
    MODAL_FIELDS,
    MODAL_TITLE,
    WRITTEN,
)
from adapters.discord.render.components import (
    ASKED,
    BLANK,
    HOME,
    MARK,
    Colour,
    Component,
    Message,
    Style,
    as_many,
    beside,
    button,
    heading,
    inside,
    message,
    named_button,
    notes,
    row,
    select,
    text,
)
from adapters.discord.render.lists import ranked, read, subscription
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
"""The `custom_id` of the button that leaves all as it is."""
AGAIN = "again."
"""What a mark begins with by which a form's contents are found again."""
LEFT = "left."
"""What a mark begins with that says how many fields are left."""
GO_ON = "There is more to choose, if you like."


@dataclass(frozen=True, slots=True)
class Page:
    """Which form is filled in, and how many of its fields are `left` for another time: a modal holds five.

    The `custom_id` of a modal tells it when it is sent, that of a button what it opens. A form `at_home`
    concerns one's own talk with the bot.
    """

    opens: OpenForm
    left: int = 0
    at_home: bool = False

    @property
    def custom_id(self) -> str:
        """As text."""
        part = f"{to_token(self.opens)}{MARK}{LEFT}{self.left}"
        return f"{part}{MARK}{HOME}" if self.at_home else part

    @classmethod
    def read(cls, custom_id: str) -> "Page":
        """Read it back.

        Raises:
            UserError: it is from another time.

        """
        token, *status = custom_id.split(MARK)
        opens = from_token(token)
        if not isinstance(opens, OpenForm):
            raise UserError("This form is from an older version. Please open it again.")
        return cls(opens, left_of(status), HOME in status)


def left_of(status: Iterable[str]) -> int:
    """Give how many fields a `custom_id` says are left."""
    return next((int(each.removeprefix(LEFT)) for each in status if each.startswith(LEFT)), 0)


def parted(form: Form, left: int, *, at_home: bool) -> tuple[Form, Page]:
    """Give the part of a form that is filled in next: of the fields that are left, or else of all."""
    start = len(form.fields) - left if 0 < left <= len(form.fields) else 0
    fields = form.fields[start : start + MODAL_FIELDS]
    page = Page(
        OpenForm(form.command, form.subject), max(0, len(form.fields) - start - MODAL_FIELDS), at_home
    )
    return replace(form, fields=fields), page


def modal(form: Form, page: Page) -> dict[str, Any]:
    """A form of at most five fields to fill in."""
    return {
        "custom_id": page.custom_id,
        "title": _plain(form.title, MODAL_TITLE),
        "components": [_field(each) for each in form.fields],
    }


def refused(form: Form, custom_id: str) -> Message:
    """A form that cannot be opened unasked, or was filled in wrongly, and the button that opens it."""
    wrong = [each for each in (form.error, *(field.error for field in form.fields)) if each]
    errors = [f"**{TONES[Tone.ERROR]}** {fitted(each, LINE, prose)}" for each in wrong]
    return message(
        [
            text(f"**{fitted(form.title, LINE)}**", *errors[:MODAL_FIELDS]),
            *row(named_button("Fill in the form", custom_id, Style.MAIN)),
            *notes(f"Or type it: {fitted(form.usage, LINE, command)}"),
        ],
        colour=Colour.ERROR if errors else Colour.PAPER,
    )


def again(page: Page, key: str) -> str:
    """Give the `custom_id` of the button that opens a form with the contents that are kept by a key."""
    return f"{page.custom_id}{MARK}{AGAIN}{key}"


def going_on(page: Page) -> Message:
    """The way to what is left of a form."""
    return message([text(GO_ON), *row(named_button("More options", page.custom_id))])


def question(action: EndSubscription) -> Message:
    """What is asked before a subscription ends."""
    return message(
        [
            text(heading("End this subscription?"), "Its papers are no longer posted here."),
            *row(
                button("End it", action, Style.DANGER, mark=ASKED),
                named_button("Keep it", KEEP),
            ),
        ],
        colour=Colour.WARNING,
    )


def values_of(components: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What was filled into a modal, by field."""
    return {
        each["custom_id"]: str(each["value"]) if "value" in each else "".join(each["values"][:1])
        for label in components
        for each in [*inside(label.get("components", ())), *filter(None, [label.get("component")])]
        if "custom_id" in each
    }


def choices(reply: Suggestions, *, whole: bool) -> list[dict[str, Any]]:
    """What is suggested; `whole` where the option takes whole numbers."""
    return [
        {
            "name": _plain(each.label, CHOICE_NAME),
            "value": int(each.value) if whole else _plain(each.value, CHOICE_NAME),
        }
        for each in reply.choices[:CHOICES]
    ]


def home(page: Home, guild: str) -> Message:
    """One's own page."""

    def build(count: int) -> list[Component]:
        top, saved = page.top[:count], page.saved[:count]
        return [
            *row(
                button("Subscribe to a topic", OpenForm("subscribe"), Style.MAIN, mark=HOME),
                button("Settings", OpenForm("settings"), mark=HOME),
            ),
            text(heading(HOME_SUBSCRIPTIONS)),
            *([_own(each) for each in page.subscriptions[:count]] or [text(prose(NO_SUBSCRIPTIONS))]),
            _listed(HOME_TOP, [ranked(each) for each in top], NO_VOTES),
            _listed(HOME_SAVED, [read(each, page.timezone, guild) for each in saved], NOTHING_SAVED),
            *select(
                "Open a paper",
                [*(_offer(each.paper) for each in top), *(_offer(each.paper) for each in saved)],
            ),
            text(heading(HOME_START), *(f"- {prose(each)}" for each in GETTING_STARTED)),
        ]

    return message(as_many(build, max(map(len, (page.subscriptions, page.top, page.saved)))))


def _own(row_: SubscriptionRow) -> Component:
    change = button("Change", OpenForm("subscribe", row_.subscription.id), mark=HOME)
    return beside(change, *subscription(row_))


def _listed(name: str, rows: Sequence[tuple[str, ...]], empty: str) -> Component:
    return text(heading(name), *(line for each in rows for line in each), "" if rows else prose(empty))


def _offer(paper: Paper) -> tuple[str, Action]:
    return f"#{paper.id} {paper.title}", Show(paper.id)


def _field(field: FormField) -> Component:
    return {
        "type": 18,
        "label": _plain(field.label or field.name, FIELD_LABEL),
        "description": _plain(field.error or field_text(field), FIELD_HINT),
        "component": _element(field),
    }


def _element(field: FormField) -> Component:
    if field.choices:
        return {
            "type": 3,
            "custom_id": field.name,
            "required": field.required,
            "options": [
                {"label": each, "value": each, "default": each == field.value} for each in field.choices
            ],
        }
    written = {"value": field.value[:WRITTEN]} if field.value else {}
    return {
        "type": 4,
        "style": 1,
        "custom_id": field.name,
        "required": field.required,
        "max_length": WRITTEN,
        "placeholder": _plain(field.example, EXAMPLE),
        **written,
    }


def _plain(words: str, length: int) -> str:
    return shortened(cleaned(words), length) or BLANK
