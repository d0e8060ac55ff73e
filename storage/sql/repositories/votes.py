"""Votes as observations."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, bindparam, func, select

from bot.domain.channel import Context
from bot.domain.paper import RankedPaper
from bot.domain.vote import TallyCount, Vote, VoteSource
from storage.sql.connection import Repository
from storage.sql.repositories.rows import surviving_id
from storage.sql.repositories.tallies import downs, latest_votes, ups
from storage.sql.repositories.visibility import is_visible
from storage.sql.tables import CommentRow, DiscussionRow, VoteRow
from storage.sql.types import among_numbers


def _tallies() -> Any:
    latest = latest_votes(
        VoteRow.channel_id == bindparam("channel_id"), among_numbers(VoteRow.paper_id, "ids")
    )
    return select(latest.c.paper_id, ups(latest), downs(latest)).group_by(latest.c.paper_id)


_TALLIES = _tallies()


class SqlVotes(Repository):
    """Votes in the database."""

    async def cast(
        self, context: Context, paper_id: int, value: Vote, source: VoteSource, at: datetime
    ) -> None:
        row = vote_row(context, context.person.id, paper_id, value, at) | {"source": source, "message": None}
        await self._connection.run(self._connection.insert(VoteRow).values(row))

    async def tallies(self, channel_id: int, paper_ids: Collection[int]) -> dict[int, TallyCount]:
        """Return the votes on papers in a channel, by paper id. Papers without votes have the empty tally."""
        rows = await self._connection.run(_TALLIES, {"channel_id": channel_id, "ids": paper_ids})
        counted = {row.paper_id: TallyCount(row.up, row.down) for row in rows}
        return {paper_id: counted.get(paper_id, TallyCount()) for paper_id in paper_ids}

    async def leaders(
        self, channel_id: int, since: datetime | None, limit: int, offset: int
    ) -> tuple[list[RankedPaper], int]:
        latest = latest_votes(VoteRow.channel_id == channel_id, is_visible(VoteRow.paper_id))
        recent = () if since is None else (latest.c.observed_at >= since,)
        total = select(func.count(latest.c.paper_id.distinct())).where(*recent)
        ranked = _ranking(latest, channel_id).where(*recent).limit(limit).offset(offset)
        rows = [
            RankedPaper(row.paper_id, TallyCount(row.up, row.down), row.comments)
            for row in await self._connection.run(ranked)
        ]
        return rows, (await self._connection.run(total)).scalar_one()


def vote_row(context: Context, person_id: int, paper_id: int, value: Vote, at: datetime) -> dict[str, Any]:
    """Return the columns that all votes have."""
    return {
        "team_id": context.team_id,
        "channel_id": context.channel.id,
        "person_id": person_id,
        "paper_id": surviving_id(paper_id),
        "value": int(value),
        "observed_at": at,
    }


def _ranking(latest: Subquery, channel_id: int) -> Any:
    comments = (
        select(func.count())
        .select_from(CommentRow)
        .join(DiscussionRow, DiscussionRow.id == CommentRow.discussion_id)
        .where(DiscussionRow.channel_id == channel_id, DiscussionRow.paper_id == latest.c.paper_id)
        .scalar_subquery()
    )
    return (
        select(latest.c.paper_id, ups(latest), downs(latest), comments.label("comments"))
        .group_by(latest.c.paper_id)
        .order_by(
            func.sum(latest.c.value).desc(),
            ups(latest).desc(),
            func.max(latest.c.observed_at).desc(),
            latest.c.paper_id.desc(),
        )
    )
