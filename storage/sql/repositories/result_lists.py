"""Result lists that people page through."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select

from bot.domain.history import ResultList
from storage.sql.connection import Repository
from storage.sql.tables import ChannelRow, PersonRow, ResultListRow

_TEAM = func.coalesce(
    select(ChannelRow.team_id).where(ChannelRow.id == bindparam("of_channel")).scalar_subquery(),
    select(PersonRow.team_id).where(PersonRow.id == bindparam("of_person")).scalar_subquery(),
)
_PUT = insert(ResultListRow).values(team_id=_TEAM)


class SqlResultLists(Repository):
    """Result lists in the database."""

    async def put(self, *result_lists: ResultList) -> None:
        if result_lists:
            await self._connection.run(_PUT, [_row(result_list) for result_list in result_lists])

    async def get(self, list_id: str, now: datetime) -> ResultList | None:
        not_expired = or_(ResultListRow.expires.is_(None), ResultListRow.expires > now)
        row = (
            await self._connection.run(select(ResultListRow).where(ResultListRow.id == list_id, not_expired))
        ).one_or_none()
        if row is None:
            return None
        return ResultList(
            id=row.id,
            command=row.command,
            text=row.text,
            paper_ids=tuple(row.paper_ids),
            person_id=row.person_id,
            channel_id=row.channel_id,
            expires=row.expires,
            sentences={int(paper_id): place for paper_id, place in row.sentences.items()},
        )

    async def sweep(self, now: datetime) -> int:
        return (
            await self._connection.run(delete(ResultListRow).where(ResultListRow.expires <= now))
        ).rowcount


def _row(result_list: ResultList) -> dict[str, Any]:
    return {
        "id": result_list.id,
        "person_id": result_list.person_id,
        "channel_id": result_list.channel_id,
        "command": result_list.command,
        "text": result_list.text,
        "paper_ids": list(result_list.paper_ids),
        "sentences": {str(paper_id): place for paper_id, place in result_list.sentences.items()},
        "expires": result_list.expires,
        "of_channel": result_list.channel_id,
        "of_person": result_list.person_id,
    }
