"""Which papers a team may read: the one place where that is decided.

Nobody reads samples that are hidden.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from bot.domain.source import SAMPLE
from storage.sql.tables import IdentifierRow, LinkRow, PaperRow

_Owned = type[PaperRow | IdentifierRow | LinkRow]
_A_SAMPLE: ColumnElement[str] = literal_column(f"'{SAMPLE}'")
"""In the statement's text, or the index of samples would not serve."""
IS_SAMPLE: ColumnElement[bool] = PaperRow.source == _A_SAMPLE
_OTHER = aliased(PaperRow)
HIDDEN = select(_OTHER.id).where(_OTHER.source == _A_SAMPLE, _OTHER.hidden)
"""The numbers of papers that nobody reads."""


def readable(team_id: int | None, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether a row is open, or the team's own; without a team only open ones are readable."""
    return readable_by([team_id], table)


def readable_by(team_ids: Collection[int | None], table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether any of the teams may read a row; who asks then gives each its own, by `may_read`."""
    teams = [each for each in team_ids if each is not None]
    is_open: ColumnElement[bool] = table.team_id.is_(None)
    return and_(_visible(table), or_(is_open, table.team_id.in_(teams)) if teams else is_open)


def _visible(table: Any) -> ColumnElement[bool]:
    return ~PaperRow.hidden if table is PaperRow else is_shown(table.paper_id)


def is_shown(paper_id: ColumnElement[int] | Any) -> ColumnElement[bool]:
    """Whether the paper of this number is not hidden; for rows of teams' own deeds, which stay."""
    shown: ColumnElement[bool] = paper_id.not_in(HIDDEN)
    return shown


def owned_by(team_id: int | None, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether a row is the team's own; without a team, whether it is open."""
    owned: ColumnElement[bool] = table.team_id.is_(None) if team_id is None else table.team_id == team_id
    return owned


def may_read(team_id: int | None, owner: int | None) -> bool:
    """Whether a team may read what has this owner, None where it is open."""
    return owner is None or owner == team_id
