"""Posts on their way: claimed under a lease, sent, confirmed.

Every change of a post follows the same order: lock the channel's queue rows, change the post, recompute the
queue rows. Whoever breaks this order can leave a planned post in no queue, and nobody would send it.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.domain.account import Identity
from bot.domain.channel import Channel, Context, Platform
from bot.domain.mailbox import MailboxRequest
from bot.domain.message import MessageRef
from bot.domain.paper import News
from bot.domain.post import DigestItem, Post, PostState, Trouble
from bot.ports.store.outbox import LONGEST_WAIT
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.inactive import cancel_inactive
from storage.sql.repositories.queues import (
    EPOCH,
    FIRST_OPEN,
    READY_AT,
    clear_pauses_after,
    enqueue,
    lock_queues,
    recompute,
    recompute_channels,
    requeue_orphans,
    throttle,
)
from storage.sql.repositories.rows import (
    CHANNEL_AS_PLANNED,
    OF_WORKSPACE,
    channel_of,
    on_platforms,
    open_states,
)
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
_BY_IDS = _POST.where(among_numbers(PostRow.id, "ids")).order_by(PostRow.id)
_FIRST_IDS = select(FIRST_OPEN).select_from(QueueRow).where(among_numbers(QueueRow.id, "queues"))


class SqlOutbox(Repository):
    """The outbox in the database.

    Each claim increments `attempts`. A worker whose lease ran out holds an old number, so its later updates
    match no row and change nothing.
    """

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
        """Claim through the queue rows, longest waiting first, so that no busy channel starves the others.

        PostgreSQL skips queue rows that another worker has locked. SQLite has one writer at a time anyway.
        """
        served = on_platforms(QueueRow.channel_id, platforms), QueueRow.team_id.not_in(excluded_teams)
        queues = await self._ready(QueueRow.next_at <= now, *served, limit=limit)
        if not queues:
            # A time this far ahead comes from a clock that was set back since. Without this second look, the
            # queue would stay silent for as long as the clock was wrong.
            queues = await self._ready(QueueRow.next_at > now + LONGEST_WAIT, *served, limit=limit)
            if not queues:
                return []
            await clear_pauses_after(self._connection, queues, now + LONGEST_WAIT)
        claimed = (
            update(PostRow)
            .where(PostRow.id.in_(_FIRST_IDS), or_(now >= READY_AT, now + LONGEST_WAIT < READY_AT))
            .values(
                # A post still in `sending` was left by a worker that crashed. It may be on the platform, so
                # it becomes unknown and is looked for. To send it again could post it twice.
                state=case((PostRow.state == PostState.PLANNED, PostState.SENDING), else_=PostState.UNKNOWN),
                crashes=PostRow.crashes + case((PostRow.lease_until.is_(None), 0), else_=1),
                # The search for a lost post starts at `planned_at`. A wrong clock may have set that later
                # than the real sending, and the search would then miss the message.
                planned_at=case((PostRow.planned_at > now, now), else_=PostRow.planned_at),
                lease_owner=worker,
                lease_until=now + timedelta(seconds=lease_seconds),
                attempts=PostRow.attempts + 1,
            )
            .returning(PostRow.id)
        )
        ids = (await self._connection.run(claimed, {"queues": queues})).scalars().all()
        await recompute(self._connection, queues)
        return [_post(row) for row in await self._connection.run(_BY_IDS, {"ids": ids})]

    async def plan_request(
        self, place: Context, request: MailboxRequest, token: str, now: datetime, *, maybe_sent: bool
    ) -> None:
        row = {
            "team_id": place.team_id,
            "channel_id": place.channel.id,
            "part": 0,
            "token": token,
            "state": PostState.PLANNED,
            "planned_at": now,
            "not_before": now,
            "attempts": 0,
            "detail": "",
            "resends": int(maybe_sent),
            "request": {**asdict(request), "options": dict(request.options)},
        }
        await self._connection.run(self._connection.insert(PostRow).values(row))
        await enqueue(self._connection, {place.channel.id: place.team_id}, now)

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
        async with self._queues_locked([post.channel.id], not_before=now + min_interval):
            # No check of the lease: the message is there, even if another worker has claimed the post since.
            await self._update_and_release(
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
        crashes = PostRow.crashes + int(crashed)
        values = {"state": PostState.UNKNOWN, "detail": detail, "not_before": look_at, "crashes": crashes}
        async with self._queues_locked([post.channel.id]):
            await self._update_and_release(*_still_claimed(post), **values, searched_to=searched_to)

    async def retry(self, post: Post, detail: str, not_before: datetime, *, maybe_sent: bool = False) -> None:
        values = {"state": PostState.PLANNED, "detail": detail, "not_before": not_before}
        async with self._queues_locked([post.channel.id]):
            await self._update_and_release(
                *_still_claimed(post), **values, resends=PostRow.resends + int(maybe_sent)
            )
            await cancel_inactive(self._connection, post.channel.id)

    async def mark_failed(self, post: Post, detail: str, *, maybe_sent: bool = False) -> None:
        async with self._queues_locked([post.channel.id]):
            if await self._update_and_release(*_still_claimed(post), state=PostState.FAILED, detail=detail):
                await self._fail_dependents(post, detail, maybe_sent=maybe_sent)

    async def _fail_dependents(self, post: Post, detail: str, *, maybe_sent: bool) -> None:
        dependents = PostRow.depends_on == post.id
        await self._update_and_release(
            dependents,
            PostRow.state.not_in(_CONFIRMED),
            state=PostState.FAILED,
            detail=f"The overview was given up: {detail}",
        )
        # A post in doubt keeps its item: the paper may be in the channel, and no digest may post it twice.
        certain = dependents if maybe_sent else or_(dependents, PostRow.id == post.id)
        failed_items = select(PostRow.item_id).where(certain, PostRow.state == PostState.FAILED)
        await self._give_up(DigestItemRow.id.in_(failed_items))
        if post.part == 0 and not maybe_sent:
            single = select(DigestRow.id).where(DigestRow.id == post.digest_id, DigestRow.single)
            await self._give_up(DigestItemRow.digest_id.in_(single))

    async def _give_up(self, which: ColumnElement[bool]) -> None:
        await self._connection.run(update(DigestItemRow).where(which).values(given_up=True))

    async def throttle(self, channel: Channel, until: datetime) -> None:
        await throttle(self._connection, channel.id, until)

    async def mark_notified(self, post: Post, now: datetime) -> bool:
        not_notified = PostRow.id == post.id, ~_NOTIFIED
        await lock_queues(self._connection, [post.channel.id])
        return bool(
            (
                await self._connection.run(update(PostRow).where(*not_notified).values(notified_at=now))
            ).rowcount
        )

    async def unmark_notified(self, post: Post) -> None:
        await lock_queues(self._connection, [post.channel.id])
        await self._connection.run(update(PostRow).where(PostRow.id == post.id).values(notified_at=None))

    async def pending_notifications(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Post, str]]:
        earlier = exists().where(
            _Sibling.digest_id == PostRow.digest_id,
            _Sibling.state == PostState.FAILED,
            _Sibling.id < PostRow.id,
        )
        failed = PostRow.state == PostState.FAILED, PostRow.planned_at >= since
        query = (
            _POST.where(*failed, WorkspaceRow.platform == platform, ~_NOTIFIED, ~earlier)
            .order_by(PostRow.id)
            .limit(limit)
        )
        return [(_post(row), row.detail) for row in await self._connection.run(query)]

    async def requeue_orphans(self, now: datetime) -> None:
        await requeue_orphans(self._connection, now)

    async def release_leases(self, worker: str, platform: Platform, look_at: datetime) -> None:
        claimed = (
            PostRow.lease_owner == worker,
            PostRow.state.in_(open_states()),
            on_platforms(PostRow.channel_id, [platform]),
        )
        channels = select(PostRow.channel_id).where(*claimed)
        async with self._queues_locked((await self._connection.run(channels)).scalars().all()):
            # Unknown, not planned: the worker may have sent these before it stopped.
            await self._update_and_release(
                *claimed, state=PostState.UNKNOWN, not_before=look_at, searched_to=PostRow.searched_to
            )

    async def channel_by_token(self, token: str) -> Channel | None:
        query = _POST.where(PostRow.token == token)
        row = (await self._connection.run(query)).one_or_none()
        return None if row is None else channel_of(row)

    async def next_due(
        self, platforms: Collection[Platform], *, excluded_teams: Collection[int] = ()
    ) -> datetime | None:
        served = on_platforms(QueueRow.channel_id, platforms), QueueRow.team_id.not_in(excluded_teams)
        query = select(QueueRow.next_at).where(QueueRow.next_at.is_not(None), *served)
        return (await self._connection.run(query.order_by(QueueRow.next_at).limit(1))).scalar()

    async def list_troubles(self, failed_since: datetime) -> list[Trouble]:
        counted = _counted_troubles(failed_since)
        query = (
            _POST.add_columns(counted.c.still_open, counted.c.failed)
            .join(counted, counted.c.id == PostRow.id)
            .where(counted.c.rank == 1)
            .order_by(_FAILED, PostRow.id.desc())
        )
        found = await self._connection.run(query)
        return [Trouble(_post(row), row.detail, row.still_open, row.failed) for row in found]

    @asynccontextmanager
    async def _queues_locked(
        self, channel_ids: Collection[int], not_before: datetime = EPOCH
    ) -> AsyncIterator[None]:
        """Lock the channels' queues while their posts change, then recompute the queues."""
        await lock_queues(self._connection, channel_ids)
        yield
        await recompute_channels(self._connection, channel_ids, not_before)

    async def _update_and_release(self, *which: ColumnElement[bool], **columns: Any) -> int:
        """Set columns of posts and end their leases. Returns the number of posts changed."""
        columns.setdefault("searched_to", None)
        change = update(PostRow).where(*which).values(lease_owner=None, lease_until=None, **columns)
        return (await self._connection.run(change)).rowcount


def _still_claimed(post: Post) -> tuple[ColumnElement[bool], ...]:
    """Whether this claim is still the latest one. A worker whose lease ran out must not decide anything."""
    still_open = PostRow.state.in_((PostState.SENDING, PostState.UNKNOWN))
    return PostRow.id == post.id, PostRow.attempts == post.attempts, still_open


def _counted_troubles(failed_since: datetime) -> Subquery:
    """Posts in trouble with their rank in their digest, and how many the digest has. News ranks alone."""
    gone_wrong = or_(PostRow.state == PostState.UNKNOWN, PostRow.crashes > 0)
    still_open = and_(PostRow.state.in_(open_states()), gone_wrong)
    # Digest ids are positive, so a negated post id never meets one.
    group = func.coalesce(PostRow.digest_id, -PostRow.id)
    return (
        select(
            PostRow.id,
            func.row_number().over(partition_by=group, order_by=(_FAILED, PostRow.part)).label("rank"),
            func.count().filter(~_FAILED).over(partition_by=group).label("still_open"),
            func.count().filter(_FAILED).over(partition_by=group).label("failed"),
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
        resends=row.resends,
        request=None if row.request is None else _request(row.request),
    )


def _request(kept: dict[str, Any]) -> MailboxRequest:
    asker = kept["asked_by"]
    return MailboxRequest(**{**kept, "topics": tuple(kept["topics"]), "asked_by": asker and _identity(asker)})


def _identity(kept: dict[str, str]) -> Identity:
    return Identity(Platform(kept["platform"]), kept["workspace"], kept["external_id"], kept["name"])
