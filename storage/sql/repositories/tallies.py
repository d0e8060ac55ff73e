"""The one vote of a person on a paper, in a channel or a team: the latest observed."""

from typing import Any

from sqlalchemy import ColumnElement, Label, Select, Subquery, func, select

from storage.sql.tables import ChannelRow, VoteRow
from storage.sql.types import among_numbers

STANDING = VoteRow.ended_at.is_(None)
"""Leaves out reactions that were removed: their rows are tombstones."""


def latest_votes(*conditions: ColumnElement[bool]) -> Subquery:
    """Select the votes that count: the latest a person, paper and channel, unless it retracts."""
    order = func.row_number().over(
        partition_by=(VoteRow.channel_id, VoteRow.paper_id, VoteRow.person_id),
        order_by=(VoteRow.observed_at.desc(), VoteRow.id.desc()),
    )
    observed = (
        select(
            VoteRow.id,
            VoteRow.team_id,
            VoteRow.paper_id,
            VoteRow.person_id,
            VoteRow.value,
            VoteRow.observed_at,
            order.label("age"),
        )
        .where(STANDING, *conditions)
        .subquery()
    )
    return select(observed).where(observed.c.age == 1, observed.c.value != 0).subquery()


def team_votes(parameter: str, *conditions: ColumnElement[bool]) -> Subquery:
    """Select the votes that count for each of the teams in a parameter of this name.

    Those are the latest of each person and paper over a team's channels. Votes in direct messages with the
    bot are left out: they are that person's own.
    """
    latest = latest_votes(VoteRow.channel_id.in_(shared_channels(parameter)), *conditions)
    order = func.row_number().over(
        partition_by=(latest.c.paper_id, latest.c.person_id),
        order_by=(latest.c.observed_at.desc(), latest.c.id.desc()),
    )
    counted = select(
        latest.c.team_id,
        latest.c.paper_id,
        latest.c.person_id,
        latest.c.value,
        latest.c.observed_at,
        order.label("place"),
    ).subquery()
    return select(counted).where(counted.c.place == 1).subquery()


def shared_channels(parameter: str) -> Select[int]:
    """Select the ids of the channels, other than direct messages, of the teams in a parameter."""
    return select(ChannelRow.id).where(
        among_numbers(ChannelRow.team_id, parameter), ChannelRow.owner_id.is_(None)
    )


def ups(latest: Subquery) -> Label[Any]:
    """Count the up-votes of a group."""
    return func.count().filter(latest.c.value > 0).label("up")


def downs(latest: Subquery) -> Label[Any]:
    """Count the down-votes of a group."""
    return func.count().filter(latest.c.value < 0).label("down")
