"""The server's bodies and answers beside Discord's published description of its API."""

from urllib.parse import quote

import discord
import pytest

from tests.servers.discord.limits import LIMITS
from tests.servers.discord.openapi import ABSENT, Published, file
from tests.servers.discord.samples import (
    EPHEMERAL,
    button,
    command,
    container,
    embed,
    field,
    gallery,
    label,
    layout,
    link_button,
    modal,
    parameter,
    row,
    section,
    select,
    text,
    text_input,
)
from tests.servers.discord.state import (
    ADA,
    APP,
    BEN,
    CUSTOM_EMOJI,
    FORUM_CHANNEL,
    GUILD,
    PAPERS,
    READING,
    THEORY,
)

CREATE = "POST /channels/{channel_id}/messages"
MESSAGES = f"/channels/{PAPERS}/messages"
UP = quote("👍")


@pytest.fixture(scope="module")
def published():
    place = file()
    if place is None:
        pytest.skip(ABSENT)
    return Published.read(place)


@pytest.fixture
def ask(server, api, published):
    """Asks, and holds both the body and the answer against the description."""

    async def call(method, path, *, wanted=None, **sending):
        status, body = await api(method, path, **sending)
        route = server.calls[-1].route
        if "json" in sending and wanted is None:
            assert published.body_problems(route, sending["json"]) == []
        assert published.answer_problems(route, status, body) == []
        assert status == (wanted or status)
        assert wanted or status < 300
        return body

    return call


async def test_the_app_and_its_guilds(ask):
    for path in ("/users/@me", "/users/@me/guilds", "/applications/@me", "/oauth2/applications/@me"):
        await ask("GET", path)
    for path in ("/gateway", "/gateway/bot", f"/users/{ADA}", f"/guilds/{GUILD}"):
        await ask("GET", path)
    for rest in ("channels", "roles", "members?limit=9", f"members/{ADA}", "threads/active"):
        await ask("GET", f"/guilds/{GUILD}/{rest}")
    for channel in (PAPERS, FORUM_CHANNEL):
        await ask("GET", f"/channels/{channel}")
    direct = await ask("POST", "/users/@me/channels", json={"recipient_id": str(ADA)})
    await ask("GET", f"/channels/{direct['id']}")


async def test_messages_and_reactions(server, ask):
    question = await server.say(ADA, PAPERS, f"tea, <@{BEN}>?")
    await server.react(BEN, question, f"kettle:{CUSTOM_EMOJI}")
    rows = [row(button(), link_button()), row(select())]
    made = await ask(
        "POST",
        MESSAGES,
        json={
            "content": "x",
            "embeds": [embed(fields=[field()], footer={"text": "x"}, author={"name": "x"})],
            "components": rows,
            "allowed_mentions": {"parse": []},
            "nonce": "n",
            "enforce_nonce": True,
        },
    )
    whole = container(
        section(), text(), gallery("https://x.org/a.png"), {"type": 14}, row(button(custom_id="b"))
    )
    await ask("POST", MESSAGES, json=layout(whole))
    await ask("POST", MESSAGES, json={"content": "y", "message_reference": {"message_id": str(question.id)}})
    await ask("PATCH", f"{MESSAGES}/{made['id']}", json={"content": None, "components": []})
    place = f"{MESSAGES}/{question.id}/reactions/{UP}"
    await ask("PUT", f"{place}/@me")
    await ask("GET", place)
    await ask("DELETE", f"{place}/@me")
    await ask("GET", MESSAGES)
    await ask("GET", f"{MESSAGES}/{question.id}")
    await ask("DELETE", f"{MESSAGES}/{made['id']}")


async def test_threads(server, ask):
    message = await server.say(ADA, PAPERS, "x")
    thread = await ask(
        "POST", f"{MESSAGES}/{message.id}/threads", json={"name": "t", "auto_archive_duration": 60}
    )
    place = f"/channels/{thread['id']}"
    await ask("POST", f"/channels/{PAPERS}/threads", json={"name": "t", "type": 11})
    post = {"name": "t", "message": {"content": "x"}, "applied_tags": [str(THEORY)]}
    await ask("POST", f"/channels/{FORUM_CHANNEL}/threads", json=post)
    await ask("PUT", f"{place}/thread-members/{BEN}")
    for path in (place, f"{place}/messages", f"{place}/thread-members", f"/guilds/{GUILD}/threads/active"):
        await ask("GET", path)
    await ask("PATCH", place, json={"archived": True})
    await ask("GET", f"/channels/{PAPERS}/threads/archived/public")


async def test_commands_and_interactions(server, ask):
    commands = f"/applications/{APP}/commands"
    both = [command(parameter(autocomplete=True)), {"type": 3, "name": "Boil", "description": ""}]
    (made, _) = await ask("PUT", commands, json=both)
    await ask("GET", commands)
    await ask("POST", f"/applications/{APP}/guilds/{GUILD}/commands", json=command(name="pour"))
    await ask("PATCH", f"{commands}/{made['id']}", json={"description": "x"})
    deferred, shown, opened = [await server.command(ADA, READING, "boil") for _ in range(3)]

    def callback(one):
        return f"/interactions/{one.id}/{one.token}/callback?with_response=true"

    await ask("POST", callback(deferred), json={"type": 5, "data": {"flags": EPHEMERAL}})
    hook = f"/webhooks/{APP}/{deferred.token}"
    await ask("PATCH", f"{hook}/messages/@original", json={"content": "x"})
    await ask("GET", f"{hook}/messages/@original")
    rows = {"content": "x", "components": [row(button())]}
    await ask("POST", callback(shown), json={"type": 4, "data": rows})
    forms = modal(label(), label(select(custom_id="which")))
    await ask("POST", callback(opened), json={"type": 9, "data": forms})
    typing = await server.autocomplete(ADA, READING, "boil", "kettle", "te")
    suggested = {"type": 8, "data": {"choices": [{"name": "Tea", "value": "tea"}]}}
    await ask("POST", callback(typing), json=suggested)


async def test_refusals(ask):
    await ask("GET", "/channels/1", wanted=404)
    await ask("POST", MESSAGES, wanted=400, json={"content": "x" * 2001})
    await ask("POST", MESSAGES, wanted=400, json={"embeds": [embed(title="x" * 257)]})


@pytest.mark.parametrize(
    ("route", "body"),
    [
        (CREATE, {"content": 5}),
        (CREATE, {"embeds": [embed(title="x" * 257)]}),
        (CREATE, {"components": [row(*[button()] * 6)]}),
        ("PUT /applications/{application_id}/commands", [command(description="x" * 101)]),
        ("POST /channels/{channel_id}/threads", {"type": 11}),
        ("POST /interactions/{interaction_id}/{interaction_token}/callback", {"type": 9}),
        (
            "POST /interactions/{interaction_id}/{interaction_token}/callback",
            {"type": 9, "data": modal(label(text_input(max_length=5000)))},
        ),
    ],
)
def test_the_description_finds_bad_bodies(published, route, body):
    assert published.body_problems(route, body)


def test_the_description_finds_bad_answers(published):
    assert published.answer_problems("GET /users/@me", 200, {"id": "1"})
    assert published.answer_problems("GET /users/@me", 302, None)
    assert published.answer_problems("PUT /channels/{channel_id}/thread-members/@me", 204, {"id": "1"})
    with pytest.raises(LookupError):
        published.body_problems("POST /kettles", {})


class Choices(discord.ui.View):
    @discord.ui.button(label="Boil", custom_id="boil", emoji="🔥")
    async def boil(self, interaction, _):
        await interaction.response.edit_message(content="hot", view=None)


async def test_what_the_stock_client_sends_is_as_described(server, client, published):
    @client.tree.command(name="find", description="Find papers")
    async def find(interaction: discord.Interaction, query: str):
        await interaction.response.send_message(query, ephemeral=True, view=Choices())

    await client.tree.sync()
    await (await server.command(ADA, PAPERS, "find", query="tea")).acked()
    await (await server.press(ADA, server.ephemerals(ADA)[0], "boil")).acked()
    shown = discord.Embed(title="Kettle", colour=1).add_field(name="a", value="b").set_footer(text="c")
    nobody = discord.AllowedMentions.none()
    sent = await client.get_channel(PAPERS).send("x", embed=shown, allowed_mentions=nobody, nonce="n")
    await sent.edit(content="y")
    await sent.create_thread(name="talk")
    forum = client.get_channel(FORUM_CHANNEL)
    await forum.create_thread(name="Kettles", content="x", applied_tags=[forum.get_tag(THEORY)])
    bodies = [call for call in server.calls if call.body is not None]
    assert len(bodies) >= 7
    assert [published.body_problems(call.route, call.body) for call in bodies] == [[]] * len(bodies)


def test_every_limit_has_its_source():
    assert all(one.source.startswith("https://") and one.value > 0 for one in LIMITS.values())


async def test_pins(server, ask):
    made = await ask("POST", MESSAGES, json=layout(text("Kettles")))
    await server.change_role(GUILD, server.bot_role(GUILD), add="PIN_MESSAGES")
    await ask("PUT", f"{MESSAGES}/pins/{made['id']}")
    assert len((await ask("GET", f"{MESSAGES}/pins"))["items"]) == 1
    await ask("DELETE", f"{MESSAGES}/pins/{made['id']}")
