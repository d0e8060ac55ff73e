"""Tokens for programs, and secret addresses of feeds."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, select, update

from bot.domain.account import Membership
from bot.domain.api_token import ApiToken, FeedAddress, Scope
from bot.domain.channel import Context, Person
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.rows import CHANNEL, channel_of
from storage.sql.tables import ApiTokenRow, ChannelRow, FeedAddressRow, PersonRow, WorkspaceRow

_PERSON = (
    PersonRow.id.label("person_id"),
    PersonRow.team_id.label("person_team_id"),
    PersonRow.external_id.label("person_external_id"),
    PersonRow.name.label("person_name"),
    WorkspaceRow.platform,
    WorkspaceRow.external_id.label("workspace"),
)
_TOKENS = (
    select(
        ApiTokenRow.id,
        ApiTokenRow.name,
        ApiTokenRow.scopes,
        ApiTokenRow.created,
        ApiTokenRow.expires,
        ApiTokenRow.last_used,
        *_PERSON,
    )
    .join(PersonRow, PersonRow.id == ApiTokenRow.person_id)
    .join(WorkspaceRow, WorkspaceRow.id == PersonRow.workspace_id)
)
_ADDRESSES = (
    select(FeedAddressRow.id, FeedAddressRow.created, FeedAddressRow.last_used, *_PERSON, *CHANNEL)
    .join(PersonRow, PersonRow.id == FeedAddressRow.person_id)
    .join(WorkspaceRow, WorkspaceRow.id == PersonRow.workspace_id)
    .outerjoin(ChannelRow, ChannelRow.id == FeedAddressRow.channel_id)
)


class SqlApiTokens(Repository):
    """Tokens in the database."""

    async def add(
        self,
        context: Context,
        name: str,
        token_hash: str,
        *,
        scopes: Collection[Scope],
        now: datetime,
        expires: datetime,
    ) -> bool:
        row = {
            "team_id": context.team_id,
            "person_id": context.person.id,
            "name": name,
            "token_hash": token_hash,
            "scopes": ",".join(sorted(scopes)),
            "created": now,
            "expires": expires,
        }
        new = self._connection.insert(ApiTokenRow).values(row)
        unless_named_so = new.on_conflict_do_nothing(index_elements=["person_id", "name"])
        return (await self._connection.run(unless_named_so)).rowcount == 1

    async def find(self, token_hash: str, now: datetime) -> ApiToken | None:
        query = _TOKENS.where(ApiTokenRow.token_hash == token_hash, ApiTokenRow.expires > now)
        row = (await self._connection.run(query)).one_or_none()
        return None if row is None else _token(row)

    async def of_person(self, context: Context) -> Sequence[ApiToken]:
        query = _TOKENS.where(ApiTokenRow.person_id == context.person.id).order_by(ApiTokenRow.name)
        return [_token(row) for row in await self._connection.run(query)]

    async def end(self, context: Context, name: str) -> bool:
        named = ApiTokenRow.person_id == context.person.id, ApiTokenRow.name == name
        return (await self._connection.run(delete(ApiTokenRow).where(*named))).rowcount == 1

    async def mark_used(self, token_id: int, day: date) -> None:
        used = update(ApiTokenRow).where(ApiTokenRow.id == token_id)
        await self._connection.run(used.values(last_used=day))


class SqlFeedAddresses(Repository):
    """Secret addresses in the database."""

    async def add(
        self, context: Context, channel_id: int | None, address_hash: str, now: datetime, keep: int
    ) -> None:
        row = {
            "team_id": context.team_id,
            "person_id": context.person.id,
            "channel_id": channel_id,
            "address_hash": address_hash,
            "created": now,
            "last_used": now.date(),
        }
        await self._connection.run(self._connection.insert(FeedAddressRow).values(row))
        kept = (
            select(FeedAddressRow.id)
            .where(_of_feed(context, channel_id))
            .order_by(FeedAddressRow.last_used.desc(), FeedAddressRow.id.desc())
            .limit(keep)
        )
        old = FeedAddressRow.id.not_in(select(kept.subquery().c.id))
        await self._connection.run(delete(FeedAddressRow).where(_of_feed(context, channel_id), old))

    async def find(self, address_hash: str) -> FeedAddress | None:
        query = _ADDRESSES.where(FeedAddressRow.address_hash == address_hash)
        row = (await self._connection.run(query)).one_or_none()
        if row is None:
            return None
        channel = None if row.channel_id is None else channel_of(row)
        return FeedAddress(row.id, _membership(row), channel, row.created, row.last_used)

    async def end(self, context: Context, channel_id: int | None) -> int:
        return (
            await self._connection.run(delete(FeedAddressRow).where(_of_feed(context, channel_id)))
        ).rowcount

    async def mark_used(self, address_id: int, day: date) -> None:
        used = update(FeedAddressRow).where(FeedAddressRow.id == address_id)
        await self._connection.run(used.values(last_used=day))


def _of_feed(context: Context, channel_id: int | None) -> ColumnElement[bool]:
    return and_(
        FeedAddressRow.person_id == context.person.id,
        FeedAddressRow.channel_id.is_not_distinct_from(channel_id),
    )


def _membership(row: AnyRow) -> Membership:
    person = Person(row.person_id, row.person_team_id, row.person_external_id, row.person_name)
    return Membership(row.platform, row.workspace, person)


def _token(row: AnyRow) -> ApiToken:
    scopes = frozenset(map(Scope, row.scopes.split(",")))
    return ApiToken(row.id, row.name, _membership(row), scopes, row.created, row.expires, row.last_used)
