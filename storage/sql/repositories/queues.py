"""When each channel's next post may be claimed. One row a channel, so that no channel holds up another.

Whoever changes a post locks the channel's queues first and recomputes them afterwards. Otherwise a post that
is planned in between could be missed.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, exists, func, select, update
from sqlalchemy.orm import aliased

from storage.sql.connection import Connection
from storage.sql.repositories.rows import open_states
from storage.sql.tables import ChannelRow, PostRow, QueueRow
from storage.sql.types import UtcDateTime, among_numbers

READY_AT = func.coalesce(PostRow.lease_until, PostRow.not_before)
"""When a post may next be claimed. After a lease has run out, any worker may claim it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _open(post: type[PostRow], *, news: bool) -> ColumnElement[bool]:
    kind = post.news_id.is_not(None) if news else post.news_id.is_(None)
    return and_(post.state.in_(open_states()), kind)


def _first(*, news: bool) -> ColumnElement[Any]:
    waiting = aliased(PostRow)
    first = select(func.min(waiting.id)).where(waiting.channel_id == QueueRow.channel_id)
    return first.where(_open(waiting, news=news)).correlate(QueueRow).scalar_subquery()


FIRST_OPEN = case((QueueRow.news, _first(news=True)), else_=_first(news=False))
"""The next post of a queue. Ids follow the order of planning."""

OF_CHANNELS = among_numbers(QueueRow.channel_id, "channels")
_LOCK = select(QueueRow.id).where(OF_CHANNELS).order_by(QueueRow.id).with_for_update()


def _later(one: Any, other: Any) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


_NOT_BEFORE = _later(QueueRow.not_before, bindparam("not_before", type_=UtcDateTime()))


def _recompute(which: ColumnElement[bool]) -> Update:
    ready = select(_later(READY_AT, _NOT_BEFORE)).where(PostRow.id == FIRST_OPEN).correlate(QueueRow)
    return update(QueueRow).where(which).values(not_before=_NOT_BEFORE, next_at=ready.scalar_subquery())


_RECOMPUTE = _recompute(among_numbers(QueueRow.id, "ids"))
_RECOMPUTE_CHANNELS = _recompute(OF_CHANNELS)
_QUEUES_OF_WORKSPACE = (
    select(QueueRow.id)
    .join(ChannelRow, ChannelRow.id == QueueRow.channel_id)
    .where(
        ChannelRow.workspace_id
        == select(ChannelRow.workspace_id).where(ChannelRow.id == bindparam("of")).scalar_subquery(),
        QueueRow.not_before < bindparam("not_before", type_=UtcDateTime()),
    )
    .with_for_update(of=QueueRow, skip_locked=True)
)


async def clear_pauses_after(connection: Connection, queue_ids: Collection[int], moment: datetime) -> None:
    """Clear pauses that end after `moment`.

    They come from a clock that was set back since, and would silence the channel until then.
    """
    which = among_numbers(QueueRow.id, "ids"), QueueRow.not_before > moment
    await connection.run(update(QueueRow).where(*which).values(not_before=EPOCH), {"ids": queue_ids})


async def lock_queues(connection: Connection, channel_ids: Collection[int]) -> None:
    """Lock the channels' queues until the transaction ends, in the order of ids against deadlocks."""
    await connection.run(_LOCK, {"channels": channel_ids})


async def recompute(connection: Connection, queue_ids: Collection[int], not_before: datetime = EPOCH) -> None:
    """Recompute when the first open posts of queues may be claimed, none of them before `not_before`."""
    await connection.run(_RECOMPUTE, {"ids": queue_ids, "not_before": not_before})


async def recompute_channels(
    connection: Connection, channel_ids: Collection[int], not_before: datetime
) -> None:
    """Recompute both queues of each channel, as `recompute` does."""
    await connection.run(_RECOMPUTE_CHANNELS, {"channels": channel_ids, "not_before": not_before})


async def throttle(connection: Connection, channel_id: int, until: datetime) -> None:
    """Claim no post in the channel's workspace before `until`.

    Locked queues are skipped, not waited for, so that two workers that throttle one workspace never deadlock.
    """
    ids = (
        (await connection.run(_QUEUES_OF_WORKSPACE, {"of": channel_id, "not_before": until})).scalars().all()
    )
    if ids:
        await recompute(connection, ids, until)


async def enqueue(
    connection: Connection, teams: Mapping[int, int], now: datetime, *, news: bool = False
) -> None:
    """Let posts that were added to channels be claimed from `now` on, in their turn.

    `teams` has the team of each channel.
    """
    insert = connection.insert(QueueRow)
    at_once = _later(QueueRow.not_before, insert.excluded.next_at)
    resumed = {"next_at": func.coalesce(QueueRow.next_at, at_once)}
    upsert = insert.on_conflict_do_update(index_elements=["channel_id", "news"], set_=resumed)
    rows = [
        {"team_id": teams[each], "channel_id": each, "news": news, "next_at": now, "not_before": now}
        for each in sorted(teams)
    ]
    if rows:
        await connection.run(upsert, rows)


async def requeue_orphans(connection: Connection, now: datetime) -> None:
    """Queue open posts that are in no queue, as in a database that was put together from a copy."""
    for news in (False, True):
        queued = exists().where(
            QueueRow.channel_id == PostRow.channel_id, QueueRow.news == news, QueueRow.next_at.is_not(None)
        )
        orphans = select(PostRow.channel_id, PostRow.team_id).where(_open(PostRow, news=news), ~queued)
        teams = {row.channel_id: row.team_id for row in await connection.run(orphans.distinct())}
        await enqueue(connection, teams, now, news=news)
