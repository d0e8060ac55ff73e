"""Payloads as the test servers of Slack and Discord make them, of everything that people do there."""

import asyncio
import copy
from functools import cache
from typing import Any

from adapters.discord.render import modals as discord_views
from adapters.slack.manifest import manifest
from adapters.slack.render.modals import SUGGEST, modal
from bot.protocol.actions import OpenForm, Save, to_token
from bot.protocol.arguments import SuggestionKind
from bot.protocol.replies import Form, FormField
from tests.servers.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, SUBMIT
from tests.servers.discord.people_interactions import command_data
from tests.servers.discord.samples import container, embed, layout, link_button, row, text
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import ADA, BOT, GUILD, PAPERS
from tests.servers.slack.delivery import Delivery
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import Message
from tests.servers.slack.views import BOT_USER

Payload = dict[str, Any]
LINKS = "see https://arxiv.org/abs/2406.00001 and https://example.org/a"
FORM = Form(
    "subscribe",
    "Subscribe",
    "subscribe mixture of experts",
    (FormField("topic", "Topic", "what it is about", "mixture of experts", required=True),),
)


class _Recorder(SlackServer):
    """A Slack that nobody is connected to."""

    async def _send(self, delivery: Delivery) -> Delivery:
        self.sockets.sent.append(delivery)
        return delivery


@cache
def slack_payloads() -> tuple[tuple[str, Payload], ...]:
    """Give payloads with what they are: `events_api`, `slash_commands`, or an interaction's type."""
    server = _Recorder()
    server.create_app(manifest())
    asyncio.run(_live_in(server))
    return tuple(
        (sent.payload["type"] if sent.kind == "interactive" else sent.kind, sent.payload)
        for sent in copy.deepcopy(server.sockets.sent)
    )


async def _live_in(server: SlackServer) -> None:
    world = server.world
    ada = next(name for name, person in world.people.items() if name != BOT_USER and not person.stranger)
    channel = next(name for name, each in world.channels.items() if {ada, BOT_USER} <= each.members)
    said = await server.say(ada, channel, LINKS)
    await server.say(ada, channel, f"<@{BOT_USER}> search experts", thread_ts=said.ts)
    await server.say(ada, world.direct(ada).id, "trending")
    await server.edit(said, "https://example.org/b")
    await server.react(ada, said, "+1")
    await server.unreact(ada, said, "+1")
    await server.command(ada, channel, "/papers", "search mixture of experts")
    button = {"type": "button", "action_id": "paperclub.save", "value": to_token(Save(1)), "text": {}}
    block = {"type": "actions", "block_id": "b1", "elements": [button]}
    card = Message(channel, world.ts(), BOT_USER, "A card", [block])
    world.posted.append(card)
    await server.press(ada, card, "paperclub.save")
    await server.message_action(ada, said, "paperclub.save_paper")
    view = world.open_view(ada, server._stamped(modal(FORM, channel, "#papers")))
    await server.submit(view, {"topic": "experts"})
    typing = {"type": "block_suggestion", "action_id": f"{SUGGEST}{SuggestionKind.TIMEZONE}", "value": "Par"}
    await server.deliver("interactive", {**server.sockets.sent[-1].payload, **typing})
    await server.open_home(ada)
    await server.rename(channel, "reading")
    await server.delete(said)
    await server.archive(ada, channel)
    await server.uninstall()


@cache
def discord_payloads() -> tuple[tuple[str, Payload], ...]:
    """Give payloads with the name of their event."""
    server = DiscordServer()
    asyncio.run(_live_at(server))
    return tuple((told.event, told.data) for told in copy.deepcopy(server.sessions.deliveries))


async def _live_at(server: DiscordServer) -> None:
    channel = server.world.channel(PAPERS)
    said = await server.say(ADA, PAPERS, LINKS)
    await server.say(ADA, PAPERS, f"<@{BOT}> search experts", reply_to=said)
    await server.direct(ADA, "trending")
    await server.edit(said, "https://example.org/b")
    await server.react(ADA, said, "👍")
    await server.unreact(ADA, said, "👍")
    await server.react(ADA, said, "👎")
    await server.clear_reactions(said)
    thread = await server.start_thread(ADA, said, "DiscussionThread")
    await server.say(ADA, thread.id, "I read it")
    known = {"id": "1", "name": "papers", "type": 1}
    topic = {"type": 3, "name": "words", "value": "mixture of experts"}
    typed = {"options": [{"type": 1, "name": "search", "options": [topic]}]}
    await server._begin(COMMAND, ADA, channel, command_data(known, channel, typed))
    paper = {"type": 3, "name": "paper", "value": "mix", "focused": True}
    begun = {"options": [{"type": 1, "name": "show", "options": [paper]}]}
    await server._begin(AUTOCOMPLETE, ADA, channel, command_data(known, channel, begun))
    posted = await server.post_by_app(PAPERS, layout(container(text(LINKS), row(link_button()))))
    forward = await server.forward(ADA, posted, PAPERS)
    shown = {"components": posted.components, "message_snapshots": [{"message": forward.snapshot}]}
    chosen = {"id": str(said.id), "content": LINKS, "embeds": [embed(url="https://example.org/c")], **shown}
    menu = {"target_id": str(said.id), "resolved": {"messages": {str(said.id): chosen}}}
    await server._begin(COMMAND, ADA, channel, {"id": "2", "name": "Save paper", "type": 3, **menu})
    await server._begin(COMPONENT, ADA, channel, {"custom_id": to_token(Save(1)), "component_type": 2}, said)
    page = discord_views.FormPage(OpenForm("subscribe"), 2)
    field = {"type": 4, "id": 2, "custom_id": "topic", "value": "experts"}
    entered = {"type": 18, "id": 1, "component": field}
    await server._begin(SUBMIT, ADA, channel, {"custom_id": page.custom_id, "components": [entered]})
    await server.delete(said)
    server.world.tell("GUILD_DELETE", {"id": str(GUILD)}, GUILD)
