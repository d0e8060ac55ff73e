"""Accounts, and what proves who somebody is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, text, update

from bot.domain.account import Identity, Membership
from bot.domain.channel import Person
from storage.sql.connection import AnyRow, Repository
from storage.sql.tables import AccountRow, IdentityRow, LinkCodeRow, PersonRow, SessionRow, WorkspaceRow
from storage.sql.types import UtcDateTime, among_numbers, among_texts

_KEY = ["platform", "workspace", "external_id"]
_SESSIONS = select(SessionRow.session_hash, SessionRow.account_id).where(
    among_texts(SessionRow.session_hash, "hashes"),
    SessionRow.expires > bindparam("now", type_=UtcDateTime()),
)
_MEMBERSHIPS = (
    select(
        IdentityRow.account_id,
        WorkspaceRow.platform,
        WorkspaceRow.external_id.label("workspace"),
        PersonRow.id,
        PersonRow.team_id,
        PersonRow.external_id,
        PersonRow.name,
    )
    .join(PersonRow, PersonRow.workspace_id == WorkspaceRow.id)
    .join(
        IdentityRow,
        and_(
            IdentityRow.platform == WorkspaceRow.platform,
            or_(IdentityRow.workspace == "", IdentityRow.workspace == WorkspaceRow.external_id),
            IdentityRow.external_id == PersonRow.external_id,
        ),
    )
    .where(among_numbers(IdentityRow.account_id, "accounts"))
    .order_by(PersonRow.team_id, PersonRow.id)
)


class SqlAccounts(Repository):
    """Accounts in the database."""

    async def find(self, identity: Identity) -> int | None:
        found: int | None = (
            await self._connection.run(select(IdentityRow.account_id).where(_is(IdentityRow, identity)))
        ).scalar()
        return found

    async def ensure(self, identity: Identity, now: datetime) -> int:
        found = await self.find(identity)
        if found is None:
            account = self._connection.insert(AccountRow).values(created=now).returning(AccountRow.id)
            account_id: int = (await self._connection.run(account)).scalar_one()
            # Another process may have given it an account just now. Then that one is read back.
            new = self._connection.insert(IdentityRow).values(
                account_id=account_id, linked_at=now, **_columns(identity)
            )
            await self._connection.run(new.on_conflict_do_nothing())
            found = await self.find(identity)
            assert found is not None
            if found != account_id:
                await self._connection.run(delete(AccountRow).where(AccountRow.id == account_id))
        elif identity.name:
            named = update(IdentityRow).where(_is(IdentityRow, identity), IdentityRow.name != identity.name)
            await self._connection.run(named.values(name=identity.name))
        return found

    async def link(self, first: Identity, second: Identity, now: datetime) -> int:
        if self._connection.dialect == "postgresql":
            # Links are rare. Two at a time could join an account that the other one has just deleted, or wait
            # for each other for ever. SQLite has one writer anyway.
            await self._connection.run(text("LOCK TABLE identities IN SHARE ROW EXCLUSIVE MODE"))
        kept, other = sorted([await self.ensure(first, now), await self.ensure(second, now)])
        if kept != other:
            for table in (IdentityRow, SessionRow):
                moved = update(table).where(table.account_id == other).values(account_id=kept)
                await self._connection.run(moved)
            await self._connection.run(delete(AccountRow).where(AccountRow.id == other))
        return kept

    async def unlink(self, identity: Identity) -> bool:
        account_id = await self.find(identity)
        if account_id is None:
            return False
        count = select(func.count()).where(IdentityRow.account_id == account_id)
        if (await self._connection.run(count)).scalar_one() < 2:
            return False
        await self._connection.run(delete(IdentityRow).where(_is(IdentityRow, identity)))
        await self.close_sessions(account_id)
        return True

    async def identities(self, account_id: int) -> Sequence[Identity]:
        rows = await self._connection.run(
            select(IdentityRow.platform, IdentityRow.workspace, IdentityRow.external_id, IdentityRow.name)
            .where(IdentityRow.account_id == account_id)
            .order_by(IdentityRow.linked_at, IdentityRow.id)
        )
        return [_identity(row) for row in rows]

    async def memberships(self, account_id: int) -> Sequence[Membership]:
        return (await self.memberships_of([account_id])).get(account_id, [])

    async def memberships_of(self, account_ids: Collection[int]) -> Mapping[int, Sequence[Membership]]:
        found: dict[int, list[Membership]] = {}
        for row in await self._connection.run(_MEMBERSHIPS, {"accounts": account_ids}):
            person = Person(row.id, row.team_id, row.external_id, row.name)
            found.setdefault(row.account_id, []).append(Membership(row.platform, row.workspace, person))
        return found

    async def put_code(self, code_hash: str, identity: Identity, expires: datetime) -> None:
        new = self._connection.insert(LinkCodeRow).values(
            code_hash=code_hash, expires=expires, **_columns(identity)
        )
        changed = {name: new.excluded[name] for name in ("code_hash", "name", "expires")}
        await self._connection.run(new.on_conflict_do_update(index_elements=_KEY, set_=changed))

    async def find_code(self, code_hash: str, now: datetime) -> Identity | None:
        columns = LinkCodeRow.platform, LinkCodeRow.workspace, LinkCodeRow.external_id, LinkCodeRow.name
        found = select(*columns).where(LinkCodeRow.code_hash == code_hash, LinkCodeRow.expires > now)
        row = (await self._connection.run(found)).one_or_none()
        return None if row is None else _identity(row)

    async def take_code(self, code_hash: str, now: datetime) -> Identity | None:
        columns = LinkCodeRow.platform, LinkCodeRow.workspace, LinkCodeRow.external_id, LinkCodeRow.name
        taken = delete(LinkCodeRow).where(LinkCodeRow.code_hash == code_hash, LinkCodeRow.expires > now)
        row = (await self._connection.run(taken.returning(*columns))).one_or_none()
        return None if row is None else _identity(row)

    async def open_session(
        self, session_hash: str, account_id: int, now: datetime, expires: datetime
    ) -> None:
        row = {"session_hash": session_hash, "account_id": account_id, "created": now, "expires": expires}
        await self._connection.run(self._connection.insert(SessionRow).values(row))

    async def find_sessions(self, session_hashes: Collection[str], now: datetime) -> Mapping[str, int]:
        rows = await self._connection.run(_SESSIONS, {"hashes": session_hashes, "now": now})
        return {row.session_hash: row.account_id for row in rows}

    async def close_session(self, session_hash: str) -> None:
        await self._connection.run(delete(SessionRow).where(SessionRow.session_hash == session_hash))

    async def close_sessions(self, account_id: int) -> None:
        await self._connection.run(delete(SessionRow).where(SessionRow.account_id == account_id))

    async def sweep(self, now: datetime) -> None:
        for table in (LinkCodeRow, SessionRow):
            await self._connection.run(delete(table).where(table.expires <= now))


def _is(table: type[IdentityRow | LinkCodeRow], identity: Identity) -> ColumnElement[bool]:
    return and_(
        table.platform == identity.platform,
        table.workspace == identity.workspace,
        table.external_id == identity.external_id,
    )


def _columns(identity: Identity) -> dict[str, Any]:
    return {name: getattr(identity, name) for name in (*_KEY, "name")}


def _identity(row: AnyRow) -> Identity:
    return Identity(row.platform, row.workspace, row.external_id, row.name)
