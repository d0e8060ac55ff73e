"""Forms, suggestions, one's own page and followed links, as the core means them."""

import pytest

from bot.domain.channel import LinkFollowing
from bot.domain.message import MessageRef
from bot.protocol.actions import OpenForm
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import FormSubmitted, HomeOpened, MessagePosted, SuggestionsRequested
from bot.protocol.replies import Form, Home, LinkCard, Notice, SettingsCard, Subscribed, Suggestions, Tone


async def submits(player, command: str, subject: int | None = None, **values: str):
    event = FormSubmitted(origin=player.user.origin, command=command, values=values, subject=subject)
    return (await player._receive(event)).heard[-1]


async def suggested(player, wanted: SuggestionKind, begun: str = "") -> list[str]:
    event = SuggestionsRequested(origin=player.user.origin, kind=wanted, prefix=begun)
    reply = (await player._receive(event)).heard[-1]
    assert isinstance(reply, Suggestions)
    return [each.value for each in reply.choices]


async def test_a_command_that_needs_more_is_asked_for_as_a_form(world):
    form = await world.person("ada").says("subscribe")
    assert isinstance(form, Form)
    assert {field.name: field.value for field in form.fields}["at"] == "09:00"
    assert form.fields[0].required


async def test_a_form_keeps_what_was_filled_in_beside_what_is_wrong(world):
    form = await submits(world.person("ada"), "subscribe", topic="experts", top="many", at="10:00")
    assert isinstance(form, Form)
    assert {field.name: field.value for field in form.fields if field.value}["at"] == "10:00"
    assert {field.name for field in form.fields if field.error} == {"top"}
    empty = await submits(world.person("ada"), "subscribe", topic="  ")
    assert {field.name for field in empty.fields if field.error} == {"topic"}


async def test_a_changed_subscription_keeps_its_topic_and_clears_what_is_left_empty(world):
    ada = world.person("ada")
    number = (await ada.says("subscribe mixture of experts cat:cs.LG min:3")).subscription.id
    form = await ada.presses(OpenForm("subscribe", number))
    assert "topic" not in {field.name for field in form.fields}
    done = await submits(ada, "subscribe", number, cat="", min="", top="2")
    assert isinstance(done, Subscribed)
    wanted = done.subscription.spec
    assert (wanted.topic, wanted.categories, wanted.min_votes, wanted.top) == (
        "mixture of experts",
        frozenset(),
        0,
        2,
    )


async def test_a_subscription_that_has_ended_cannot_be_filled_in(world):
    ada = world.person("ada")
    gone = await ada.presses(OpenForm("subscribe", 77))
    assert isinstance(gone, Notice)
    assert "has ended" in gone.text


@pytest.mark.parametrize("name", ["search", "no such"])
async def test_what_has_no_form_says_so(world, name):
    told = await world.person("ada").presses(OpenForm(name))
    assert isinstance(told, Notice)
    assert told.tone is Tone.ERROR


async def test_settings_by_form(world):
    done = await submits(world.person("ada"), "settings", links="on", tz="Europe/Paris", at="", layout="")
    assert isinstance(done, SettingsCard)
    assert done.settings.link_following is LinkFollowing.ON
    assert done.settings.timezone == "Europe/Paris"


async def test_papers_are_suggested_by_number_title_and_what_was_dealt_with_last(world):
    ada = world.person("ada")
    assert await suggested(ada, SuggestionKind.PAPER, "#3") == ["#3"]
    assert await suggested(ada, SuggestionKind.PAPER, "cracks in br") == ["#3"]
    await ada.says("show #4")
    assert await suggested(ada, SuggestionKind.PAPER) == ["#4"]
    assert await suggested(ada, SuggestionKind.PAPER, "no such paper") == []


async def test_papers_of_the_week_are_suggested_where_nothing_was_dealt_with(world):
    assert set(await suggested(world.person("ada"), SuggestionKind.PAPER)) == {"#1", "#2", "#3", "#4"}


async def test_subscriptions_zones_and_commands_are_suggested(world):
    ada = world.person("ada")
    number = (await ada.says("subscribe mixture of experts")).subscription.id
    assert await suggested(ada, SuggestionKind.SUBSCRIPTION, "expert") == [str(number)]
    assert await suggested(ada, SuggestionKind.TOPIC, "mix") == ["mixture of experts"]
    assert (await suggested(ada, SuggestionKind.TIMEZONE, "paris"))[0] == "Europe/Paris"
    assert await suggested(ada, SuggestionKind.COMMAND, "su") == ["summarize", "subscribe", "subscriptions"]
    assert len(await suggested(ada, SuggestionKind.TIMEZONE)) == 25


async def test_ones_own_page(world):
    ada = world.person("ada")
    await ada.says("save #3")
    await world.person("ben").says("vote #1 up")
    await world.person("ben").says("vote #2 down")
    own = world.person("ada", "@ada")
    await own.says("subscribe bridges")
    page = (await ada._receive(HomeOpened(origin=own.user.origin))).heard[-1]
    assert isinstance(page, Home)
    assert [row.subscription.spec.topic for row in page.subscriptions] == ["bridges"]
    assert [row.paper.id for row in page.saved] == [3]
    assert [row.paper.id for row in page.top] == [1]


async def test_a_link_is_answered_where_the_channel_wants_it(world):
    ada, link = world.person("ada"), "https://example.org/experts"

    async def writes(number: str) -> list[object]:
        message = MessageRef("#general", number)
        event = MessagePosted(
            origin=ada.user.origin, message=message, at=world.clock.now(), links=(link, "https://else.org")
        )
        return (await ada._receive(event)).heard

    assert await writes("901") == []
    await ada.says("settings links:on")
    (card,) = await writes("902")
    assert isinstance(card, LinkCard)
    assert (card.paper.id, card.link, card.discussion) == (1, link, None)
    assert await writes("903") == []
