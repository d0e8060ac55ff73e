"""Where the bot is installed."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from bot.domain.channel import Platform
from bot.domain.installation import Installation
from storage.sql.connection import AnyRow, Repository
from storage.sql.tables import InstallationRow

_KEY = ["platform", "workspace"]


class SqlInstallations(Repository):
    """Installations in the database."""

    async def put(self, installation: Installation) -> None:
        row = asdict(installation)
        new = self._connection.insert(InstallationRow).values(row)
        changed = {name: new.excluded[name] for name in row if name not in _KEY}
        await self._connection.run(new.on_conflict_do_update(index_elements=_KEY, set_=changed))

    async def find(self, platform: Platform, workspace: str) -> Installation | None:
        of_workspace = InstallationRow.platform == platform, InstallationRow.workspace == workspace
        row = (await self._connection.run(select(InstallationRow).where(*of_workspace))).one_or_none()
        return None if row is None else _installation(row)

    async def revoke(self, platform: Platform, workspace: str, at: datetime) -> bool:
        purge = (
            update(InstallationRow)
            .where(InstallationRow.platform == platform, InstallationRow.workspace == workspace)
            .where(InstallationRow.token.is_not(None), InstallationRow.installed_at <= at)
            .values(token=None, revoked_at=at)
        )
        return (await self._connection.run(purge)).rowcount == 1

    async def all(self) -> list[Installation]:
        ordered = select(InstallationRow).order_by(InstallationRow.platform, InstallationRow.workspace)
        return [_installation(row) for row in await self._connection.run(ordered)]


def _installation(row: AnyRow) -> Installation:
    columns = row._asdict()
    return Installation(**{**columns, "scopes": tuple(columns["scopes"])})
