"""What a team has done with papers, over all its channels: lately, or with those of a period."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    ScalarSelect,
    Subquery,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from bot.domain.history import Activity
from bot.domain.vote import TallyCount
from storage.sql.connection import AnySelect, Connection
from storage.sql.repositories.tallies import STANDING, downs, shared_channels, team_votes, ups
from storage.sql.repositories.visibility import readable
from storage.sql.tables import CommentRow, DiscussionRow, PaperRow, VoteRow
from storage.sql.types import KEY, UtcDateTime, among_numbers

_TOUCHED = (
    select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes)
    .where(among_numbers(PaperRow.id, "ids"))
    .order_by(PaperRow.arrived.desc(), PaperRow.id.desc())
)


async def team_activity(connection: Connection, team_id: int, since: datetime, limit: int) -> list[Activity]:
    """Return papers from `since` on, or with the team's votes or comments since; the latter first."""
    parameters = {
        "team_id": team_id,
        "since": since,
        "first_day": since.astimezone(UTC).date(),
        "limit": limit,
    }
    return [
        Activity(row.id, row.arrived, row.upvotes, TallyCount(row.up or 0, row.down or 0), row.number or 0)
        for row in await connection.run(_RECENT, parameters)
    ]


async def activity_between(
    connection: Connection, team_id: int, first: date, last: date, limit: int
) -> list[Activity]:
    """Return papers that arrived on these days: those with votes or comments, then each day's best.

    Each day gives as many as the others. Within a day the score follows the up-votes, so the best papers of
    the whole period are among these.
    """
    # In one query, PostgreSQL takes the votes for a single row and reads them again for each paper.
    papers = _arrived_between(team_id, first, last)
    ids = select(papers.c.id)
    votes = _counted(team_votes([team_id], VoteRow.team_id == team_id, VoteRow.paper_id.in_(ids)))
    # A team has fewer discussions than a month has papers, so the papers of those are looked up.
    discussed = exists().where(PaperRow.id == DiscussionRow.paper_id, PaperRow.arrived.between(first, last))
    comments = _comments(team_id, discussed)
    tallies = {row.paper_id: row for row in await connection.run(select(votes))}
    numbers = {row.paper_id: row.number for row in await connection.run(select(comments))}
    touched = sorted(tallies.keys() | numbers.keys(), reverse=True)[:limit]
    query = _TOUCHED.where(readable(team_id))
    rows = {row.id: row for row in await connection.run(query, {"ids": touched})} if touched else {}
    for row in await connection.run(_best_of_each_day(papers, limit)):
        rows.setdefault(row.id, row)
    return [
        Activity(
            row.id,
            row.arrived,
            row.upvotes,
            TallyCount(tallies[row.id].up, tallies[row.id].down) if row.id in tallies else TallyCount(),
            numbers.get(row.id, 0),
        )
        for row in list(rows.values())[:limit]
    ]


def _best_of_each_day(papers: Subquery, limit: int) -> AnySelect:
    place = func.row_number().over(
        partition_by=papers.c.arrived, order_by=(papers.c.upvotes.desc(), papers.c.id.desc())
    )
    return select(papers).order_by(place, papers.c.arrived.desc()).limit(limit)


async def nearest_days(
    connection: Connection, team_id: int, before: date, after: date, until: date
) -> tuple[date | None, date | None]:
    """Return the last day with papers before `before`, and the first after `after` up to `until`."""
    earlier = _first_day(team_id, PaperRow.arrived.desc(), PaperRow.arrived < before)
    later = _first_day(team_id, PaperRow.arrived, PaperRow.arrived > after, PaperRow.arrived <= until)
    row = (await connection.run(select(earlier.label("earlier"), later.label("later")))).one()
    return row.earlier, row.later


async def submitters(connection: Connection, team_id: int, first: date, last: date, limit: int) -> list[str]:
    """Return who submitted the papers that arrived on these days, the most frequent first."""
    query = (
        select(PaperRow.submitted_by)
        .where(
            PaperRow.arrived.between(first, last),
            PaperRow.submitted_by.is_not(None),
            PaperRow.submitted_by != "",
            readable(team_id),
        )
        .group_by(PaperRow.submitted_by)
        .order_by(func.count().desc(), func.min(PaperRow.id))
        .limit(limit)
    )
    return [row.submitted_by for row in await connection.run(query)]


def _arrived_between(team_id: int, first: date, last: date) -> Subquery:
    arrived = PaperRow.arrived.between(first, last)
    return (
        select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes).where(arrived, readable(team_id)).subquery()
    )


def _first_day(team_id: int, order: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[date]:
    # The index on `arrived` gives the days in order, so this ends at the first paper that the team may read.
    found = select(PaperRow.arrived).where(*conditions, readable(team_id)).order_by(order).limit(1)
    return found.scalar_subquery()


def _counted(latest: Subquery, *conditions: ColumnElement[bool]) -> Subquery:
    counts = select(latest.c.paper_id, ups(latest), downs(latest)).where(*conditions)
    return counts.group_by(latest.c.paper_id).subquery()


def _comments(team_id: int, *conditions: ColumnElement[bool]) -> Subquery:
    return (
        select(DiscussionRow.paper_id, func.count().label("number"))
        .join(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
        .where(DiscussionRow.channel_id.in_(shared_channels(team_id)), *conditions)
        .group_by(DiscussionRow.paper_id)
        .subquery()
    )


def _recent() -> AnySelect:
    """Select what `team_activity` returns. Its parameters are team_id, since, first_day and limit."""
    team_id: Any = bindparam("team_id", type_=KEY)
    since: Any = bindparam("since", type_=UtcDateTime())
    cast_lately = (VoteRow.team_id == team_id, VoteRow.observed_at >= since, STANDING)
    latest = team_votes([team_id], VoteRow.paper_id.in_(select(VoteRow.paper_id).where(*cast_lately)))
    votes = _counted(latest, latest.c.observed_at >= since)
    comments = _comments(team_id, CommentRow.posted_at >= since)
    touched = or_(votes.c.paper_id.is_not(None), comments.c.paper_id.is_not(None))
    return (
        select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes, votes.c.up, votes.c.down, comments.c.number)
        .outerjoin(votes, votes.c.paper_id == PaperRow.id)
        .outerjoin(comments, comments.c.paper_id == PaperRow.id)
        .where(or_(PaperRow.arrived >= bindparam("first_day", type_=Date()), touched), readable(team_id))
        .order_by(touched.desc(), PaperRow.arrived.desc(), PaperRow.id.desc())
        .limit(bindparam("limit", type_=Integer()))
    )


_RECENT = _recent()
"""Made once: to put it together takes several times as long as a small team's rows to read."""
