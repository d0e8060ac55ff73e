"""What people do in Discord, over the real discord.py, and what they see there."""

import asyncio

import pytest

from adapters.discord.inbound import interaction_handler
from adapters.discord.inbound.location_resolver import LocationResolver
from adapters.discord.render.cards import JOIN_IN
from bot.domain.vote import TallyCount
from tests.e2e.discord_guild import ADA, BEN, EVE, GUILD, HIDDEN, OWNER, PAPERS, READING, text_of
from tests.servers.discord.interactions import ANSWER, DEFER, UPDATE
from tests.servers.discord.state import BOT

UP, DOWN = "👍", "👎"


async def tally(guild, paper_id: int = 1, channel: int = PAPERS) -> TallyCount:
    """The votes on a paper, as the store has them."""
    async with guild.parts.store.reading() as tx:
        (leaders, _) = await tx.votes.leaders(await guild.channel_id(channel), None, 10, 0)
    return {each.paper_id: each.tally for each in leaders}.get(paper_id, TallyCount())


async def test_a_search_is_seen_by_the_asker_alone(guild):
    answer = await guild.says("search mixture of experts")
    assert answer.ephemeral_to == ADA
    assert "Cheaper Experts at Serving Time" in text_of(answer)
    assert guild.discord.messages(PAPERS) == []


async def test_a_shared_search_is_seen_by_all(guild):
    answer = await guild.says("search mixture of experts")
    await guild.presses(answer, "Share in channel")
    assert "Cheaper Experts at Serving Time" in text_of(guild.latest())


async def test_pages_are_turned_in_place(guild, many_papers):
    await guild.parts.library.add(many_papers)
    answer = await guild.says("search rivers and their fish")
    first = text_of(answer)
    turned = await guild.presses(answer, "Next")
    assert turned.response == UPDATE
    (seen,) = guild.discord.ephemerals(ADA)
    assert "page 2 of" in text_of(seen)
    assert text_of(seen) != first


async def test_a_row_is_opened_for_whoever_opens_it_alone(guild):
    await guild.presses(await guild.says("search mixture of experts"), "Share in channel")
    shared = guild.latest()
    await guild.presses(shared, "show:3" if "show:3" in str(shared.components) else "Open", person=BEN)
    (card,) = guild.discord.ephemerals(BEN)
    assert "Related papers" in text_of(card)
    assert guild.discord.messages(PAPERS) == [shared]


async def test_what_is_said_at_once_is_the_first_answer(guild):
    used = await guild.uses("show", paper="#1")
    assert used.response == ANSWER
    assert guild.latest().kind == 20
    assert used.seconds < 3


async def test_bad_arguments_of_a_public_command_are_told_privately_and_before_anything_is_announced(guild):
    used = await guild.uses("show", paper="#999")
    assert used.response == ANSWER
    assert used.ephemeral
    assert "There is no paper #999" in text_of(guild.discord.ephemerals(ADA)[-1])
    assert guild.discord.messages(PAPERS, deleted=True) == []


@pytest.mark.parametrize(("command", "private"), [("related", True), ("show", False)])
async def test_an_answer_that_takes_long_is_announced_with_its_commands_privacy(
    guild, monkeypatch, command, private
):
    monkeypatch.setattr(interaction_handler, "DEFER_SECONDS", 0)
    used = await guild.uses(command, paper="#1")
    assert used.response == DEFER
    assert used.ephemeral is private
    answer = guild.discord.ephemerals(ADA)[-1] if private else guild.latest()
    assert "Experts" in text_of(answer)
    assert not answer.loading
    assert await tally(guild) == TallyCount()


async def test_a_late_error_of_a_public_command_is_told_privately(guild, monkeypatch):
    monkeypatch.setattr(interaction_handler, "DEFER_SECONDS", 0)
    used = await guild.uses("show", paper="#999")
    assert used.response == DEFER
    assert not used.ephemeral
    assert guild.discord.messages(PAPERS) == [], "what was announced to all is gone"
    assert "There is no paper #999" in text_of(guild.discord.ephemerals(ADA)[-1])


async def test_what_was_announced_can_be_voted_on(guild, monkeypatch):
    monkeypatch.setattr(interaction_handler, "DEFER_SECONDS", 0)
    await guild.uses("show", paper="#1")
    card = guild.latest()
    await guild.reacts(card, UP)
    assert f"{UP} 1" in text_of(card)


async def test_a_mention_is_a_command(guild):
    question = await guild.writes(f"<@{BOT}> show #3")
    answer = guild.latest()
    assert "Seeing Cracks in Bridges" in text_of(answer)
    assert answer.reference["message_id"] == str(question.id)
    assert answer.pings.users == []
    thread = await guild.discord.start_thread(BEN, question, "bridges")
    await guild.writes(f"<@{BOT}> show #3", person=BEN, channel=thread.id)
    assert "Seeing Cracks in Bridges" in text_of(guild.latest(thread.id))


async def test_what_is_private_is_said_directly_to_who_mentions(guild):
    await guild.writes(f"<@{BOT}> help vote")
    direct = guild.discord.world.direct(ADA).id
    assert "vote paper:PAPER" in text_of(guild.latest(direct))
    guild.discord.world.people[BEN].takes_direct = False
    await guild.writes(f"<@{BOT}> help vote", person=BEN)
    assert "I cannot send you direct messages" in text_of(guild.latest())


async def test_a_direct_message_needs_no_command(guild):
    await guild.says("settings")
    direct = guild.discord.world.direct(ADA).id
    await guild.writes("save #3", channel=direct)
    await guild.writes("saved", channel=direct)
    assert "Seeing Cracks in Bridges" in text_of(guild.latest(direct))
    saved = await guild.says("saved")
    assert "Seeing Cracks in Bridges" in text_of(saved), "it is the list of the server's team"


async def test_commands_work_in_direct_messages_too(guild):
    direct = guild.discord.world.direct(ADA).id
    answer = await guild.says("show #3", channel=direct)
    assert "Seeing Cracks in Bridges" in text_of(answer)
    assert answer.ephemeral_to is None
    await guild.presses(answer, "Save")
    assert "is on your reading list" in text_of(guild.latest(direct))


async def test_reactions_vote_and_the_card_follows(guild):
    card = await guild.says("show #1")
    await guild.reacts(card, "👍🏽")
    await guild.reacts(card, UP, person=BEN)
    assert await tally(guild) == TallyCount(2, 0)
    assert f"{UP} 2" in text_of(card)
    await guild.unreacts(card, UP, person=BEN)
    await guild.reacts(card, DOWN, person=BEN)
    assert await tally(guild) == TallyCount(1, 1)
    assert f"{UP} 1" in text_of(card)


async def test_two_tones_are_one_vote_until_both_are_taken_away(guild):
    card = await guild.says("show #1")
    for emoji in (UP, "👍🏽"):
        await guild.reacts(card, emoji)
    await guild.unreacts(card, UP)
    assert await tally(guild) == TallyCount(1, 0)
    await guild.unreacts(card, "👍🏽")
    assert await tally(guild) == TallyCount()


async def test_what_is_heard_last_of_a_reaction_counts_however_long_each_takes(guild, monkeypatch):
    card = await guild.says("show #1")
    locate, waits = LocationResolver.locate, iter((True, False))

    async def slow_at_first(self, payload, person=""):
        if next(waits, False):
            for _ in range(2000):
                await asyncio.sleep(0)
        return await locate(self, payload, person)

    monkeypatch.setattr(LocationResolver, "locate", slow_at_first)
    await guild.discord.react(BEN, card, UP)
    await guild.discord.unreact(BEN, card, UP)
    await guild.settle()
    assert await tally(guild) == TallyCount()


async def test_other_reactions_and_bots_are_no_votes(guild):
    card = await guild.says("show #1")
    await guild.reacts(card, "🎉")
    await guild.reacts(card, f"kettle:{next(iter(guild.discord.world.guilds[GUILD].emojis))}")
    await guild.discord.change_role(GUILD, guild.discord.bot_role(GUILD), add="ADD_REACTIONS")
    await guild.reacts(card, UP, person=BOT)
    guild.discord.world.people[BEN].bot = True
    await guild.reacts(card, DOWN, person=BEN)
    assert await tally(guild) == TallyCount()


async def test_cleared_reactions_are_no_votes_any_more(guild):
    card = await guild.says("show #1")
    await guild.reacts(card, UP)
    await guild.reacts(card, DOWN, person=BEN)
    await guild.reacts(card, "👎🏿", person=EVE)
    await guild.discord.clear_reactions(card, DOWN)
    await guild.settle()
    assert await tally(guild) == TallyCount(1, 1), "one with another skin tone stands"
    await guild.discord.clear_reactions(card)
    await guild.settle()
    assert await tally(guild) == TallyCount()


async def test_a_reaction_to_a_list_is_no_vote(guild):
    await guild.presses(await guild.says("search mixture of experts"), "Share in channel")
    await guild.reacts(guild.latest(), UP)
    assert await tally(guild) == TallyCount()


async def test_buttons_vote_and_the_same_again_takes_back(guild):
    card = await guild.says("show #1")
    await guild.presses(card, "vote:1:1", person=BEN)
    assert f"{UP} 1" in text_of(card)
    assert "you voted 👍" in text_of(guild.discord.ephemerals(BEN)[-1])
    await guild.presses(card, "vote:1:1", person=BEN)
    assert await tally(guild) == TallyCount()


async def test_words_in_a_papers_thread_are_a_discussion(guild):
    card = await guild.says("discuss #1")
    assert JOIN_IN in text_of(card)
    assert card.thread == card.id
    thread = guild.discord.world.find_channel(card.thread)
    assert thread.name == "Cheaper Experts at Serving Time"
    await guild.writes("Worth it?", person=BEN, channel=thread.id)
    await guild.writes("I think so", channel=thread.id)
    history = text_of(await guild.says("history"))
    assert "discussed" in history


async def test_a_thread_that_somebody_begins_under_a_card_is_a_discussion(guild):
    card = await guild.says("show #1")
    thread = await guild.discord.start_thread(BEN, card, "what about it")
    await guild.writes("Worth it?", person=BEN, channel=thread.id)
    assert "discussed" in text_of(await guild.says("history"))


async def test_a_discussion_opened_in_a_thread_begins_outside(guild):
    question = await guild.writes("papers?")
    thread = await guild.discord.start_thread(BEN, question, "papers")
    card = await guild.says("show #1", channel=thread.id)
    await guild.presses(card, "Discuss", person=BEN)
    talk = guild.latest()
    assert "Cheaper Experts" in text_of(talk)
    assert talk.thread == talk.id
    assert f"/{PAPERS}/{talk.id}" in text_of(guild.discord.ephemerals(BEN)[-1]).replace("\\", "")


async def test_a_discussion_begun_in_a_thread_is_had_there(guild):
    question = await guild.writes("Has anybody read this?")
    thread = await guild.discord.start_thread(BEN, question, "this")
    await guild.says("discuss #1", channel=thread.id)
    await guild.writes("I have", person=BEN, channel=thread.id)
    async with guild.parts.store.reading() as tx:
        (entry,), _ = await tx.discussions.history(await guild.channel_id(PAPERS), 5, 0)
    assert entry.message is not None
    assert "discussed" in text_of(await guild.says("history"))


@pytest.mark.parametrize("together", [False, True])
async def test_a_deleted_card_takes_its_votes_along(guild, together):
    card = await guild.says("show #1")
    other = await guild.writes("hello")
    await guild.reacts(card, UP)
    assert await tally(guild) == TallyCount(1, 0)
    await guild.discord.delete(*([card, other] if together else [card]))
    await guild.settle()
    assert await tally(guild) == TallyCount()


async def test_what_the_bot_cannot_see_it_says(guild):
    await guild.says("show #1", channel=HIDDEN)
    assert "Cheaper Experts" in text_of(guild.discord.messages(HIDDEN)[-1])
    assert "I lack permissions in #hidden: View Channel" in text_of(guild.discord.ephemerals(ADA)[-1])


async def test_who_subscribes_where_the_bot_may_not_post_is_told_what_it_lacks(guild):
    role = guild.discord.bot_role(GUILD)
    await guild.discord.permit(READING, role, deny="CREATE_PUBLIC_THREADS SEND_MESSAGES_IN_THREADS")
    await guild.says("subscribe mixture of experts", channel=READING)
    warning = text_of(guild.discord.ephemerals(ADA)[-1])
    assert "I lack permissions in #reading: " in warning
    assert "Create Public Threads" in warning
    assert "Send Messages in Threads" in warning
    assert "View Channel" not in warning


async def test_who_has_links_followed_where_the_bot_may_not_answer_is_told_what_it_lacks(guild):
    await guild.discord.permit(READING, guild.discord.bot_role(GUILD), deny="SEND_MESSAGES")
    await guild.says("settings links:on", channel=READING)
    assert "I lack permissions in #reading: Send Messages." in text_of(guild.discord.ephemerals(ADA)[-1])
    await guild.says("settings", channel=READING)
    assert "Settings of #reading" in text_of(guild.discord.ephemerals(ADA)[-1]), "who only looks is not told"


async def test_who_mentions_the_bot_where_it_may_not_write_is_told_so_directly(guild):
    await guild.discord.permit(PAPERS, guild.discord.bot_role(GUILD), deny="SEND_MESSAGES")
    await guild.writes(f"<@{BOT}> show #3")
    (direct,) = guild.discord.messages(guild.discord.world.direct(ADA).id)
    assert "I cannot answer in #papers: I lack the permission Send Messages." in text_of(direct)
    assert "Use /papers" in text_of(direct)
    guild.discord.world.people[BEN].takes_direct = False
    await guild.writes(f"<@{BOT}> show #3", person=BEN)
    assert [each for each in guild.discord.messages(PAPERS) if each.author == BOT] == []


@pytest.mark.parametrize(("archived", "why"), [(False, "locked"), (True, "archived")])
async def test_who_mentions_the_bot_in_a_thread_that_was_closed_is_told_so_directly(guild, archived, why):
    thread = await guild.discord.start_thread(BEN, PAPERS, "bridges")
    message = await guild.discord.say(BEN, thread.id, f"<@{BOT}> show #3")
    thread.locked = True
    if archived:
        await guild.discord.archive(thread, locked=True)
    await guild.settle()
    (direct,) = guild.discord.messages(guild.discord.world.direct(BEN).id)
    assert f"I cannot answer in #papers: The thread is {why}." in text_of(direct)
    assert guild.discord.messages(thread.id)[-1] == message


async def test_who_mentions_the_bot_where_it_may_not_read_history_is_answered(guild):
    for role in (guild.discord.bot_role(GUILD), GUILD):
        await guild.discord.change_role(GUILD, role, remove="READ_MESSAGE_HISTORY")
    await guild.writes(f"<@{BOT}> show #3")
    assert "Seeing Cracks in Bridges" in text_of(guild.latest())


async def test_admins_only_is_kept_to_discords_admins(guild):
    await guild.says("settings changes:admins", person=OWNER)
    refused = await guild.says("subscribe bridges", person=BEN)
    assert "Only admins" in text_of(refused)
    await guild.writes(f"<@{BOT}> subscribe bridges", person=BEN)
    direct = guild.discord.world.direct(BEN).id
    assert "Only admins" in text_of(guild.latest(direct))
    await guild.writes(f"<@{BOT}> subscribe bridges", person=OWNER)
    assert "Subscribed to “bridges”" in text_of(guild.latest())
