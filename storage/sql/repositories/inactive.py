"""Taking back what is planned for subscriptions that have ended or are paused since."""

from sqlalchemy import bindparam, delete, exists, or_, select, update

from bot.domain.post import DigestKind, PostState
from storage.sql.connection import Connection
from storage.sql.repositories.rows import open_states
from storage.sql.tables import DigestItemRow, DigestRow, PostRow, SubscriptionRow
from storage.sql.types import among_numbers

RESTS = or_(SubscriptionRow.ended, SubscriptionRow.paused)
"""Whether nothing is posted for a subscription."""

_PLANNED = (
    PostRow.channel_id == bindparam("channel"),
    PostRow.news_id.is_(None),
    PostRow.state.in_(open_states()),
    PostRow.state == PostState.PLANNED,
)
"""Said twice, as the index is one of open posts."""
_HOLD_OVERVIEWS = (
    select(PostRow.digest_id).where(*_PLANNED, PostRow.part == 0).order_by(PostRow.id).with_for_update()
)
_RESTING = select(SubscriptionRow.id).where(SubscriptionRow.channel_id == bindparam("channel"), RESTS)
_GIVE_UP = (
    update(DigestItemRow)
    .where(
        DigestItemRow.id.in_(select(PostRow.item_id).where(*_PLANNED, PostRow.part > 0)),
        DigestItemRow.subscription_id.in_(_RESTING),
    )
    .values(given_up=True)
    .returning(DigestItemRow.id)
)
_TAKE_BACK = delete(PostRow).where(among_numbers(PostRow.item_id, "items"))
_UNBEGUN = among_numbers(DigestItemRow.digest_id, "digests")
_LEAVE_OUT = delete(DigestItemRow).where(_UNBEGUN, DigestItemRow.given_up)
_ASKED_FOR = exists().where(
    SubscriptionRow.channel_id == DigestRow.channel_id,
    SubscriptionRow.at == DigestRow.at,
    SubscriptionRow.timezone == DigestRow.timezone,
    ~RESTS,
)
_FORGET_EMPTY = delete(DigestRow).where(
    among_numbers(DigestRow.id, "digests"),
    ~exists().where(DigestItemRow.digest_id == DigestRow.id),
    or_(DigestRow.kind == DigestKind.PAPERS, ~_ASKED_FOR),
)


async def cancel_inactive(connection: Connection, channel_id: int) -> None:
    """Take back a channel's posts that are planned for subscriptions that rest; its queues have to be held.

    An overview that was begun may list their papers, so that its items stay, as given up. One that was not
    lists only what is left, and goes where nothing is. The overviews are held first: a planner that withdraws
    a digest passes over those, and so never waits for who waits for it.
    """
    unbegun = (await connection.run(_HOLD_OVERVIEWS, {"channel": channel_id})).scalars().all()
    items = (await connection.run(_GIVE_UP, {"channel": channel_id})).scalars().all()
    if items:
        await connection.run(_TAKE_BACK, {"items": items})
    if unbegun:
        await connection.run(_LEAVE_OUT, {"digests": unbegun})
        await connection.run(_FORGET_EMPTY, {"digests": unbegun})
