"""One person on several platforms: a code shown on one side and entered on the other."""

import asyncio
import re
from functools import partial

import pytest

from adapters.console import CONSOLE
from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.account import Identity, Membership
from bot.domain.channel import Origin, Person
from bot.domain.errors import DeliveryError
from bot.domain.message import MessageRef
from bot.protocol.replies import Notice, Tone
from tests.e2e import discord_guild, slack_workspace
from tests.e2e.program_teams import no_answer, nobody
from tests.servers.slack.faults import refusing
from tests.servers.slack.state import TEAM

CODE = re.compile(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}")


def code_in(reply: Notice) -> str:
    found = CODE.search(reply.text)
    assert found, reply
    return found[0]


async def account_of(world, name: str) -> int | None:
    async with world.parts.store.reading() as tx:
        return await tx.accounts.find(Identity(CONSOLE, "", name))


async def test_a_code_makes_two_people_one_after_they_say_that_it_is_them(world):
    ada, countess = world.person("ada"), world.person("countess")
    code = code_in(await ada.says("link"))
    asked = await countess.says(f"link {code.lower().replace('-', ' ')!r}".replace("'", '"'))
    assert (asked.tone, asked.text) == (Tone.WARNING, "This is the code of ada on Console.")
    assert await account_of(world, "countess") is None
    done = await countess.says(f"link {code} confirm:yes")
    assert (done.tone, done.text) == (Tone.DONE, "You are linked. You are also ada on Console.")
    assert await account_of(world, "ada") == await account_of(world, "countess") is not None
    assert "You are also countess on Console." in (await ada.says("link")).text


async def test_a_code_serves_once_for_ten_minutes_and_not_for_its_owner(world):
    ada, ben, eve = (world.person(name) for name in ("ada", "ben", "eve"))
    code = code_in(await ada.says("link"))
    own = await ada.says(f"link {code} confirm:yes")
    assert own.text == "That is your own code. Enter it in the other app, or on the web page."
    await ben.says(f"link {code} confirm:yes")
    for late in (await eve.says(f"link {code} confirm:yes"), await eve.says("link 2222-2222")):
        assert late.tone is Tone.ERROR
        assert "get a new one with `link`" in late.text
    code = code_in(await ada.says("link"))
    world.clock.forward(minutes=10)
    assert (await eve.says(f"link {code}")).tone is Tone.ERROR
    assert await account_of(world, "eve") is None


async def test_unlinking_undoes_it(world):
    ada, ben = world.person("ada"), world.person("ben")
    assert (await ada.says("unlink")).text == "You are not linked with anything."
    await ben.says(f"link {code_in(await ada.says('link'))} confirm:yes")
    assert (await ben.says("unlink")).tone is Tone.DONE
    assert await account_of(world, "ben") is None
    assert "You are also" not in (await ada.says("link")).text
    assert (await ada.says("unlink")).text == "You are not linked with anything."


async def test_what_is_done_from_outside_counts_in_the_persons_own_channel_and_keeps_its_address(workspace):
    card = await workspace.says("show #1", channel=workspace.slack.world.direct(slack_workspace.ADA).id)
    assert card
    origin = Membership(SLACK, TEAM, Person(0, 0, slack_workspace.ADA, "")).origin()
    async with workspace.parts.store.writing() as tx:
        context = await tx.directory.resolve(origin, workspace.parts.clock.now())
    assert context.channel.direct
    assert context.channel.external_id == workspace.slack.world.direct(slack_workspace.ADA).id


def member(platform, workspace, person) -> Membership:
    return Membership(platform, str(workspace), Person(1, 1, str(person), ""))


async def test_slack_tells_the_channels_that_somebody_and_the_bot_are_in(workspace):
    surface = workspace.parts.installed[SLACK].surface
    team = TEAM
    assert slack_workspace.PAPERS in await surface.channels_of(team, slack_workspace.ADA)
    assert slack_workspace.CLOSED not in await surface.channels_of(team, slack_workspace.EVE)
    with pytest.raises(DeliveryError):
        await surface.channels_of(team, "U0NOBODY")


async def test_discord_tells_the_channels_that_somebody_may_read(guild):
    surface, server = guild.parts.installed[DISCORD].surface, guild.discord
    asked = str(discord_guild.GUILD)
    papers, hidden = str(discord_guild.PAPERS), str(discord_guild.HIDDEN)
    for person in (discord_guild.ADA, discord_guild.BEN, discord_guild.OWNER):
        assert papers in await surface.channels_of(asked, str(person))
    assert hidden not in await surface.channels_of(asked, str(discord_guild.BEN))
    await server.permit(discord_guild.PAPERS, discord_guild.BEN, deny="READ_MESSAGE_HISTORY")
    assert papers not in await surface.channels_of(asked, str(discord_guild.BEN))
    assert papers in await surface.channels_of(asked, str(discord_guild.ADA))
    await server.permit(discord_guild.PAPERS, discord_guild.READERS, deny="VIEW_CHANNEL")
    await server.permit(discord_guild.PAPERS, discord_guild.ADA, allow="VIEW_CHANNEL")
    assert papers in await surface.channels_of(asked, str(discord_guild.ADA))
    await server.go(discord_guild.GUILD, discord_guild.ADA)
    assert await surface.channels_of(asked, str(discord_guild.ADA)) == frozenset()


async def test_slack_tells_who_is_in_a_workspace(workspace):
    surface, people = workspace.parts.installed[SLACK].surface, workspace.slack.world.people
    assert await surface.is_member(TEAM, slack_workspace.ADA)
    assert not await surface.is_member(TEAM, "U0NOBODY")
    people[slack_workspace.ADA].deleted = True
    assert not await surface.is_member(TEAM, slack_workspace.ADA)
    people[slack_workspace.EVE].team = "T9ELSE"
    assert not await surface.is_member(TEAM, slack_workspace.EVE)
    workspace.slack.faults.next("users.info", refusing("account_inactive"))
    with pytest.raises(DeliveryError):
        await surface.is_member(TEAM, slack_workspace.BEN)


async def test_discord_tells_who_is_in_a_guild(guild):
    surface, server = guild.parts.installed[DISCORD].surface, guild.discord
    asked, ada = str(discord_guild.GUILD), str(discord_guild.ADA)
    await server.permit(discord_guild.PAPERS, discord_guild.ADA, deny="VIEW_CHANNEL")
    assert await surface.is_member(asked, ada)
    await server.go(discord_guild.GUILD, discord_guild.ADA)
    assert not await surface.is_member(asked, ada)
    del server.world.people[discord_guild.ADA]
    assert not await surface.is_member(asked, ada)
    with pytest.raises(DeliveryError):
        await surface.is_member("1", ada)


async def test_a_platforms_answer_on_who_is_in_it_holds_for_a_minute(world, monkeypatch):
    accounts, ada = world.parts.services.accounts, member(CONSOLE, "console", "ada")
    assert await accounts.is_member(ada)
    monkeypatch.setattr(world.surface, "is_member", nobody)
    assert await accounts.is_member(ada)
    world.clock.forward(seconds=61)
    assert not await accounts.is_member(ada)
    assert not await accounts.is_member(member("elsewhere", "console", "ada"))


async def test_a_platform_that_hangs_is_not_asked_again_at_once(world, monkeypatch):
    accounts, ada = world.parts.services.accounts, member(CONSOLE, "console", "ada")
    asked = []

    async def hangs(workspace, person):
        asked.append(person)
        await asyncio.sleep(0)
        return await no_answer(workspace, person)

    monkeypatch.setattr(world.surface, "is_member", hangs)
    monkeypatch.setattr(world.surface, "channels_of", hangs)
    found = await asyncio.gather(*(accounts.is_member(ada) for _ in range(20)), return_exceptions=True)
    assert {str(each) for each in found} == {"no answer"}
    assert all(isinstance(each, DeliveryError) for each in found)
    assert asked == ["ada"], "those who come at once wait for one answer"
    with pytest.raises(DeliveryError, match="no answer"):
        await accounts.is_member(ada)
    assert await accounts.readable_channels(ada) == await accounts.readable_channels(ada) == frozenset()
    assert asked == ["ada", "ada"]
    monkeypatch.undo()
    world.clock.forward(seconds=31)
    assert await accounts.is_member(ada)
    assert await accounts.readable_channels(ada) == frozenset()


async def test_discord_is_asked_for_a_member_once_for_both_questions(guild):
    surface, server = guild.parts.installed[DISCORD].surface, guild.discord
    workspace, ada = str(discord_guild.GUILD), str(discord_guild.ADA)
    member_calls = partial(server.calls_of, "GET /guilds/{guild_id}/members/{user_id}")
    before = len(member_calls())
    assert await surface.is_member(workspace, ada)
    assert str(discord_guild.PAPERS) in await surface.channels_of(workspace, ada)
    assert len(member_calls()) == before + 1
    await surface.channels_of(workspace, ada)
    assert len(member_calls()) == before + 2, "an answer serves one more question, and no other"


async def test_messages_have_addresses_where_the_platform_has_them(workspace):
    surface = workspace.parts.installed[SLACK].surface
    async with workspace.parts.store.writing() as tx:
        origin = Origin(SLACK, TEAM, slack_workspace.PAPERS, slack_workspace.ADA)
        context = await tx.directory.resolve(origin, workspace.parts.clock.now())
    link = await surface.message_link(
        context.channel, MessageRef(slack_workspace.PAPERS, "1700000000.000100")
    )
    assert link.endswith(f"/archives/{slack_workspace.PAPERS}/p1700000000000100")
    assert link.startswith("https://")
