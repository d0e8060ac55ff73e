"""Forms, the Home tab and the message shortcut in Slack, over the real Bolt."""

from tests.e2e.slack_workspace import ADA, BEN, CLOSED, OTHERS, PAPERS, said, words
from tests.servers.slack.faults import refusing
from tests.servers.slack.views import View


def shown(workspace, person: str = ADA) -> View:
    """The modal that somebody has in front of them."""
    return [view for view in workspace.slack.world.views.values() if view.user == person and view.open][-1]


def fields(view: View) -> dict[str, object]:
    """What stands in a form, by field."""
    values = {}
    for block in view.view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            chosen = element.get("initial_option", {}).get("value")
            values[block["block_id"]] = element.get("initial_value", chosen)
    return values


async def submits(workspace, view: View, **values: str) -> None:
    sent = await workspace.slack.submit(view, values)
    await sent.acked()
    await workspace.settle()


async def opens_form(workspace, line: str = "subscribe", channel: str = PAPERS) -> View:
    sent = await workspace.slack.command(ADA, channel, "/papers", line)
    await sent.acked()
    await workspace.settle()
    return shown(workspace)


async def home(workspace, person: str = ADA) -> View:
    await workspace.slack.open_home(person)
    await workspace.settle()
    return workspace.slack.world.homes[person]


def page(view: View) -> str:
    return words(view.view["blocks"])


async def test_subscribing_by_a_form(workspace):
    view = await opens_form(workspace)
    assert fields(view) == {
        "topic": None,
        "cat": None,
        "min": "0",
        "top": "5",
        "at": "09:00",
        "tz": "UTC",
        "days": "daily",
        "trending": "no",
    }
    await submits(workspace, view, topic="mixture of experts", top="3")
    assert not view.open
    answer = said(workspace.latest())
    assert "mixture of experts" in answer
    assert "at most 3 papers" in answer


async def test_what_is_wrong_is_said_beside_its_field(workspace):
    view = await opens_form(workspace)
    await submits(workspace, view, topic="experts", at="25:00", days="mon-fri")
    assert view.open
    assert list(view.errors) == ["at"]
    assert "a time of day such as 09:00" in view.errors["at"]
    await submits(workspace, view, at="18:30")
    assert not view.open
    assert "Monday to Friday at 18:30 UTC" in said(workspace.latest())


async def _kept_to_admins(workspace):
    workspace.slack.world.people[BEN].admin = True
    await workspace.says("settings changes:admins", person=BEN)


async def test_who_may_not_change_anything_is_told_before_a_form_opens(workspace):
    await _kept_to_admins(workspace)
    refused = await workspace.says("subscribe")
    assert refused.ephemeral_to == ADA
    assert "Only admins" in said(refused)


async def test_who_may_no_longer_change_it_is_told_in_the_form(workspace):
    view = await opens_form(workspace)
    await _kept_to_admins(workspace)
    await submits(workspace, view, topic="experts")
    assert "Only admins" in view.errors["topic"]


async def test_time_zones_are_suggested_while_one_types(workspace):
    view = await opens_form(workspace)
    sent = await workspace.slack.suggest(ADA, view, "paperclub.suggest.timezone", "par")
    await sent.acked()
    offered = [each["value"] for each in view.offered["paperclub.suggest.timezone"]]
    assert offered[0] == "America/Paramaribo"
    assert "Europe/Paris" in offered
    await submits(workspace, view, topic="experts", tz="Europe/Paris")
    assert "Europe/Paris" in said(workspace.latest())


async def test_a_subscription_is_changed_in_its_form(workspace):
    await workspace.says("subscribe mixture of experts top:3 cat:cs.LG")
    listed = await workspace.says("subscriptions")
    await workspace.presses(listed, "edit")
    view = shown(workspace)
    assert "topic" not in fields(view)
    assert fields(view)["cat"] == "cs.LG"
    assert fields(view)["top"] == "3"
    await submits(workspace, view, cat="", top="7")
    answer = said(workspace.latest())
    assert "Changed the subscription to" in answer
    assert "at most 7 papers" in answer
    assert "only" not in answer


async def test_settings_are_changed_in_their_form(workspace):
    card = await workspace.says("settings")
    await workspace.presses(card, "settings")
    view = shown(workspace)
    await submits(workspace, view, layout="flat", links="on")
    assert "(flat)" in said(workspace.slack.ephemerals(ADA)[-1])
    assert "remembered and answered for" in said(await workspace.says("settings"))


async def test_where_the_bot_may_not_speak_a_form_is_answered_directly(workspace):
    workspace.slack.world.channels[OTHERS].members.add(ADA)
    view = await opens_form(workspace, channel=OTHERS)
    await submits(workspace, view, topic="experts")
    direct = workspace.slack.world.direct(ADA).id
    assert "Subscribed to" in said(workspace.latest(direct))


async def test_a_form_that_slack_does_not_open_is_a_button_away(workspace):
    workspace.slack.faults.next("views.open", refusing("expired_trigger_id"))
    answer = await workspace.says("subscribe")
    assert answer.ephemeral_to == ADA
    await workspace.presses(answer, "form")
    assert "topic" in fields(shown(workspace))


async def test_a_mention_gets_the_button_that_opens_the_form(workspace):
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> subscribe")
    await workspace.settle()
    answer = workspace.slack.ephemerals(ADA)[-1]
    await workspace.presses(answer, "form")
    await submits(workspace, shown(workspace), topic="bridges")
    assert "Subscribed to" in said(workspace.latest())


async def test_home_shows_what_is_ones_own(workspace):
    empty = page(await home(workspace))
    assert "None yet." in empty
    assert "Getting started" in empty
    card = await workspace.says("show #1")
    await workspace.presses(card, "up", person=BEN)
    await workspace.says("save #3")
    direct = workspace.slack.world.direct(ADA).id
    await workspace.says("subscribe bridges", channel=direct)
    full = page(await home(workspace))
    assert "Cheaper Experts at Serving Time" in full
    assert "Seeing Cracks in Bridges" in full
    assert "Every day at 09:00 UTC" in full
    assert "Seeing Cracks" not in page(await home(workspace, BEN)), "what somebody saved is theirs"


async def test_home_follows_what_is_pressed_on_it(workspace):
    direct = workspace.slack.world.direct(ADA).id
    await workspace.says("subscribe bridges", channel=direct)
    view = await home(workspace)
    before = len(workspace.slack.messages(direct))
    sent = await workspace.slack.press(ADA, view, "paperclub.pause")
    await sent.acked()
    await workspace.settle()
    assert "paused" in page(view)
    assert len(workspace.slack.messages(direct)) == before


async def test_subscribing_from_home_is_seen_there(workspace):
    view = await home(workspace)
    sent = await workspace.slack.press(ADA, view, "paperclub.form")
    await sent.acked()
    await workspace.settle()
    await submits(workspace, shown(workspace), topic="bridges")
    assert "bridges" in page(view)


async def test_the_messages_tab_publishes_nothing(workspace):
    await workspace.slack.open_home(ADA, tab="messages")
    await workspace.settle()
    assert workspace.slack.world.homes == {}


async def saves(workspace, message, person: str = ADA) -> str:
    sent = await workspace.slack.message_action(person, message, "paperclub.save_paper")
    await sent.acked()
    await workspace.settle()
    return said(workspace.slack.ephemerals(person)[-1])


async def test_the_paper_of_a_message_is_saved_by_shortcut(workspace):
    card = await workspace.says("show #1")
    assert "is on your reading list" in await saves(workspace, card)
    linked = await workspace.slack.say(BEN, PAPERS, "see https://example.org/experts, it is good")
    assert "was on your reading list already" in await saves(workspace, linked)
    elsewhere = await workspace.slack.say(BEN, CLOSED, "https://example.org/experts")
    assert "is on your reading list" in await saves(workspace, elsewhere, BEN)


async def test_a_message_without_one_paper_says_so(workspace):
    talk = await workspace.slack.say(BEN, PAPERS, "good morning")
    assert "I see no paper in that message" in await saves(workspace, talk)
