"""Digests: planned once for a channel, slot and local date, with their items and posts."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, exists, select

from bot.models import DigestItem, DigestKind, DigestPlan, PostState, Slot, StoredDigest
from storage.sql.link import AnySelect, Repository
from storage.sql.repositories.rows import CHANNEL_AS_PLANNED, OF_WORKSPACE, channel_of, hold_channel, standing
from storage.sql.tables import (
    ChannelRow,
    DigestItemRow,
    DigestRow,
    PostRow,
    SubscriptionRow,
    WorkspaceRow,
)

_DIGEST = (
    select(
        DigestRow.id,
        DigestRow.at,
        DigestRow.timezone,
        DigestRow.local_date,
        DigestRow.kind,
        DigestRow.warning,
        DigestRow.planned_at,
        *CHANNEL_AS_PLANNED,
    )
    .join(ChannelRow, ChannelRow.id == DigestRow.channel_id)
    .join(WorkspaceRow, OF_WORKSPACE)
)


class SqlDigests(Repository):
    """Digests in the database."""

    async def plan(self, plan: DigestPlan, parts: Sequence[DigestItem], now: datetime) -> bool:
        """Store a digest with its items and posts; False if that slot and date has one already.

        Items whose paper the channel was posted meanwhile are left out; where nothing remains of a digest
        of papers, it is not stored.
        """
        await hold_channel(self._link, plan.channel.id)
        digest_id = await self._put_digest(plan, now)
        if digest_id is None:
            return False
        placed = await self._put_items(digest_id, plan)
        if plan.kind is DigestKind.PAPERS and not placed:
            await self._link.run(delete(DigestRow).where(DigestRow.id == digest_id))
            return False
        overview = await self._put_post(digest_id, plan, now, part=0)
        sent = [placed[item.paper_id] for item in parts if item.paper_id in placed]
        for part, item_id in enumerate(sent, start=1):
            await self._put_post(digest_id, plan, now, part=part, item_id=item_id, depends_on=overview)
        return True

    async def get(self, digest_id: int) -> StoredDigest:
        """A digest with its items."""
        found = await self._first(_DIGEST.where(DigestRow.id == digest_id))
        if found is None:
            raise LookupError(f"there is no digest {digest_id}")
        return found

    async def topics(self, digest_id: int) -> dict[int, str]:
        """The topics of a digest's subscriptions, those that have ended since as well."""
        wanted = (
            select(SubscriptionRow.id, SubscriptionRow.topic)
            .join(DigestItemRow, DigestItemRow.subscription_id == SubscriptionRow.id)
            .where(DigestItemRow.digest_id == digest_id)
            .distinct()
        )
        return {row.id: row.topic for row in await self._link.run(wanted)}

    async def last_of(self, channel_id: int) -> StoredDigest | None:
        """The channel's latest digest that was more than a warning."""
        of_channel = DigestRow.channel_id == channel_id, DigestRow.kind != DigestKind.WARNING
        return await self._first(_DIGEST.where(*of_channel).order_by(DigestRow.id.desc()).limit(1))

    async def planned(self, channel_id: int, slot: Slot, local_date: date) -> bool:
        """Whether that slot and date has a digest."""
        there: ColumnElement[bool] = exists().where(
            DigestRow.channel_id == channel_id,
            DigestRow.at == slot.at,
            DigestRow.timezone == slot.timezone,
            DigestRow.local_date == local_date,
        )
        return bool((await self._link.run(select(there))).scalar())

    async def warned(self, channel_id: int, local_date: date, warning: str) -> bool:
        """Whether the channel was told this on that day."""
        told: ColumnElement[bool] = exists().where(
            DigestRow.channel_id == channel_id,
            DigestRow.local_date == local_date,
            DigestRow.warning == warning,
        )
        return bool((await self._link.run(select(told))).scalar())

    async def _put_digest(self, plan: DigestPlan, now: datetime) -> int | None:
        row = {
            "team_id": plan.channel.team_id,
            "channel_id": plan.channel.id,
            "at": plan.slot.at,
            "timezone": plan.slot.timezone,
            "local_date": plan.local_date,
            "kind": plan.kind,
            "warning": plan.warning,
            "planned_at": now,
            "layout": plan.channel.settings.layout,
        }
        insert = self._link.insert(DigestRow).values(row).on_conflict_do_nothing().returning(DigestRow.id)
        return (await self._link.run(insert)).scalar()

    async def _put_items(self, digest_id: int, plan: DigestPlan) -> dict[int, int]:
        """Store the items that the channel was not posted yet, and give their rows by paper."""
        placed = {}
        for position, item in enumerate(plan.items):
            row = {
                "team_id": plan.channel.team_id,
                "channel_id": plan.channel.id,
                "digest_id": digest_id,
                "position": position,
                "paper_id": standing(item.paper_id),
                "subscription_id": item.subscription_id,
                "score": item.score,
                "given_up": False,
            }
            insert = self._link.insert(DigestItemRow).values(row).on_conflict_do_nothing()
            item_id = (await self._link.run(insert.returning(DigestItemRow.id))).scalar()
            if item_id is not None:
                placed[item.paper_id] = item_id
        return placed

    async def _put_post(
        self,
        digest_id: int,
        plan: DigestPlan,
        now: datetime,
        *,
        part: int,
        item_id: int | None = None,
        depends_on: int | None = None,
    ) -> int:
        row = {
            "team_id": plan.channel.team_id,
            "channel_id": plan.channel.id,
            "digest_id": digest_id,
            "part": part,
            "depends_on": depends_on,
            "item_id": item_id,
            "token": secrets.token_urlsafe(18),
            "state": PostState.PLANNED,
            "planned_at": now,
            "not_before": now,
            "attempts": 0,
            "detail": "",
        }
        insert = self._link.insert(PostRow).values(row).returning(PostRow.id)
        return int((await self._link.run(insert)).scalar_one())

    async def _first(self, wanted: AnySelect) -> StoredDigest | None:
        row = (await self._link.run(wanted)).one_or_none()
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
                    for item in await self._link.run(items)
                ]
            ),
            warning=row.warning,
        )
        return StoredDigest(row.id, plan, row.planned_at)
