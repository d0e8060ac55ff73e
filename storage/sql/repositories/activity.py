"""What a team has done with papers lately, over all its channels."""

from datetime import UTC, datetime

from sqlalchemy import Subquery, func, or_, select

from bot.domain.history import Activity
from bot.domain.vote import TallyCount
from storage.sql.connection import Connection
from storage.sql.repositories.tallies import STANDING, downs, shared_channels, team_votes, ups
from storage.sql.repositories.visibility import readable
from storage.sql.tables import CommentRow, DiscussionRow, PaperRow, VoteRow


async def team_activity(connection: Connection, team_id: int, since: datetime, limit: int) -> list[Activity]:
    """Return papers from `since` on, or with the team's votes or comments since; the latter first."""
    votes, comments = _votes(team_id, since), _comments(team_id, since)
    touched = or_(votes.c.paper_id.is_not(None), comments.c.paper_id.is_not(None))
    query = (
        select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes, votes.c.up, votes.c.down, comments.c.number)
        .outerjoin(votes, votes.c.paper_id == PaperRow.id)
        .outerjoin(comments, comments.c.paper_id == PaperRow.id)
        .where(or_(PaperRow.arrived >= since.astimezone(UTC).date(), touched), readable(team_id))
        .order_by(touched.desc(), PaperRow.arrived.desc(), PaperRow.id.desc())
        .limit(limit)
    )
    return [
        Activity(row.id, row.arrived, row.upvotes, TallyCount(row.up or 0, row.down or 0), row.number or 0)
        for row in await connection.run(query)
    ]


def _votes(team_id: int, since: datetime) -> Subquery:
    cast_lately = (VoteRow.team_id == team_id, VoteRow.observed_at >= since, STANDING)
    lately = select(VoteRow.paper_id).where(*cast_lately)
    latest = team_votes([team_id], VoteRow.paper_id.in_(lately))
    return (
        select(latest.c.paper_id, ups(latest), downs(latest))
        .where(latest.c.observed_at >= since)
        .group_by(latest.c.paper_id)
        .subquery()
    )


def _comments(team_id: int, since: datetime) -> Subquery:
    return (
        select(DiscussionRow.paper_id, func.count().label("number"))
        .join(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
        .where(DiscussionRow.channel_id.in_(shared_channels(team_id)), CommentRow.posted_at >= since)
        .group_by(DiscussionRow.paper_id)
        .subquery()
    )
