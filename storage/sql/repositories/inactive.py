"""Cancels what is planned for subscriptions that have ended or are paused."""

from sqlalchemy import bindparam, delete, exists, or_, select, update

from bot.domain.post import DigestKind, PostState
from storage.sql.connection import Connection
from storage.sql.repositories.rows import open_states
from storage.sql.tables import DigestItemRow, DigestRow, PostRow, SubscriptionRow
from storage.sql.types import among_numbers

IS_INACTIVE = or_(SubscriptionRow.ended, SubscriptionRow.paused)
"""Whether nothing is posted for the subscription."""

_PLANNED = (
    PostRow.channel_id == bindparam("channel"),
    PostRow.news_id.is_(None),
    PostRow.state.in_(open_states()),
    PostRow.state == PostState.PLANNED,
)
"""The state is given twice: the partial index serves only a query with the list of open states."""
_LOCK_OVERVIEWS = (
    select(PostRow.digest_id).where(*_PLANNED, PostRow.part == 0).order_by(PostRow.id).with_for_update()
)
_INACTIVE = select(SubscriptionRow.id).where(SubscriptionRow.channel_id == bindparam("channel"), IS_INACTIVE)
_GIVE_UP_ITEMS = (
    update(DigestItemRow)
    .where(
        DigestItemRow.id.in_(select(PostRow.item_id).where(*_PLANNED, PostRow.part > 0)),
        DigestItemRow.subscription_id.in_(_INACTIVE),
    )
    .values(given_up=True)
    .returning(DigestItemRow.id)
)
_GIVE_UP_WITHIN = (
    update(DigestItemRow)
    .where(
        among_numbers(DigestItemRow.digest_id, "digests"),
        DigestItemRow.digest_id.in_(select(DigestRow.id).where(DigestRow.single)),
        DigestItemRow.subscription_id.in_(_INACTIVE),
    )
    .values(given_up=True)
)
"""Items of single digests, which have no posts of their own."""
_DELETE_POSTS = delete(PostRow).where(among_numbers(PostRow.item_id, "items"))
_OF_DIGESTS = among_numbers(DigestItemRow.digest_id, "digests")
_DELETE_ITEMS = delete(DigestItemRow).where(_OF_DIGESTS, DigestItemRow.given_up)
_HAS_ACTIVE_SUBSCRIPTION = exists().where(
    SubscriptionRow.channel_id == DigestRow.channel_id,
    SubscriptionRow.at == DigestRow.at,
    SubscriptionRow.timezone == DigestRow.timezone,
    ~IS_INACTIVE,
)
_DELETE_EMPTY = delete(DigestRow).where(
    among_numbers(DigestRow.id, "digests"),
    ~exists().where(DigestItemRow.digest_id == DigestRow.id),
    or_(DigestRow.kind == DigestKind.PAPERS, ~_HAS_ACTIVE_SUBSCRIPTION),
)


async def cancel_inactive(connection: Connection, channel_id: int) -> None:
    """Delete a channel's planned posts for inactive subscriptions. The caller has locked its queues.

    An overview that was sent, or may have been, lists the papers already: their items stay, marked as given
    up. An overview not sent yet lists only what is left, and is deleted if nothing is.

    The overviews are locked first. A planner that cancels a whole digest skips locked overviews, so the two
    never wait for each other.
    """
    unsent = (await connection.run(_LOCK_OVERVIEWS, {"channel": channel_id})).scalars().all()
    items = (await connection.run(_GIVE_UP_ITEMS, {"channel": channel_id})).scalars().all()
    if items:
        await connection.run(_DELETE_POSTS, {"items": items})
    if unsent:
        await connection.run(_GIVE_UP_WITHIN, {"channel": channel_id, "digests": unsent})
        await connection.run(_DELETE_ITEMS, {"digests": unsent})
        await connection.run(_DELETE_EMPTY, {"digests": unsent})
