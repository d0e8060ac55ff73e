"""What Slack's payloads mean to the bot."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack.inbound.events import parse_command, parse_event, parse_ts, plain_text
from adapters.slack.inbound.interactions import parse_press
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, Vote
from bot.protocol.events import (
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    Invited,
    MessageDeleted,
    MessagePosted,
    ReactionChanged,
    Uninstalled,
)

BOT = "U0BOT"
AT = "1790000000.000100"


def wrapped(event: dict[str, Any], **around: Any) -> dict[str, Any]:
    """An event as Slack sends it."""
    authorizations = [
        {"team_id": "T1", "enterprise_id": None, "user_id": BOT, "is_enterprise_install": False}
    ]
    body = {"team_id": "T1", "event_id": "Ev1", "authorizations": authorizations, "event": event}
    return {**body, **around}


def message(text: str = "hello", **more: Any) -> dict[str, Any]:
    """A person's message in a channel."""
    return {"type": "message", "channel": "C1", "user": "U1", "text": text, "ts": AT, **more}


def reaction(name: str = "+1", **more: Any) -> dict[str, Any]:
    """A reaction to a message."""
    item = {"type": "message", "channel": "C1", "ts": "1.2"}
    event = {"type": "reaction_added", "user": "U1", "reaction": name, "item": item, "event_ts": AT}
    return {**event, **more}


def typed(text: str, **more: Any) -> dict[str, Any]:
    """A slash command."""
    who = {"user_id": "U1", "user_name": "ada", "channel_id": "C1", "channel_name": "papers"}
    return {
        **who,
        "team_id": "T1",
        "text": text,
        "trigger_id": "t1",
        "is_enterprise_install": "false",
        **more,
    }


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (message(), MessagePosted),
        (message(thread_ts="1.1", subtype="thread_broadcast"), MessagePosted),
        (message(subtype="file_share"), MessagePosted),
        (message(subtype="channel_join"), None),
        (message(subtype="message_changed", message=message(bot_id="B9")), None),
        (message(bot_id="B9"), None),
        (message(subtype="bot_message", bot_id="B9"), None),
        (message(f"<@{BOT}> help"), None),
        (message(f"<@{BOT}> help", type="app_mention"), CommandInvoked),
        (message("help", type="app_mention", bot_id="B9"), None),
        (message("help", channel="D1"), CommandInvoked),
        (message(f"<@{BOT}> help", channel="D1", type="app_mention"), None),
        (message("help", channel="D1", bot_id="B0"), None),
        (message(subtype="message_deleted", deleted_ts="1.2", user=""), MessageDeleted),
        (message(subtype="message_deleted", deleted_ts="1.2", channel="D1"), MessageDeleted),
        (reaction(), ReactionChanged),
        (reaction("tada"), None),
        (reaction(user=BOT), None),
        (reaction(item={"type": "file", "file": "F1"}), None),
        ({"type": "member_joined_channel", "channel": "C1", "user": BOT}, Invited),
        ({"type": "member_joined_channel", "channel": "C1", "user": "U1"}, None),
        ({"type": "channel_rename", "channel": {"id": "C1", "name": "new"}}, ChannelRenamed),
        ({"type": "group_rename", "channel": {"id": "G1", "name": "new"}}, ChannelRenamed),
        ({"type": "channel_archive", "channel": "C1", "user": "U1"}, ChannelLost),
        ({"type": "group_archive", "channel": "G1"}, ChannelLost),
        ({"type": "channel_deleted", "channel": "C1"}, ChannelLost),
        ({"type": "channel_left", "channel": "C1"}, ChannelLost),
        ({"type": "group_left", "channel": "G1"}, ChannelLost),
        ({"type": "app_uninstalled"}, Uninstalled),
        ({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}}, Uninstalled),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}, None),
        ({"type": "team_join", "user": {"id": "U1"}}, None),
    ],
)
def test_what_an_event_means(event, kind):
    parsed = parse_event(wrapped(event), BOT)
    assert parsed is None if kind is None else isinstance(parsed, kind)


@pytest.mark.parametrize(
    ("name", "vote"),
    [
        ("+1", Reaction("+1", Vote.UP)),
        ("+1::skin-tone-6", Reaction("+1::skin-tone-6", Vote.UP)),
        ("thumbsup", Reaction("+1", Vote.UP)),
        ("thumbsup::skin-tone-2", Reaction("+1::skin-tone-2", Vote.UP)),
        ("-1", Reaction("-1", Vote.DOWN)),
        ("thumbsdown::skin-tone-3", Reaction("-1::skin-tone-3", Vote.DOWN)),
    ],
)
@pytest.mark.parametrize("kind", ["reaction_added", "reaction_removed"])
def test_a_reaction_is_a_vote_on_its_message(name, vote, kind):
    parsed = parse_event(wrapped(reaction(name, type=kind)), BOT)
    assert isinstance(parsed, ReactionChanged)
    assert (parsed.reaction, parsed.added, parsed.message) == (
        vote,
        kind == "reaction_added",
        MessageRef("C1", "1.2"),
    )
    assert parsed.at == datetime(2026, 9, 21, 14, 13, 20, 100, tzinfo=UTC)


WORKSPACES = [
    ({}, "T1"),
    ({"team_id": "T2"}, "T1"),
    (
        {"authorizations": [{"team_id": None, "enterprise_id": "E1", "is_enterprise_install": True}]},
        "E1",
    ),
    ({"authorizations": []}, "T1"),
]


@pytest.mark.parametrize(
    ("around", "workspace"),
    WORKSPACES,
    ids=["own", "a shared channel", "an organisation", "no authorization"],
)
def test_the_workspace_is_the_one_that_installed_the_bot(around, workspace):
    assert parse_event(wrapped(message(), **around), BOT).origin.workspace == workspace


@pytest.mark.parametrize(
    ("body", "workspace"),
    [
        (typed("help"), "T1"),
        (typed("help", is_enterprise_install="true", enterprise_id="E1"), "E1"),
    ],
)
def test_the_workspace_of_a_command(body, workspace):
    assert parse_command(body).origin.workspace == workspace


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("search mixture of experts", "search", "mixture of experts"),
        ("SEARCH x", "search", "x"),
        ("", "", ""),
        ("add <https://arxiv.org/abs/2401.00001>", "add", "https://arxiv.org/abs/2401.00001"),
        ("add <HTTPS://a.example/x|a.example>", "add", "HTTPS://a.example/x"),
        ("add <https://a.example/x?a=1&amp;b=2|a.example>", "add", "https://a.example/x?a=1&b=2"),
        ("search a &lt; b", "search", "a < b"),
        ("search “long context”", "search", "“long context”"),
    ],
)
def test_a_command_is_read_as_it_was_typed(text, name, arguments):
    parsed = parse_command(typed(text))
    assert (parsed.name, parsed.arguments, parsed.event_id) == (name, arguments, "t1")


@pytest.mark.parametrize(
    ("name", "known_as", "channel", "direct"),
    [
        ("papers", "#papers", "C1", False),
        ("privategroup", "", "G1", False),
        ("directmessage", "", "D1", True),
    ],
)
def test_a_channel_is_called_as_slack_calls_it_where_it_does(name, known_as, channel, direct):
    origin = parse_command(typed("help", channel_name=name, channel_id=channel)).origin
    assert (origin.channel_name, origin.direct) == (known_as, direct)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<@U1> and <#C1|papers>", "U1 and papers"),
        ("<!here>", "here"),
        ("<mailto:a@b.example|a@b.example>", "mailto:a@b.example"),
        ("no marks at all", "no marks at all"),
        ("a <b", "a <b"),
    ],
)
def test_slacks_marks_come_out_as_people_see_them(text, read):
    assert plain_text(text) == read


@pytest.mark.parametrize(
    ("action", "token"),
    [
        ({"value": "vote:1:1"}, "vote:1:1"),
        ({"selected_option": {"value": "save:1"}}, "save:1"),
        ({}, ""),
    ],
)
def test_a_button_carries_its_token(action, token):
    container = {"type": "message", "channel_id": "C1", "message_ts": "1.2", "is_ephemeral": False}
    body = {"actions": [action], "container": container, "user": {"id": "U1"}, "team": {"id": "T1"}}
    parsed = parse_press({**body, "trigger_id": "t1", "message": {"thread_ts": "1.1"}})
    assert (parsed.token, parsed.message, parsed.thread) == (token, MessageRef("C1", "1.2", "1.1"), "1.1")


def test_a_message_that_one_person_sees_cannot_be_named():
    container = {"type": "message", "channel_id": "C1", "message_ts": "1.2", "is_ephemeral": True}
    body = {"actions": [{}], "container": container, "user": {"id": "U1"}, "team": {"id": "T1"}}
    assert parse_press({**body, "trigger_id": "t1"}).message is None


def test_a_time_stamp_is_a_moment():
    assert parse_ts("0.5") == datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("odd", [None, 5, {}])
def test_ids_that_are_no_texts_are_refused(odd):
    with pytest.raises(TypeError):
        parse_event(wrapped(message(user=odd)), BOT)
    with pytest.raises(TypeError):
        parse_event(wrapped(reaction(), event_id=odd or False), BOT)


@pytest.mark.parametrize("link", ["http://[a.b", "https://[", "http://\u2100.com", "http://xn--a.b"])
def test_a_link_that_cannot_be_read_is_a_link_like_others(link: str) -> None:
    event = parse_event(wrapped(message(f"see <{link}> and <https://example.org/a>")), BOT)
    assert isinstance(event, MessagePosted)
    assert event.links == (link, "https://example.org/a")
