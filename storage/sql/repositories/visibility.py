"""Which papers a team may read: the one place where that is decided."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, or_

from storage.sql.tables import IdentifierRow, LinkRow, PaperRow

_Owned = type[PaperRow | IdentifierRow | LinkRow]


def readable(team_id: int | None, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether a row is open, or the team's own; without a team only open ones are readable."""
    return readable_by([team_id], table)


def readable_by(team_ids: Collection[int | None], table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether any of the teams may read a row; who asks then gives each its own, by `may_read`."""
    teams = [each for each in team_ids if each is not None]
    is_open: ColumnElement[bool] = table.team_id.is_(None)
    return or_(is_open, table.team_id.in_(teams)) if teams else is_open


def owned_by(team_id: int | None, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether a row is the team's own; without a team, whether it is open."""
    owned: ColumnElement[bool] = table.team_id.is_(None) if team_id is None else table.team_id == team_id
    return owned


def may_read(team_id: int | None, owner: int | None) -> bool:
    """Whether a team may read what has this owner, None where it is open."""
    return owner is None or owner == team_id
