"""Cards over an hour old: Discord takes changes of those only so often, and no vote may be lost by that."""

from datetime import timedelta

import pytest

from adapters.discord import DISCORD
from bot.domain.channel import Origin
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.paper import PaperDraft
from tests.e2e.discord_guild import ADA, BEN, EVE, GUILD, PAPERS, text_of
from tests.servers.discord.faults import broken
from tests.servers.discord.places import Message
from tests.servers.discord.samples import row, text
from tests.servers.discord.state import BOT, EPOCH_MS, born
from tests.storage.making import put_paper

EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"
READ = "GET /channels/{channel_id}/messages/{message_id}"
UP, MANY = "👍", 120


@pytest.fixture
async def cards(guild, clock):
    """Five cards of a paper, from two hours ago."""
    shown = [await guild.says("show #1") for _ in range(5)]
    clock.forward(hours=2)
    return shown


def statuses(guild):
    return [call.status for call in guild.discord.calls_of(EDIT)]


async def test_they_follow_their_votes_no_faster_than_discord_takes_it(guild, cards):
    await guild.reacts(cards[0], UP)
    assert all(f"{UP} 1" in text_of(card) for card in cards)
    assert statuses(guild) == [200] * 5


@pytest.mark.parametrize("seconds", [20.0, 90.0])
async def test_where_that_was_too_fast_they_are_tried_again_until_they_are_right(guild, cards, seconds):
    guild.discord.world.old_edits.most, guild.discord.world.old_edits.seconds = 1, seconds
    await guild.reacts(cards[0], UP)
    await guild.reacts(cards[1], UP, person=BEN)
    assert all(f"{UP} 2" in text_of(card) for card in cards)
    assert statuses(guild).count(200) == 10
    assert statuses(guild).count(429) <= 10, "each is asked for once too early at most"


async def test_a_redraw_that_fails_is_repeated_until_the_card_is_right(guild, cards):
    guild.discord.faults.next(EDIT, broken(), times=30)
    await guild.reacts(cards[0], UP)
    assert all(f"{UP} 1" in text_of(card) for card in cards)


async def test_younger_messages_do_not_wait_for_them(guild, cards):
    guild.discord.world.old_edits.most = 0
    young = await guild.says("show #3")
    await guild.reacts(young, UP, person=EVE)
    assert f"{UP} 1" in text_of(young)
    assert statuses(guild) == [200]
    assert f"{UP} 1" not in text_of(cards[0])


async def fill(guild, clock):
    """Post cards of many papers over two weeks."""
    cards = []
    async with guild.parts.store.writing() as tx:
        origin = Origin(DISCORD, str(GUILD), str(PAPERS), str(ADA))
        context = await tx.directory.resolve(origin, clock.now())
        for number in range(MANY):
            at = clock.now() - timedelta(days=14) * (1 - (number + 1) / (MANY + 1))
            made = born(int(at.timestamp() * 1000) - EPOCH_MS, number)
            card = Message(made, PAPERS, BOT, guild=GUILD, sent_at=at.timestamp())
            card.components, card.flags = [text(f"River {number}"), row()], 1 << 15
            paper_id, _ = await put_paper(tx, PaperDraft(f"River {number}", "Fish.", "test"), at)
            shown = ShownMessage(
                context.channel.id, paper_id, MessageRef(str(PAPERS), str(made)), MessageKind.CARD
            )
            await tx.messages.record(context.channel, [shown], at)
            cards.append(card)
    guild.discord.world.posted += cards
    return cards


async def test_a_reconnect_redraws_the_cards_whose_votes_changed_alone(open_guild, clock):
    async with open_guild() as guild:
        cards = await fill(guild, clock)
    for number in (3, 60, MANY - 1):
        cards[number].reactions[UP] = [BEN]
    clock.forward(minutes=5)
    async with open_guild() as guild:
        await guild.settle()
    assert {call.status for call in guild.discord.calls_of(READ)} == {200}
    assert len(guild.discord.calls_of(READ)) == MANY
    assert statuses(guild) == [200] * 3
    assert [f"{UP} 1" in text_of(card) for card in cards].count(True) == 3
