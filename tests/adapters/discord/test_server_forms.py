import pytest

from tests.servers.discord.samples import (
    button,
    command,
    label,
    modal,
    parameter,
    row,
    select,
    text_input,
)
from tests.servers.discord.state import ADA, APP, PAPERS

ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
LOADING = 1 << 7
COMMANDS = f"/applications/{APP}/commands"


@pytest.fixture
async def used(server, api):
    """A slash command that Ada has just used."""
    await api("POST", COMMANDS, json=command(parameter(autocomplete=True)))
    return await server.command(ADA, PAPERS, "boil", kettle="tea")


@pytest.fixture
async def pressed(server, api):
    """A button that Ada has just pressed."""
    body = {"content": "x", "components": [row(button())]}
    await api("POST", f"/channels/{PAPERS}/messages", json=body)
    return await server.press(ADA, server.messages(PAPERS)[0], "kettle")


def callback(one):
    return f"/interactions/{one.id}/{one.token}/callback"


def hook(one, rest=""):
    return f"/webhooks/{APP}/{one.token}{rest}"


async def answered(api, one, kind, **data):
    assert await api("POST", callback(one), token="", json={"type": kind, "data": data}) == (204, None)


def suggestion(**more):
    return {"name": "Tea", "value": "tea", **more}


async def test_suggestions_come_while_somebody_types(server, api, used):
    typing = await server.autocomplete(ADA, PAPERS, "boil", "kettle", "te")
    assert typing.data["options"] == [{"name": "kettle", "type": 3, "value": "te", "focused": True}]
    await answered(api, typing, CHOICES, choices=[suggestion()] * 25)
    assert typing.choices[0]["value"] == "tea"
    assert used.choices == []


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"type": CHOICES}, "data.choices", "BASE_TYPE_REQUIRED"),
        ({"type": CHOICES, "data": {"choices": [suggestion()] * 26}}, "data.choices", "BASE_TYPE_BAD_LENGTH"),
        (
            {"type": CHOICES, "data": {"choices": [suggestion(name="x" * 101)]}},
            "data.choices.0.name",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {"type": CHOICES, "data": {"choices": [suggestion(name="")]}},
            "data.choices.0.name",
            "BASE_TYPE_REQUIRED",
        ),
        (
            {"type": CHOICES, "data": {"choices": [suggestion(value="x" * 101)]}},
            "data.choices.0.value",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (
            {"type": CHOICES, "data": {"choices": [suggestion(value=5)]}},
            "data.choices.0.value",
            "APPLICATION_COMMAND_OPTIONS_CHOICE_TYPE",
        ),
        ({"type": DEFER}, "type", "BASE_TYPE_CHOICES"),
    ],
)
@pytest.mark.usefixtures("used")
async def test_bad_suggestions_are_refused(server, refused, body, where, code):
    typing = await server.autocomplete(ADA, PAPERS, "boil", "kettle", "te")
    assert await refused("POST", callback(typing), json=body) == (50035, [(where, code)])


async def test_a_modal_opens_and_is_submitted(server, api, refused, pressed):
    await answered(api, pressed, MODAL, **modal(label(), label(select(custom_id="which"), label="Which")))
    sent = await server.submit(pressed, {"name": "Ada", "which": ["kettle-0"]})
    inputs = [one["component"] for one in sent.data["components"]]
    assert [(one["custom_id"], one.get("value", one.get("values"))) for one in inputs] == [
        ("name", "Ada"),
        ("which", ["kettle-0"]),
    ]
    assert sent.message is pressed.message
    assert (await refused("POST", callback(sent), json={"type": MODAL, "data": modal()}))[0] == 50035
    await answered(api, sent, UPDATE, content="done")
    assert pressed.message.content == "done"


async def test_a_modal_of_a_command_has_no_message_to_change(server, api, refused, used):
    rows = [{"type": 1, "components": [text_input(label="Name", required=False)]}]
    await answered(api, used, MODAL, **modal(*rows))
    sent = await server.submit(used, {})
    assert sent.data["components"][0]["components"][0]["value"] == ""
    for kind in (UPDATE, DEFER_UPDATE):
        assert (await refused("POST", callback(sent), json={"type": kind, "data": {}}))[0] == 50035
    await answered(api, sent, ANSWER, content="done")


IN_LABEL = "data.components.0.component"


@pytest.mark.parametrize(
    ("spoilt", "where", "code"),
    [
        (modal(custom_id=None), "data.custom_id", "BASE_TYPE_REQUIRED"),
        (modal(custom_id="x" * 101), "data.custom_id", "BASE_TYPE_BAD_LENGTH"),
        (modal(title="x" * 46), "data.title", "BASE_TYPE_BAD_LENGTH"),
        (modal(title=""), "data.title", "BASE_TYPE_REQUIRED"),
        (modal(components=[]), "data.components", "BASE_TYPE_BAD_LENGTH"),
        (
            modal(*[label(text_input(custom_id=str(n))) for n in range(6)]),
            "data.components",
            "BASE_TYPE_BAD_LENGTH",
        ),
        (modal(button()), "data.components.0.type", "UNION_TYPE_CHOICES"),
        (modal(label(button())), f"{IN_LABEL}.type", "UNION_TYPE_CHOICES"),
        (modal(label(label="x" * 46)), "data.components.0.label", "BASE_TYPE_BAD_LENGTH"),
        (modal(label(label=None)), "data.components.0.label", "BASE_TYPE_REQUIRED"),
        (modal(label(description="x" * 101)), "data.components.0.description", "BASE_TYPE_BAD_LENGTH"),
        (modal(label(text_input(custom_id=None))), f"{IN_LABEL}.custom_id", "BASE_TYPE_REQUIRED"),
        (modal(label(text_input(style=3))), f"{IN_LABEL}.style", "BASE_TYPE_CHOICES"),
        (modal(label(text_input(placeholder="x" * 101))), f"{IN_LABEL}.placeholder", "BASE_TYPE_MAX_LENGTH"),
        (modal(label(text_input(value="x" * 4001))), f"{IN_LABEL}.value", "BASE_TYPE_MAX_LENGTH"),
        (modal(label(text_input(max_length=4001))), f"{IN_LABEL}.max_length", "NUMBER_TYPE_MAX"),
        (modal(label(text_input(max_length=0))), f"{IN_LABEL}.max_length", "NUMBER_TYPE_MIN"),
        (
            modal(label(text_input(min_length=5, max_length=4))),
            f"{IN_LABEL}.min_length",
            "TEXT_INPUT_COMPONENT_LENGTH_INVALID",
        ),
        (modal(label(select(disabled=True))), f"{IN_LABEL}.disabled", "COMPONENT_DISABLED_IN_MODAL"),
        (
            modal(label(select(min_values=0))),
            f"{IN_LABEL}.min_values",
            "SELECT_COMPONENT_MIN_VALUES_INVALID",
        ),
        (
            modal(label(), label()),
            "data.components.1.component.custom_id",
            "COMPONENT_CUSTOM_ID_DUPLICATED",
        ),
        (
            modal({"type": 1, "components": [text_input()]}),
            "data.components.0.components.0.label",
            "BASE_TYPE_REQUIRED",
        ),
        (
            modal({"type": 1, "components": [select()]}),
            "data.components.0.components.0.type",
            "UNION_TYPE_CHOICES",
        ),
    ],
)
async def test_bad_modals_are_refused(refused, used, spoilt, where, code):
    assert await refused("POST", callback(used), json={"type": MODAL, "data": spoilt}) == (
        50035,
        [(where, code)],
    )
    assert used.modal is None
