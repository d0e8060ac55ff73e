"""`trending`: rank the papers of the last days, or of a day, week or month, by votes, discussion and age."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.conversation.boards import Board, BoardRequest
from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import ROWS_A_PAGE, rows_before, rows_pages
from bot.conversation.paper_pages import PageRequest
from bot.conversation.parameters import PAGE
from bot.domain.errors import UserError
from bot.domain.history import Activity
from bot.domain.period import Period, PeriodLength
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind
from bot.protocol.replies import BoardDates, Leaderboard, LeaderboardRow, Notice, Pages, Reply
from bot.protocol.wording import period_text

PERIOD = Parameter(
    "period",
    values.period,
    "papers of when: today, week or month; or of 2026-04-17, 2026-W16 or 2026-04",
    "2026-04-17",
    positional=True,
    suggestions=SuggestionKind.PERIOD,
)
SUBMITTERS = 2
_RECENT = {
    "today": (timedelta(days=1), PeriodLength.DAY),
    "week": (timedelta(days=7), PeriodLength.WEEK),
    "month": (timedelta(days=30), PeriodLength.MONTH),
}
_COMMUNITY = re.compile(r"(?:,?\s*\band\s+|^)the\s+(?:research\s+)?community$", re.IGNORECASE)
_SUBMITTERS_READ = 2 * SUBMITTERS
"""More than are named: a saved page's “AK and the research community” is the AK of other pages."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for. `recent` is the time up to now to rank; without it the period is ranked."""

    name: str
    heading: str
    period: Period
    first: date
    last: date
    recent: timedelta | None = None


async def handle(ctx: CommandContext) -> Reply:
    """Rank papers by votes, discussion and age."""
    wanted = _wanted(ctx)
    board = await ctx.services.boards.read(_request(ctx, wanted))
    dates = _dates(wanted, board)
    heading = f"Trending, {wanted.heading}"
    if not board.ranked:
        if dates.steps:
            return Leaderboard(heading, (), Pages("", 1, 1, 0), dates)
        return Notice(f"No papers from {wanted.heading} yet.", hint="Bring some in with `add LINK`.")
    offset = rows_before(ctx)
    shown = board.ranked[offset : offset + ROWS_A_PAGE]
    rows = await _rows(ctx, shown, offset, dated=wanted.first < wanted.last)
    pages = await rows_pages(ctx, "trending", len(board.ranked), private=False, text=wanted.name)
    return Leaderboard(heading, rows, pages, dates)


def _wanted(ctx: CommandContext) -> _Wanted:
    raw = ctx.arguments.get(PERIOD) or "week"
    name = raw.strip().lower()
    if name in _RECENT:
        length, around = _RECENT[name]
        heading = name if name == "today" else f"this {name}"
        period = Period.of(ctx.today, around)
        return _Wanted(name, heading, period, (ctx.now - length).date(), _latest(ctx), length)
    period = values.period_from(raw, ctx.today)
    if period.first > _latest(ctx):
        current = period.like(ctx.today).name
        raise UserError(
            f"{period.name} is still to come. Try `trending {current}`, or an earlier {period.length}.",
            PERIOD.name,
        )
    return _Wanted(period.name, period_text(period), period, period.first, period.last)


def _latest(ctx: CommandContext) -> date:
    """Today in the channel, or where papers are dated, in UTC, whichever is further on."""
    return max(ctx.today, ctx.now.date())


def _request(ctx: CommandContext, wanted: _Wanted) -> BoardRequest:
    # By the minute, so that those who ask at the same time ask for the same.
    now = ctx.now.replace(second=0, microsecond=0)
    return BoardRequest(
        ctx.context.team_id,
        wanted.first,
        wanted.last,
        # A past period is ranked as on its last day. By today, all its papers would be equally old.
        today=min(wanted.last, ctx.today),
        since=None if wanted.recent is None else now - wanted.recent,
        before=wanted.period.first,
        after=wanted.period.last,
        until=_latest(ctx),
        submitters=_SUBMITTERS_READ,
    )


def _dates(wanted: _Wanted, board: Board) -> BoardDates:
    names = dict.fromkeys(_COMMUNITY.sub("", each).strip() for each in board.submitters)
    period, earlier, later = wanted.period, board.earlier, board.later
    return BoardDates(
        wanted.first,
        wanted.last,
        tuple(filter(None, names))[:SUBMITTERS],
        period.like(earlier) if earlier else None,
        period.like(later) if later else None,
    )


async def _rows(
    ctx: CommandContext, shown: Sequence[Activity], offset: int, *, dated: bool
) -> tuple[LeaderboardRow, ...]:
    ids = [each.paper_id for each in shown]
    page = await ctx.services.pages.open(
        PageRequest(ids, ctx.context.channel.id, ctx.context.team_id, None, None, with_status=False)
    )
    return tuple(
        LeaderboardRow(
            offset + place,
            page.papers[each.paper_id],
            each.tally,
            each.comments,
            each.upvotes,
            each.day if dated else None,
        )
        for place, each in enumerate(shown, 1)
        # One may have been removed since the board was read.
        if each.paper_id in page.papers
    )


TRENDING = Command(
    "trending",
    "Rank papers by votes, talk and age: the latest, or those of a day, week or month",
    handle,
    (PERIOD, PAGE),
    ("trending", "trending today", "trending 2026-04-17", "trending 2026-W16", "trending 2026-04"),
    programs=ForPrograms.READS,
)
