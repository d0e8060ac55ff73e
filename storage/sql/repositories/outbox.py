"""Posts on their way: claimed under a lease, sent, confirmed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.models import DigestItem, MessageRef, News, Platform, Post, PostState
from storage.sql.link import AnyRow, Repository
from storage.sql.repositories.rows import CHANNEL_AS_PLANNED, OF_WORKSPACE, channel_of, open_states
from storage.sql.tables import (
    ChannelRow,
    DigestItemRow,
    DigestRow,
    DiscussionRow,
    NewsRow,
    PostRow,
    WorkspaceRow,
)
from storage.sql.types import among_numbers

LONGEST_WAIT = timedelta(days=1)
"""No post is put off for so long."""

_CONFIRMED = (PostState.SENT, PostState.RESOLVED)
_Parent = aliased(PostRow)
_Earlier = aliased(PostRow)

_READY_AT = func.coalesce(PostRow.lease_until, PostRow.not_before)
"""When a post may next be claimed: a lease that has run out is anybody's."""

_TURN = (PostRow.part, PostRow.planned_at, PostRow.digest_id)
"""All channels' first messages come before any second one, so that no channel's many hold up others."""

_NEXT_OF_ITS_CHANNEL = and_(
    PostRow.state.in_(open_states()),
    ~exists().where(
        _Earlier.channel_id == PostRow.channel_id,
        _Earlier.state.in_(open_states()),
        or_(
            _Earlier.digest_id < PostRow.digest_id,
            and_(_Earlier.digest_id == PostRow.digest_id, _Earlier.part < PostRow.part),
        ),
    ),
    or_(
        PostRow.depends_on.is_(None),
        exists().where(_Parent.id == PostRow.depends_on, _Parent.state.in_(_CONFIRMED)),
    ),
)
"""The first post of its channel that is not settled; those after it wait, so that they stay in order."""

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
_CLAIMED = _POST.where(among_numbers(PostRow.id, "ids")).order_by(*_TURN)


class SqlOutbox(Repository):
    """The outbox in the database. Each claim counts an attempt up, by which a late worker is known."""

    async def claim(
        self, platforms: Collection[Platform], worker: str, now: datetime, lease_seconds: float, limit: int
    ) -> list[Post]:
        """Claim posts that may be sent now, the next one of each channel."""
        ready = (
            select(PostRow.id)
            .where(_NEXT_OF_ITS_CHANNEL, _ready(now), _on_any(platforms))
            .order_by(*_TURN)
            .limit(limit)
            .with_for_update(of=PostRow, skip_locked=True)
        )
        ids = (await self._link.run(ready)).scalars().all()
        if not ids:
            return []
        await self._link.run(
            update(PostRow)
            .where(among_numbers(PostRow.id, "ids"))
            .values(
                state=case((PostRow.state == PostState.PLANNED, PostState.SENDING), else_=PostState.UNKNOWN),
                lease_owner=worker,
                lease_until=now + timedelta(seconds=lease_seconds),
                attempts=PostRow.attempts + 1,
            ),
            {"ids": ids},
        )
        return [_post(row) for row in await self._link.run(_CLAIMED, {"ids": ids})]

    async def sent(self, post: Post, message: MessageRef, now: datetime, *, found: bool) -> None:
        """Confirm: the post stands at `message`. This is true however late it is told."""
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

    async def unknown(
        self, post: Post, detail: str, look_at: datetime, told_at: datetime | None = None
    ) -> None:
        """Nobody knows whether the post stands there: look for its token, not before `look_at`."""
        told = {} if told_at is None else {"told_at": told_at}
        await self._settle(*_held(post), state=PostState.UNKNOWN, detail=detail, not_before=look_at, **told)

    async def again(self, post: Post, detail: str, not_before: datetime) -> None:
        """The post is certainly not there: back to planned."""
        await self._settle(*_held(post), state=PostState.PLANNED, detail=detail, not_before=not_before)

    async def failed(self, post: Post, detail: str, *, in_doubt: bool = False) -> None:
        """Give up on the post, and on those that depend on it: their papers may be in a later digest.

        The paper of a post that is in doubt may not, as it may stand there.
        """
        if not await self._settle(*_held(post), state=PostState.FAILED, detail=detail):
            return
        below = PostRow.depends_on == post.id
        await self._settle(
            below,
            PostRow.state.not_in(_CONFIRMED),
            state=PostState.FAILED,
            detail=f"The overview was given up: {detail}",
        )
        certain = below if in_doubt else or_(below, PostRow.id == post.id)
        given_up = select(PostRow.item_id).where(certain, PostRow.state == PostState.FAILED)
        await self._link.run(
            update(DigestItemRow).where(DigestItemRow.id.in_(given_up)).values(given_up=True)
        )

    async def hand_back(self, worker: str, look_at: datetime) -> None:
        """End a worker's leases before their time; what it had begun may stand there."""
        await self._settle(PostRow.lease_owner == worker, state=PostState.UNKNOWN, not_before=look_at)

    async def next_due(self, platforms: Collection[Platform]) -> datetime | None:
        """When a post can next be claimed, None when there is none."""
        wanted = select(func.min(_READY_AT)).where(_NEXT_OF_ITS_CHANNEL, _on_any(platforms))
        return (await self._link.run(wanted)).scalar()

    async def troubled(self, limit: int) -> list[tuple[Post, str]]:
        """Posts that are unknown or failed, with the reason, the latest first."""
        wanted = (
            _POST.where(PostRow.state.in_((PostState.UNKNOWN, PostState.FAILED)))
            .order_by(PostRow.id.desc())
            .limit(limit)
        )
        return [(_post(row), row.detail) for row in await self._link.run(wanted)]

    async def _settle(self, *which: ColumnElement[bool], **columns: Any) -> int:
        """Give up the lease and say what became of the post; how many posts that were."""
        change = update(PostRow).where(*which).values(lease_owner=None, lease_until=None, **columns)
        return (await self._link.run(change)).rowcount


def _ready(now: datetime) -> ColumnElement[bool]:
    """Whether a post may be claimed by its times; those of a clock that has been set back since are none."""
    return or_(now >= _READY_AT, now + LONGEST_WAIT < _READY_AT)


def _held(post: Post) -> tuple[ColumnElement[bool], ...]:
    """Whether nobody has claimed the post since: a worker whose lease ran out decides nothing more."""
    open_still = PostRow.state.in_((PostState.SENDING, PostState.UNKNOWN))
    return PostRow.id == post.id, PostRow.attempts == post.attempts, open_still


def _on_any(platforms: Collection[Platform]) -> ColumnElement[bool]:
    """Whether a post is for one of the platforms. With a join SQLite would begin there, with all posts."""
    there = exists().where(ChannelRow.id == PostRow.channel_id, OF_WORKSPACE)
    return there.where(WorkspaceRow.platform.in_(platforms))


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
        told=row.told_at is not None,
    )
