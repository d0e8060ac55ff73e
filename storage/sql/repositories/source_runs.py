"""How polls of sources went, by day."""

from datetime import date

from sqlalchemy import func, select

from bot.domain.source import SourceRun
from storage.sql.connection import AnySelect, Repository
from storage.sql.tables import SourceRunRow


class SqlSourceRuns(Repository):
    """Source runs in the database."""

    async def record(self, run: SourceRun) -> None:
        insert = self._connection.insert(SourceRunRow).values(
            source=run.source, day=run.day, state=run.state, papers=run.papers, at=run.at, detail=run.detail
        )
        new = insert.excluded
        await self._connection.run(
            insert.on_conflict_do_update(
                index_elements=["source", "day"],
                set_={"state": new.state, "papers": new.papers, "at": new.at, "detail": new.detail},
            )
        )

    async def latest(self) -> list[SourceRun]:
        order = func.row_number().over(partition_by=SourceRunRow.source, order_by=SourceRunRow.day.desc())
        ranked = select(SourceRunRow, order.label("age")).subquery()
        return await self._runs(select(ranked).where(ranked.c.age == 1).order_by(ranked.c.source))

    async def since(self, day: date, source: str | None = None) -> list[SourceRun]:
        query = select(SourceRunRow).where(SourceRunRow.day >= day)
        if source is not None:
            query = query.where(SourceRunRow.source == source)
        return await self._runs(query.order_by(SourceRunRow.source, SourceRunRow.day))

    async def _runs(self, query: AnySelect) -> list[SourceRun]:
        rows = await self._connection.run(query)
        return [SourceRun(row.source, row.day, row.state, row.papers, row.at, row.detail) for row in rows]
