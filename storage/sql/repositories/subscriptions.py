"""What channels are subscribed to."""

import unicodedata
from collections.abc import Collection
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import select, text, update

from bot.domain.channel import Context, Person
from bot.domain.subscription import Slot, Subscription, SubscriptionSpec, Weekday
from storage.sql.connection import AnyRow, AnySelect, Repository
from storage.sql.tables import PersonRow, SubscriptionRow
from storage.sql.types import among_numbers

_NOT_ENDED = ~SubscriptionRow.ended


class SqlSubscriptions(Repository):
    """Subscriptions in the database."""

    async def put(self, context: Context, spec: SubscriptionSpec, now: datetime) -> tuple[Subscription, bool]:
        key = (
            SubscriptionRow.channel_id == context.channel.id,
            SubscriptionRow.topic_key == _key(spec.topic),
        )
        change = update(SubscriptionRow).where(*key, _NOT_ENDED).values(**_columns(spec), paused=False)
        existed = (await self._connection.run(change)).rowcount > 0
        if not existed:
            row = {
                **_columns(spec),
                "team_id": context.team_id,
                "channel_id": context.channel.id,
                "topic_key": _key(spec.topic),
                "created_by": context.person.id,
                "created": now,
                "paused": False,
                "ended": False,
            }
            insert = self._connection.insert(SubscriptionRow).values(row)
            # Another process may have inserted the same topic since the update found none.
            upsert = insert.on_conflict_do_update(
                index_elements=["channel_id", "topic_key"],
                index_where=text("NOT ended"),
                set_=_columns(spec),
            )
            await self._connection.run(upsert)
        stored = (await self._connection.run(_select().where(*key))).one()
        return _subscription(stored), existed

    async def of_channel(self, channel_id: int) -> list[Subscription]:
        return (await self.of_channels([channel_id]))[channel_id]

    async def of_channels(self, channel_ids: Collection[int]) -> dict[int, list[Subscription]]:
        found: dict[int, list[Subscription]] = {channel_id: [] for channel_id in channel_ids}
        for row in await self._connection.run(_OF_CHANNELS, {"ids": channel_ids}):
            found[row.channel_id].append(_subscription(row))
        return found

    async def get(self, channel_id: int, subscription_id: int) -> Subscription | None:
        row = (await self._connection.run(_select().where(*_one(channel_id, subscription_id)))).one_or_none()
        return None if row is None else _subscription(row)

    async def find_by_topic(self, channel_id: int, topic: str) -> Subscription | None:
        key = SubscriptionRow.channel_id == channel_id, SubscriptionRow.topic_key == _key(topic)
        row = (await self._connection.run(_select().where(*key))).one_or_none()
        return None if row is None else _subscription(row)

    async def pause(self, channel_id: int, subscription_id: int, *, paused: bool) -> bool:
        change = update(SubscriptionRow).where(*_one(channel_id, subscription_id)).values(paused=paused)
        return (await self._connection.run(change)).rowcount == 1

    async def end(self, channel_id: int, subscription_id: int) -> bool:
        change = update(SubscriptionRow).where(*_one(channel_id, subscription_id))
        ended = await self._connection.run(change.values(ended=True))
        return ended.rowcount == 1


def _select() -> AnySelect:
    return (
        select(
            SubscriptionRow,
            PersonRow.external_id.label("person_external_id"),
            PersonRow.name.label("person_name"),
        )
        .join(PersonRow, PersonRow.id == SubscriptionRow.created_by)
        .where(_NOT_ENDED)
    )


_OF_CHANNELS = (
    _select()
    .where(among_numbers(SubscriptionRow.channel_id, "ids"))
    .order_by(SubscriptionRow.channel_id, SubscriptionRow.topic_key)
)


def _one(channel_id: int, subscription_id: int) -> tuple[Any, ...]:
    return SubscriptionRow.channel_id == channel_id, SubscriptionRow.id == subscription_id, _NOT_ENDED


def _key(topic: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", topic).casefold().split())


def _columns(spec: SubscriptionSpec) -> dict[str, Any]:
    return {
        "topic": spec.topic,
        "at": spec.slot.at,
        "timezone": spec.slot.timezone,
        "days": sum(1 << day for day in spec.days),
        "categories": sorted(spec.categories),
        "min_votes": spec.min_votes,
        "top": spec.top,
        "trending": spec.trending,
    }


@lru_cache(maxsize=128)  # one for each set of weekdays
def _days(mask: int) -> frozenset[Weekday]:
    return frozenset(day for day in Weekday if mask >> day & 1)


@lru_cache(maxsize=4096)  # a planner reads many channels with the same topic and time, again and again
def _spec(  # noqa: PLR0917 - the columns of a row
    topic: str,
    at: time,
    timezone: str,
    days: int,
    categories: tuple[str, ...],
    min_votes: int,
    top: int,
    trending: bool,
) -> SubscriptionSpec:
    return SubscriptionSpec(
        topic=topic,
        slot=Slot(at, timezone),
        days=_days(days),
        categories=frozenset(categories),
        min_votes=min_votes,
        top=top,
        trending=trending,
    )


def _subscription(row: AnyRow) -> Subscription:
    return Subscription(
        id=row.id,
        team_id=row.team_id,
        channel_id=row.channel_id,
        spec=_spec(
            row.topic,
            row.at,
            row.timezone,
            row.days,
            tuple(row.categories),
            row.min_votes,
            row.top,
            row.trending,
        ),
        created_by=Person(row.created_by, row.team_id, row.person_external_id, row.person_name),
        created=row.created,
        paused=row.paused,
    )
