"""Digests: planned once for a channel, slot and local date, with their items and posts."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, bindparam, cast, delete, func, insert, literal, select

from bot.domain.post import (
    DigestItem,
    DigestKey,
    DigestKind,
    DigestPlan,
    PostedPaper,
    PostState,
    StoredDigest,
)
from bot.domain.subscription import DueSlot, Slot
from storage.sql.connection import AnySelect, Parameters, Repository
from storage.sql.repositories.inactive import IS_INACTIVE, cancel_inactive
from storage.sql.repositories.queues import EPOCH, enqueue, lock_queues, recompute_channels
from storage.sql.repositories.rows import (
    CHANNEL_AS_PLANNED,
    OF_WORKSPACE,
    channel_of,
    lock_channels,
    open_states,
    removed,
    survivors,
)
from storage.sql.tables import (
    ChannelRow,
    DigestItemRow,
    DigestRow,
    PostRow,
    SubscriptionRow,
    WorkspaceRow,
)
from storage.sql.types import among_numbers

TOKEN_BYTES = 15
"""20 characters in base 64. A part's number follows, and Discord allows 25 characters in a nonce."""

_DIGEST = (
    select(
        DigestRow.id,
        DigestRow.at,
        DigestRow.timezone,
        DigestRow.local_date,
        DigestRow.kind,
        DigestRow.warning,
        DigestRow.planned_at,
        DigestRow.single,
        *CHANNEL_AS_PLANNED,
    )
    .join(ChannelRow, ChannelRow.id == DigestRow.channel_id)
    .join(WorkspaceRow, OF_WORKSPACE)
)
_KEY = DigestRow.channel_id, DigestRow.at, DigestRow.timezone, DigestRow.local_date
_OF_CHANNELS = among_numbers(DigestRow.channel_id, "ids")
_SINCE = select(*_KEY).where(_OF_CHANNELS, DigestRow.local_date >= bindparam("since"))
_LATEST = (select(func.max(DigestRow.id)).where(_OF_CHANNELS, DigestRow.kind != DigestKind.WARNING)).group_by(
    DigestRow.channel_id
)
_LAST = select(DigestRow.channel_id, DigestRow.local_date).where(DigestRow.id.in_(_LATEST))
_UNSENT = (
    select(PostRow.digest_id, *_KEY)
    .join(DigestRow, DigestRow.id == PostRow.digest_id)
    .where(
        among_numbers(PostRow.channel_id, "ids"),
        PostRow.state.in_(open_states()),
        PostRow.state == PostState.PLANNED,
        PostRow.part == 0,
        PostRow.resends == 0,
    )
    .with_for_update(of=PostRow, skip_locked=True)
)
"""Digests whose overview is certainly not on the platform.

The state is given twice: the partial index serves only a query with the list of open states. Rows that a
worker is claiming right now are locked, and are skipped: their overview is about to be sent. A post that is
to be sent again without knowing whether it arrived may be there already.
"""
_POSTED = (
    select(DigestItemRow.paper_id, SubscriptionRow.topic, PostRow.sent_at)
    .join(SubscriptionRow, SubscriptionRow.id == DigestItemRow.subscription_id)
    .join(PostRow, PostRow.item_id == DigestItemRow.id)
    .where(PostRow.sent_at.is_not(None))
    .order_by(PostRow.sent_at.desc(), DigestItemRow.id.desc())
)
_INACTIVE = select(SubscriptionRow.id).where(among_numbers(SubscriptionRow.id, "ids"), IS_INACTIVE)
_PART = func.row_number().over(partition_by=DigestItemRow.digest_id, order_by=DigestItemRow.position)
_NOW = bindparam("now", type_=PostRow.planned_at.type)
_PARTS = insert(PostRow).from_select(
    [
        "team_id",
        "channel_id",
        "digest_id",
        "part",
        "depends_on",
        "item_id",
        "token",
        "state",
        "planned_at",
        "not_before",
        "attempts",
        "detail",
    ],
    select(
        DigestItemRow.team_id,
        DigestItemRow.channel_id,
        DigestItemRow.digest_id,
        _PART,
        PostRow.id,
        DigestItemRow.id,
        PostRow.token + "-" + cast(_PART, Text),
        literal(PostState.PLANNED, PostRow.state.type),
        _NOW,
        _NOW,
        literal(0),
        literal(""),
    )
    .join(PostRow, (PostRow.digest_id == DigestItemRow.digest_id) & (PostRow.part == 0))
    .where(among_numbers(DigestItemRow.digest_id, "ids")),
)
"""Inserts a post for each item of these digests in one statement: a round trip each takes much longer."""
_DELETE = delete(DigestRow).where(among_numbers(DigestRow.id, "ids"))


class SqlDigests(Repository):
    """Digests in the database."""

    async def plan(self, plans: Sequence[DigestPlan], now: datetime) -> list[bool]:
        if not plans:
            return []
        # Whoever ends or pauses a subscription takes the same lock: it sees these posts, or is seen here.
        await lock_channels(self._connection, {plan.channel.id for plan in plans})
        ids = await self._put_digests(plans, now)
        new = {ids[key]: plan for plan in plans if (key := _key(plan)) in ids}
        with_items = await self._put_items(new)
        empty = {
            digest_id
            for digest_id, plan in new.items()
            if plan.kind is DigestKind.PAPERS and digest_id not in with_items
        }
        if empty:
            await self._connection.run(_DELETE, {"ids": empty})
        stored = {digest_id: plan for digest_id, plan in new.items() if digest_id not in empty}
        await self._put_posts(stored, now)
        return [ids.get(_key(plan)) in stored for plan in plans]

    async def cancel_unsent(self, slots: Collection[DueSlot]) -> int:
        ids = {each.channel.id for each in slots}
        keys = {(each.channel.id, each.slot) for each in slots}
        found = {
            row.digest_id
            for row in await self._connection.run(_UNSENT, {"ids": ids})
            if (row.channel_id, Slot(row.at, row.timezone)) in keys
        }
        if found:
            await self._connection.run(_DELETE, {"ids": found})
        return len(found)

    async def cancel_inactive(self, channel_id: int) -> None:
        await lock_queues(self._connection, [channel_id])
        await cancel_inactive(self._connection, channel_id)
        await recompute_channels(self._connection, [channel_id], EPOCH)

    async def get(self, digest_id: int) -> StoredDigest:
        found = await self._first(_DIGEST.where(DigestRow.id == digest_id))
        if found is None:
            raise LookupError(f"there is no digest {digest_id}")
        return found

    async def topics(self, digest_id: int) -> dict[int, str]:
        query = (
            select(SubscriptionRow.id, SubscriptionRow.topic)
            .join(DigestItemRow, DigestItemRow.subscription_id == SubscriptionRow.id)
            .where(DigestItemRow.digest_id == digest_id)
            .distinct()
        )
        return {row.id: row.topic for row in await self._connection.run(query)}

    async def posted(self, channel_id: int, subscription_id: int | None, limit: int) -> Sequence[PostedPaper]:
        query = _POSTED.where(DigestItemRow.channel_id == channel_id).limit(limit)
        if subscription_id is not None:
            query = query.where(DigestItemRow.subscription_id == subscription_id)
        return [
            PostedPaper(row.paper_id, row.topic, row.sent_at) for row in await self._connection.run(query)
        ]

    async def last_dates(self, channel_ids: Collection[int]) -> dict[int, date]:
        return {
            row.channel_id: row.local_date for row in await self._connection.run(_LAST, {"ids": channel_ids})
        }

    async def planned_keys(self, channel_ids: Collection[int], since: date) -> frozenset[DigestKey]:
        return await self._keys(_SINCE, {"ids": channel_ids, "since": since})

    async def channels_warned(
        self, channel_ids: Collection[int], since: date, warning: str
    ) -> frozenset[int]:
        with_warning = _SINCE.where(DigestRow.warning == warning)
        return frozenset(
            key[0] for key in await self._keys(with_warning, {"ids": channel_ids, "since": since})
        )

    async def _keys(self, query: AnySelect, parameters: Parameters) -> frozenset[DigestKey]:
        rows = await self._connection.run(query, parameters)
        return frozenset((row.channel_id, Slot(row.at, row.timezone), row.local_date) for row in rows)

    async def _put_digests(self, plans: Sequence[DigestPlan], now: datetime) -> dict[DigestKey, int]:
        """Insert the digests that are new. Returns their ids by key."""
        rows = [
            {
                **_owner(plan),
                "at": plan.slot.at,
                "timezone": plan.slot.timezone,
                "local_date": plan.local_date,
                "kind": plan.kind,
                "warning": plan.warning,
                "planned_at": now,
                "layout": plan.channel.settings.layout,
                "single": plan.single,
            }
            for plan in plans
        ]
        put = self._connection.insert(DigestRow).on_conflict_do_nothing().returning(*_KEY, DigestRow.id)
        made = await self._connection.run(put, rows)
        return {(row.channel_id, Slot(row.at, row.timezone), row.local_date): row.id for row in made}

    async def _put_items(self, plans: Mapping[int, DigestPlan]) -> set[int]:
        """Insert the items that the channels still want and do not have yet. Returns the digests with any."""
        subscriptions = {item.subscription_id for plan in plans.values() for item in plan.items}
        inactive = set((await self._connection.run(_INACTIVE, {"ids": subscriptions})).scalars())
        papers = {item.paper_id for plan in plans.values() for item in plan.items}
        # A paper may have been merged or removed between matching and this transaction.
        merged, gone = await survivors(self._connection, papers), await removed(self._connection, papers)
        rows = [
            {
                **_owner(plan),
                "digest_id": digest_id,
                "position": position,
                "paper_id": merged.get(item.paper_id, item.paper_id),
                "subscription_id": item.subscription_id,
                "score": item.score,
                "given_up": False,
            }
            for digest_id, plan in plans.items()
            for position, item in enumerate(plan.items)
            if item.subscription_id not in inactive and item.paper_id not in gone
        ]
        if not rows:
            return set()
        # A conflict means that a digest of the channel has this paper already: none ever repeats one.
        put = (
            self._connection.insert(DigestItemRow).on_conflict_do_nothing().returning(DigestItemRow.digest_id)
        )
        return set((await self._connection.run(put, rows)).scalars())

    async def _put_posts(self, plans: Mapping[int, DigestPlan], now: datetime) -> None:
        """Insert a post for each digest's overview, and one for each of its items unless it is single."""
        overviews = [_overview(digest_id, plan, now) for digest_id, plan in plans.items()]
        if not overviews:
            return
        await self._connection.run(insert(PostRow), overviews)
        in_parts = {digest_id for digest_id, plan in plans.items() if not plan.single}
        if in_parts:
            await self._connection.run(_PARTS, {"ids": in_parts, "now": now})
        teams = {plan.channel.id: plan.channel.team_id for plan in plans.values()}
        await enqueue(self._connection, teams, now)

    async def _first(self, query: AnySelect) -> StoredDigest | None:
        row = (await self._connection.run(query)).one_or_none()
        if row is None:
            return None
        items = (
            select(DigestItemRow.paper_id, DigestItemRow.subscription_id, DigestItemRow.score)
            .where(DigestItemRow.digest_id == row.id)
            .order_by(DigestItemRow.position)
        )
        plan = DigestPlan(
            channel=channel_of(row),
            slot=Slot(row.at, row.timezone),
            local_date=row.local_date,
            kind=row.kind,
            items=tuple(
                [
                    DigestItem(item.paper_id, item.subscription_id, item.score)
                    for item in await self._connection.run(items)
                ]
            ),
            warning=row.warning,
            single=row.single,
        )
        return StoredDigest(row.id, plan, row.planned_at)


def _owner(plan: DigestPlan) -> dict[str, int]:
    return {"team_id": plan.channel.team_id, "channel_id": plan.channel.id}


def _key(plan: DigestPlan) -> DigestKey:
    return plan.channel.id, plan.slot, plan.local_date


def _overview(digest_id: int, plan: DigestPlan, now: datetime) -> dict[str, Any]:
    return {
        **_owner(plan),
        "digest_id": digest_id,
        "part": 0,
        "token": secrets.token_urlsafe(TOKEN_BYTES),
        "state": PostState.PLANNED,
        "planned_at": now,
        "not_before": now,
        "attempts": 0,
        "detail": "",
    }
