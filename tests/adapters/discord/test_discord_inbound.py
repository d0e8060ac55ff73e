"""What Discord's payloads mean; the shapes are those of the pages that the adapter names."""

from datetime import UTC, datetime, timedelta

import pytest
from discord import InteractionType

from adapters.discord import DISCORD
from adapters.discord.inbound import events, interactions
from adapters.discord.inbound.reactions import vote_of
from adapters.discord.outbound.channels import (
    DM,
    DM_NAME,
    FORUM_TYPES,
    DiscordChannel,
    Location,
    parse_channel,
)
from adapters.discord.render.modals import FormPage
from adapters.discord.snowflakes import lowest_id
from bot.domain.channel import Origin
from bot.domain.errors import UserError
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, Vote
from bot.protocol.actions import OpenForm
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import CommandInvoked, MessagePosted

BOT, ADA, GUILD, CHANNEL, THREAD = "900", "100", "250", "260", "270"
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
MESSAGE = str(int(lowest_id(NOW)) + 1)
LOCATION = Location(GUILD, DiscordChannel(CHANNEL, 0, "papers", GUILD))
IN_THREAD = Location(GUILD, LOCATION.channel, THREAD)
IN_DM = Location(GUILD, DiscordChannel("280", DM, recipient=ADA))
ORIGIN = Origin(DISCORD, GUILD, CHANNEL, ADA, "Ada L.", "#papers")


def message(content, **more):
    author = {"id": ADA, "username": "ada", "global_name": "Ada", **more.pop("author", {})}
    member = {"nick": "Ada L.", "roles": []}
    return {"id": MESSAGE, "type": 0, "author": author, "member": member, "content": content, **more}


def parsed(content, location=LOCATION, **more):
    return events.message_created(message(content, **more), location, BOT, admin=True)


@pytest.mark.parametrize("content", ["<@900> show #3", "<@!900>  show  #3", "<@900> /papers show #3"])
def test_to_call_the_bot_is_to_command_it(content):
    event = parsed(content)
    assert isinstance(event, CommandInvoked)
    assert (event.name, event.arguments) == ("show", "#3")
    assert event.origin == Origin(DISCORD, GUILD, CHANNEL, ADA, "Ada L.", "#papers", admin=True)
    assert event.event_id == f"message {MESSAGE}"


def test_to_write_to_the_bot_alone_is_to_command_it():
    event = parsed("saved", IN_DM)
    assert isinstance(event, CommandInvoked)
    assert event.name == "saved"
    assert event.origin.direct
    assert event.origin.channel_name == DM_NAME


def test_talk_counts_in_threads_and_where_it_links():
    assert parsed("good morning") is None
    event = parsed("good morning", IN_THREAD)
    assert isinstance(event, MessagePosted)
    assert event.message == MessageRef(CHANNEL, MESSAGE, THREAD)
    assert abs(event.at - NOW) < timedelta(milliseconds=1)
    beside = parsed("看https://example.org/a。还有「HTTPS://example.org/b」 example.org/c")
    assert isinstance(beside, MessagePosted)
    assert beside.links == ("https://example.org/a", "https://example.org/b", "https://example.org/c")
    linked = parsed("see <https://example.org/a> and [this](https://example.org/b).")
    assert isinstance(linked, MessagePosted)
    assert linked.links == ("https://example.org/a", "https://example.org/b")


@pytest.mark.parametrize(
    "more",
    [{"author": {"bot": True}}, {"webhook_id": "1"}, {"type": 18}, {"type": 21}, {"type": 7}],
)
def test_what_no_person_wrote_is_not_read(more):
    assert parsed("<@900> show #3", **more) is None
    assert parsed("https://example.org", IN_THREAD, **more) is None


CARD = {
    "type": 17,
    "components": [
        {"type": 10, "content": "### [Routers](https://example.org/text)"},
        {
            "type": 9,
            "components": [{"type": 10, "content": "see https://example.org/section"}],
            "accessory": {"type": 2, "style": 5, "label": "PDF", "url": "https://example.org/accessory"},
        },
        {
            "type": 1,
            "components": [{"type": 2, "style": 5, "label": "Go", "url": "https://example.org/button"}],
        },
        {"type": 1, "components": [{"type": 2, "style": 1, "label": "Vote", "custom_id": "x"}]},
    ],
}
CARDS = tuple(f"https://example.org/{each}" for each in ("text", "section", "accessory", "button"))
EMBED = {
    "type": "rich",
    "title": "Routers https://example.org/title",
    "url": "https://example.org/embed",
    "description": "at https://example.org/words",
    "fields": [{"name": "Code", "value": "https://example.org/field"}],
    "author": {"name": "Feeds", "url": "https://example.org/author"},
    "footer": {"text": "by https://example.org/footer"},
}
EMBEDS = tuple(
    f"https://example.org/{each}" for each in ("embed", "title", "words", "field", "author", "footer")
)
PREVIEW = {**EMBED, "type": "article"}
"""What Discord draws of a link by itself: its words are the page's."""


def forwarded(**snapshot):
    return {"message_reference": {"type": 1}, "message_snapshots": [{"message": snapshot}]}


def test_what_is_forwarded_is_read_whole():
    more = forwarded(content="https://example.org/a", embeds=[EMBED], components=[CARD])
    event = parsed("", **more)
    assert isinstance(event, MessagePosted)
    assert event.links == ("https://example.org/a", *EMBEDS, *CARDS)
    comment = parsed("", IN_THREAD, **forwarded(content="Worth it?"))
    assert isinstance(comment, MessagePosted), "it is talk as well"
    assert parsed("", **forwarded(content="Worth it?")) is None


def test_in_ones_own_talk_a_forward_shows_its_paper_and_commands_nothing():
    words = forwarded(content="unsubscribe 3")
    payload = [parsed("", IN_DM, **each) for each in (words, forwarded(components=[CARD]))]
    assert [(each.name, each.arguments) for each in payload] == [("", ""), ("show", CARDS[0])]


def test_previews_of_links_are_not_somebodys_words():
    event = parsed("https://example.org/a", embeds=[PREVIEW])
    assert event.links == ("https://example.org/a",)
    assert interactions.message_command(menu(embeds=[PREVIEW]), LOCATION).links == (
        "https://example.org/embed",
    )


def test_an_edit_is_one_of_the_author():
    at = NOW.isoformat()
    event = events.message_edited(message("now https://example.org/c", edited_timestamp=at), LOCATION)
    assert event is not None
    assert (event.links, event.at) == (("https://example.org/c",), NOW)
    assert events.message_edited(message("the same", edited_timestamp=None), LOCATION) is None, (
        "an embed was added"
    )
    assert events.message_edited({"id": MESSAGE, "embeds": []}, LOCATION) is None
    assert events.message_edited(message("x", edited_timestamp=at, author={"bot": True}), LOCATION) is None


def reaction(name, **more):
    member = {"nick": None, "user": {"id": ADA, "username": "ada", "global_name": "Ada"}}
    return {
        "user_id": ADA,
        "message_id": MESSAGE,
        "emoji": {"id": None, "name": name},
        "member": member,
        **more,
    }


@pytest.mark.parametrize(("name", "value"), [("👍", Vote.UP), ("👍🏿", Vote.UP), ("👎🏻", Vote.DOWN)])
def test_reactions_are_votes_whatever_their_tone(name, value):
    event = events.reaction_changed(reaction(name), IN_THREAD, BOT, added=False, at=NOW)
    assert event is not None
    read = (event.reaction, event.added, event.message.thread)
    assert read == (Reaction(name, value), False, THREAD)
    assert event.origin.person_name == "Ada"


def test_other_reactions_and_those_of_bots_are_none():
    assert [vote_of(name) for name in ("🎉", "kettle", "", "👍👍")] == [None] * 4
    bots = {"user": {"id": ADA, "username": "x", "bot": True}}
    for payload in (reaction("🎉"), reaction(None), reaction("👍", user_id=BOT), reaction("👍", member=bots)):
        assert events.reaction_changed(payload, LOCATION, BOT, added=True, at=NOW) is None
    without_member = reaction("👍")
    del without_member["member"]
    assert events.reaction_changed(without_member, LOCATION, BOT, added=False, at=NOW) is not None


def test_cleared_reactions_are_no_votes():
    event = events.reactions_cleared({"message_id": MESSAGE}, LOCATION, BOT, NOW)
    assert event.votes == ()
    assert event.origin.person == BOT


def test_what_is_gone_concerns_nobody_or_whose_own_talk_it_is():
    assert events.message_deleted(MESSAGE, LOCATION, BOT).origin.person == BOT
    assert events.message_deleted(MESSAGE, IN_DM, BOT).origin.person == ADA


def test_channels_are_renamed_lost_and_left():
    channel = {"id": CHANNEL, "type": 0, "name": "reading", "guild_id": GUILD}
    renamed = events.channel_renamed("papers", parse_channel(channel), BOT)
    assert renamed is not None
    assert renamed.origin.channel_name == "#reading"
    assert events.channel_renamed("reading", parse_channel(channel), BOT) is None
    assert events.channel_deleted(parse_channel(channel), BOT).why == "it was deleted"
    gone = events.guild_left({"id": GUILD})
    assert gone is not None
    assert gone.workspace == GUILD
    assert events.guild_left({"id": GUILD, "unavailable": True}) is None, "it only cannot be reached"


def test_a_forums_post_goes_with_its_first_message():
    forum = DiscordChannel("300", next(iter(FORUM_TYPES)), "papers", GUILD)
    event = events.forum_post_deleted({"id": THREAD}, forum, BOT)
    assert event.message == MessageRef("300", THREAD, THREAD)


def test_ids_and_times_go_together():
    assert lowest_id(datetime(2014, 1, 1, tzinfo=UTC)) == "0"
    assert events.created_at(lowest_id(NOW)) == NOW


def interaction(kind, data, **more):
    member = {
        "nick": "Ada L.",
        "user": {"id": ADA, "username": "ada", "global_name": "Ada"},
        "permissions": str(more.pop("permissions", 0)),
    }
    return {
        "id": "555",
        "token": "tok",
        "application_id": "901",
        "type": kind,
        "data": data,
        "app_permissions": "1024",
        "member": member,
        **more,
    }


def typed(name, *options):
    return {"type": 1, "name": "papers", "options": [{"type": 1, "name": name, "options": list(options)}]}


def test_a_command_has_its_options_as_text():
    payload = interaction(
        2,
        typed(
            "subscribe",
            {"name": "topic", "type": 3, "value": "experts"},
            {"name": "top", "type": 4, "value": 3},
        ),
    )
    event = interactions.slash_command(payload, LOCATION)
    assert (event.name, event.arguments) == ("subscribe", {"topic": "experts", "top": "3"})
    assert event.origin == ORIGIN
    assert event.event_id == "555"


@pytest.mark.parametrize(
    ("permissions", "admin"), [(0, False), (1 << 3, True), (1 << 4, True), (1 << 5, True)]
)
def test_who_manages_is_an_admin(permissions, admin):
    payload = interaction(2, typed("search"), permissions=permissions)
    assert interactions.origin(payload, LOCATION).admin is admin


def test_in_direct_messages_there_is_no_member():
    payload = interaction(2, typed("saved"))
    user = payload.pop("member")["user"]
    assert interactions.origin(payload | {"user": user}, IN_DM).person_name == "Ada"


def test_a_button_tells_its_token_and_marks():
    payload = interaction(3, {"custom_id": "form:subscribe:3|left.2|home", "component_type": 2})
    component = interactions.component_action(payload, LOCATION)
    assert component.token == "form:subscribe:3"
    assert (component.fields_left, component.for_dm, component.ephemeral, component.form_key) == (
        2,
        True,
        True,
        "",
    )
    refused = interactions.component_action(
        interaction(3, {"custom_id": "form:subscribe:|left.2|again.k3y"}), LOCATION
    )
    assert (refused.fields_left, refused.form_key) == (0, "k3y")
    assert (component.needs_confirmation, component.is_confirmation) == (False, False)
    card = interactions.component_action(
        interaction(3, {"custom_id": "vote:57:1|T0ken_-of-a-post"}), LOCATION
    )
    assert (card.token, card.fields_left, card.form_key, card.ephemeral) == ("vote:57:1", 0, "", False)


def test_what_is_chosen_is_the_token():
    payload = interaction(3, {"custom_id": "choose|look", "component_type": 3, "values": ["show:57"]})
    component = interactions.component_action(payload, LOCATION)
    assert (component.token, component.ephemeral) == ("show:57", True)


@pytest.mark.parametrize(("flags", "seen"), [(0, True), (1 << 6, False), (1 << 15, True)])
def test_what_only_one_person_sees_is_no_message_to_name(flags, seen):
    payload = interaction(3, {"custom_id": "x"}, message={"id": MESSAGE, "flags": flags})
    read = interactions.interaction(payload, IN_THREAD)
    assert read.source == (MessageRef(CHANNEL, MESSAGE, THREAD) if seen else None)
    assert (read.kind, read.app_permissions, read.application_id) == (InteractionType.component, 1024, "901")


def test_a_form_is_read_with_the_part_that_it_is():
    field = {"type": 18, "component": {"type": 4, "custom_id": "top", "value": "3"}}
    payload = interaction(5, {"custom_id": "form:subscribe:3|left.1", "components": [field]})
    event, page = interactions.modal_submit(payload, LOCATION)
    assert (event.command, event.subject, event.values) == ("subscribe", 3, {"top": "3"})
    assert page == FormPage(OpenForm("subscribe", 3), 1)
    with pytest.raises(UserError):
        interactions.modal_submit(interaction(5, {"custom_id": "old", "components": []}), LOCATION)


def test_what_somebody_types_is_suggested_to_by_its_option():
    focused = {"name": "pause", "type": 4, "value": "ex", "focused": True}
    result = interactions.autocomplete(interaction(4, typed("subscriptions", focused)), LOCATION)
    assert result is not None
    event, integer = result
    assert (event.kind, event.prefix, integer) == (SuggestionKind.SUBSCRIPTION, "ex", True)
    other = {"name": "say", "type": 3, "value": "x", "focused": True}
    nothing = {"name": "papers", "options": [{"type": 1, "name": "show"}]}
    assert interactions.autocomplete(interaction(4, nothing), LOCATION) is None
    assert interactions.autocomplete(interaction(4, typed("discuss", other)), LOCATION) is None


def menu(**shown):
    """Somebody chose a message from its menu."""
    messages = {MESSAGE: {"id": MESSAGE, "content": "", **shown}}
    return interaction(2, {"type": 3, "target_id": MESSAGE, "resolved": {"messages": messages}})


def test_a_chosen_message_is_read_whole():
    shown = {"content": "see https://example.org/a", "embeds": [{"url": "https://example.org/b"}, {}]}
    event = interactions.message_command(menu(**shown), IN_THREAD)
    assert event.links == ("https://example.org/a", "https://example.org/b")
    assert event.message == MessageRef(CHANNEL, MESSAGE, THREAD)


def test_other_bots_messages_and_forwards_of_them_can_be_chosen():
    assert interactions.message_command(menu(components=[CARD]), LOCATION).links == CARDS
    assert interactions.message_command(menu(embeds=[EMBED]), LOCATION).links == EMBEDS
    assert interactions.message_command(menu(**forwarded(components=[CARD])), LOCATION).links == CARDS


@pytest.mark.parametrize(
    "odd",
    [
        {"embeds": None, "components": None, "message_snapshots": None},
        {"embeds": [None, 3, {"url": 7, "fields": {"name": 1}, "author": "x", "footer": [None]}]},
        {"components": [{"components": None}, {"content": 5, "url": {}, "accessory": [[]]}, "x"]},
        {"message_snapshots": [{}, {"message": None}, {"message": {"content": None, "embeds": "x"}}]},
    ],
)
def test_what_is_odd_in_a_message_hides_nothing_else(odd):
    links = interactions.message_command(menu(content="https://example.org/a", **odd), LOCATION).links
    assert links == ("https://example.org/a",)


def test_ones_own_talk_has_no_admins():
    origin = interactions.dm_origin(ORIGIN, IN_DM)
    assert (origin.channel, origin.channel_name, origin.direct, origin.admin) == (
        "280",
        DM_NAME,
        True,
        False,
    )
    assert origin.workspace == GUILD


def test_a_form_that_is_none_of_ours_is_told_to_the_person():
    with pytest.raises(UserError, match="older version"):
        FormPage.parse("save:1")


def test_a_guild_without_an_id_is_refused():
    with pytest.raises(TypeError):
        events.guild_left({"id": None})
