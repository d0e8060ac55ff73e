"""The stock discord.py against the server."""

import discord
import pytest
from discord import app_commands, ui

from tests.servers.discord import faults
from tests.servers.discord.faults import Bucket
from tests.servers.discord.places import COMPONENTS_V2
from tests.servers.discord.state import (
    ADA,
    BEN,
    ELSEWHERE,
    FORUM_CHANNEL,
    GUILD,
    OTHER_GUILD,
    PAPERS,
    THEORY,
)

CREATE = "POST /channels/{channel_id}/messages"


async def test_a_client_logs_in_and_hears(server, client):
    assert [guild.id for guild in client.guilds] == [GUILD]
    assert len(client.get_guild(GUILD).members) == 4
    message = await server.say(ADA, PAPERS, "hello")
    await message.acked()
    (received,) = client.events("message")
    assert (received.content, received.author.name, received.channel.name) == ("hello", "ada", "papers")
    await (await server.edit(message, "hullo")).acked()
    assert client.events("raw_message_edit")[0].message.content == "hullo"
    await server.delete(message)
    await server.heard()
    assert client.events("raw_message_delete")[0].message_id == message.id
    await (await server.direct(ADA, "psst")).acked()
    assert client.events("message")[1].guild is None


async def test_a_nonce_keeps_a_retry_from_doubling(server, client):
    server.faults.next(CREATE, faults.ACCEPTED_THEN_BROKEN)
    sent = await client.get_channel(PAPERS).send("hi", nonce="n1")
    (message,) = server.messages(PAPERS)
    assert (sent.id, sent.nonce) == (message.id, "n1")
    assert len(server.calls_of(CREATE)) == 2


async def test_messages_are_sent_read_and_changed(server, client):
    channel = client.get_channel(PAPERS)
    sent = await channel.send(
        "hi", embed=discord.Embed(title="Kettle"), allowed_mentions=discord.AllowedMentions.none()
    )
    await sent.edit(content="ho", embed=None)
    assert [one.content async for one in channel.history()] == ["ho"]
    await sent.reply("answer")
    await sent.delete()
    assert [one.content for one in server.messages(PAPERS)] == ["answer"]
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send("x" * 2001)
    assert (caught.value.code, "content" in caught.value.text) == (50035, True)
    direct = await client.get_user(ADA).send("psst")
    assert direct.channel.id == server.world.direct(ADA).id


async def test_raw_reactions_are_heard_and_counted(server, client):
    sent = await client.get_channel(PAPERS).send("vote")
    await sent.add_reaction("👍")
    (message,) = server.messages(PAPERS)
    for user, emoji in ((ADA, "👍"), (BEN, "👍"), (BEN, "👎")):
        await server.react(user, message, emoji)
    await server.unreact(ADA, message, "👍")
    await server.clear_reactions(message, "👎")
    shown = await client.get_channel(PAPERS).fetch_message(sent.id)
    (counted,) = shown.reactions
    assert {user.id async for user in counted.users()} == {BEN, client.user.id}
    await (await server.clear_reactions(message)).acked()
    assert [one.user_id for one in client.events("raw_reaction_add")] == [client.user.id, ADA, BEN, BEN]
    assert [str(one.emoji) for one in client.events("raw_reaction_remove")] == ["👍"]
    assert [str(one.emoji) for one in client.events("raw_reaction_clear_emoji")] == ["👎"]
    assert len(client.events("raw_reaction_clear")) == 1


async def test_a_command_is_deferred_and_followed_up(server, client):
    @client.tree.command(name="find", description="Find papers")
    async def find(interaction: discord.Interaction, query: str):
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(f"found {query}")
        await interaction.followup.send("for all", wait=True)
        await interaction.edit_original_response(content=f"edited {query}")

    await client.tree.sync()
    one = await (await server.command(ADA, PAPERS, "find", query="tea")).acked()
    await server.until(lambda: one.original.content == "edited tea")
    assert [each.content for each in server.ephemerals(ADA)] == ["edited tea"]
    assert [each.content for each in server.messages(PAPERS)] == ["for all"]
    assert one.late is False


async def test_subcommands_suggestions_and_menus(server, client):
    group = app_commands.Group(name="papers", description="Papers")

    @group.command(name="find", description="Find papers")
    async def find(interaction: discord.Interaction, query: str, page: app_commands.Range[int, 1, 9] = 1):
        await interaction.response.send_message(f"{query} {page}")

    @find.autocomplete("query")
    async def suggest(_: discord.Interaction, current: str):
        return [app_commands.Choice(name=f"{current}!", value=f"{current} paper")]

    @client.tree.context_menu(name="Summarize")
    async def summarize(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.send_message(message.content.upper())

    client.tree.add_command(group)
    await client.tree.sync(guild=None)
    typing = await server.autocomplete(ADA, PAPERS, "papers find", "query", "moe", page=2)
    assert (await typing.acked()).choices == [{"name": "moe!", "value": "moe paper"}]
    await (await server.command(ADA, PAPERS, "papers find", query="moe", page=2)).acked()
    message = await server.say(BEN, PAPERS, "loud")
    await (await server.message_command(ADA, message, "Summarize")).acked()
    assert [one.content for one in server.messages(PAPERS)] == ["moe 2", "loud", "LOUD"]


class Form(ui.Modal, title="Kettle"):
    name = ui.Label(text="Name", component=ui.TextInput(custom_id="name"))

    async def on_submit(self, interaction):
        await interaction.response.edit_message(content=f"for {self.name.component.value}", view=None)


class Buttons(ui.View):
    @ui.button(label="Open", custom_id="open")
    async def open(self, interaction, _):
        await interaction.response.send_modal(Form())

    @ui.button(label="Later", custom_id="later")
    async def later(self, interaction, _):
        await interaction.response.defer()
        await interaction.edit_original_response(content="later")

    @ui.select(
        custom_id="which", options=[discord.SelectOption(label="Black"), discord.SelectOption(label="Green")]
    )
    async def which(self, interaction, select):
        await interaction.response.edit_message(content=select.values[0])


async def test_buttons_selects_and_modals(server, client):
    await client.get_channel(PAPERS).send("x", view=Buttons(timeout=None))
    (message,) = server.messages(PAPERS)
    await (await server.choose(ADA, message, "which", "Green")).acked()
    assert message.content == "Green"
    await (await server.press(ADA, message, "later")).acked()
    await server.until(lambda: message.content == "later")
    opened = await (await server.press(ADA, message, "open")).acked()
    await (await server.submit(opened, {"name": "Ada"})).acked()
    assert (message.content, message.components) == ("for Ada", [])


class Layout(ui.LayoutView):
    shown = ui.Container(
        ui.Section("Kettle", accessory=ui.Button(label="Boil", custom_id="boil")), ui.Separator()
    )


async def test_the_new_components(server, client):
    await client.get_channel(PAPERS).send(view=Layout())
    (message,) = server.messages(PAPERS)
    assert message.flags == COMPONENTS_V2
    pressed = await server.press(ADA, message, "boil")
    await pressed.delivery.acked()
    (interaction,) = client.events("interaction")
    assert (interaction.data["custom_id"], interaction.message.id) == ("boil", message.id)
    assert interaction.channel.permissions_for(interaction.guild.me).send_messages


async def test_threads_and_forum_posts(server, client):
    message = await (await server.say(ADA, PAPERS, "x")).acked()
    received = client.events("message")[0]
    thread = await received.create_thread(name="talk", auto_archive_duration=60)
    assert thread.id == message.id
    await thread.send("inside")
    forum = client.get_channel(FORUM_CHANNEL)
    made = await forum.create_thread(name="Kettles", content="hello", applied_tags=[forum.get_tag(THEORY)])
    assert (made.message.id, made.thread.applied_tags[0].name) == (made.thread.id, "theory")
    await made.thread.edit(archived=True)
    assert [one.id async for one in forum.archived_threads()] == [made.thread.id]
    await made.thread.send("again")
    assert [one.id for one in await client.get_guild(GUILD).active_threads()] == [made.thread.id, thread.id]
    assert [one.content for one in server.messages(thread.id)] == ["", "inside"]
    assert [one.kind for one in server.messages(thread.id)] == [21, 0]


async def test_what_was_missed_is_heard_after_a_resume(server, client):
    await (await server.say(ADA, PAPERS, "a")).acked()
    async with server.gateway.away():
        missed = await server.say(ADA, PAPERS, "b")
    await missed.acked()
    assert [one.content for one in client.events("message")] == ["a", "b"]
    assert len(server.gateway.resumed) == 1
    server.gateway.reconnect()
    await (await server.say(ADA, PAPERS, "c")).acked()
    assert len(client.events("resumed")) == 2
    assert len(server.gateway.identified) == 1


async def test_a_session_that_is_lost_begins_anew(server, client):
    server.gateway.resumes = False
    server.gateway.cut()
    await server.until(lambda: len(server.gateway.identified) == 2)
    await (await server.say(ADA, PAPERS, "x")).acked()
    assert [one.content for one in client.events("message")] == ["x"]
    assert client.events("resumed") == []


async def test_a_silent_gateway_is_left(server, connect, stock):
    server.gateway.heartbeat_ms = 100
    server.gateway.answers_heartbeats = False
    await connect(stock(heartbeat_timeout=0.3))
    await server.until(lambda: bool(server.gateway.resumed))


async def test_a_refused_token_or_intent_ends_the_client(server, connect):
    server.world.privileged.clear()
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await connect()
    server.world.token = "other"
    with pytest.raises(discord.LoginFailure):
        await connect()


async def test_a_limit_is_waited_for(server, client):
    server.faults.next(CREATE, faults.rate_limited(0.05))
    server.faults.next(CREATE, faults.rate_limited(0.05, "global"))
    await client.get_channel(PAPERS).send("x")
    assert [one.status for one in server.calls_of(CREATE)] == [429, 429, 200]
    assert len(server.messages(PAPERS)) == 1


async def test_buckets_are_kept_to(timely_server, connect):
    client = await connect()
    timely_server.rates.on = True
    timely_server.rates.buckets[CREATE] = Bucket(2, 0.2)
    for number in range(5):
        await client.get_channel(PAPERS).send(str(number))
    assert [one.status for one in timely_server.calls_of(CREATE)] == [200] * 5


async def test_the_bot_joins_and_leaves_guilds(server, client):
    await server.invite(OTHER_GUILD)
    await server.until(lambda: bool(client.events("guild_join")))
    assert await client.get_channel(ELSEWHERE).send("x")
    await (await server.outage(OTHER_GUILD)).acked()
    await (await server.recover(OTHER_GUILD)).acked()
    await (await server.kick(OTHER_GUILD)).acked()
    names = [event for event, _ in client.dispatched]
    guild_events = [name for name in names if name.startswith("guild_") and name != "guild_available"]
    assert guild_events == ["guild_join", "guild_unavailable", "guild_remove"]
    with pytest.raises(discord.Forbidden):
        await client.get_partial_messageable(ELSEWHERE).send("x")


async def test_channels_change_before_its_eyes(server, client):
    await server.rename(PAPERS, "renamed")
    await server.permit(PAPERS, client.user.id, deny="SEND_MESSAGES")
    made = await server.create_channel(GUILD, "new")
    await (await server.delete_channel(made.id)).acked()
    channel = client.get_channel(PAPERS)
    assert (channel.name, channel.permissions_for(channel.guild.me).send_messages) == ("renamed", False)
    assert client.events("guild_channel_delete")[0].id == made.id


async def test_many_shards(server, connect, stock_shards):
    await server.invite(OTHER_GUILD)
    server.gateway.shards = 2
    client = await connect(stock_shards())
    assert sorted(guild.shard_id for guild in client.guilds) == [0, 1]
    for channel in (PAPERS, ELSEWHERE):
        await (await server.say(ADA, channel, "x")).acked()
    assert {one.guild.id for one in client.events("message")} == {GUILD, OTHER_GUILD}
