"""What a channel has done with papers, from all the tables that record it."""

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
from storage.sql.repositories.rows import WITHIN_SINGLE, message_of
from storage.sql.repositories.tallies import STANDING
from storage.sql.repositories.visibility import is_visible
from storage.sql.repositories.votes import SqlVotes
from storage.sql.tables import CommentRow, DigestItemRow, DiscussionRow, PostRow, ShownRow, VoteRow
from storage.sql.types import among_numbers

_CHANNEL: BindParameter[int] = bindparam("channel_id")


_IS_DIGEST_POST = exists().where(
    PostRow.channel_id == ShownRow.channel_id, PostRow.message == ShownRow.message
)
"""Whether a message that shows a paper belongs to a digest."""


def _activity(kind: ActivityKind, paper_id: Any, at: Any) -> AnySelect:
    return select(paper_id.label("paper_id"), literal(kind.value).label("kind"), at.label("at"))


def _activities() -> CompoundSelect[*tuple[Any, ...]]:
    """Select every activity of the channel: the paper, its kind, and when."""
    return union_all(
        _activity(ActivityKind.POSTED, DigestItemRow.paper_id, PostRow.sent_at)
        .join(PostRow, PostRow.item_id == DigestItemRow.id)
        .where(DigestItemRow.channel_id == _CHANNEL, PostRow.sent_at.is_not(None)),
        _activity(ActivityKind.POSTED, DigestItemRow.paper_id, PostRow.sent_at).where(
            DigestItemRow.channel_id == _CHANNEL, *WITHIN_SINGLE, PostRow.sent_at.is_not(None)
        ),
        _activity(ActivityKind.SHOWN, ShownRow.paper_id, ShownRow.shown_at).where(
            ShownRow.channel_id == _CHANNEL, ~_IS_DIGEST_POST, ShownRow.shown != MessageKind.LISTED
        ),
        _activity(ActivityKind.DISCUSSED, DiscussionRow.paper_id, DiscussionRow.opened_at).where(
            DiscussionRow.channel_id == _CHANNEL
        ),
        _activity(ActivityKind.DISCUSSED, DiscussionRow.paper_id, CommentRow.posted_at)
        .join(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
        .where(DiscussionRow.channel_id == _CHANNEL),
        _activity(ActivityKind.VOTED, VoteRow.paper_id, VoteRow.observed_at).where(
            VoteRow.channel_id == _CHANNEL, STANDING
        ),
    )


_ACTIVITIES: CTE = _activities().cte("activities")
_LAST = func.max(_ACTIVITIES.c.at)
_PAGE = (
    select(_ACTIVITIES.c.paper_id, _LAST.label("last"))
    .where(is_visible(_ACTIVITIES.c.paper_id))
    .group_by(_ACTIVITIES.c.paper_id)
    .order_by(_LAST.desc(), _ACTIVITIES.c.paper_id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_TOTAL = select(func.count(_ACTIVITIES.c.paper_id.distinct())).where(is_visible(_ACTIVITIES.c.paper_id))
_KINDS = (
    select(_ACTIVITIES.c.paper_id, _ACTIVITIES.c.kind)
    .where(among_numbers(_ACTIVITIES.c.paper_id, "ids"))
    .distinct()
)


def _messages(table: type[ShownRow | DiscussionRow], at: Any, *conditions: Any) -> AnySelect:
    """Select the channel's messages about papers, latest last, so that the latest wins in a dict."""
    query = select(table.paper_id, table.place, table.message, table.thread)
    of_papers = (table.channel_id == _CHANNEL, among_numbers(table.paper_id, "ids"), *conditions)
    return query.where(*of_papers).order_by(at, table.id)


_SHOWN = _messages(ShownRow, ShownRow.shown_at, or_(ShownRow.shown != MessageKind.LISTED, _IS_DIGEST_POST))
_DISCUSSIONS = _messages(DiscussionRow, DiscussionRow.opened_at)


async def history_page(
    connection: Connection, channel_id: int, limit: int, offset: int
) -> tuple[list[HistoryEntry], int]:
    """Return a page of the papers that the channel has dealt with, latest first, and their number."""
    channel = {"channel_id": channel_id}
    page = await connection.run(_PAGE, channel | {"limit": limit, "offset": offset})
    last: dict[int, datetime] = {row.paper_id: row.last for row in page}
    parameters = {**channel, "ids": last}
    activities: dict[int, set[ActivityKind]] = {}
    for row in await connection.run(_KINDS, parameters):
        activities.setdefault(row.paper_id, set()).add(ActivityKind(row.kind))
    messages: dict[int, MessageRef] = {}
    for statement in (_SHOWN, _DISCUSSIONS):
        messages |= {row.paper_id: message_of(row) for row in await connection.run(statement, parameters)}
    tallies = await SqlVotes(connection).tallies(channel_id, last)
    entries = [
        HistoryEntry(paper_id, frozenset(activities[paper_id]), at, messages.get(paper_id), tallies[paper_id])
        for paper_id, at in last.items()
    ]
    return entries, (await connection.run(_TOTAL, channel)).scalar_one()
