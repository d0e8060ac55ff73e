"""Which papers a team may read. Nothing else decides that.

Nobody reads hidden samples.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from bot.domain.source import SAMPLE
from storage.sql.tables import IdentifierRow, LinkRow, PaperRow
from storage.sql.types import among_numbers

_Owned = type[PaperRow | IdentifierRow | LinkRow]
_A_SAMPLE: ColumnElement[str] = literal_column(f"'{SAMPLE}'")
"""A literal, not a parameter: SQLite and PostgreSQL use the partial index of samples only if they see it."""
IS_SAMPLE: ColumnElement[bool] = PaperRow.source == _A_SAMPLE
_OTHER = aliased(PaperRow)
HIDDEN = select(_OTHER.id).where(_OTHER.source == _A_SAMPLE, _OTHER.hidden)
"""The ids of hidden papers."""


def readable(team_id: int | None, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether a row is open or the team's own. Without a team, only open rows are readable."""
    is_open: ColumnElement[bool] = table.team_id.is_(None)
    return and_(_visible(table), is_open if team_id is None else or_(is_open, table.team_id == team_id))


def readable_by_given(parameter: str, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether any of the teams in a parameter of this name may read a row.

    The caller then gives each team only what `may_read` allows it.
    """
    return and_(_visible(table), or_(table.team_id.is_(None), among_numbers(table.team_id, parameter)))


def _visible(table: Any) -> ColumnElement[bool]:
    return ~PaperRow.hidden if table is PaperRow else is_visible(table.paper_id)


def is_visible(paper_id: ColumnElement[int] | Any) -> ColumnElement[bool]:
    """Whether the paper with this id is not hidden. For rows of what teams did with it, which stay."""
    shown: ColumnElement[bool] = paper_id.not_in(HIDDEN)
    return shown


def owned_by(team_id: int | None, table: _Owned | Any = PaperRow) -> ColumnElement[bool]:
    """Whether a row is the team's own. Without a team, whether it is open."""
    owned: ColumnElement[bool] = table.team_id.is_(None) if team_id is None else table.team_id == team_id
    return owned


def may_read(team_id: int | None, owner: int | None) -> bool:
    """Whether a team may read what belongs to `owner`, None for what is open."""
    return owner is None or owner == team_id
