"""Teams, workspaces, channels and people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update

from bot.domain.channel import Channel, ChannelSettings, Context, Origin, Person, Platform
from storage.sql.connection import AnyRow, AnySelect, Repository
from storage.sql.repositories.rows import CHANNEL, OF_WORKSPACE, channel_of
from storage.sql.tables import ChannelRow, PersonRow, TeamRow, WorkspaceRow
from storage.sql.types import among_numbers, among_texts

_DIRECT = ChannelRow.owner_id == PersonRow.id
_SHARED = and_(ChannelRow.owner_id.is_(None), ChannelRow.external_id == bindparam("channel"))


def _origin(of_channel: Any) -> AnySelect:
    """Select the rows behind an origin. Outer joins: those that are missing are NULL."""
    of_person = and_(PersonRow.workspace_id == WorkspaceRow.id, PersonRow.external_id == bindparam("person"))
    return (
        select(
            *CHANNEL,
            PersonRow.id.label("person_id"),
            PersonRow.name.label("person_name"),
            WorkspaceRow.id.label("workspace_id"),
            WorkspaceRow.team_id.label("team_id"),
        )
        .select_from(WorkspaceRow)
        .outerjoin(PersonRow, of_person)
        .outerjoin(ChannelRow, and_(OF_WORKSPACE, of_channel))
        .where(
            WorkspaceRow.platform == bindparam("platform"), WorkspaceRow.external_id == bindparam("workspace")
        )
    )


_ORIGIN_DIRECT = _origin(_DIRECT)
_ORIGIN_SHARED = _origin(_SHARED)
_CHANNEL = select(*CHANNEL).join(WorkspaceRow, OF_WORKSPACE).where(ChannelRow.id == bindparam("channel_id"))
_PERSON = (
    select(PersonRow.id)
    .join(ChannelRow, ChannelRow.workspace_id == PersonRow.workspace_id)
    .where(ChannelRow.id == bindparam("channel_id"), PersonRow.external_id == bindparam("person"))
)
_WORKSPACE = (
    select(WorkspaceRow.external_id)
    .join(PersonRow, PersonRow.workspace_id == WorkspaceRow.id)
    .outerjoin(ChannelRow, ChannelRow.owner_id == PersonRow.id)
    .where(WorkspaceRow.platform == bindparam("platform"), PersonRow.external_id == bindparam("person"))
    .order_by(ChannelRow.id.asc().nulls_last(), PersonRow.id.desc())
    .limit(1)
)


_IN_WORKSPACE = (
    WorkspaceRow.platform == bindparam("platform"),
    WorkspaceRow.external_id == bindparam("workspace"),
)
_PEOPLE = (
    select(PersonRow.id, PersonRow.team_id, PersonRow.external_id, PersonRow.name)
    .join(WorkspaceRow, WorkspaceRow.id == PersonRow.workspace_id)
    .where(*_IN_WORKSPACE, among_texts(PersonRow.external_id, "people"))
)
_CHANNELS = select(*CHANNEL).join(WorkspaceRow, OF_WORKSPACE)
_SHARED_CHANNELS = _CHANNELS.where(
    *_IN_WORKSPACE, ChannelRow.owner_id.is_(None), among_texts(ChannelRow.external_id, "channels")
)
_DIRECT_CHANNELS = _CHANNELS.where(among_numbers(ChannelRow.owner_id, "owners"))


@dataclass(frozen=True, slots=True)
class _Members:
    """Rows of one workspace: people and shared channels by their ids there, direct channels by owner."""

    people: dict[str, AnyRow]
    shared: dict[str, AnyRow]
    direct: dict[int, AnyRow]


class SqlDirectory(Repository):
    """The directory in the database."""

    async def resolve(self, origin: Origin, now: datetime) -> Context:
        # Each insert ignores a conflict and is read back: another process may insert the same row just now.
        row = await self._find(origin)
        if row is None:
            await self._make_workspace(origin, now)
            row = await self._find(origin)
            assert row is not None
        if row.person_id is None:
            await self._make_person(row.team_id, row.workspace_id, origin.person, origin.person_name)
            row = await self._find(origin)
            assert row is not None
        if row.channel_id is None:
            await self._make_channel(row, origin)
            row = await self._find(origin)
            assert row is not None
        if await self._follow_names(row, origin):
            row = await self._find(origin)
            assert row is not None
        person = Person(row.person_id, row.team_id, origin.person, row.person_name)
        return Context(channel_of(row), person, origin.admin)

    async def find_contexts(self, origins: Sequence[Origin]) -> list[Context | None]:
        rows: dict[tuple[Platform, str], _Members] = {}
        for workspace in {(each.platform, each.workspace) for each in origins}:
            requested = [each for each in origins if (each.platform, each.workspace) == workspace]
            rows[workspace] = await self._members(*workspace, requested)
        return [_context(rows[each.platform, each.workspace], each) for each in origins]

    async def _members(self, platform: Platform, workspace: str, requested: Sequence[Origin]) -> "_Members":
        where = {"platform": platform, "workspace": workspace}
        people = await self._connection.run(_PEOPLE, where | {"people": {each.person for each in requested}})
        channels = {each.channel for each in requested if not each.direct}
        shared = await self._connection.run(_SHARED_CHANNELS, where | {"channels": channels})
        members = _Members(
            {row.external_id: row for row in people}, {row.channel_external_id: row for row in shared}, {}
        )
        owners = {
            members.people[each.person].id
            for each in requested
            if each.direct and each.person in members.people
        }
        if owners:
            direct = await self._connection.run(_DIRECT_CHANNELS, {"owners": owners})
            members.direct.update({row.channel_owner_id: row for row in direct})
        return members

    async def ensure_person(self, channel: Channel, external_id: str, now: datetime) -> int:  # noqa: ARG002 - people have no date yet
        parameters = {"channel_id": channel.id, "person": external_id}
        found: int | None = (await self._connection.run(_PERSON, parameters)).scalar()
        if found is None:
            workspace = select(ChannelRow.workspace_id).where(ChannelRow.id == channel.id).scalar_subquery()
            await self._make_person(channel.team_id, workspace, external_id, "")
            found = (await self._connection.run(_PERSON, parameters)).scalar_one()
        return found

    async def workspace_of(self, platform: Platform, person: str) -> str | None:
        found: str | None = (
            await self._connection.run(_WORKSPACE, {"platform": platform, "person": person})
        ).scalar()
        return found

    async def shared_channels(
        self, platform: Platform, workspace: str, external_ids: Collection[str]
    ) -> Sequence[Channel]:
        where = {"platform": platform, "workspace": workspace, "channels": external_ids}
        rows = await self._connection.run(_SHARED_CHANNELS, where)
        return sorted(map(channel_of, rows), key=lambda each: (each.name, each.id))

    async def channel(self, channel_id: int) -> Channel:
        return channel_of((await self._connection.run(_CHANNEL, {"channel_id": channel_id})).one())

    async def find_channel(self, channel_id: int) -> Channel | None:
        row = (await self._connection.run(_CHANNEL, {"channel_id": channel_id})).one_or_none()
        return None if row is None else channel_of(row)

    async def join_team(self, platform: Platform, workspace: str, team_id: int) -> bool:
        team = select(TeamRow.id).where(TeamRow.id == team_id)
        if (await self._connection.run(team)).scalar() is None:
            return False
        row = {"team_id": team_id, "platform": platform, "external_id": workspace}
        new = self._connection.insert(WorkspaceRow).values(row).on_conflict_do_nothing()
        await self._connection.run(new)
        where = WorkspaceRow.platform == platform, WorkspaceRow.external_id == workspace
        owner = (await self._connection.run(select(WorkspaceRow.team_id).where(*where))).scalar_one()
        return bool(owner == team_id)

    async def change_settings(self, channel_id: int, settings: ChannelSettings) -> None:
        change = update(ChannelRow).where(ChannelRow.id == channel_id)
        await self._connection.run(change.values(_columns(settings)))

    async def _find(self, origin: Origin) -> AnyRow | None:
        parameters = {
            "platform": origin.platform,
            "workspace": origin.workspace,
            "person": origin.person,
        }
        if origin.direct:
            return (await self._connection.run(_ORIGIN_DIRECT, parameters)).one_or_none()
        return (
            await self._connection.run(_ORIGIN_SHARED, parameters | {"channel": origin.channel})
        ).one_or_none()

    async def _make_workspace(self, origin: Origin, now: datetime) -> None:
        """Insert a workspace with a team of its own, unless another transaction just has."""
        team = (
            self._connection.insert(TeamRow).values(name=origin.workspace, created=now).returning(TeamRow.id)
        )
        team_id = (await self._connection.run(team)).scalar_one()
        workspace = (
            self._connection.insert(WorkspaceRow)
            .values(team_id=team_id, platform=origin.platform, external_id=origin.workspace)
            .on_conflict_do_nothing()
        )
        if (await self._connection.run(workspace)).rowcount == 0:
            await self._connection.run(delete(TeamRow).where(TeamRow.id == team_id))

    async def _make_person(self, team_id: int, workspace_id: Any, external_id: str, name: str) -> None:
        row = {"team_id": team_id, "workspace_id": workspace_id, "external_id": external_id, "name": name}
        await self._connection.run(self._connection.insert(PersonRow).values(row).on_conflict_do_nothing())

    async def _make_channel(self, row: AnyRow, origin: Origin) -> None:
        channel = {
            "team_id": row.team_id,
            "workspace_id": row.workspace_id,
            "external_id": origin.channel,
            "owner_id": row.person_id if origin.direct else None,
            "name": origin.channel_name,
            **_columns(ChannelSettings(timezone=origin.timezone or ChannelSettings().timezone)),
        }
        await self._connection.run(
            self._connection.insert(ChannelRow).values(channel).on_conflict_do_nothing()
        )

    async def _follow_names(self, row: AnyRow, origin: Origin) -> bool:
        """Store names that have changed on the platform. Returns whether any had."""
        channel, person = _changed_names(row, row.person_name, origin)
        if channel:
            await self._connection.run(
                update(ChannelRow).where(ChannelRow.id == row.channel_id).values(channel)
            )
        if person:
            await self._connection.run(update(PersonRow).where(PersonRow.id == row.person_id).values(person))
        return bool(channel or person)


def _context(members: _Members, origin: Origin) -> Context | None:
    person = members.people.get(origin.person)
    if person is None:
        return None
    channel = members.direct.get(person.id) if origin.direct else members.shared.get(origin.channel)
    if channel is None or any(_changed_names(channel, person.name, origin)):
        return None
    speaker = Person(person.id, person.team_id, origin.person, person.name)
    return Context(channel_of(channel), speaker, origin.admin)


def _changed_names(
    channel_row: AnyRow, person_name: str, origin: Origin
) -> tuple[dict[str, str], dict[str, str]]:
    """Return which columns of the channel and the person have new values on the platform."""
    channel, person = {}, {}
    if origin.channel_name not in {"", channel_row.channel_name}:
        channel["name"] = origin.channel_name
    if origin.channel not in {"", channel_row.channel_external_id}:
        channel["external_id"] = origin.channel
    if origin.person_name not in {"", person_name}:
        person["name"] = origin.person_name
    return channel, person


def _columns(settings: ChannelSettings) -> dict[str, Any]:
    return {
        "timezone": settings.timezone,
        "post_at": settings.post_at,
        "layout": settings.layout,
        "edit_policy": settings.edit_policy,
        "link_following": settings.link_following,
    }
