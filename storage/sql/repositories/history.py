"""What a channel has done with papers, out of all the tables that tell."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    CompoundSelect,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from bot.domain.history import ActivityKind, HistoryEntry
from bot.domain.message import MessageKind, MessageRef
from storage.sql.connection import AnySelect, Connection
from storage.sql.repositories.rows import message_of
from storage.sql.repositories.tallies import STANDING
from storage.sql.repositories.visibility import is_shown
from storage.sql.repositories.votes import SqlVotes
from storage.sql.tables import CommentRow, DigestItemRow, DiscussionRow, PostRow, ShownRow, VoteRow
from storage.sql.types import among_numbers

_CHANNEL: BindParameter[int] = bindparam("channel_id")


_POSTED_THERE = exists().where(PostRow.channel_id == ShownRow.channel_id, PostRow.message == ShownRow.message)
"""Whether a message that shows a paper is a digest's."""


def _deed(deed: ActivityKind, paper_id: Any, at: Any) -> AnySelect:
    return select(paper_id.label("paper_id"), literal(deed.value).label("deed"), at.label("at"))


def _deeds() -> CompoundSelect[*tuple[Any, ...]]:
    """Every deed of the channel: the paper, what was done, and when."""
    return union_all(
        _deed(ActivityKind.POSTED, DigestItemRow.paper_id, PostRow.sent_at)
        .join(PostRow, PostRow.item_id == DigestItemRow.id)
        .where(DigestItemRow.channel_id == _CHANNEL, PostRow.sent_at.is_not(None)),
        _deed(ActivityKind.SHOWN, ShownRow.paper_id, ShownRow.shown_at).where(
            ShownRow.channel_id == _CHANNEL, ~_POSTED_THERE, ShownRow.shown != MessageKind.LISTED
        ),
        _deed(ActivityKind.DISCUSSED, DiscussionRow.paper_id, DiscussionRow.opened_at).where(
            DiscussionRow.channel_id == _CHANNEL
        ),
        _deed(ActivityKind.DISCUSSED, DiscussionRow.paper_id, CommentRow.posted_at)
        .join(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
        .where(DiscussionRow.channel_id == _CHANNEL),
        _deed(ActivityKind.VOTED, VoteRow.paper_id, VoteRow.observed_at).where(
            VoteRow.channel_id == _CHANNEL, STANDING
        ),
    )


_DEEDS: CTE = _deeds().cte("deeds")
_LAST = func.max(_DEEDS.c.at)
_PAGE = (
    select(_DEEDS.c.paper_id, _LAST.label("last"))
    .where(is_shown(_DEEDS.c.paper_id))
    .group_by(_DEEDS.c.paper_id)
    .order_by(_LAST.desc(), _DEEDS.c.paper_id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_TOTAL = select(func.count(_DEEDS.c.paper_id.distinct())).where(is_shown(_DEEDS.c.paper_id))
_DEEDS_OF = select(_DEEDS.c.paper_id, _DEEDS.c.deed).where(among_numbers(_DEEDS.c.paper_id, "ids")).distinct()


def _messages(table: type[ShownRow | DiscussionRow], at: Any, *conditions: Any) -> AnySelect:
    """The channel's messages about papers, the latest last."""
    wanted = select(table.paper_id, table.place, table.message, table.thread)
    of_papers = (table.channel_id == _CHANNEL, among_numbers(table.paper_id, "ids"), *conditions)
    return wanted.where(*of_papers).order_by(at, table.id)


_SHOWN = _messages(ShownRow, ShownRow.shown_at, or_(ShownRow.shown != MessageKind.LISTED, _POSTED_THERE))
_DISCUSSIONS = _messages(DiscussionRow, DiscussionRow.opened_at)


async def history_page(
    connection: Connection, channel_id: int, limit: int, offset: int
) -> tuple[list[HistoryEntry], int]:
    """A page of the papers that the channel has dealt with, the latest first, and their number."""
    channel = {"channel_id": channel_id}
    page = await connection.run(_PAGE, channel | {"limit": limit, "offset": offset})
    last: dict[int, datetime] = {row.paper_id: row.last for row in page}
    wanted = {**channel, "ids": last}
    activities: dict[int, set[ActivityKind]] = {}
    for row in await connection.run(_DEEDS_OF, wanted):
        activities.setdefault(row.paper_id, set()).add(ActivityKind(row.deed))
    messages: dict[int, MessageRef] = {}
    for statement in (_SHOWN, _DISCUSSIONS):
        messages |= {row.paper_id: message_of(row) for row in await connection.run(statement, wanted)}
    tallies = await SqlVotes(connection).tallies(channel_id, last)
    entries = [
        HistoryEntry(paper_id, frozenset(activities[paper_id]), at, messages.get(paper_id), tallies[paper_id])
        for paper_id, at in last.items()
    ]
    return entries, (await connection.run(_TOTAL, channel)).scalar_one()
