from datetime import UTC, datetime

import pytest

from adapters.console import CONSOLE
from adapters.console.inbound.events import (
    Command,
    ImportFile,
    PostToday,
    Press,
    Quit,
    React,
    ReplyInThread,
    ShowConsoleHelp,
    ShowUser,
    SwitchChannel,
    SwitchUser,
    command_event,
    parse,
    posted_event,
    press_event,
    reaction_event,
)
from adapters.console.user import ConsoleUser
from bot.domain.channel import Origin
from bot.domain.errors import UserError
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, Vote
from bot.protocol.actions import Save
from bot.protocol.events import ActionPressed, CommandInvoked, MessagePosted, ReactionChanged

COMMANDS = ("search", "show", "help", "vote", "saved")
AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("/papers search mixture of experts", Command("search", "mixture of experts")),
        ("papers search mixture of experts", Command("search", "mixture of experts")),
        ("/papers /search x", Command("search", "x")),
        ("search mixture of experts", Command("search", "mixture of experts")),
        ("/search  mixture of experts ", Command("search", "mixture of experts")),
        ("SEARCH Mixture", Command("search", "Mixture")),
        ("/papers", Command("help", "")),
        ("/papers help", Command("help", "")),
        ("help", Command("help", "")),
        ("/", Command("", "")),
        ("/serch x", Command("serch", "x")),
        ("What is a mixture of experts?", Command("what", "is a mixture of experts?")),
        ("quit it", Command("quit", "it")),
        ("papers", Command("papers", "")),
        (":+1: 3", React(3, Vote.UP, added=True)),
        ("👍 3", React(3, Vote.UP, added=True)),
        ("👍🏽 [3]", React(3, Vote.UP, added=True)),
        (":thumbsup: 3", React(3, Vote.UP, added=True)),
        (":-1: 3", React(3, Vote.DOWN, added=True)),
        ("-:+1: 3", React(3, Vote.UP, added=False)),
        ("-👎 last", React(None, Vote.DOWN, added=False)),
        ("-:-1: 3", React(3, Vote.DOWN, added=False)),
        ("/press 12 save", Press(12, "save")),
        ("/press 12", Press(12, "")),
        ("/press 12 Up  57", Press(12, "up 57")),
        ("/press last next", Press(None, "next")),
        ("/reply 12 I like  it", ReplyInThread(12, "I like  it")),
        ("/import ~/My Papers.bib", ImportFile("~/My Papers.bib")),
        ("/post", PostToday()),
        ("/as bob", SwitchUser("bob", admin=False)),
        ("/as bob admin", SwitchUser("bob", admin=True)),
        ("/in #Papers", SwitchChannel("#papers")),
        ("/in papers", SwitchChannel("#papers")),
        ("/in @", SwitchChannel(None)),
        ("/dm", SwitchChannel(None)),
        ("/who", ShowUser()),
        ("/help", ShowConsoleHelp()),
        ("/help search", Command("help", "search")),
        ("/quit", Quit()),
        ("exit", Quit()),
    ],
)
def test_a_line_is_read(line, meant):
    assert parse(line, COMMANDS) == meant


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/pres 12 save", "Did you mean `/press MESSAGE BUTTON`?"),
        ("/qiut", "Did you mean `/quit`?"),
        ("/press twelve save", "a message's number"),
        ("/press", "/press MESSAGE BUTTON"),
        ("/reply 12", "/reply MESSAGE TEXT"),
        ("/reply 12 " + "x" * 2001, "1 to 2000 characters"),
        ("/as", "/as NAME [admin]"),
        ("/import", "/import FILE")("/as b\x1bob", "/as NAME [admin]")(
            "/as bob king", "“king” means nothing here"
        ),
        ("/in #" + "x" * 33, "up to 32"),
        ("/react 3", ":+1: MESSAGE"),
        (":heart: 3", "Only 👍"),
        ("🎉 3", "Only 👍"),
        ("👍", "a message's number"),
        ("👎 #57", "`vote #57 down`"),
    ],
)
def test_a_control_that_says_too_little_is_explained(line, told):
    with pytest.raises(UserError) as caught:
        parse(line, COMMANDS)
    assert told in str(caught.value)


def test_a_seat_is_an_origin():
    assert ConsoleUser("ada", admin=True).origin == Origin(
        CONSOLE, "console", "#general", "ada", "ada", "#general", direct=False, admin=True
    )


def test_everybody_has_a_talk_of_their_own():
    user = ConsoleUser("ada").in_channel(None)
    assert (user.origin.channel, user.origin.direct) == ("@ada", True)
    assert user.switched_to("bob", admin=False).origin.channel == "@bob"
    assert ConsoleUser("ada").switched_to("bob", admin=True) == ConsoleUser("bob", admin=True)


def test_events_carry_who_and_where():
    user, ref = ConsoleUser("ada"), MessageRef("#general", "3")
    origin = user.origin
    assert command_event(Command("show", "#57"), user) == CommandInvoked(
        origin=origin, name="show", arguments="#57"
    )
    assert reaction_event(React(3, Vote.UP, added=False), user, ref, AT) == ReactionChanged(
        origin=origin, message=ref, reaction=Reaction("up", Vote.UP), added=False, at=AT
    )
    assert press_event(Save(57), user) == ActionPressed(origin=origin, action=Save(57))
    links = ("https://example.org/a", "https://example.org/b")
    said = f"see {links[0]}, or ({links[1]}), or {links[0]}!"
    assert posted_event(user, ref, said, AT) == MessagePosted(origin=origin, message=ref, at=AT, links=links)
