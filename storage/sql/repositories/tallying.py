"""The one vote a person, paper and channel: the latest of what was observed."""

from typing import Any

from sqlalchemy import ColumnElement, Label, Subquery, func, select

from storage.sql.tables import VoteRow


def latest_votes(*conditions: ColumnElement[bool]) -> Subquery:
    """Votes that count: the latest of each person, paper and channel, unless that retracts."""
    order = func.row_number().over(
        partition_by=(VoteRow.channel_id, VoteRow.paper_id, VoteRow.person_id),
        order_by=(VoteRow.observed_at.desc(), VoteRow.id.desc()),
    )
    observed = (
        select(
            VoteRow.channel_id,
            VoteRow.paper_id,
            VoteRow.person_id,
            VoteRow.value,
            VoteRow.observed_at,
            order.label("age"),
        )
        .where(*conditions)
        .subquery()
    )
    return select(observed).where(observed.c.age == 1, observed.c.value != 0).subquery()


def ups(latest: Subquery) -> Label[Any]:
    """Count the up-votes of a group."""
    return func.count().filter(latest.c.value > 0).label("up")


def downs(latest: Subquery) -> Label[Any]:
    """Count the down-votes of a group."""
    return func.count().filter(latest.c.value < 0).label("down")
