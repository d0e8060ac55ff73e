"""Every kind of body that the bot sends to Discord, held against what Discord publishes of its API."""

import pytest

from adapters.discord.inbound import interaction_handler
from tests.e2e.discord_guild import ADA, BAD_BODY, BEN, FORUM, PAPERS, text_of
from tests.e2e.test_discord_screens import submits, suggested, whispered
from tests.servers.discord.interactions import ANSWER, DEFER, MODAL, UPDATE
from tests.servers.discord.openapi import ABSENT
from tests.servers.discord.state import BOT

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
DEFERRED_UPDATE, CHOICES = 6, 8
CALLBACKS = {ANSWER, DEFER, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL}
ROUTES = {
    CALLBACK,
    "POST /webhooks/{application_id}/{interaction_token}",
    "PATCH /webhooks/{application_id}/{interaction_token}/messages/{message_id}",
    "POST /channels/{channel_id}/messages",
    "PATCH /channels/{channel_id}/messages/{message_id}",
    "POST /channels/{channel_id}/messages/{message_id}/threads",
    "POST /channels/{channel_id}/threads",
    "PATCH /channels/{channel_id}",
    "POST /users/@me/channels",
    "PUT /applications/{application_id}/commands",
}


async def use_all(guild, clock, monkeypatch):
    """Do what makes the bot send each kind of body once."""
    card = await guild.says("show #1")
    await guild.reacts(card, "👍")
    await guild.presses(card, "Discuss", person=BEN)
    thread = guild.discord.world.find_channel(guild.latest().thread)
    inside = await guild.says("show #2", channel=thread.id)
    await guild.discord.archive(thread)
    await guild.presses(card, "vote:1:1", person=BEN)
    await guild.presses(await guild.says("show #2"), "vote:2:1", person=BEN)
    assert "👍 1" in text_of(inside), "it was opened again"
    await submits(guild, await guild.uses("subscribe"), topic="mixture of experts")
    await guild.presses(await guild.says("subscriptions"), "Pause")
    await guild.presses(await guild.says("subscriptions"), "End")
    await guild.presses(whispered(guild), "Keep it")
    await suggested(guild, "show", "paper", "cracks")
    with monkeypatch.context() as patched:
        patched.setattr(interaction_handler, "DEFER_SECONDS", 0)
        await guild.uses("show", paper="#3")
    await guild.says("search mixture of experts", channel=guild.discord.world.direct(ADA).id)
    forum, _ = await guild.discord.start_post(ADA, FORUM, "a talk", "hello")
    await guild.says("subscribe mixture of experts at:09:00", channel=forum.id)
    guild.discord.world.people[BEN].takes_direct = False
    await guild.writes(f"<@{BOT}> help", person=BEN)
    clock.forward(hours=2)
    await guild.parts.worker.work_off()


async def test_every_kind_of_body_is_as_discord_publishes_it(guild, clock, monkeypatch, published):
    if published is None:
        pytest.skip(ABSENT)
    await use_all(guild, clock, monkeypatch)
    sent = [call for call in guild.discord.calls if call.body is not None]
    assert {call.route for call in sent} == ROUTES
    assert {call.body["type"] for call in sent if call.route == CALLBACK} == CALLBACKS
    for call in sent:
        assert published.published.body_problems(call.route, call.body) == [], call.route
    assert BAD_BODY not in {call.error for call in guild.discord.calls}
    assert {mentions for call in sent for mentions in called_by(call.body)} == {"{'parse': []}"}


def called_by(body):
    """What each message in a body says of those whom it may call."""
    held = (
        [each for each in (body, body.get("data"), body.get("message")) if each]
        if isinstance(body, dict)
        else []
    )
    return [
        str(each.get("allowed_mentions")) for each in held if "components" in each and "title" not in each
    ]


async def test_a_body_that_is_not_as_published_is_noticed(guild, published):
    if published is None:
        pytest.skip(ABSENT)
    await guild.says("show #1", channel=PAPERS)
    (answer,) = guild.discord.calls_of(CALLBACK)
    spoilt = {**answer.body, "data": {**answer.body["data"], "components": [{"type": 17, "components": 5}]}}
    assert published.published.body_problems(CALLBACK, spoilt)
