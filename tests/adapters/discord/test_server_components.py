import pytest

from tests.servers.discord.samples import (
    V2,
    button,
    buttons,
    container,
    gallery,
    layout,
    link_button,
    option,
    row,
    section,
    select,
    text,
)
from tests.servers.discord.state import CUSTOM_EMOJI, PAPERS

MESSAGES = f"/channels/{PAPERS}/messages"
IN_ROW = "components.0.components.0"
DEFAULTS = "SELECT_COMPONENT_DEFAULT_VALUES_INVALID"
WIDTH = "COMPONENT_LAYOUT_WIDTH_EXCEEDED"
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"


def with_rows(*rows):
    return {"content": "x", "components": list(rows)}


@pytest.mark.parametrize(
    "body",
    [
        {"components": [row()]},
        with_rows(*[row(*[button(custom_id=f"{a}{b}") for b in range(5)]) for a in range(5)]),
        with_rows(row(button(label="x" * 80, custom_id="x" * 100, disabled=True))),
        with_rows(row(button(label=None, emoji={"name": "🔥"}))),
        with_rows(row(button(emoji={"id": str(CUSTOM_EMOJI), "name": "kettle"}))),
        with_rows(row(link_button(url="https://x.org/" + "x" * 498))),
        with_rows(row(select(25, placeholder="x" * 150, max_values=25))),
        with_rows(row(select(min_values=0))),
        with_rows(row(select(options=[option(each, default=True) for each in range(2)], max_values=2))),
        with_rows(row({"type": 7, "custom_id": "who", "default_values": [{"type": "role", "id": "1"}]})),
        *[with_rows(row({"type": kind, "custom_id": "who"})) for kind in (5, 6, 7, 8)],
        layout(text("x" * 4000)),
        layout(section(text(), text(), text())),
        layout(section(accessory={"type": 11, "media": {"url": "https://x.org/a.png"}})),
        layout(container(text(), {"type": 14, "spacing": 2, "divider": False}, row(select()))),
        layout(container(section(), gallery(*["https://x.org/a.png"] * 10), accent_color=0xFFFFFF)),
        layout(*[text("x")] * 40),
    ],
)
async def test_good_components_are_taken(api, body):
    assert (await api("POST", MESSAGES, json=body))[0] == 200


BAD_ROWS = [
    (with_rows(*[row(button(custom_id=str(n))) for n in range(6)]), "components", "BASE_TYPE_BAD_LENGTH"),
    (with_rows(row(*buttons(6))), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (with_rows({"type": 1, "components": []}), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (with_rows({"type": 1}), "components.0.components", "BASE_TYPE_REQUIRED"),
    (with_rows(button()), "components.0.type", "UNION_TYPE_CHOICES"),
    (with_rows(text()), "components.0.type", "UNION_TYPE_CHOICES"),
    (with_rows(row({"type": 4, "custom_id": "a", "style": 1})), f"{IN_ROW}.type", "UNION_TYPE_CHOICES"),
    (with_rows("row"), "components.0", "MODEL_TYPE_CONVERT"),
    (with_rows(row(button(), select())), "components.0.components", WIDTH),
    (with_rows(row(select(), select(custom_id="other"))), "components.0.components", WIDTH),
]
BAD_BUTTONS = [
    ({"custom_id": None}, "custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"),
    ({"custom_id": ""}, "custom_id", "BASE_TYPE_REQUIRED"),
    ({"custom_id": "x" * 101}, "custom_id", "BASE_TYPE_BAD_LENGTH"),
    ({"custom_id": 5}, "custom_id", "STRING_TYPE_CONVERT"),
    ({"label": "x" * 81}, "label", "BASE_TYPE_MAX_LENGTH"),
    ({"label": None}, "", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"),
    ({"emoji": {"name": "kettle"}}, "emoji.name", "BUTTON_COMPONENT_INVALID_EMOJI"),
    ({"emoji": "🔥"}, "emoji", "MODEL_TYPE_CONVERT"),
    ({"emoji": {"id": "123", "name": "kettle"}}, "emoji.id", "BUTTON_COMPONENT_INVALID_EMOJI"),
    ({"emoji": {"id": "kettle"}}, "emoji.id", "BUTTON_COMPONENT_INVALID_EMOJI"),
    ({"style": 7}, "style", "BASE_TYPE_CHOICES"),
    ({"style": None}, "style", "BASE_TYPE_CHOICES"),
    ({"disabled": "yes"}, "disabled", "BOOLEAN_TYPE_CONVERT"),
    ({"url": "https://x.org"}, "url", "BUTTON_COMPONENT_FIELD_NOT_ALLOWED"),
    ({"id": -1}, "id", "NUMBER_TYPE_MIN"),
]
BAD_LINKS = [
    ({"url": None}, "url", "BUTTON_COMPONENT_URL_REQUIRED"),
    ({"url": "https://x.org/" + "x" * 499}, "url", "BASE_TYPE_MAX_LENGTH"),
    ({"url": "kettle"}, "url", "URL_TYPE_INVALID_SCHEME"),
    ({"custom_id": "x"}, "custom_id", "BUTTON_COMPONENT_FIELD_NOT_ALLOWED"),
]
BAD_SELECTS = [
    ({"custom_id": None}, "custom_id", "BASE_TYPE_REQUIRED"),
    ({"options": None}, "options", "BASE_TYPE_REQUIRED"),
    ({"options": []}, "options", "BASE_TYPE_BAD_LENGTH"),
    ({"options": [option(n) for n in range(26)]}, "options", "BASE_TYPE_BAD_LENGTH"),
    ({"options": [option(), option()]}, "options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    ({"options": [{"label": "x"}]}, "options.0.value", "BASE_TYPE_REQUIRED"),
    ({"options": [option(label="x" * 101)]}, "options.0.label", "BASE_TYPE_BAD_LENGTH"),
    ({"options": [option(value="x" * 101)]}, "options.0.value", "BASE_TYPE_BAD_LENGTH"),
    ({"options": [option(description="x" * 101)]}, "options.0.description", "BASE_TYPE_MAX_LENGTH"),
    ({"placeholder": "x" * 151}, "placeholder", "BASE_TYPE_MAX_LENGTH"),
    ({"max_values": 3}, "max_values", "SELECT_COMPONENT_MAX_VALUES_INVALID"),
    ({"min_values": 2}, "max_values", "SELECT_COMPONENT_MAX_VALUES_INVALID"),
    ({"min_values": -1}, "min_values", "NUMBER_TYPE_MIN"),
    ({"min_values": 2, "max_values": 1}, "max_values", "SELECT_COMPONENT_MAX_VALUES_INVALID"),
    ({"options": [option(0, default=True), option(1, default=True)]}, "options", DEFAULTS),
    ({"options": [option(emoji={"id": "123"})]}, "options.0.emoji.id", "BUTTON_COMPONENT_INVALID_EMOJI"),
]
ADA, BEN = {"type": "user", "id": "1"}, {"type": "user", "id": "2"}
BAD_CHOICES = [
    ({"type": 5, "default_values": [ADA, BEN]}, "default_values", DEFAULTS),
    ({"type": 5, "default_values": [ADA], "min_values": 2, "max_values": 2}, "default_values", DEFAULTS),
    ({"type": 6, "default_values": [ADA]}, "default_values.0.type", "BASE_TYPE_CHOICES"),
    ({"type": 8, "default_values": [{"type": "channel"}]}, "default_values.0.id", "NUMBER_TYPE_COERCE"),
]
SPOILT = [
    *BAD_ROWS,
    *[
        (with_rows(row(button(**spoilt))), f"{IN_ROW}.{at}".rstrip("."), code)
        for spoilt, at, code in BAD_BUTTONS
    ],
    *[(with_rows(row(link_button(**spoilt))), f"{IN_ROW}.{at}", code) for spoilt, at, code in BAD_LINKS],
    *[(with_rows(row(select(**spoilt))), f"{IN_ROW}.{at}", code) for spoilt, at, code in BAD_SELECTS],
    *[
        (with_rows(row({"custom_id": "who", **spoilt})), f"{IN_ROW}.{at}", code)
        for spoilt, at, code in BAD_CHOICES
    ],
]


@pytest.mark.parametrize(("body", "where", "code"), SPOILT)
async def test_bad_rows_are_refused(server, refused, body, where, code):
    assert await refused("POST", MESSAGES, json=body) == (50035, [(where, code)])
    assert server.messages(PAPERS) == []


@pytest.mark.parametrize(
    ("components", "where", "code"),
    [
        ([row(button(), button())], f"{IN_ROW[:-1]}1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
        (
            [row(button()), row(select(custom_id="kettle"))],
            "components.1.components.0.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        ([row(button(id=3), id=3)], f"{IN_ROW}.id", "COMPONENT_ID_DUPLICATED"),
    ],
)
async def test_ids_are_unique_in_a_message(refused, components, where, code):
    assert await refused("POST", MESSAGES, json=with_rows(*components)) == (50035, [(where, code)])


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        (layout(text(), content="x"), "content", LEGACY),
        (layout(text(), embeds=[{"title": "x"}]), "embeds", LEGACY),
        (layout(text("x" * 4001)), "components.0.content", "BASE_TYPE_BAD_LENGTH"),
        (layout(text("")), "components.0.content", "BASE_TYPE_REQUIRED"),
        (layout({"type": 10}), "components.0.content", "BASE_TYPE_REQUIRED"),
        (layout(*[text("x" * 2001)] * 2), "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
        (layout(*[container(*[text()] * 20)] * 2), "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
        (layout(section(*[text()] * 4)), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (layout(section(button())), "components.0.components.0.type", "UNION_TYPE_CHOICES"),
        (
            layout({"type": 9, "components": [text()]}),
            "components.0.accessory",
            "BASE_TYPE_REQUIRED",
        ),
        (layout(section(accessory=text())), "components.0.accessory.type", "UNION_TYPE_CHOICES"),
        (layout(container(container())), "components.0.components.0.type", "UNION_TYPE_CHOICES"),
        (layout({"type": 17, "components": []}), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
        (layout(container(accent_color=1 << 24)), "components.0.accent_color", "NUMBER_TYPE_MAX"),
        (layout({"type": 14, "spacing": 3}), "components.0.spacing", "BASE_TYPE_CHOICES"),
        (layout({"type": 12}), "components.0.items", "BASE_TYPE_REQUIRED"),
        (layout(gallery(*["https://x.org"] * 11)), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
        (layout(gallery("kettle")), "components.0.items.0.media.url", "URL_TYPE_INVALID_SCHEME"),
        (
            layout({"type": 13, "file": {"url": "attachment://a.txt"}}),
            "components.0.file.url",
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        ),
        (layout(button()), "components.0.type", "UNION_TYPE_CHOICES"),
        (
            layout(section(accessory=button(custom_id=None))),
            "components.0.accessory.custom_id",
            "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
        ),
    ],
)
async def test_bad_layouts_are_refused(server, refused, body, where, code):
    assert await refused("POST", MESSAGES, json=body) == (50035, [(where, code)])
    assert server.messages(PAPERS) == []


async def test_a_layout_needs_something_and_stays_one(api, refused):
    assert (await refused("POST", MESSAGES, json={"flags": V2}))[0] == 50006
    made = (await api("POST", MESSAGES, json=layout(text("a"))))[1]
    changed = (await api("PATCH", f"{MESSAGES}/{made['id']}", json={"components": [text("b")], "flags": 0}))[
        1
    ]
    assert (changed["flags"], changed["components"][0]["content"]) == (V2, "b")
