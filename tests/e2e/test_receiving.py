"""The one door: each event once, whole or not at all, and nobody left without word."""

import logging

import pytest

from adapters.console.user import ConsoleUser
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure
from bot.domain.history import ActivityKind
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, TallyCount, Vote
from bot.protocol.actions import CastVote, Save
from bot.protocol.events import (
    ActionPressed,
    CommandInvoked,
    MessageDeleted,
    MessagePosted,
    ReactionChanged,
    ReactionsSnapshot,
)
from bot.protocol.replies import Help
from storage.sql.repositories.directory import SqlDirectory
from storage.sql.repositories.discussions import SqlDiscussions
from storage.sql.repositories.reactions import SqlReactions
from storage.sql.repositories.votes import SqlVotes
from tests.e2e.conftest import Listening

UP = Reaction("+1", Vote.UP)


class Unreachable:
    """A conversation whose platform takes no answer."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def ack(self):
        pass

    async def reply(self, *_reply, **_to_whom):
        raise self.failure


@pytest.fixture
async def card(world):
    """A card that everybody sees, and its paper's number."""
    ada = world.person("ada")
    shown = await ada.says("show seeing cracks in bridges")
    return ada.last, shown.paper.id


async def tally(world, paper_id: int) -> TallyCount:
    return (await world.person("ada").says(f"show #{paper_id}")).status.tally


def fails_once(monkeypatch, repository, name):
    """Let the process lose its power in the middle of the work, once."""
    works = getattr(repository, name)

    async def first(*_arguments, **_options):
        monkeypatch.setattr(repository, name, works)
        raise ConnectionResetError("the power went out")

    monkeypatch.setattr(repository, name, first)


async def test_a_button_that_is_delivered_twice_is_pressed_once(world, card):
    _, paper_id = card
    bob = world.person("bob")
    pressed = ActionPressed(origin=bob.user.origin, action=CastVote(paper_id, Vote.UP), event_id="e1")
    for _ in range(2):
        await bob._receive(pressed)
    assert await tally(world, paper_id) == TallyCount(1, 0)


async def test_a_private_question_is_answered_once_and_again_only_where_it_was_not_taken(world, monkeypatch):
    bob = world.person("bob")
    await bob.says("help")
    asked = CommandInvoked(origin=bob.user.origin, name="help", event_id="e2")
    fails_once(monkeypatch, SqlDirectory, "find_contexts")
    assert "went wrong" in (await bob._receive(asked)).heard[0].text
    assert isinstance((await bob._receive(asked)).heard[0], Help)
    assert (await bob._receive(asked)).heard == []


class Acknowledged(Listening):
    """A conversation that notes what stood in the store when the platform was told."""

    def __init__(self, world, user):
        super().__init__(world.surface, user)
        self.world = world
        self.kept = []

    async def ack(self):
        async with self.world.parts.store.reading() as tx:
            context = (await tx.directory.find_contexts([self._user.origin]))[0]
            marks = await tx.paper_statuses.get(context.channel.id, [1], context.person.id)
            self.kept.append((marks[1].own_vote, marks[1].saved, bool(self.heard)))


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        (
            CommandInvoked(origin=ConsoleUser("ada").origin, name="vote", arguments="#1 up"),
            (Vote.UP, False, False),
        ),
        (
            CommandInvoked(origin=ConsoleUser("ada").origin, name="save", arguments="#1"),
            (Vote.NONE, True, False),
        ),
        (
            ActionPressed(origin=ConsoleUser("ada").origin, action=CastVote(1, Vote.UP)),
            (Vote.UP, False, False),
        ),
        (ActionPressed(origin=ConsoleUser("ada").origin, action=Save(1)), (Vote.NONE, True, False)),
        (
            CommandInvoked(origin=ConsoleUser("ada").origin, name="search", arguments="x"),
            (Vote.NONE, False, False),
        ),
        (
            CommandInvoked(origin=ConsoleUser("ada").origin, name="vote", arguments=""),
            (Vote.NONE, False, False),
        ),
    ],
    ids=["vote", "save", "vote button", "save button", "a command that changes nothing", "an error"],
)
async def test_what_is_changed_is_stored_before_the_platform_is_told(world, event, kept):
    await world.person("ada").says("help")
    conversation = Acknowledged(world, ConsoleUser("ada"))
    await world.parts.bot.receive(event, conversation)
    assert conversation.kept[0] == kept
    assert conversation.heard


async def test_a_vote_for_a_paper_that_is_gone_is_told(world):
    reply = await world.person("ada").presses(CastVote(999, Vote.UP))
    assert "no paper #999" in reply.text


async def test_what_failed_half_way_is_done_when_it_comes_again(world, card, monkeypatch):
    message, paper_id = card
    bob = world.person("bob")
    at, origin = world.clock.now(), bob.user.origin
    below = MessageRef("#general", "77", message.message)
    events = [
        (
            SqlReactions,
            "change",
            ReactionChanged(
                origin=origin, message=message, reaction=UP, added=True, at=at, event_id="reaction"
            ),
        ),
        (
            SqlDiscussions,
            "comment",
            MessagePosted(origin=origin, message=below, at=at, event_id="words"),
        ),
    ]
    for repository, name, event in events:
        fails_once(monkeypatch, repository, name)
        for _ in range(3):
            await bob._receive(event)
    assert await tally(world, paper_id) == TallyCount(1, 0)
    entry = next(row for row in (await bob.says("history")).rows if row.paper.id == paper_id)
    assert {ActivityKind.VOTED, ActivityKind.DISCUSSED} <= entry.activities
    assert (await bob.says("trending")).rows[0].comments == 1


async def test_a_vote_by_button_that_failed_counts_when_it_comes_again(world, card, monkeypatch):
    _, paper_id = card
    bob = world.person("bob")
    pressed = ActionPressed(origin=bob.user.origin, action=CastVote(paper_id, Vote.UP), event_id="e1")
    fails_once(monkeypatch, SqlVotes, "cast")
    for _ in range(3):
        await bob._receive(pressed)
    assert await tally(world, paper_id) == TallyCount(1, 0)


async def test_a_recount_and_a_message_that_is_gone(world, card):
    message, paper_id = card
    origin = world.person("ada").user.origin
    votes = (("bob", UP), ("cleo", UP), ("cleo", Reaction("-1", Vote.DOWN)))
    snapshot = ReactionsSnapshot(origin=origin, message=message, votes=votes, at=world.clock.now())
    await world.person("ada")._receive(snapshot)
    counted = await tally(world, paper_id)
    assert counted.up + counted.down == 2
    await world.person("ada")._receive(MessageDeleted(origin=origin, message=message))
    assert await tally(world, paper_id) == TallyCount()


@pytest.mark.parametrize("failure", [NotSent("no"), PermanentFailure("never"), DeliveryUnknown("no answer")])
async def test_an_error_that_cannot_be_told_is_in_the_log(world, failure, caplog, monkeypatch):
    bob = world.person("bob")
    pressed = ActionPressed(origin=bob.user.origin, action=CastVote(1, Vote.UP))
    fails_once(monkeypatch, SqlVotes, "cast")
    with caplog.at_level(logging.WARNING):
        await world.parts.bot.receive(pressed, Unreachable(failure))
    first, second = (record.getMessage() for record in caplog.records)
    reference = first.split()[1].rstrip(":")
    assert reference in second
    assert str(failure) in second
    await world.parts.bot.receive(
        ActionPressed(origin=bob.user.origin, action=CastVote(999, Vote.UP)), Unreachable(failure)
    )
    assert "no paper #999" in caplog.records[-1].getMessage()
