"""Forms, suggestions, one's own page and the message command in Discord, over the real discord.py."""

import pytest

from adapters.discord.inbound import interaction_handler
from adapters.discord.render.modals import MORE_OPTIONS
from tests.discord_words import inside
from tests.e2e.discord_guild import ADA, BEN, FORUM, OWNER, PAPERS, button, text_of
from tests.servers.discord.interactions import ANSWER, DEFER, MODAL, UPDATE
from tests.servers.discord.state import BOT


def fields(interaction):
    """What stands in a form, by field."""
    values = {}
    for each in inside(interaction.modal["components"]):
        if each["type"] == 4:
            values[each["custom_id"]] = each.get("value")
        if each["type"] == 3:
            values[each["custom_id"]] = next(one["value"] for one in each["options"] if one["default"])
    return values


async def submits(guild, interaction, **values):
    """Fill in the form that an interaction opened."""
    chosen = {
        name: [value] if name in {"layout", "changes", "links"} else value for name, value in values.items()
    }
    return await guild.done(await guild.discord.submit(interaction, chosen))


def whispered(guild, person=ADA):
    return guild.discord.ephemerals(person)[-1]


async def suggested(guild, command, option, text, **options):
    one = await guild.discord.autocomplete(ADA, PAPERS, f"papers {command}", option, text, **options)
    await guild.done(one)
    return [each["value"] for each in one.choices]


async def test_subscribing_by_a_form_that_goes_on(guild):
    opened = await guild.uses("subscribe")
    assert opened.response == MODAL
    assert fields(opened) == {"topic": None, "cat": None, "min": "0", "top": "5", "at": "09:00"}
    done = await submits(guild, opened, topic="mixture of experts", top="3")
    assert done.response == ANSWER
    answer = guild.latest()
    assert "Subscribed to “mixture of experts”" in text_of(answer)
    assert "at most 3 papers" in text_of(answer)
    more = whispered(guild)
    assert MORE_OPTIONS in text_of(more)
    rest = await guild.presses(more, "More options")
    assert fields(rest) == {"tz": "UTC", "days": "daily", "trending": "no"}
    await submits(guild, rest, tz="Europe/Paris", days="mon-fri")
    assert "Monday to Friday at 09:00 Europe/Paris · at most 3 papers" in text_of(guild.latest())
    assert whispered(guild) is more, "there is no more"


async def test_what_is_wrong_comes_back_with_what_was_filled_in(guild):
    opened = await guild.uses("subscribe")
    sent = await submits(guild, opened, topic="experts", at="25:00", top="3")
    refused = whispered(guild)
    assert sent.ephemeral
    assert "a time of day such as 09:00" in text_of(refused)
    assert guild.discord.messages(PAPERS) == []
    again = await guild.presses(refused, "Fill in the form")
    assert fields(again) == {"topic": "experts", "cat": None, "min": "0", "top": "3", "at": "25:00"}
    described = [each for each in again.modal["components"] if each["component"]["custom_id"] == "at"]
    assert described[0]["description"].startswith("“25:00” does not fit at")
    await submits(guild, again, at="18:30")
    assert "Every day at 18:30 UTC · at most 3 papers" in text_of(guild.latest())


async def test_a_form_that_was_refused_before_a_restart_opens_as_things_stand(open_guild, drafts):
    async with open_guild() as guild:
        await guild.parts.library.add(drafts)
        opened = await guild.uses("subscribe")
        await submits(guild, opened, topic="experts", at="25:00")
        refused = whispered(guild)
    async with open_guild() as guild:
        again = await guild.presses(refused, "Fill in the form")
        assert fields(again)["at"] == "09:00"


async def test_a_form_that_cannot_be_opened_in_time_is_a_button_away(guild, monkeypatch):
    monkeypatch.setattr(interaction_handler, "DEFER_SECONDS", 0)
    used = await guild.uses("subscribe")
    assert used.response == DEFER
    monkeypatch.undo()
    assert guild.discord.messages(PAPERS) == []
    opened = await guild.presses(whispered(guild), "Fill in the form")
    assert "topic" in fields(opened)


async def test_a_mention_gets_the_button_that_opens_the_form(guild):
    await guild.writes(f"<@{BOT}> subscribe")
    direct = guild.discord.world.direct(ADA).id
    assert button(guild.latest(direct), "Fill in the form").startswith("form:subscribe:")


async def test_who_may_not_change_anything_is_told_before_a_form_opens(guild):
    await guild.says("settings changes:admins", person=OWNER)
    used = await guild.uses("subscribe", person=BEN)
    assert used.response == ANSWER
    assert "Only admins" in text_of(whispered(guild, BEN))


async def test_a_subscription_is_changed_in_its_form(guild):
    await guild.says("subscribe mixture of experts top:3 cat:cs.LG")
    listed = await guild.says("subscriptions")
    opened = await guild.presses(listed, "Change")
    assert fields(opened) == {"cat": "cs.LG", "min": "0", "top": "3", "at": "09:00", "tz": "UTC"}
    await submits(guild, opened, cat="", top="7")
    answer = text_of(guild.latest())
    assert "Changed the subscription to" in answer
    assert "at most 7 papers" in answer
    assert "only" not in answer


async def test_settings_are_changed_in_their_form(guild):
    opened = await guild.presses(await guild.says("settings"), "Change settings")
    assert fields(opened)["layout"] == "threaded"
    await submits(guild, opened, layout="flat", links="on")
    assert "(flat)" in text_of(whispered(guild))
    assert MORE_OPTIONS not in text_of(whispered(guild))


async def test_a_subscription_is_paused_in_place_and_ended_once_more_asked(guild):
    await guild.says("subscribe mixture of experts")
    listed = await guild.says("subscriptions")
    pressed = await guild.presses(listed, "Pause")
    assert pressed.response == UPDATE
    assert "paused" in text_of(listed)
    await guild.presses(listed, "End")
    question = whispered(guild)
    assert "End this subscription?" in text_of(question)
    await guild.presses(question, "Keep it")
    assert question.deleted
    await guild.presses(listed, "End")
    await guild.presses(whispered(guild), "End it")
    assert "is no longer subscribed to “mixture of experts”" in text_of(guild.latest())
    assert [each for each in guild.discord.ephemerals(ADA) if "End this" in text_of(each)] == []


async def test_values_are_suggested_while_one_types(guild):
    await guild.says("subscribe mixture of experts")
    assert await suggested(guild, "show", "paper", "cracks in br") == ["#3"]
    assert (await suggested(guild, "subscribe", "tz", "paris", topic="x"))[0] == "Europe/Paris"
    assert await suggested(guild, "unsubscribe", "topic", "expert") == ["1"]
    assert await suggested(guild, "subscriptions", "pause", "mix") == [1]
    assert await suggested(guild, "subscribe", "topic", "mix") == ["mixture of experts"]
    assert await suggested(guild, "help", "command", "sub") == ["subscribe", "subscriptions"]
    assert await suggested(guild, "show", "paper", "no such paper at all") == []


async def test_ones_own_page_shows_what_is_ones_own(guild):
    empty = await guild.done(await guild.discord.command(ADA, PAPERS, "papers home"))
    assert empty.ephemeral
    assert "None yet." in text_of(whispered(guild))
    card = await guild.says("show #1")
    await guild.presses(card, "vote:1:1", person=BEN)
    await guild.says("save #3")
    direct = guild.discord.world.direct(ADA).id
    await guild.writes("subscribe bridges", channel=direct)
    await guild.uses("home")
    page = text_of(whispered(guild))
    for word in ("Cheaper Experts at Serving Time", "Seeing Cracks in Bridges", "Every day at 09:00 UTC"):
        assert word in page
    await guild.uses("home", person=BEN)
    assert "Seeing Cracks" not in text_of(whispered(guild, BEN)), "what somebody saved is theirs"


async def test_subscribing_from_ones_own_page_concerns_ones_own_talk(guild):
    await guild.uses("home")
    opened = await guild.presses(whispered(guild), "Subscribe to a topic")
    await submits(guild, opened, topic="bridges")
    assert guild.discord.messages(PAPERS) == []
    assert "Subscribed to “bridges”" in text_of(guild.discord.ephemerals(ADA)[-2])
    more = await guild.presses(whispered(guild), "More options")
    await submits(guild, more, days="weekdays")
    await guild.uses("home")
    assert "Monday to Friday at 09:00 UTC" in text_of(whispered(guild))
    async with guild.parts.store.reading() as tx:
        (slot,) = await tx.schedule.all()
    assert slot.channel.direct


async def test_a_paper_is_opened_from_ones_own_page(guild):
    await guild.says("save #3")
    await guild.uses("home")
    page = whispered(guild)
    await guild.done(await guild.discord.choose(ADA, page, "choose|look", "show:3"))
    assert "Inspectors find more cracks in less time." in text_of(whispered(guild))
    assert guild.discord.messages(PAPERS) == []


async def saves(guild, message, person=ADA):
    await guild.done(await guild.discord.message_command(person, message, "Save paper"))
    return text_of(whispered(guild, person))


async def test_the_paper_of_a_message_is_saved_from_its_menu(guild):
    card = await guild.says("show #1")
    assert "is on your reading list" in await saves(guild, card)
    guild.discord.world.privileged.discard("MESSAGE_CONTENT")
    linked = await guild.writes("see https://example.org/experts, it is good", person=BEN)
    assert "was on your reading list already" in await saves(guild, linked)
    _, post = await guild.discord.start_post(BEN, FORUM, "experts", "https://example.org/experts")
    assert "is on your reading list" in await saves(guild, post, BEN)


async def test_a_message_without_one_paper_says_so(guild):
    assert "I see no paper in that message" in await saves(guild, await guild.writes("good morning"))


@pytest.mark.parametrize("custom_id", ["unknown:1", "vote:x:y", "form:nothing:"])
async def test_a_button_of_another_time_says_so(guild, custom_id):
    card = await guild.says("show #1")
    next(each for each in inside(card.components) if "custom_id" in each)["custom_id"] = custom_id
    await guild.done(await guild.discord.press(ADA, card, custom_id))
    assert "Error:" in text_of(whispered(guild))
