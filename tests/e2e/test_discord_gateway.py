"""Discord's gateway: connections that end, guilds that come and go, and what was missed meanwhile."""

import asyncio
import re
from contextlib import AsyncExitStack

import pytest

from adapters.discord.checks import fetch_app
from adapters.discord.inbound import gateway, interaction_handler
from adapters.discord.manifest import user_agent
from app.surfaces import services_for_checks
from bot.domain.vote import TallyCount
from tests.e2e.discord_guild import ADA, BEN, GUILD, HIDDEN, PAPERS, text_of
from tests.e2e.test_discord import tally
from tests.servers.discord.faults import broken
from tests.servers.discord.intents import BITS
from tests.servers.discord.state import BOT, ELSEWHERE, OTHER_GUILD

UP, DOWN = "👍", "👎"
COMMANDS = "PUT /applications/{application_id}/commands"
MESSAGE = "GET /channels/{channel_id}/messages/{message_id}"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Let sessions begin one after the other without the five seconds that Discord wants between them."""

    async def at_once(*_, **__):
        pass

    monkeypatch.setattr(gateway._Client, "before_identify_hook", at_once)
    monkeypatch.setattr(gateway, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(gateway, "REFUSED_PAUSE", 0.01)


async def subscription(guild, channel=PAPERS):
    number = await guild.channel_id(channel)
    async with guild.parts.store.reading() as tx:
        (found,) = await tx.subscriptions.of_channel(number)
    return found


async def test_every_call_and_connection_says_who_calls(guild, discord_settings, monkeypatch):
    """Commands, a card, answers to interactions, a resumed connection, a vote, and the doctor."""
    monkeypatch.setattr(interaction_handler, "DEFER_SECONDS", 0)
    card = await guild.says("show #1")
    made = guild.discord.gateway.made
    guild.discord.gateway.reconnect()
    await guild.discord.gateway.wait_for_sessions(since=made)
    await guild.reacts(card, UP)
    await guild.says("search nothing of that")
    async with services_for_checks(discord_settings) as services:
        await fetch_app(discord_settings, services)
    assert guild.discord.agents.heard == {user_agent()}
    assert re.fullmatch(
        r"DiscordBot \(https://github\.com/Rapptz/discord\.py, [\d.]+\) Paperclub/\S+", user_agent()
    )


@pytest.mark.parametrize("how", ["cut", "reconnect", "close", "invalid"])
async def test_a_session_is_resumed_and_loses_nothing(guild, how):
    card = await guild.says("show #1")
    discord = guild.discord
    made = discord.gateway.made
    end = {
        "cut": discord.gateway.cut,
        "reconnect": discord.gateway.reconnect,
        "close": lambda: discord.gateway.close(4000),
        "invalid": lambda: discord.gateway.invalidate(resumable=True),
    }
    end[how]()
    await discord.react(BEN, card, UP)
    await discord.gateway.wait_for_sessions(since=made)
    await guild.settle()
    assert len(discord.gateway.resumed) == 1
    assert len(discord.gateway.identified) == 1
    assert await tally(guild) == TallyCount(1, 0)
    assert discord.calls_of(MESSAGE) == [], "nothing was recounted"


@pytest.mark.parametrize("code", [4004, 4007, 4009, 4010, 4011, 4012, 4013, None])
async def test_a_session_that_discord_ends_is_followed_by_another(guild, clock, code, caplog):
    card = await guild.says("show #1")
    discord = guild.discord
    clock.forward(minutes=5)
    guild.adapter.connected.clear()
    made = discord.gateway.made
    if code is None:
        discord.gateway.invalidate()
    else:
        discord.gateway.close(code)
        for session in discord.sessions.open:
            session.ended = True
    await discord.react(BEN, card, UP)
    await discord.gateway.wait_for_sessions(since=made)
    await guild.adapter.connected.wait()
    await guild.settle()
    assert len(discord.gateway.identified) == 2
    assert await tally(guild) == TallyCount(1, 0), "what was missed is counted"
    assert (f"with code {code}" in caplog.text) == (code in {4004, 4010, 4011, 4012, 4013})


async def test_a_token_that_discord_does_not_take_is_tried_again(
    discord, discord_settings, open_guild, caplog
):
    discord.world.token = "another"

    def put_right() -> bool:
        if "Discord does not take the bot's token" in caplog.text:
            discord.world.token = discord.token
        return discord.world.token == discord.token

    async with asyncio.TaskGroup() as group:
        group.create_task(discord.until(put_right))
        async with open_guild() as guild:
            assert "vote paper:PAPER" in text_of(await guild.says("help vote"))
    assert discord_settings.discord_token.get_secret_value() not in caplog.text


async def test_where_a_session_cannot_be_resumed_votes_are_recounted(guild, clock):
    card = await guild.says("show #1")
    await guild.reacts(card, UP)
    clock.forward(minutes=5)
    discord = guild.discord
    discord.gateway.resumes = False
    made = discord.gateway.made
    guild.adapter.connected.clear()
    for session in discord.sessions.open:
        session.ended = True
    discord.gateway.cut()
    await discord.react(BEN, card, DOWN)
    await discord.gateway.wait_for_sessions(since=made)
    await guild.adapter.connected.wait()
    await guild.settle()
    assert await tally(guild) == TallyCount(1, 1)


async def test_votes_cast_while_nobody_listened_are_counted(open_guild, drafts, clock):
    async with open_guild() as guild:
        await guild.parts.library.add(drafts)
        first, second, third = [await guild.says(f"show #{number}") for number in (1, 2, 3)]
        await guild.reacts(first, UP)
        await guild.presses(second, "vote:2:1")
        await guild.reacts(second, DOWN, person=BEN)
    discord = guild.discord
    await discord.unreact(ADA, first, UP)
    await discord.react(BEN, first, "👎🏼")
    await discord.unreact(BEN, second, DOWN)
    await discord.change_role(GUILD, discord.bot_role(GUILD), add="ADD_REACTIONS")
    await discord.react(BOT, second, UP)
    await discord.react(BEN, third, UP)
    await discord.react(ADA, third, "🎉")
    clock.forward(minutes=5)
    async with open_guild() as guild:
        assert [await tally(guild, number) for number in (1, 2, 3)] == [
            TallyCount(0, 1),
            TallyCount(1, 0),
            TallyCount(1, 0),
        ]
        assert f"{DOWN} 1" in text_of(first)
        await guild.presses(first, "vote:1:1", person=BEN)
        assert await tally(guild) == TallyCount(1, 0), "buttons of old messages still work"


async def test_more_votes_than_discord_tells_at_once_are_counted(guild, monkeypatch):
    card = await guild.says("show #1")
    monkeypatch.setattr("adapters.discord.inbound.recount.HISTORY_PAGE", 2)
    for person in (ADA, BEN, BOT):
        await guild.discord.react(person, card, UP)
    await guild.settle()
    await guild.discord.clear_reactions(card, DOWN)
    await guild.settle()
    assert await tally(guild) == TallyCount(2, 0)


async def test_a_recount_begins_with_the_newest_and_ends_with_a_failure_that_passes(
    open_guild, drafts, clock
):
    async with open_guild() as guild:
        await guild.parts.library.add(drafts)
        cards = []
        for number in (1, 2, 3):
            cards.append(await guild.says(f"show #{number}"))
            clock.forward(minutes=1)
    newest_first = [str(card.id) for card in reversed(cards)]
    discord = guild.discord
    discord.faults.next(MESSAGE, broken(503))
    for recounted in (newest_first[:1], newest_first):
        discord.calls.clear()
        clock.forward(hours=1)
        async with open_guild():
            pass
        assert [call.parts["message_id"] for call in discord.calls_of(MESSAGE)] == recounted


@pytest.mark.parametrize("gone", ["card", "thread", "channel"])
async def test_what_was_deleted_meanwhile_is_forgotten_unless_its_channel_went(
    open_guild, drafts, clock, gone
):
    async with open_guild() as guild:
        await guild.parts.library.add(drafts)
        question = await guild.writes("papers?")
        thread = await guild.discord.start_thread(BEN, question, "papers")
        card = await guild.says("show #1", channel=thread.id if gone == "thread" else PAPERS)
        await guild.reacts(card, UP)
        assert await tally(guild) == TallyCount(1, 0)
    clock.forward(minutes=5)
    if gone == "card":
        await guild.discord.delete(card)
    elif gone == "thread":
        await guild.discord.delete_thread(thread)
    else:
        await guild.discord.delete_channel(PAPERS)
    async with open_guild() as guild:
        assert await tally(guild) == (TallyCount(1, 0) if gone == "channel" else TallyCount())


async def test_commands_are_registered_where_they_have_changed_alone(open_guild, monkeypatch):
    for _ in range(2):
        async with open_guild() as guild:
            assert len(guild.discord.calls_of(COMMANDS)) == 1
    registered = guild.discord.world.commands.values()
    assert {each["name"] for each in registered} == {"papers", "Save paper"}
    assert {each.get("guild_id") for each in registered} == {None}
    monkeypatch.setattr("adapters.discord.render.commands._ABOUT", "Something else")
    async with open_guild() as guild:
        assert len(guild.discord.calls_of(COMMANDS)) == 2


async def test_a_guild_that_cannot_be_reached_is_not_lost(guild):
    await guild.says("subscribe mixture of experts")
    await guild.discord.outage(GUILD)
    await guild.settle()
    assert not (await subscription(guild)).paused
    before = len(guild.discord.messages(PAPERS))
    await guild.discord.recover(GUILD)
    await guild.settle()
    assert len(guild.discord.messages(PAPERS)) == before, "nobody is greeted anew"


async def test_taken_out_of_a_guild_the_bot_pauses_all_and_tells_whom_it_reaches(guild):
    await guild.discord.invite(OTHER_GUILD)
    await guild.says("subscribe mixture of experts")
    await guild.says("subscribe bridges", person=BEN)
    guild.discord.world.people[BEN].takes_direct = False
    await guild.discord.kick(GUILD)
    await guild.settle()
    (direct,) = guild.discord.messages(guild.discord.world.direct(ADA).id)
    assert "Paused: “mixture of experts”" in text_of(direct)
    number = await guild.channel_id(PAPERS)
    async with guild.parts.store.reading() as tx:
        assert all(each.paused for each in await tx.subscriptions.of_channel(number))
        assert await tx.schedule.all() == []


async def test_taken_out_while_it_was_not_listening_the_bot_finds_out(open_guild, discord, drafts):
    await discord.invite(OTHER_GUILD)
    async with open_guild() as guild:
        await guild.parts.library.add(drafts)
        await guild.says("subscribe mixture of experts")
    await discord.kick(GUILD)
    async with open_guild() as guild:
        assert (await subscription(guild)).paused
        (direct,) = discord.messages(discord.world.direct(ADA).id)
    assert "Paused: “mixture of experts”" in text_of(direct)


async def test_who_lets_the_bot_in_is_greeted(guild):
    await guild.discord.invite(OTHER_GUILD)
    await guild.settle()
    assert "subscribe" in text_of(guild.latest(ELSEWHERE))


async def test_a_renamed_channel_is_called_by_its_new_name(guild):
    await guild.says("settings")
    await guild.discord.rename(PAPERS, "reading")
    await guild.settle()
    number = await guild.channel_id(PAPERS)
    async with guild.parts.store.reading() as tx:
        assert (await tx.directory.channel(number)).name == "#reading"


async def test_a_channel_that_is_lost_sight_of_keeps_its_name(guild):
    """Discord calls those that a bot cannot see `___hidden___`."""
    await guild.says("settings")
    bots = guild.discord.bot_role(GUILD)
    number = await guild.channel_id(PAPERS)
    for denied in ("VIEW_CHANNEL", ""):
        await guild.discord.permit(PAPERS, bots, deny=denied)
        await guild.settle()
        async with guild.parts.store.reading() as tx:
            assert (await tx.directory.channel(number)).name == "#papers"


async def test_a_channel_that_is_shown_later_is_called_by_its_name(guild):
    bots = guild.discord.bot_role(GUILD)
    await guild.discord.permit(HIDDEN, bots, allow="VIEW_CHANNEL SEND_MESSAGES READ_MESSAGE_HISTORY")
    await guild.settle()
    await guild.discord.permit(HIDDEN, ADA, allow="VIEW_CHANNEL SEND_MESSAGES USE_APPLICATION_COMMANDS")
    await guild.writes(f"<@{BOT}> settings links:on", channel=HIDDEN)
    talk = guild.discord.messages(HIDDEN) + guild.discord.messages(guild.discord.world.direct(ADA).id)
    assert any("#hidden" in text_of(each) for each in talk)
    assert not any("___" in text_of(each) for each in talk)


async def test_an_intent_that_was_taken_away_is_done_without(guild, caplog):
    guild.discord.world.privileged.discard("MESSAGE_CONTENT")
    guild.adapter.connected.clear()
    made = guild.discord.gateway.made
    guild.discord.gateway.close(4014)
    await guild.discord.gateway.wait_for_sessions(since=made)
    await guild.adapter.connected.wait()
    wanted = [bool(each["intents"] & BITS["MESSAGE_CONTENT"]) for each in guild.discord.gateway.identified]
    assert wanted == [True, False]
    assert "lost the intent for message content" in caplog.text


@pytest.fixture
def open_shard(discord_settings, open_guild):
    """Start a process that takes one of two shards."""

    def opened(shard):
        one = {"discord_shard_count": 2, "discord_shard_ids": str(shard)}
        return open_guild(discord_settings.model_copy(update=one))

    return opened


async def test_processes_that_begin_together_wait_for_their_turn(open_shard, discord, clock):
    discord.gateway.strict_pace = True

    async def pass_by():
        await discord.until(lambda: len(discord.gateway.identified) > 2)
        clock.forward(seconds=5)

    async with open_shard(0), asyncio.TaskGroup() as group:
        group.create_task(pass_by())
        async with open_shard(1):
            assert {session.shard for session in discord.sessions.open} == {(0, 2), (1, 2)}


async def test_several_processes_share_the_guilds(open_shard, discord, drafts):
    await discord.invite(OTHER_GUILD)
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(open_shard(shard)) for shard in (0, 1)]
        assert [each["shard"] for each in discord.gateway.identified] == [[0, 2], [1, 2]]
        await first.writes("help", channel=discord.world.direct(BEN).id, person=BEN)
        unknown = text_of(first.latest(discord.world.direct(BEN).id))
        assert "I do not know yet which server's papers to show you here" in unknown
        await first.parts.library.add(drafts)
        await second.parts.library.refresh()
        await second.discord.command(BEN, ELSEWHERE, "papers show", paper="#1")
        await second.discord.until(lambda: len(discord.messages(ELSEWHERE)) == 1)
        await second.reacts(discord.messages(ELSEWHERE)[0], UP, person=BEN)
        assert f"{UP} 1" in text_of(discord.messages(ELSEWHERE)[0])
        await first.says("show #2")
        assert len(discord.calls_of(COMMANDS)) == 1
