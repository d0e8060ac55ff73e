"""Answers to interactions that cannot be given as was meant: they reach the person all the same."""

import logging

import pytest

from adapters.discord.inbound import interaction_handler
from adapters.discord.outbound.interaction_response import InteractionConversation
from tests.e2e.discord_guild import ADA, BEN, PAPERS, text_of
from tests.servers.discord import faults
from tests.servers.discord.interactions import DEFER
from tests.servers.discord.state import BOT

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
ANSWER = "/webhooks/{application_id}/{interaction_token}/messages/{message_id}"
TALKS, TYPING = "POST /users/@me/channels", "POST /channels/{channel_id}/typing"
GONE = faults.refusing(404, 10062, "Unknown interaction")
NO_PAPER = "There is no paper #999"


@pytest.fixture
def announced(monkeypatch):
    """Every answer is announced."""
    monkeypatch.setattr(interaction_handler, "DEFER_SECONDS", 0)


@pytest.fixture
def deleted(announced, guild, monkeypatch):  # noqa: ARG001 - both go together
    """Every announcement is deleted by somebody at once."""
    defer = InteractionConversation.defer

    async def defer_in_vain(self):
        await defer(self)
        for one in guild.discord.interactions.all:
            if one.original is not None and not one.original.deleted:
                await guild.discord.delete(one.original)

    monkeypatch.setattr(InteractionConversation, "defer", defer_in_vain)


def direct(guild, person=ADA):
    return guild.discord.messages(guild.discord.world.direct(person).id)


def errors(caplog):
    return [record.message for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.usefixtures("deleted")
async def test_an_error_is_told_privately_though_its_announcement_is_gone(guild, caplog):
    assert (await guild.uses("show", paper="#999")).response == DEFER
    assert NO_PAPER in text_of(guild.discord.ephemerals(ADA)[-1])
    assert guild.discord.messages(PAPERS) == []
    assert errors(caplog) == []


@pytest.mark.usefixtures("deleted")
@pytest.mark.parametrize(("command", "private"), [("related", True), ("show", False)])
async def test_an_answer_comes_though_its_announcement_is_gone(guild, command, private, caplog):
    await guild.uses(command, paper="#1")
    answer = guild.discord.ephemerals(ADA)[-1] if private else guild.latest()
    assert "Experts" in text_of(answer)
    assert bool(guild.discord.messages(PAPERS)) is not private
    assert errors(caplog) == []


@pytest.mark.usefixtures("announced")
async def test_an_error_is_not_shown_to_all_where_the_announcement_stays(guild):
    guild.discord.faults.next(f"DELETE {ANSWER}", faults.refusing(403, 50001, "Missing Access"))
    await guild.uses("show", paper="#999")
    assert NO_PAPER in text_of(direct(guild)[-1])
    assert guild.discord.messages(PAPERS) == [], "in the end it could be taken back"


@pytest.mark.parametrize("code", [10062, 10015, 50027])
async def test_what_is_private_is_said_directly_once_an_interaction_is_over(guild, code, caplog):
    guild.discord.faults.next(CALLBACK, faults.refusing(404, code, "too late"))
    await guild.discord.command(ADA, PAPERS, "papers show", paper="#999")
    await guild.settle()
    assert NO_PAPER in text_of(direct(guild)[-1])
    assert guild.discord.messages(PAPERS) == []
    assert errors(caplog) == []


async def test_what_is_for_all_is_said_in_the_channel_once_an_interaction_is_over(guild):
    guild.discord.faults.next(CALLBACK, GONE)
    await guild.discord.command(ADA, PAPERS, "papers show", paper="#1")
    await guild.settle()
    card = guild.latest()
    assert "Experts" in text_of(card)
    await guild.reacts(card, "👍", person=BEN)
    assert "👍 1" in text_of(card)


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize(("paper", "private"), [("#999", True), ("#1", False)])
async def test_an_announcement_whose_confirmation_was_lost_is_gone_on_from(guild, paper, private, caplog):
    guild.discord.faults.next(CALLBACK, faults.ACCEPTED_THEN_DROPPED)
    await guild.uses("show", paper=paper)
    shown = guild.discord.ephemerals(ADA) if private else guild.discord.messages(PAPERS)
    assert len(shown) == 1
    assert (NO_PAPER if private else "Experts") in text_of(shown[0])
    assert not any(one.loading for one in guild.discord.messages(PAPERS))
    assert errors(caplog) == []


async def test_a_page_whose_message_was_deleted_is_said_anew(guild, many_papers):
    await guild.parts.library.add(many_papers)
    shared = await guild.presses(await guild.says("search rivers and their fish"), "Share in channel")
    message = guild.latest()
    pressed = await guild.discord.press(BEN, message, next_of(message))
    await guild.discord.delete(message)
    await guild.settle()
    assert pressed.answer is not None
    assert "page 2 of" in text_of(guild.discord.ephemerals(BEN)[-1])
    assert shared.answer is not None


def next_of(message):
    """The `custom_id` of the button for the next page."""
    rows = [each for each in message.components[0]["components"] if each["type"] == 1]
    return next(one["custom_id"] for row in rows for one in row["components"] if one.get("label") == "Next")


async def test_a_question_that_is_gone_is_left_alone(guild, caplog):
    await guild.says("subscribe topic:bridges")
    listed = await guild.says("subscriptions")
    await guild.presses(listed, "End")
    question = guild.discord.ephemerals(ADA)[-1]
    kept = await guild.discord.press(ADA, question, "keep")
    await guild.discord.delete(question)
    await guild.done(kept)
    assert errors(caplog) == []


async def test_who_typed_on_needs_no_suggestions(guild, caplog):
    guild.discord.faults.next(CALLBACK, GONE)
    await guild.discord.autocomplete(ADA, PAPERS, "papers show", "paper", "exp")
    await guild.settle()
    assert errors(caplog) == []


async def test_where_direct_messages_wait_it_is_said_for_all_that_they_do(guild):
    guild.discord.faults.next(TALKS, faults.rate_limited(31))
    await guild.writes(f"<@{BOT}> help vote", person=BEN)
    assert "I cannot send you direct messages just now" in text_of(guild.latest())


async def test_a_sign_of_work_that_fails_costs_no_answer(guild):
    guild.discord.faults.next(TYPING, faults.broken())
    await guild.writes(f'<@{BOT}> add https://example.org/new-bridge title:"New Bridges"')
    assert guild.discord.calls_of(TYPING)[-1].status == 503
    assert guild.latest().author == BOT
    assert "New Bridges" in text_of(guild.latest())


async def test_where_discord_does_not_tell_of_a_place_the_person_hears_it(guild):
    thread = await guild.discord.start_thread(BEN, PAPERS, "bridges")
    await guild.settle()
    guild.adapter._context.channels.forget(str(PAPERS))
    guild.discord.faults.next("GET /channels/{channel_id}", faults.refusing(403, 50001, "Missing Access"))
    await guild.uses("show", paper="#1", channel=thread.id)
    assert "which channel this thread belongs to" in text_of(guild.discord.ephemerals(ADA)[-1])


async def test_where_ones_own_talk_cannot_be_opened_the_person_hears_it(guild):
    guild.discord.faults.next(TALKS, faults.refusing(403, 50007, "Cannot send messages to this user"))
    await guild.uses("home")
    notice = text_of(guild.discord.ephemerals(ADA)[-1])
    assert "That did not work: you take no direct messages from me" in notice


async def test_who_cannot_be_told_is_in_the_log_and_nothing_else_happens(guild, caplog):
    guild.discord.faults.next(TALKS, faults.refusing(403, 50007, "Cannot send messages to this user"), 2)
    guild.discord.faults.next(CALLBACK, GONE)
    await guild.discord.command(ADA, PAPERS, "papers home")
    await guild.settle()
    assert "A notice could not be sent (“That did not work" in caplog.text
    assert errors(caplog) == []
    assert "Experts" in text_of(await guild.says("show #1"))
