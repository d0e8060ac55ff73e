import discord

from tests.servers.discord.state import ADA, GUILD, PAPERS


async def test_a_client_logs_in_and_talks(server, client):
    assert [guild.id for guild in client.guilds] == [GUILD]
    message = await server.say(ADA, PAPERS, "hello")
    await message.acked()
    assert [one.content for one in client.events("message")] == ["hello"]
    sent = await client.get_channel(PAPERS).send("hi", nonce="n1")
    again = await client.get_channel(PAPERS).send("hi", nonce="n1")
    assert sent.id == again.id
    assert [one.content for one in server.messages(PAPERS)] == ["hello", "hi"]
    await (await server.react(ADA, server.messages(PAPERS)[1], "👍")).acked()
    assert [one.user_id for one in client.events("raw_reaction_add")] == [ADA]


async def test_a_command_is_deferred_and_followed_up(server, client):
    @client.tree.command(name="find", description="Find papers")
    async def find(interaction: discord.Interaction, query: str):
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(f"found {query}")

    await client.tree.sync()
    one = await (await server.command(ADA, PAPERS, "find", query="tea")).acked()
    await server.until(lambda: not one.original.loading)
    assert [each.content for each in server.ephemerals(ADA)] == ["found tea"]
