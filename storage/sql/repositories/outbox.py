"""Posts on their way: claimed under a lease, sent, confirmed."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.domain.channel import Channel, Platform
from bot.domain.message import MessageRef
from bot.domain.paper import News
from bot.domain.post import DigestItem, Post, PostState, Trouble
from bot.ports.store.outbox import LONGEST_WAIT
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.inactive import cancel_inactive
from storage.sql.repositories.queues import (
    FIRST_OPEN,
    LONG_AGO,
    READY_AT,
    forget_times_after,
    hold_queues,
    requeue_orphans,
    throttle,
    work_out,
    work_out_channels,
)
from storage.sql.repositories.rows import CHANNEL_AS_PLANNED, OF_WORKSPACE, channel_of, on_any, open_states
from storage.sql.tables import (
    ChannelRow,
    DigestItemRow,
    DigestRow,
    DiscussionRow,
    NewsRow,
    PostRow,
    QueueRow,
    WorkspaceRow,
)
from storage.sql.types import among_numbers

_FAILED = PostRow.state == PostState.FAILED
_CONFIRMED = (PostState.SENT, PostState.RESOLVED)
_Parent = aliased(PostRow)
_Sibling = aliased(PostRow)

_NOTIFIED = or_(
    PostRow.notified_at.is_not(None),
    exists().where(_Sibling.digest_id == PostRow.digest_id, _Sibling.notified_at.is_not(None)),
)

_POST = (
    select(
        PostRow,
        DigestItemRow.paper_id,
        DigestItemRow.subscription_id,
        DigestItemRow.score,
        func.coalesce(_Parent.place, DiscussionRow.place).label("parent_place"),
        func.coalesce(_Parent.message, DiscussionRow.message).label("parent_message"),
        func.coalesce(_Parent.thread, DiscussionRow.thread).label("parent_thread"),
        NewsRow.paper_id.label("news_paper_id"),
        NewsRow.change,
        NewsRow.version,
        _NOTIFIED.label("notified"),
        *(column for column in CHANNEL_AS_PLANNED if column.name != "channel_id"),
    )
    .outerjoin(DigestRow, DigestRow.id == PostRow.digest_id)
    .join(ChannelRow, ChannelRow.id == PostRow.channel_id)
    .join(WorkspaceRow, OF_WORKSPACE)
    .outerjoin(DigestItemRow, DigestItemRow.id == PostRow.item_id)
    .outerjoin(_Parent, _Parent.id == PostRow.depends_on)
    .outerjoin(NewsRow, NewsRow.id == PostRow.news_id)
    .outerjoin(DiscussionRow, DiscussionRow.id == PostRow.discussion_id)
)
_AMONG = _POST.where(among_numbers(PostRow.id, "ids")).order_by(PostRow.id)
_FIRST = select(FIRST_OPEN).select_from(QueueRow).where(among_numbers(QueueRow.id, "queues"))


class SqlOutbox(Repository):
    """The outbox in the database. Each claim counts an attempt up, by which a late worker is known."""

    async def claim(
        self,
        platforms: Collection[Platform],
        worker: str,
        now: datetime,
        lease_seconds: float,
        limit: int,
        *,
        excluded_teams: Collection[int] = (),
    ) -> list[Post]:
        """Claim posts that may be sent now, the next one of each channel.

        The channel that has waited longest comes first, so that no channel's many posts hold up others.
        """
        served = on_any(QueueRow.channel_id, platforms), QueueRow.team_id.not_in(excluded_teams)
        queues = await self._ready(QueueRow.next_at <= now, *served, limit=limit)
        if not queues:
            queues = await self._ready(QueueRow.next_at > now + LONGEST_WAIT, *served, limit=limit)
            if not queues:
                return []
            await forget_times_after(self._connection, queues, now + LONGEST_WAIT)
        claimed = (
            update(PostRow)
            .where(PostRow.id.in_(_FIRST), or_(now >= READY_AT, now + LONGEST_WAIT < READY_AT))
            .values(
                state=case((PostRow.state == PostState.PLANNED, PostState.SENDING), else_=PostState.UNKNOWN),
                crashes=PostRow.crashes + case((PostRow.lease_until.is_(None), 0), else_=1),
                # By a clock that was wrong it may have been planned later than it is sent, and is looked for
                # from then on.
                planned_at=case((PostRow.planned_at > now, now), else_=PostRow.planned_at),
                lease_owner=worker,
                lease_until=now + timedelta(seconds=lease_seconds),
                attempts=PostRow.attempts + 1,
            )
            .returning(PostRow.id)
        )
        ids = (await self._connection.run(claimed, {"queues": queues})).scalars().all()
        await work_out(self._connection, queues)
        return [_post(row) for row in await self._connection.run(_AMONG, {"ids": ids})]

    async def _ready(self, *which: ColumnElement[bool], limit: int) -> Sequence[int]:
        ready = (
            select(QueueRow.id)
            .where(*which)
            .order_by(QueueRow.next_at, QueueRow.id)
            .limit(limit)
            .with_for_update(of=QueueRow, skip_locked=True)
        )
        return (await self._connection.run(ready)).scalars().all()

    async def mark_sent(
        self,
        post: Post,
        message: MessageRef,
        now: datetime,
        *,
        found: bool,
        min_interval: timedelta = timedelta(),
    ) -> None:
        """Confirm: the post stands at `message`. This is true however late it is told."""
        async with self._changing([post.channel.id], quiet=now + min_interval):
            await self._settle(
                PostRow.id == post.id,
                PostRow.state.not_in(_CONFIRMED),
                state=PostState.RESOLVED if found else PostState.SENT,
                place=message.channel,
                message=message.message,
                thread=message.thread,
                sent_at=now,
                detail="",
            )

    async def mark_unknown(
        self,
        post: Post,
        detail: str,
        look_at: datetime,
        *,
        crashed: bool = False,
        searched_to: str | None = None,
    ) -> None:
        """Nobody knows whether the post stands there: look for its token, not before `look_at`."""
        crashes = PostRow.crashes + int(crashed)
        values = {"state": PostState.UNKNOWN, "detail": detail, "not_before": look_at, "crashes": crashes}
        async with self._changing([post.channel.id]):
            await self._settle(*_held(post), **values, searched_to=searched_to)

    async def retry(self, post: Post, detail: str, not_before: datetime) -> None:
        """The post is certainly not there: back to planned, if its subscription does not rest since."""
        async with self._changing([post.channel.id]):
            await self._settle(*_held(post), state=PostState.PLANNED, detail=detail, not_before=not_before)
            await cancel_inactive(self._connection, post.channel.id)

    async def mark_failed(self, post: Post, detail: str, *, in_doubt: bool = False) -> None:
        """Give up on the post, and on those that depend on it: their papers may be in a later digest.

        The paper of a post that is in doubt may not, as it may stand there.
        """
        async with self._changing([post.channel.id]):
            if await self._settle(*_held(post), state=PostState.FAILED, detail=detail):
                await self._give_up_below(post, detail, in_doubt=in_doubt)

    async def _give_up_below(self, post: Post, detail: str, *, in_doubt: bool) -> None:
        below = PostRow.depends_on == post.id
        await self._settle(
            below,
            PostRow.state.not_in(_CONFIRMED),
            state=PostState.FAILED,
            detail=f"The overview was given up: {detail}",
        )
        certain = below if in_doubt else or_(below, PostRow.id == post.id)
        given_up = select(PostRow.item_id).where(certain, PostRow.state == PostState.FAILED)
        await self._connection.run(
            update(DigestItemRow).where(DigestItemRow.id.in_(given_up)).values(given_up=True)
        )

    async def throttle(self, channel: Channel, until: datetime) -> None:
        """Let no post be claimed before then in the channel's workspace, which asks for it."""
        await throttle(self._connection, channel.id, until)

    async def mark_notified(self, post: Post, now: datetime) -> bool:
        """Note that people are told of a post's trouble; False where they know of its digest's already."""
        unknown_yet = PostRow.id == post.id, ~_NOTIFIED
        await hold_queues(self._connection, [post.channel.id])
        return bool(
            (await self._connection.run(update(PostRow).where(*unknown_yet).values(notified_at=now))).rowcount
        )

    async def unmark_notified(self, post: Post) -> None:
        """Take back that people were told of a post's trouble."""
        await hold_queues(self._connection, [post.channel.id])
        await self._connection.run(update(PostRow).where(PostRow.id == post.id).values(notified_at=None))

    async def pending_notifications(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Post, str]]:
        """A platform's posts planned since then that were given up untold, one a digest, with the reason."""
        earlier = exists().where(
            _Sibling.digest_id == PostRow.digest_id,
            _Sibling.state == PostState.FAILED,
            _Sibling.id < PostRow.id,
        )
        given_up = PostRow.state == PostState.FAILED, PostRow.planned_at >= since
        wanted = (
            _POST.where(*given_up, WorkspaceRow.platform == platform, ~_NOTIFIED, ~earlier)
            .order_by(PostRow.id)
            .limit(limit)
        )
        return [(_post(row), row.detail) for row in await self._connection.run(wanted)]

    async def requeue_orphans(self, now: datetime) -> None:
        """Queue up what is open and in no queue."""
        await requeue_orphans(self._connection, now)

    async def release_leases(self, worker: str, platform: Platform, look_at: datetime) -> None:
        """End a worker's leases on a platform before their time; what it had begun may stand there."""
        its = (
            PostRow.lease_owner == worker,
            PostRow.state.in_(open_states()),
            on_any(PostRow.channel_id, [platform]),
        )
        held = select(PostRow.channel_id).where(*its)
        async with self._changing((await self._connection.run(held)).scalars().all()):
            await self._settle(
                *its, state=PostState.UNKNOWN, not_before=look_at, searched_to=PostRow.searched_to
            )

    async def next_due(
        self, platforms: Collection[Platform], *, excluded_teams: Collection[int] = ()
    ) -> datetime | None:
        """When a post can next be claimed, None when there is none."""
        served = on_any(QueueRow.channel_id, platforms), QueueRow.team_id.not_in(excluded_teams)
        wanted = select(QueueRow.next_at).where(QueueRow.next_at.is_not(None), *served)
        return (await self._connection.run(wanted.order_by(QueueRow.next_at).limit(1))).scalar()

    async def list_troubles(self, failed_since: datetime) -> list[Trouble]:
        """Digests and news with posts that are unknown, not yet sent after a crash, or failed."""
        counted = _counted_troubles(failed_since)
        wanted = (
            _POST.add_columns(counted.c.still_open, counted.c.failed)
            .join(counted, counted.c.id == PostRow.id)
            .where(counted.c.rank == 1)
            .order_by(_FAILED, PostRow.id.desc())
        )
        found = await self._connection.run(wanted)
        return [Trouble(_post(row), row.detail, row.still_open, row.failed) for row in found]

    @asynccontextmanager
    async def _changing(
        self, channel_ids: Collection[int], quiet: datetime = LONG_AGO
    ) -> AsyncIterator[None]:
        """Hold the queues of channels while posts of theirs are changed, and then work them out anew."""
        await hold_queues(self._connection, channel_ids)
        yield
        await work_out_channels(self._connection, channel_ids, quiet)

    async def _settle(self, *which: ColumnElement[bool], **columns: Any) -> int:
        """Give up the lease and say what became of the post; how many posts that were."""
        columns.setdefault("searched_to", None)
        change = update(PostRow).where(*which).values(lease_owner=None, lease_until=None, **columns)
        return (await self._connection.run(change)).rowcount


def _held(post: Post) -> tuple[ColumnElement[bool], ...]:
    """Whether nobody has claimed the post since: a worker whose lease ran out decides nothing more."""
    open_still = PostRow.state.in_((PostState.SENDING, PostState.UNKNOWN))
    return PostRow.id == post.id, PostRow.attempts == post.attempts, open_still


def _counted_troubles(failed_since: datetime) -> Subquery:
    """Posts in trouble, with how many their digest has, and their rank among them; news stands alone."""
    gone_wrong = or_(PostRow.state == PostState.UNKNOWN, PostRow.crashes > 0)
    still_open = and_(PostRow.state.in_(open_states()), gone_wrong)
    of_one = func.coalesce(PostRow.digest_id, -PostRow.id)
    return (
        select(
            PostRow.id,
            func.row_number().over(partition_by=of_one, order_by=(_FAILED, PostRow.part)).label("rank"),
            func.count().filter(~_FAILED).over(partition_by=of_one).label("still_open"),
            func.count().filter(_FAILED).over(partition_by=of_one).label("failed"),
        )
        .where(or_(still_open, and_(_FAILED, PostRow.planned_at >= failed_since)))
        .subquery()
    )


def _post(row: AnyRow) -> Post:
    item = None if row.paper_id is None else DigestItem(row.paper_id, row.subscription_id, row.score)
    parent = None
    if row.parent_message is not None:
        parent = MessageRef(row.parent_place, row.parent_message, row.parent_thread)
    return Post(
        id=row.id,
        digest_id=row.digest_id,
        channel=channel_of(row),
        part=row.part,
        token=row.token,
        state=row.state,
        planned=row.planned_at,
        attempts=row.attempts,
        item=item,
        news=None if row.change is None else News(row.news_paper_id, row.change, row.version),
        parent=parent,
        notified=row.notified,
        crashes=row.crashes,
        searched_to=row.searched_to,
    )
