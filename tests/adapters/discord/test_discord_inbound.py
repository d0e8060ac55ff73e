"""What Discord's payloads mean; the shapes are those of the pages that the adapter names."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.discord import DISCORD
from adapters.discord.inbound import events as inbound
from adapters.discord.inbound import interactions
from adapters.discord.inbound.reactions import vote_of
from adapters.discord.outbound.channels import FORUMS, IN_DIRECT, OWN_TALK, DiscordChannel, Location, read
from adapters.discord.outbound.interaction import Kind
from adapters.discord.render.modals import Page
from adapters.discord.snowflakes import id_at
from bot.domain.channel import Origin
from bot.domain.errors import UserError
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, Vote
from bot.protocol.actions import OpenForm
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import CommandInvoked, MessagePosted

BOT, ADA, GUILD, CHANNEL, THREAD = "900", "100", "250", "260", "270"
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
MESSAGE = str(int(id_at(NOW)) + 1)
SPOT = Location(GUILD, DiscordChannel(CHANNEL, 0, "papers", GUILD))
IN_THREAD = Location(GUILD, SPOT.channel, THREAD)
DIRECT = Location(GUILD, DiscordChannel("280", IN_DIRECT, owner=ADA))
ORIGIN = Origin(DISCORD, GUILD, CHANNEL, ADA, "Ada L.", "#papers")


def message(content, **more):
    author = {"id": ADA, "username": "ada", "global_name": "Ada", **more.pop("author", {})}
    member = {"nick": "Ada L.", "roles": []}
    return {"id": MESSAGE, "type": 0, "author": author, "member": member, "content": content, **more}


def spoken(content, spot=SPOT, **more):
    return inbound.spoken(message(content, **more), spot, BOT, admin=True)


@pytest.mark.parametrize("content", ["<@900> show #3", "<@!900>  show  #3", "<@900> /papers show #3"])
def test_to_call_the_bot_is_to_command_it(content):
    event = spoken(content)
    assert isinstance(event, CommandInvoked)
    assert (event.name, event.arguments) == ("show", "#3")
    assert event.origin == Origin(DISCORD, GUILD, CHANNEL, ADA, "Ada L.", "#papers", admin=True)
    assert event.event_id == f"message {MESSAGE}"


def test_to_write_to_the_bot_alone_is_to_command_it():
    event = spoken("saved", DIRECT)
    assert isinstance(event, CommandInvoked)
    assert event.name == "saved"
    assert event.origin.direct
    assert event.origin.channel_name == OWN_TALK


def test_talk_counts_in_threads_and_where_it_links():
    assert spoken("good morning") is None
    event = spoken("good morning", IN_THREAD)
    assert isinstance(event, MessagePosted)
    assert event.message == MessageRef(CHANNEL, MESSAGE, THREAD)
    assert abs(event.at - NOW) < timedelta(milliseconds=1)
    beside = spoken("看https://example.org/a。还有「HTTPS://example.org/b」 example.org/c")
    assert isinstance(beside, MessagePosted)
    assert beside.links == ("https://example.org/a", "https://example.org/b", "https://example.org/c")
    linked = spoken("see <https://example.org/a> and [this](https://example.org/b).")
    assert isinstance(linked, MessagePosted)
    assert linked.links == ("https://example.org/a", "https://example.org/b")


@pytest.mark.parametrize(
    "more",
    [{"author": {"bot": True}}, {"webhook_id": "1"}, {"type": 18}, {"type": 21}, {"type": 7}],
)
def test_what_no_person_wrote_is_not_read(more):
    assert spoken("<@900> show #3", **more) is None
    assert spoken("https://example.org", IN_THREAD, **more) is None


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
    event = spoken("", **more)
    assert isinstance(event, MessagePosted)
    assert event.links == ("https://example.org/a", *EMBEDS, *CARDS)
    comment = spoken("", IN_THREAD, **forwarded(content="Worth it?"))
    assert isinstance(comment, MessagePosted), "it is talk as well"
    assert spoken("", **forwarded(content="Worth it?")) is None


def test_in_ones_own_talk_a_forward_shows_its_paper_and_commands_nothing():
    words = forwarded(content="unsubscribe 3")
    told = [spoken("", DIRECT, **each) for each in (words, forwarded(components=[CARD]))]
    assert [(each.name, each.arguments) for each in told] == [("", ""), ("show", CARDS[0])]


def test_previews_of_links_are_not_somebodys_words():
    event = spoken("https://example.org/a", embeds=[PREVIEW])
    assert event.links == ("https://example.org/a",)
    assert interactions.chosen(menu(embeds=[PREVIEW]), SPOT).links == ("https://example.org/embed",)


def test_an_edit_is_one_of_the_author():
    at = NOW.isoformat()
    event = inbound.edited(message("now https://example.org/c", edited_timestamp=at), SPOT)
    assert event is not None
    assert (event.links, event.at) == (("https://example.org/c",), NOW)
    assert inbound.edited(message("the same", edited_timestamp=None), SPOT) is None, "an embed was added"
    assert inbound.edited({"id": MESSAGE, "embeds": []}, SPOT) is None
    assert inbound.edited(message("x", edited_timestamp=at, author={"bot": True}), SPOT) is None


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
    event = inbound.reacted(reaction(name), IN_THREAD, BOT, added=False, at=NOW)
    assert event is not None
    read = (event.reaction, event.added, event.message.thread)
    assert read == (Reaction(name, value), False, THREAD)
    assert event.origin.person_name == "Ada"


def test_other_reactions_and_those_of_bots_are_none():
    assert [vote_of(name) for name in ("🎉", "kettle", "", "👍👍")] == [None] * 4
    bots = {"user": {"id": ADA, "username": "x", "bot": True}}
    for told in (reaction("🎉"), reaction(None), reaction("👍", user_id=BOT), reaction("👍", member=bots)):
        assert inbound.reacted(told, SPOT, BOT, added=True, at=NOW) is None
    without_member = reaction("👍")
    del without_member["member"]
    assert inbound.reacted(without_member, SPOT, BOT, added=False, at=NOW) is not None


def test_cleared_reactions_are_no_votes():
    event = inbound.cleared({"message_id": MESSAGE}, SPOT, BOT, NOW)
    assert event.votes == ()
    assert event.origin.person == BOT


def test_what_is_gone_concerns_nobody_or_whose_own_talk_it_is():
    assert inbound.deleted(MESSAGE, SPOT, BOT).origin.person == BOT
    assert inbound.deleted(MESSAGE, DIRECT, BOT).origin.person == ADA


def test_channels_are_renamed_lost_and_left():
    channel = {"id": CHANNEL, "type": 0, "name": "reading", "guild_id": GUILD}
    renamed = inbound.renamed("papers", read(channel), BOT)
    assert renamed is not None
    assert renamed.origin.channel_name == "#reading"
    assert inbound.renamed("reading", read(channel), BOT) is None
    assert inbound.lost(read(channel), BOT).why == "it was deleted"
    gone = inbound.left({"id": GUILD})
    assert gone is not None
    assert gone.workspace == GUILD
    assert inbound.left({"id": GUILD, "unavailable": True}) is None, "it only cannot be reached"


def test_a_forums_post_goes_with_its_first_message():
    forum = DiscordChannel("300", next(iter(FORUMS)), "papers", GUILD)
    event = inbound.post_gone({"id": THREAD}, forum, BOT)
    assert event.message == MessageRef("300", THREAD, THREAD)


def test_ids_and_times_go_together():
    assert id_at(datetime(2014, 1, 1, tzinfo=UTC)) == "0"
    assert inbound.moment(id_at(NOW)) == NOW


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
    told = interaction(
        2,
        typed(
            "subscribe",
            {"name": "topic", "type": 3, "value": "experts"},
            {"name": "top", "type": 4, "value": 3},
        ),
    )
    event = interactions.command(told, SPOT)
    assert (event.name, event.arguments) == ("subscribe", {"topic": "experts", "top": "3"})
    assert event.origin == ORIGIN
    assert event.event_id == "555"


@pytest.mark.parametrize(
    ("permissions", "admin"), [(0, False), (1 << 3, True), (1 << 4, True), (1 << 5, True)]
)
def test_who_manages_is_an_admin(permissions, admin):
    told = interaction(2, typed("search"), permissions=permissions)
    assert interactions.origin(told, SPOT).admin is admin


def test_in_direct_messages_there_is_no_member():
    told = interaction(2, typed("saved"))
    user = told.pop("member")["user"]
    assert interactions.origin(told | {"user": user}, DIRECT).person_name == "Ada"


def test_a_button_tells_its_token_and_marks():
    told = interaction(3, {"custom_id": "form:subscribe:3|left.2|home", "component_type": 2})
    pressed = interactions.pressed(told, SPOT)
    assert pressed.token == "form:subscribe:3"
    assert (pressed.left, pressed.at_home, pressed.alone, pressed.kept) == (2, True, True, "")
    refused = interactions.pressed(interaction(3, {"custom_id": "form:subscribe:|left.2|again.k3y"}), SPOT)
    assert (refused.left, refused.kept) == (0, "k3y")
    assert (pressed.asks, pressed.answers) == (False, False)
    card = interactions.pressed(interaction(3, {"custom_id": "vote:57:1|T0ken_-of-a-post"}), SPOT)
    assert (card.token, card.left, card.kept, card.alone) == ("vote:57:1", 0, "", False)


def test_what_is_chosen_is_the_token():
    told = interaction(3, {"custom_id": "choose|look", "component_type": 3, "values": ["show:57"]})
    pressed = interactions.pressed(told, SPOT)
    assert (pressed.token, pressed.alone) == ("show:57", True)


@pytest.mark.parametrize(("flags", "seen"), [(0, True), (1 << 6, False), (1 << 15, True)])
def test_what_only_one_person_sees_is_no_message_to_name(flags, seen):
    told = interaction(3, {"custom_id": "x"}, message={"id": MESSAGE, "flags": flags})
    handle = interactions.handle(told, IN_THREAD)
    assert handle.source == (MessageRef(CHANNEL, MESSAGE, THREAD) if seen else None)
    assert (handle.kind, handle.may, handle.app) == (Kind.COMPONENT, 1024, "901")


def test_a_form_is_read_with_the_part_that_it_is():
    field = {"type": 18, "component": {"type": 4, "custom_id": "top", "value": "3"}}
    told = interaction(5, {"custom_id": "form:subscribe:3|left.1", "components": [field]})
    event, page = interactions.submitted(told, SPOT)
    assert (event.command, event.subject, event.values) == ("subscribe", 3, {"top": "3"})
    assert page == Page(OpenForm("subscribe", 3), 1)
    with pytest.raises(UserError):
        interactions.submitted(interaction(5, {"custom_id": "old", "components": []}), SPOT)


def test_what_somebody_types_is_suggested_to_by_its_option():
    focused = {"name": "pause", "type": 4, "value": "ex", "focused": True}
    wanted = interactions.wanted(interaction(4, typed("subscriptions", focused)), SPOT)
    assert wanted is not None
    event, whole = wanted
    assert (event.kind, event.prefix, whole) == (SuggestionKind.SUBSCRIPTION, "ex", True)
    other = {"name": "say", "type": 3, "value": "x", "focused": True}
    nothing = {"name": "papers", "options": [{"type": 1, "name": "show"}]}
    assert interactions.wanted(interaction(4, nothing), SPOT) is None
    assert interactions.wanted(interaction(4, typed("discuss", other)), SPOT) is None


def menu(**shown):
    """Somebody chose a message from its menu."""
    messages = {MESSAGE: {"id": MESSAGE, "content": "", **shown}}
    return interaction(2, {"type": 3, "target_id": MESSAGE, "resolved": {"messages": messages}})


def test_a_chosen_message_is_read_whole():
    shown = {"content": "see https://example.org/a", "embeds": [{"url": "https://example.org/b"}, {}]}
    event = interactions.chosen(menu(**shown), IN_THREAD)
    assert event.links == ("https://example.org/a", "https://example.org/b")
    assert event.message == MessageRef(CHANNEL, MESSAGE, THREAD)


def test_other_bots_messages_and_forwards_of_them_can_be_chosen():
    assert interactions.chosen(menu(components=[CARD]), SPOT).links == CARDS
    assert interactions.chosen(menu(embeds=[EMBED]), SPOT).links == EMBEDS
    assert interactions.chosen(menu(**forwarded(components=[CARD])), SPOT).links == CARDS


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
    links = interactions.chosen(menu(content="https://example.org/a", **odd), SPOT).links
    assert links == ("https://example.org/a",)


def test_ones_own_talk_has_no_admins():
    origin = interactions.at_home(ORIGIN, DIRECT)
    assert (origin.channel, origin.channel_name, origin.direct, origin.admin) == (
        "280",
        OWN_TALK,
        True,
        False,
    )
    assert origin.workspace == GUILD


def test_a_form_that_is_none_of_ours_is_told_to_the_person():
    with pytest.raises(UserError, match="older version"):
        Page.read("save:1")


def test_a_guild_without_an_id_is_refused():
    with pytest.raises(TypeError):
        inbound.left({"id": None})
