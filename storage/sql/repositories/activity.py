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
from storage.sql.repositories.visibility import readable_by_given
from storage.sql.tables import CommentRow, DiscussionRow, PaperRow, VoteRow
from storage.sql.types import UtcDateTime, among_numbers


async def team_activity(connection: Connection, team_id: int, since: datetime, limit: int) -> list[Activity]:
    """Return papers from `since` on, or with the team's votes or comments since; the latter first."""
    parameters = {
        "teams": [team_id],
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
    days = {"teams": [team_id], "first": first, "last": last}
    tallies = {row.paper_id: row for row in await connection.run(_VOTES_BETWEEN, days)}
    numbers = {row.paper_id: row.number for row in await connection.run(_COMMENTS_BETWEEN, days)}
    touched = sorted(tallies.keys() | numbers.keys(), reverse=True)[:limit]
    of_team = {"teams": [team_id], "ids": touched}
    rows = {row.id: row for row in await connection.run(_TOUCHED, of_team)} if touched else {}
    for row in await connection.run(_BEST_OF_EACH_DAY, days | {"limit": limit}):
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


async def nearest_days(
    connection: Connection, team_id: int, before: date, after: date, until: date
) -> tuple[date | None, date | None]:
    """Return the last day with papers before `before`, and the first after `after` up to `until`."""
    days = {"teams": [team_id], "before": before, "after": after, "until": until}
    row = (await connection.run(_NEAREST, days)).one()
    return row.earlier, row.later


async def submitters(connection: Connection, team_id: int, first: date, last: date, limit: int) -> list[str]:
    """Return who submitted the papers that arrived on these days, the most frequent first."""
    parameters = {"teams": [team_id], "first": first, "last": last, "limit": limit}
    return [row.submitted_by for row in await connection.run(_SUBMITTERS, parameters)]


# Statements are made once: to put one together takes several times as long as a small team's rows to read.
# `teams` is always one team.
_READABLE = readable_by_given("teams")
_BETWEEN = PaperRow.arrived.between(bindparam("first", type_=Date()), bindparam("last", type_=Date()))
_LIMIT: Any = bindparam("limit", type_=Integer())
_TOUCHED = (
    select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes)
    .where(among_numbers(PaperRow.id, "ids"), _READABLE)
    .order_by(PaperRow.arrived.desc(), PaperRow.id.desc())
)
_SUBMITTERS = (
    select(PaperRow.submitted_by)
    .where(_BETWEEN, PaperRow.submitted_by.is_not(None), PaperRow.submitted_by != "", _READABLE)
    .group_by(PaperRow.submitted_by)
    .order_by(func.count().desc(), func.min(PaperRow.id))
    .limit(_LIMIT)
)


def _first_day(order: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[date]:
    # The index on `arrived` gives the days in order, so this ends at the first paper that the team may read.
    found = select(PaperRow.arrived).where(*conditions, _READABLE).order_by(order).limit(1)
    return found.scalar_subquery()


def _nearest() -> AnySelect:
    before, after, until = (bindparam(name, type_=Date()) for name in ("before", "after", "until"))
    earlier = _first_day(PaperRow.arrived.desc(), PaperRow.arrived < before)
    later = _first_day(PaperRow.arrived, PaperRow.arrived > after, PaperRow.arrived <= until)
    return select(earlier.label("earlier"), later.label("later"))


def _counted(latest: Subquery, *conditions: ColumnElement[bool]) -> Subquery:
    counts = select(latest.c.paper_id, ups(latest), downs(latest)).where(*conditions)
    return counts.group_by(latest.c.paper_id).subquery()


def _comments(*conditions: ColumnElement[bool]) -> Subquery:
    return (
        select(DiscussionRow.paper_id, func.count().label("number"))
        .join(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
        .where(DiscussionRow.channel_id.in_(shared_channels("teams")), *conditions)
        .group_by(DiscussionRow.paper_id)
        .subquery()
    )


def _votes_between() -> AnySelect:
    ids = select(PaperRow.id).where(_BETWEEN, _READABLE)
    of_team = among_numbers(VoteRow.team_id, "teams")
    return select(_counted(team_votes("teams", of_team, VoteRow.paper_id.in_(ids))))


def _comments_between() -> AnySelect:
    # A team has fewer discussions than a month has papers, so the papers of those are looked up.
    return select(_comments(exists().where(PaperRow.id == DiscussionRow.paper_id, _BETWEEN)))


def _best_of_each_day() -> AnySelect:
    papers = select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes).where(_BETWEEN, _READABLE).subquery()
    place = func.row_number().over(
        partition_by=papers.c.arrived, order_by=(papers.c.upvotes.desc(), papers.c.id.desc())
    )
    return select(papers).order_by(place, papers.c.arrived.desc()).limit(_LIMIT)


def _recent() -> AnySelect:
    """Select what `team_activity` returns. Its parameters are teams, since, first_day and limit."""
    since: Any = bindparam("since", type_=UtcDateTime())
    cast_lately = (among_numbers(VoteRow.team_id, "teams"), VoteRow.observed_at >= since, STANDING)
    latest = team_votes("teams", VoteRow.paper_id.in_(select(VoteRow.paper_id).where(*cast_lately)))
    votes = _counted(latest, latest.c.observed_at >= since)
    comments = _comments(CommentRow.posted_at >= since)
    touched = or_(votes.c.paper_id.is_not(None), comments.c.paper_id.is_not(None))
    return (
        select(PaperRow.id, PaperRow.arrived, PaperRow.upvotes, votes.c.up, votes.c.down, comments.c.number)
        .outerjoin(votes, votes.c.paper_id == PaperRow.id)
        .outerjoin(comments, comments.c.paper_id == PaperRow.id)
        .where(or_(PaperRow.arrived >= bindparam("first_day", type_=Date()), touched), _READABLE)
        .order_by(touched.desc(), PaperRow.arrived.desc(), PaperRow.id.desc())
        .limit(_LIMIT)
    )


_NEAREST = _nearest()
_VOTES_BETWEEN = _votes_between()
_COMMENTS_BETWEEN = _comments_between()
_BEST_OF_EACH_DAY = _best_of_each_day()
_RECENT = _recent()
