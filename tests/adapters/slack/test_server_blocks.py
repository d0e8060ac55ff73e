import pytest

from tests.servers.slack.blocks import block_problems, view_problems
from tests.servers.slack.limits import LIMITS
from tests.servers.slack.samples import (
    actions,
    button,
    choice,
    entry,
    external,
    modal,
    option,
    plain,
    section,
)

DIVIDER = {"type": "divider"}
MARKED = {"type": "mrkdwn", "text": "*x*"}
FOCUSED = {"type": "plain_text_input", "focus_on_load": True}
LINK = {"type": "link", "url": "https://example.org"}
BOTH = [option(0), option(1)]
PICTURE = {"type": "image", "image_url": "https://example.org/kettle.png", "alt_text": "A kettle"}


def header(text):
    return {"type": "header", "text": plain(text)}


def context(*elements):
    return {"type": "context", "elements": list(elements)}


def fields(*texts):
    return {"type": "section", "fields": [plain(text) for text in texts]}


def without(value, name):
    return {key: inside for key, inside in value.items() if key != name}


SIZED = [
    ("blocks.message", lambda n: [DIVIDER] * n),
    ("block_id", lambda n: [{**DIVIDER, "block_id": "b" * n}]),
    ("action_id", lambda n: [actions(button(action_id="a" * n))]),
    ("section.text", lambda n: [section("x" * n)]),
    ("section.fields", lambda n: [fields(*["x"] * n)]),
    ("section.field", lambda n: [fields("x" * n)]),
    ("header.text", lambda n: [header("x" * n)]),
    ("context.elements", lambda n: [context(*[plain()] * n)]),
    ("context.text", lambda n: [context(plain("x" * n))]),
    ("actions.elements", lambda n: [actions(*(button(action_id=f"a{one}") for one in range(n)))]),
    ("markdown.text", lambda n: [{"type": "markdown", "text": "x" * n}]),
    ("image.url", lambda n: [{**PICTURE, "image_url": address(n)}]),
    ("image.alt_text", lambda n: [{**PICTURE, "alt_text": "x" * n}]),
    ("image.title", lambda n: [{**PICTURE, "title": plain("x" * n)}]),
    ("button.text", lambda n: [actions(button("x" * n))]),
    ("button.value", lambda n: [actions(button(value="x" * n))]),
    ("button.url", lambda n: [actions(button(url=address(n)))]),
    ("button.accessibility_label", lambda n: [actions(button(accessibility_label="x" * n))]),
    ("overflow.most", lambda n: [section(accessory=choice("overflow", n))]),
    ("select.options", lambda n: [actions(choice("static_select", n))]),
    ("choices.options", lambda n: [actions(choice("checkboxes", n))]),
    ("placeholder", lambda n: [actions(choice("static_select", 1, placeholder=plain("x" * n)))]),
    ("option.text", lambda n: [actions(choice("radio_buttons", 0) | {"options": [spoilt("text", n)]})]),
    ("option.value", lambda n: [actions(choice("radio_buttons", 0) | {"options": [spoilt("value", n)]})]),
    ("option.description", lambda n: [actions({**choice("radio_buttons", 0), "options": [described(n)]})]),
    ("option_group.label", lambda n: [actions(grouped(label=plain("x" * n)))]),
    ("confirm.title", lambda n: [actions(button(confirm=confirm(title=plain("x" * n))))]),
    ("confirm.text", lambda n: [actions(button(confirm=confirm(text=plain("x" * n))))]),
    ("confirm.button", lambda n: [actions(button(confirm=confirm(deny=plain("x" * n))))]),
]
SIZED_IN_VIEWS = [
    ("blocks.view", lambda n: modal(*[DIVIDER] * n)),
    ("view.title", lambda n: modal(title=plain("x" * n))),
    ("view.button", lambda n: modal(close=plain("x" * n))),
    ("view.callback_id", lambda n: modal(callback_id="x" * n)),
    ("view.external_id", lambda n: modal(external_id="x" * n)),
    ("view.private_metadata", lambda n: modal(private_metadata="x" * n)),
    ("input.label", lambda n: modal(entry(label=plain("x" * n)))),
    ("input.text", lambda n: modal(typing(initial_value="x" * n))),
    ("input.hint", lambda n: modal(entry(hint=plain("x" * n)))),
]


def typing(kind="plain_text_input", **more):
    return entry(element={"type": kind, "action_id": "a", **more})


def grouped(**more):
    group = {"label": plain(), "options": [option()], **more}
    return {"type": "static_select", "action_id": "tea", "option_groups": [group]}


def spoilt(name, size):
    return option(**{name: plain("x" * size) if name == "text" else "x" * size})


def described(size):
    return option(description=plain("x" * size))


def confirm(**more):
    return dict.fromkeys(("title", "text", "confirm", "deny"), plain()) | more


def address(size):
    return "https://example.org/".ljust(size, "x")


def rich(*parts):
    return {"type": "rich_text", "elements": list(parts)}


def part(kind, *elements, **more):
    return {"type": f"rich_text_{kind}", "elements": list(elements), **more}


def number(**more):
    return typing("number_input", is_decimal_allowed=False, **more)


@pytest.mark.parametrize(("name", "make"), SIZED, ids=[name for name, _ in SIZED])
def test_a_message_may_be_this_long_and_no_longer(name, make):
    most = LIMITS[name].value
    assert block_problems(make(most)) == []
    assert block_problems(make(most + 1))


@pytest.mark.parametrize(("name", "make"), SIZED_IN_VIEWS, ids=[name for name, _ in SIZED_IN_VIEWS])
def test_a_view_may_be_this_long_and_no_longer(name, make):
    most = LIMITS[name].value
    assert view_problems(make(most), "modal") == []
    assert view_problems(make(most + 1), "modal")


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ("text", "must be an array"),
        (["text"], "must be an object"),
        ([{"type": "kettle"}], "unsupported type: kettle"),
        ([{}], "unsupported type: None"),
        ([{"type": "section"}], "missing required field: text"),
        ([section("")], "must be more than 0 characters"),
        ([section(color="red")], "invalid additional property: color"),
        ([{"type": "section", "text": "bare"}], "must be an object"),
        ([{"type": "section", "text": {"type": "mrkdwn"}}], "missing required field: text"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": 7}}], "must be a string"),
        ([{"type": "section", "text": {"type": "html", "text": "x"}}], "unsupported type: html"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}], "emoji"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
        ([{"type": "header"}], "missing required field: text"),
        ([context()], "no less than 1 items"),
        ([context(button())], "unsupported type: button"),
        ([actions()], "no less than 1 items"),
        ([{"type": "actions"}], "missing required field: elements"),
        ([actions({"type": "kettle"})], "unsupported type: kettle"),
        ([actions(PICTURE)], "unsupported type: image"),
        ([actions(without(button(), "text"))], "missing required field: text"),
        ([actions(button(style="blue"))], "valid enum value"),
        ([actions(button(value=7))], "must be a string"),
        ([actions(choice("overflow", 1))], "no less than 2 items"),
        ([actions(without(choice("static_select", 1), "options"))], "missing required field: options"),
        ([actions(choice("static_select", 0, options=[{"value": "x"}]))], "missing required field: text"),
        ([actions(button(confirm={"title": plain()}))], "missing required field: text"),
        ([actions(button(confirm=without(confirm(), "confirm")))], "missing required field: confirm"),
        ([actions(button(confirm=without(confirm(), "deny")))], "missing required field: deny"),
        ([actions(button(confirm=confirm(text=MARKED)))], "unsupported type: mrkdwn"),
        ([actions(button(confirm=confirm(style="loud")))], "valid enum value"),
        ([actions(button(), button())], "`action_id` already exists"),
        ([{**DIVIDER, "block_id": "b"}, section(block_id="b")], "`block_id` already exists"),
        ([without(PICTURE, "alt_text")], "missing required field: alt_text"),
        ([without(PICTURE, "image_url")], "missing required field: image_url"),
        ([context(without(PICTURE, "alt_text"))], "missing required field: alt_text"),
        ([without(entry(), "label")], "missing required field: label"),
        ([entry(element=button())], "unsupported type: button"),
        ([{"type": "rich_text", "elements": [{"type": "text"}]}], "unsupported type"),
        ([actions(button(kettle=1))], "invalid additional property: kettle"),
        ([actions(button(confirm="sure"))], "must be an object"),
        ([actions(button(confirm=confirm(kettle=1)))], "invalid additional property: kettle"),
        ([actions(choice("static_select", 0, options=[option(kettle=1)]))], "invalid additional property"),
        ([actions(choice("static_select", 0, options=["tea"]))], "must be an object"),
        ([actions(choice("static_select", 0, options=[option(text=MARKED)]))], "unsupported type: mrkdwn"),
        (
            [actions(choice("static_select", 0, options=[option(description=MARKED)]))],
            "unsupported type: mrkdwn",
        ),
        ([actions(choice("static_select", 0, options=[option(url="https://a.org")]))], "property: url"),
        ([actions(choice("static_select", 1, initial_option=option(7)))], "must be one of the options"),
        ([actions(choice("checkboxes", 1, initial_options=[option(7)]))], "must be one of the options"),
        ([actions(choice("checkboxes", 1, initial_options=[]))], "no less than 1"),
        ([actions(choice("static_select", 1, option_groups=[]))], "only one of options"),
        ([actions(grouped(options=[]))], "no less than 1"),
        ([actions(grouped(options=[option(value=7)]))], "must be a string"),
        ([actions(grouped(kettle=1))], "invalid additional property: kettle"),
        ([actions(without(grouped(), "option_groups"))], "missing required field: options"),
        ([actions({**grouped(), "option_groups": [{"label": plain()}]})], "missing required field: options"),
        ([actions({**grouped(), "option_groups": ["tea"]})], "must be an object"),
        ([actions({**grouped(), "initial_option": option(7)})], "must be one of the options"),
        ([actions(external(options=[option()]))], "invalid additional property: options"),
        ([actions(external(min_query_length="3"))], "must be an integer"),
        ([actions(external(min_query_length=True))], "must be an integer"),
        ([actions(external(min_query_length=-1))], "must be between"),
        ([actions(external(initial_option={"value": "x"}))], "missing required field: text"),
        ([actions(external(placeholder=MARKED))], "unsupported type: mrkdwn"),
        ([typing(min_length=-1)], "must be between"),
        ([typing(max_length=3001)], "must be between"),
        ([typing(initial_value=7)], "must be a string"),
        ([typing("number_input")], "missing required field: is_decimal_allowed"),
        ([typing("datepicker", initial_date="tomorrow")], "must match its pattern"),
        ([typing("timepicker", initial_time="24:00")], "must match its pattern"),
        ([typing("plain_text_input", options=[])], "invalid additional property: options"),
        ([section(accessory={"type": "datetimepicker"})], "unsupported type: datetimepicker"),
        ([section(accessory="tea")], "must be an object"),
        ([typing(focus_on_load=True), entry(block_id="b", element=FOCUSED)], "only one element"),
        ([{"type": "markdown"}], "missing required field: text"),
        ([{"type": "rich_text"}], "missing required field: elements"),
        ([{"type": "context"}], "missing required field: elements"),
        ([{"type": "section", "fields": "x"}], "must be an array"),
        ([section(" \n")], "must be more than 0 characters"),
        ([header("\N{NO-BREAK SPACE}")], "must be more than 0 characters"),
        ([actions(button(" "))], "must be more than 0 characters"),
        ([{"type": "markdown", "text": "\t"}], "must be more than 0 characters"),
        ([section(expand="true")], "must be a boolean"),
        ([{"type": "section", "text": {**MARKED, "verbatim": 1}}], "must be a boolean"),
        ([header("x") | {"text": {**plain(), "emoji": "yes"}}], "must be a boolean"),
        ([entry(optional=1)], "must be a boolean"),
        ([entry(dispatch_action="no")], "must be a boolean"),
        ([typing(multiline="true")], "must be a boolean"),
        ([typing(focus_on_load=1)], "must be a boolean"),
        ([actions({"type": "conversations_select", "response_url_enabled": 1})], "must be a boolean"),
        ([{**PICTURE, "image_url": "kettle.png"}], "must be a valid url"),
        ([{**PICTURE, "image_url": "ftp://example.org/a.png"}], "must be a valid url"),
        ([actions(button(url="example.org"))], "must be a valid url"),
        ([actions(button(url="https://a b"))], "must be a valid url"),
        ([actions(button(url="javascript:alert(1)"))], "must be a valid url"),
        (
            [actions(choice("overflow", 1) | {"options": [option(), option(1, url="x")]})],
            "must be a valid url",
        ),
        ([typing("datepicker", initial_date="2026-02-30")], "must match its pattern"),
        ([typing("datepicker", initial_date="2026-2-3")], "must match its pattern"),
        ([typing("datepicker", initial_date=20260203)], "must match its pattern"),
        ([typing("timepicker", initial_time="9:00")], "must match its pattern"),
        ([typing("timepicker", timezone="Mars/Olympus")], "must match its pattern"),
        ([typing("datetimepicker", initial_date_time="1628633820")], "must match its pattern"),
        ([typing("datetimepicker", initial_date_time=1628633820000)], "must match its pattern"),
        ([number(min_value="5", max_value="3")], "min_value must not be greater"),
        ([number(min_value="5", initial_value="4")], "min_value must not be greater"),
        ([number(initial_value="4", max_value="3")], "min_value must not be greater"),
        ([number(min_value=5)], "must be a number as a string"),
        ([number(max_value="many")], "must be a number as a string"),
        ([typing(min_length=5, max_length=3)], "min_length must not be greater"),
        (
            [section(accessory=choice("multi_static_select", 2, max_selected_items=1, initial_options=BOTH))],
            "max_selected_items",
        ),
        ([rich({"type": "text", "text": "x"})], "unsupported type: text"),
        ([rich(part("section", {"type": "kettle"}))], "unsupported type: kettle"),
        ([rich(part("section", {"type": "text"}))], "missing required field: text"),
        ([rich(part("section", {"type": "text", "text": ""}))], "must be more than 0 characters"),
        ([rich(part("section", {"type": "text", "text": "x", "style": {"loud": True}}))], "property: loud"),
        ([rich(part("section", {"type": "text", "text": "x", "style": {"bold": "yes"}}))], "a boolean"),
        ([rich(part("section", {"type": "link", "url": "x"}))], "must be a valid url"),
        ([rich(part("section", {"type": "user"}))], "missing required field: user_id"),
        ([rich(part("section", {"type": "broadcast", "range": "all"}))], "valid enum value"),
        ([rich(part("section", {"type": "date", "timestamp": "1", "format": "{date}"}))], "an integer"),
        ([rich(part("section", style="bullet"))], "invalid additional property: style"),
        ([rich(part("list", part("section")))], "missing required field: style"),
        ([rich(part("list", part("section"), style="star"))], "valid enum value"),
        ([rich(part("list", {"type": "text", "text": "x"}, style="bullet"))], "unsupported type"),
        ([rich(part("list", part("section"), style="bullet", indent=9))], "small integer"),
        ([rich(part("preformatted", {"type": "user", "user_id": "U1"}))], "unsupported type: user"),
        ([rich({"type": "rich_text_section"})], "missing required field: elements"),
    ],
)
def test_what_slack_refuses_in_a_message(blocks, problem):
    assert problem in " ".join(block_problems(blocks))


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [section(), DIVIDER, header("x"), context(plain(), PICTURE), actions(button()), PICTURE, entry()],
        [section(accessory=button()), section(accessory=PICTURE), section(accessory=choice("overflow", 2))],
        [actions(button()), actions(button())],
        [actions(choice("radio_buttons", 0, options=[option(text=MARKED, description=MARKED)]))],
        [actions(choice("static_select", 2, initial_option=option(1)))],
        [actions(choice("overflow", 0, options=[option(1), option(2, url="https://example.org")]))],
        [actions({**grouped(), "initial_option": option()}), actions(external(initial_option=option()))],
        [typing(focus_on_load=True, min_length=0, max_length=3000)],
        [rich(part("section"))],
        [
            rich(
                part("section", {"type": "text", "text": " ", "style": {"bold": True}}, LINK),
                part("quote", LINK),
            )
        ],
        [rich(part("list", part("section", LINK), style="ordered", indent=1), part("preformatted", LINK))],
        [actions(button(confirm=confirm(style="danger"), url="http://127.0.0.1:80/a?b#c"))],
        [number(min_value="1", initial_value="1.5", max_value="2")],
        [typing(min_length=3, max_length=3)],
        [typing("datetimepicker", initial_date_time=1628633820)],
        [typing("datepicker", initial_date="2024-02-29")],
        [typing("timepicker", initial_time="09:00", timezone="Europe/Paris")],
    ],
)
def test_what_slack_takes_in_a_message(blocks):
    assert block_problems(blocks) == []


@pytest.mark.parametrize(
    ("view", "kind", "problem"),
    [
        (modal(entry()), "home", "must be home"),
        ({"type": "home", "blocks": []}, "modal", "must be modal"),
        (without(modal(), "title"), "modal", "missing required field: title"),
        (without(modal(entry()), "submit"), "modal", "missing required field: submit"),
        (without(modal(), "blocks"), "modal", "missing required field: blocks"),
        (modal(colour="red"), "modal", "invalid additional property: colour"),
        (modal(clear_on_close="true"), "modal", "must be a boolean"),
        (modal(title=plain(" ")), "modal", "must be more than 0 characters"),
        (modal({"type": "markdown", "text": "x"}), "modal", "unsupported type: markdown"),
        ("text", "modal", "must be an object"),
    ],
)
def test_what_slack_refuses_in_a_view(view, kind, problem):
    assert problem in " ".join(view_problems(view, kind))


def test_good_views_pass():
    assert view_problems(modal(entry()), "modal") == []
    assert view_problems({"type": "home", "blocks": [section()]}, "home") == []


def test_every_limit_has_its_source():
    assert all(one.value > 0 and one.source.startswith("https://") for one in LIMITS.values())
