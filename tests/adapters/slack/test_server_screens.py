import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

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
from tests.servers.slack.server import SlackServer

PAPERS = "C1PAPERS"
MODAL_FIELDS = {
    "id",
    "team_id",
    "type",
    "blocks",
    "private_metadata",
    "callback_id",
    "state",
    "hash",
    "title",
    "clear_on_close",
    "notify_on_close",
    "close",
    "submit",
    "previous_view_id",
    "root_view_id",
    "app_id",
    "external_id",
    "app_installed_team_id",
    "bot_id",
}
"""What Slack tells of a view: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


@pytest.fixture
def client(slack):
    return AsyncWebClient(slack.bot_token, base_url=slack.base_url)


@pytest.fixture
def opened(slack, client):
    """Open a modal in front of Ada."""

    async def open_modal(*blocks, **more):
        answer = await client.views_open(
            trigger_id=slack.world.trigger("U1ADA"), view=modal(*blocks or [entry()], **more)
        )
        return slack.world.views[answer["view"]["id"]]

    return open_modal


@pytest.fixture
def home(slack, client):
    async def publish(*blocks, **more):
        await client.views_publish(
            user_id="U1ADA", view={"type": "home", "blocks": list(blocks) or [section()], **more}
        )
        return slack.world.homes["U1ADA"]

    return publish


def inputs(element, **more):
    return entry(element=element, **more)


async def test_a_submission_has_slacks_shape(slack, opened):
    view = await opened(
        entry(), inputs(external(), block_id="drink", optional=True), callback_id="c", private_metadata="p"
    )
    payload = (await slack.submit(view, {"kettle": "Ada"})).payload
    assert payload["type"] == "view_submission"
    assert payload["response_urls"] == []
    assert payload["trigger_id"] in slack.world.triggers
    assert not {"channel", "message", "container", "response_url"} & payload.keys()
    assert payload["view"].keys() == MODAL_FIELDS
    assert (payload["view"]["callback_id"], payload["view"]["private_metadata"]) == ("c", "p")
    assert payload["view"]["state"]["values"] == {
        "kettle": {"name": {"type": "plain_text_input", "value": "Ada"}},
        "drink": {"tea": {"type": "external_select", "selected_option": None}},
    }


@pytest.mark.parametrize(
    ("answer", "stays_open", "violations"),
    [
        (None, False, 0),
        ({"response_action": "clear"}, False, 0),
        ({"response_action": "clear", "view": modal(section())}, True, 1),
        ({"response_action": "errors", "errors": {"kettle": "No"}}, True, 0),
        ({"response_action": "errors", "errors": {"teapot": "No"}}, True, 1),
        ({"response_action": "errors", "errors": {"kettle": ""}}, True, 1),
        ({"response_action": "errors", "errors": {"kettle": 7}}, True, 1),
        ({"response_action": "errors", "errors": {}}, True, 1),
        ({"response_action": "errors"}, True, 1),
        ({"response_action": "update", "view": modal(section())}, True, 0),
        ({"response_action": "update", "view": {"type": "modal"}}, True, 2),
        ({"response_action": "update"}, True, 1),
        ({"response_action": "push", "view": {"type": "home", "blocks": []}}, True, 2),
        ({"response_action": "boil"}, True, 1),
        ({"text": "hello"}, True, 1),
        ("hello", True, 1),
    ],
)
async def test_what_an_answer_does_to_a_modal(slack, opened, answer, stays_open, violations):
    view = await opened()
    sent = await slack.submit(view, {"kettle": "Ada"})
    sent.take(answer)
    assert (view.open, len(slack.violations)) == (stays_open, violations)


async def test_errors_are_seen_until_the_form_is_sent_again(slack, opened):
    view = await opened()
    (await slack.submit(view, {"kettle": "Ada"})).take(
        {"response_action": "errors", "errors": {"kettle": "No"}}
    )
    assert view.errors == {"kettle": "No"}
    assert view.state["kettle"]["name"]["value"] == "Ada"
    (await slack.submit(view, {"kettle": "Ben"})).take(None)
    assert (view.errors, view.open) == ({}, False)


async def test_views_are_stacked_three_high(slack, opened):
    first = await opened()
    stack = [first]
    for _ in range(2):
        (await slack.submit(stack[-1], {"kettle": "x"})).take(
            {"response_action": "push", "view": modal(entry())}
        )
        stack.append(list(slack.world.views.values())[-1])
    assert [one.body()["previous_view_id"] for one in stack] == [None, stack[0].id, stack[1].id]
    assert {one.body()["root_view_id"] for one in stack} == {first.id}
    with pytest.raises(LookupError):
        await slack.submit(first, {"kettle": "hidden below"})
    (await slack.submit(stack[-1], {"kettle": "x"})).take({"response_action": "push", "view": modal(entry())})
    assert slack.violations == ["push_limit_reached"]
    (await slack.submit(stack[-1])).take(None)
    assert [one.open for one in stack] == [True, True, False]
    (await slack.submit(stack[1])).take({"response_action": "clear"})
    assert [one.open for one in stack] == [False, False, False]


async def test_what_stays_in_a_form_keeps_what_was_entered(slack, client, opened):
    view = await opened(entry(), inputs(choice("static_select", 2), block_id="gone"))
    slack.fill(view, {"kettle": "Ada", "gone": "kettle-1"})
    await client.views_update(
        view_id=view.id, view=modal(entry(), inputs(choice("radio_buttons", 2), block_id="gone"))
    )
    assert view.state == {
        "kettle": {"name": {"type": "plain_text_input", "value": "Ada"}},
        "gone": {"radio_buttons": {"type": "radio_buttons", "selected_option": None}},
    }


@pytest.mark.parametrize(
    ("element", "begins"),
    [
        ({"type": "plain_text_input", "initial_value": "tea"}, {"value": "tea"}),
        (choice("static_select", 2, initial_option=option(1)), {"selected_option": option(1)}),
        (choice("checkboxes", 2, initial_options=[option(0)]), {"selected_options": [option(0)]}),
        (choice("checkboxes", 2), {"selected_options": []}),
        ({"type": "timepicker", "initial_time": "09:00"}, {"selected_time": "09:00"}),
        ({"type": "datepicker"}, {"selected_date": None}),
        ({"type": "channels_select", "initial_channel": PAPERS}, {"selected_channel": PAPERS}),
        ({"type": "conversations_select"}, {"selected_conversation": None}),
        ({"type": "users_select", "initial_user": "U1ADA"}, {"selected_user": "U1ADA"}),
    ],
)
async def test_what_a_form_begins_with(opened, element, begins):
    view = await opened(inputs({"action_id": "a", **element}))
    (kept,) = view.state["kettle"].values()
    assert kept == {"type": element["type"], **begins}


GROUPED = {"type": "static_select", "option_groups": [{"label": plain(), "options": [option(1)]}]}


@pytest.mark.parametrize(
    ("element", "good", "bad"),
    [
        (choice("static_select", 2), "kettle-1", "kettle-2"),
        (GROUPED, "kettle-1", "kettle-2"),
        (choice("checkboxes", 2), ["kettle-0", "kettle-1"], ["kettle-2"]),
        (external(initial_option=option(1)), "kettle-1", "kettle-2"),
        ({"type": "plain_text_input", "min_length": 2}, "ab", "a"),
        ({"type": "plain_text_input", "max_length": 2}, "ab", "abc"),
        ({"type": "plain_text_input"}, "x" * 3000, "x" * 3001),
        ({"type": "plain_text_input"}, "x", {"value": "x"}),
        ({"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}, "9", "9.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "2.5", "1"),
        ({"type": "timepicker"}, "09:00", "25:00"),
        ({"type": "datepicker"}, "2026-04-17", "17 April"),
        ({"type": "email_text_input"}, "ada@example.org", "ada"),
        ({"type": "url_text_input"}, "https://example.org", "example"),
    ],
)
async def test_only_what_an_element_takes_is_entered(slack, opened, element, good, bad):
    view = await opened(inputs({"action_id": "a", **element}))
    slack.fill(view, {"kettle": good})
    with pytest.raises(LookupError):
        slack.fill(view, {"kettle": bad})


async def test_an_empty_form_is_not_sent(slack, opened):
    view = await opened()
    for values in ({}, {"kettle": ""}, {"teapot": "x"}):
        with pytest.raises(LookupError):
            await slack.submit(view, values)
    assert await slack.submit(await opened(entry(optional=True)))
    with pytest.raises(LookupError):
        await slack.submit(
            await opened(section(block_id="kettle", accessory=button()), submit=plain()), {"kettle": "x"}
        )


async def test_a_closed_modal_is_closed(slack, opened):
    view = await opened()
    (await slack.submit(view, {"kettle": "x"})).take(None)
    with pytest.raises(LookupError):
        await slack.submit(view)
    with pytest.raises(LookupError):
        await slack.close(view)


async def test_closing_is_told_to_who_asked_to_hear_of_it(slack, opened):
    assert await slack.close(await opened()) is None
    view = await opened(notify_on_close=True, callback_id="c")
    sent = await slack.close(view)
    assert sent.payload["type"] == "view_closed"
    assert sent.payload["is_cleared"] is False
    assert sent.payload["view"].keys() == MODAL_FIELDS
    assert not {"trigger_id", "response_urls", "channel"} & sent.payload.keys()
    assert not view.open
    sent.take({"text": "bye"})
    assert slack.violations == ["view_closed: an answer to what takes none"]


@pytest.mark.parametrize(
    ("more", "all_of_them"), [({}, True), ({"clear_on_close": True}, False), ({}, False)]
)
async def test_closing_shows_the_view_below_or_ends_all(slack, opened, more, all_of_them):
    below = await opened()
    above = modal(section(), notify_on_close=True, **more)
    (await slack.submit(below, {"kettle": "x"})).take({"response_action": "push", "view": above})
    sent = await slack.close(list(slack.world.views.values())[-1], all_of_them=all_of_them)
    assert sent.payload["is_cleared"] is all_of_them
    assert below.open is not (all_of_them or bool(more))


async def test_suggestions_are_asked_for_as_somebody_types(slack, opened):
    view = await opened(inputs(external(min_query_length=2)))
    sent = await slack.suggest("U1ADA", view, "tea", "gr")
    payload = sent.payload
    assert payload["type"] == "block_suggestion"
    assert (payload["block_id"], payload["action_id"], payload["value"]) == ("kettle", "tea", "gr")
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["view"].keys() == MODAL_FIELDS
    assert not {"trigger_id", "response_url", "channel", "actions"} & payload.keys()
    with pytest.raises(LookupError):
        slack.fill(view, {"kettle": "kettle-1"})
    sent.take({"options": [option(1), option(2)]})
    slack.fill(view, {"kettle": "kettle-1"})
    assert view.state["kettle"]["tea"]["selected_option"] == option(1)
    (await slack.suggest("U1ADA", view, "tea", "black")).take(
        {"option_groups": [{"label": plain(), "options": [option(3)]}]}
    )
    slack.fill(view, {"kettle": "kettle-3"})
    with pytest.raises(LookupError):
        slack.fill(view, {"kettle": "kettle-1"})
    with pytest.raises(LookupError):
        await slack.suggest("U1ADA", view, "tea", "g")


async def test_only_some_elements_ask_for_suggestions(slack, opened):
    view = await opened()
    with pytest.raises(LookupError):
        await slack.suggest("U1ADA", view, "name", "green tea")


async def test_suggestions_in_a_message(slack, client):
    await client.chat_postMessage(channel=PAPERS, text="x", blocks=[actions(external())])
    (message,) = slack.messages(PAPERS)
    payload = (await slack.suggest("U2BEN", message, "tea")).payload
    assert payload["message"]["ts"] == message.ts
    assert not {"trigger_id", "response_url", "view"} & payload.keys()


MARKED = {"type": "mrkdwn", "text": "x"}


@pytest.mark.parametrize(
    ("answer", "violation"),
    [
        (None, "must be an object"),
        ({"text": ""}, "invalid additional property: text"),
        ({}, "either options or option_groups"),
        ({"options": [], "option_groups": []}, "either options or option_groups"),
        ({"options": {}}, "must be an array"),
        ({"options": [option(n) for n in range(101)]}, "no more than 100"),
        ({"options": [option(text=plain("x" * 76))]}, "less than 76"),
        ({"options": [option(value="x" * 151)]}, "less than 151"),
        ({"options": [option(text=MARKED)]}, "unsupported type: mrkdwn"),
        ({"options": ["tea"]}, "must be an object"),
        ({"option_groups": [{"options": [option()]}]}, "missing required field: label"),
        ({"option_groups": [{"label": plain("x" * 76), "options": [option()]}]}, "less than 76"),
        ({"option_groups": [{"label": plain(), "options": []}]}, "no less than 1"),
        ({"option_groups": [{"label": plain(), "options": [option(value=7)]}]}, "must be a string"),
    ],
)
async def test_bad_suggestions_are_not_shown(slack, opened, answer, violation):
    view = await opened(inputs(external()))
    (await slack.suggest("U1ADA", view, "tea")).take(answer)
    assert violation in " ".join(slack.violations)
    assert view.offered == {}


@pytest.mark.parametrize("answer", [{"options": []}, {"option_groups": []}, {"options": [option()] * 100}])
async def test_good_suggestions_are(slack, opened, answer):
    view = await opened(inputs(external()))
    (await slack.suggest("U1ADA", view, "tea")).take(answer)
    assert slack.violations == []


async def test_buttons_in_a_modal_are_pressed_there(slack, opened):
    view = await opened(
        section(accessory=button(value="v"), block_id="s"),
        actions(choice("static_select", 2), block_id="more"),
    )
    payload = (await slack.press("U1ADA", view, "kettle")).payload
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["actions"][0]["block_id"] == "s"
    assert payload["view"].keys() == MODAL_FIELDS
    assert not {"channel", "message", "response_url", "state"} & payload.keys()
    chosen = (await slack.press("U1ADA", view, "static_select", value="kettle-1")).payload
    assert chosen["actions"][0]["selected_option"] == option(1)
    assert chosen["view"]["state"]["values"]["more"]["static_select"]["selected_option"] == option(1)
    with pytest.raises(LookupError):
        await slack.press("U2BEN", view, "kettle")


async def test_an_input_sends_nothing_by_itself_unless_it_says_so(slack, opened):
    view = await opened(inputs(choice("static_select", 2)))
    with pytest.raises(LookupError):
        await slack.press("U1ADA", view, "static_select", value="kettle-1")
    view = await opened(inputs(choice("static_select", 2), dispatch_action=True))
    assert await slack.press("U1ADA", view, "static_select", value="kettle-1")


async def test_the_home_is_opened(slack, home):
    event = (await slack.open_home("U1ADA")).payload["event"]
    assert event.keys() == {"type", "user", "channel", "tab", "event_ts"}
    assert (event["tab"], event["channel"]) == ("home", "DU1ADA")
    view = await home(private_metadata="p")
    event = (await slack.open_home("U1ADA")).payload["event"]
    assert event["view"].keys() == MODAL_FIELDS
    assert (event["view"]["id"], event["view"]["private_metadata"]) == (view.id, "p")
    assert (await slack.open_home("U2BEN", "messages")).payload["event"]["tab"] == "messages"


async def test_buttons_in_the_home(slack, home):
    view = await home(actions(button(value="v")))
    payload = (await slack.press("U1ADA", view, "kettle")).payload
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["view"]["type"] == "home"
    assert payload["trigger_id"] in slack.world.triggers
    assert not {"channel", "message", "response_url"} & payload.keys()
    with pytest.raises(LookupError):
        await slack.press("U2BEN", view, "kettle")
    with pytest.raises(LookupError):
        await slack.submit(view)


async def test_a_button_takes_no_answer(slack, home):
    view = await home(actions(button()))
    (await slack.press("U1ADA", view, "kettle")).take({"text": "pressed"})
    assert slack.violations == ["block_actions: an answer to what takes none"]


async def test_in_a_thread_the_container_tells_so(slack, client):
    root = await slack.say("U1ADA", PAPERS, "root")
    posted = await client.chat_postMessage(
        channel=PAPERS, text="x", blocks=[actions(choice("static_select", 2))], thread_ts=root.ts
    )
    message = slack.world.message(PAPERS, posted["ts"])
    payload = (await slack.press("U1ADA", message, "static_select", value="kettle-0")).payload
    assert payload["container"]["thread_ts"] == root.ts
    (values,) = payload["state"]["values"].values()
    assert values["static_select"]["selected_option"] == option(0)


async def test_a_message_shortcut_carries_its_message(slack):
    message = await slack.say("U1ADA", PAPERS, "x")
    sent = await slack.message_action("U2BEN", message, "save")
    assert sent.payload.keys() == {
        "type",
        "token",
        "action_ts",
        "team",
        "user",
        "channel",
        "enterprise",
        "is_enterprise_install",
        "api_app_id",
        "callback_id",
        "trigger_id",
        "response_url",
        "message_ts",
        "message",
    }
    assert sent.payload["type"] == "message_action"
    assert (sent.payload["callback_id"], sent.payload["message_ts"]) == ("save", message.ts)
    assert sent.payload["message"]["text"] == "x"
    assert sent.payload["channel"] == {"id": PAPERS, "name": "papers"}
    sent.take({"text": "saved"})
    assert slack.violations == ["message_action: an answer to what takes none"]


async def test_a_global_shortcut_comes_from_nowhere(slack):
    payload = (await slack.shortcut("U1ADA", "find")).payload
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "find")
    assert not {"channel", "message", "response_url"} & payload.keys()


async def test_there_is_no_shortcut_on_what_one_person_sees_or_is_gone(slack, client):
    await client.chat_postEphemeral(channel=PAPERS, user="U1ADA", text="x")
    gone = await slack.say("U1ADA", PAPERS, "x")
    await slack.delete(gone)
    for message in (*slack.ephemerals("U1ADA"), gone):
        with pytest.raises(LookupError):
            await slack.message_action("U1ADA", message, "save")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"user_id": "U9", "view": {"type": "home", "blocks": []}}, "user_not_found"),
        ({"user_id": "U1ADA", "view": {"type": "home", "blocks": []}, "hash": "other"}, "hash_conflict"),
        ({"user_id": "U1ADA", "view": {"type": "home", "blocks": [{"type": "kettle"}]}}, "invalid_arguments"),
        ({"user_id": "U1ADA", "view": "{"}, "invalid_arguments"),
    ],
)
async def test_bad_homes_are_refused(client, home, arguments, error):
    kept = await home(section("before"))
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("views.publish", json=arguments)
    assert caught.value.response["error"] == error
    assert kept.view["blocks"][0]["text"]["text"] == "before"
