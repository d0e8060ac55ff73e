"""Applies an event's own changes, in the transaction that records the event.

After a crash the platform may deliver an event again. Then either both its record and its changes are stored,
or neither is.
"""

from datetime import datetime

from bot.domain.channel import Context
from bot.domain.errors import UnknownPaper
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction, Vote, VoteSource
from bot.intake.links import forget_others, remember
from bot.ports.store.store import Transaction
from bot.posting.redraw import outdated
from bot.protocol.actions import CastVote
from bot.protocol.events import (
    ActionPressed,
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    FormSubmitted,
    HomeOpened,
    Invited,
    LinkShared,
    MessageChosen,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlacedEvent,
    ReactionChanged,
    ReactionsSnapshot,
    SuggestionsRequested,
)


async def apply_event(  # noqa: PLR0911 - one case per event
    tx: Transaction, event: PlacedEvent, context: Context, now: datetime
) -> int | None:
    """Apply votes, comments and deletions. Return the paper whose votes may have changed.

    Raises:
        UnknownPaper: the paper to vote on does not exist.

    """
    match event:
        case ActionPressed(action=CastVote(paper_id, value)):
            return await _cast(tx, context, paper_id, value, now)
        case ReactionChanged():
            return await _react(tx, context, event)
        case ReactionsSnapshot():
            return await _recount(tx, context, event, now)
        case MessageDeleted(message=message):
            return await _forget(tx, context, message)
        case MessagePosted(message=message, at=at, links=links):
            await tx.discussions.comment(context, message, at)
            await remember(tx, context, message, links, at)
            return None
        case LinkShared(message=message, at=at, links=links):
            await remember(tx, context, message, links, at)
            return None
        case MessageEdited(message=message, at=at, links=links):
            await forget_others(tx, context, message, links)
            await remember(tx, context, message, links, at)
            return None
        case (
            CommandInvoked()
            | ActionPressed()
            | FormSubmitted()
            | SuggestionsRequested()
            | HomeOpened()
            | MessageChosen()
            | Invited()
            | ChannelRenamed()
            | ChannelLost()
        ):
            return None


async def _cast(tx: Transaction, context: Context, paper_id: int, value: Vote, now: datetime) -> int:
    """Vote by button. Pressing the same button again takes the vote back."""
    status = await tx.paper_statuses.get(context.channel.id, [paper_id], context.person.id)
    if paper_id not in status:
        raise UnknownPaper(f"There is no paper #{paper_id} any more.")
    new = Vote.NONE if status[paper_id].own_vote is value else value
    await tx.votes.cast(context, paper_id, new, VoteSource.BUTTON, now)
    return paper_id


async def _react(tx: Transaction, context: Context, event: ReactionChanged) -> int | None:
    # Lock first. If the message were deleted between look-up and change, its vote would stay for ever.
    await tx.reactions.lock(context.channel.id, event.message)
    paper_id = await tx.messages.paper_on(context.channel.id, event.message)
    if paper_id is not None:
        await tx.reactions.change(
            context,
            paper_id,
            event.message,
            event.reaction,
            added=event.added,
            at=event.at,
            timed=event.timed,
        )
    return paper_id


async def _recount(tx: Transaction, context: Context, event: ReactionsSnapshot, now: datetime) -> int | None:
    # Lock people's rows before reactions, and always in one order. Otherwise two recounts could deadlock.
    counted: dict[int, set[Reaction]] = {}
    for external_id, reaction in sorted(event.votes or (), key=lambda vote: vote[0]):
        person_id = await tx.directory.ensure_person(context.channel, external_id, now)
        counted.setdefault(person_id, set()).add(reaction)
    await tx.reactions.lock(context.channel.id, event.message)
    await tx.messages.mark_recounted(context.channel.id, event.message, now)
    paper_id = await tx.messages.paper_on(context.channel.id, event.message)
    if paper_id is not None and event.votes is not None:
        await tx.reactions.recount(
            context, paper_id, event.message, counted, event.at, known=event.known, timed=event.timed
        )
    # Most recounts change nothing, and the platform limits edits. So redraw only a card that is out of date.
    return paper_id if paper_id is not None and await outdated(tx, context.channel.id, paper_id) else None


async def _forget(tx: Transaction, context: Context, message: MessageRef) -> int | None:
    await tx.reactions.lock(context.channel.id, message)
    paper_id = await tx.messages.paper_on(context.channel.id, message)
    await tx.messages.forget(context.channel.id, message)
    return paper_id
