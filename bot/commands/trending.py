"""`trending`: rank the papers of the last days, or of a day, week or month, by votes, discussion and age."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import ROWS_A_PAGE, rows_before, rows_pages
from bot.conversation.parameters import PAGE
from bot.domain.errors import UserError
from bot.domain.history import Activity
from bot.domain.period import Period, PeriodLength
from bot.domain.trending import rank
from bot.ports.store.store import Transaction
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind
from bot.protocol.replies import Dates, Leaderboard, LeaderboardRow, Notice, Pages, Reply
from bot.protocol.wording import period_text

PERIOD = Parameter(
    "period",
    values.period,
    "papers of when: today, week or month; or of 2026-04-17, 2026-W16 or 2026-04",
    "2026-04-17",
    positional=True,
    suggestions=SuggestionKind.PERIOD,
)
MOST_RANKED = 1000
"""Papers ranked, at most: those that the team voted on or discussed, then the latest, or each day's best."""
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
    async with ctx.services.store.reading() as tx:
        activities = await _activities(ctx, tx, wanted)
        dates = await _dates(ctx, tx, wanted)
    heading = f"Trending, {wanted.heading}"
    if not activities:
        if dates.steps:
            return Leaderboard(heading, (), Pages("", 1, 1, 0), dates)
        return Notice(f"No papers from {wanted.heading} yet.", hint="Bring some in with `add LINK`.")
    offset = rows_before(ctx)
    # A past period is ranked as on its last day. Reckoned from today, all its papers would be equally old.
    shown = rank(activities, min(wanted.last, ctx.today))[offset : offset + ROWS_A_PAGE]
    rows = await _rows(ctx, shown, offset, dated=wanted.first < wanted.last)
    pages = await rows_pages(ctx, "trending", len(activities), private=False, text=wanted.name)
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


async def _activities(ctx: CommandContext, tx: Transaction, wanted: _Wanted) -> list[Activity]:
    team_id = ctx.context.team_id
    if wanted.recent is not None:
        return await tx.papers.activity(team_id, ctx.now - wanted.recent, MOST_RANKED)
    return await tx.papers.activity_between(team_id, wanted.first, wanted.last, MOST_RANKED)


async def _dates(ctx: CommandContext, tx: Transaction, wanted: _Wanted) -> Dates:
    team_id, period = ctx.context.team_id, wanted.period
    earlier, later = await tx.papers.nearest_days(team_id, period.first, period.last, _latest(ctx))
    found = await tx.papers.submitters(team_id, wanted.first, wanted.last, _SUBMITTERS_READ)
    names = dict.fromkeys(_COMMUNITY.sub("", each).strip() for each in found)
    return Dates(
        wanted.first,
        wanted.last,
        tuple(filter(None, names))[:SUBMITTERS],
        period.like(earlier) if earlier else None,
        period.like(later) if later else None,
    )


async def _rows(
    ctx: CommandContext, shown: Sequence[Activity], offset: int, *, dated: bool
) -> tuple[LeaderboardRow, ...]:
    async with ctx.services.store.reading() as tx:
        papers = await tx.papers.get([each.paper_id for each in shown], ctx.context.team_id)
    return tuple(
        LeaderboardRow(
            offset + place,
            papers[each.paper_id],
            each.tally,
            each.comments,
            each.upvotes,
            each.day if dated else None,
        )
        for place, each in enumerate(shown, 1)
    )


TRENDING = Command(
    "trending",
    "Rank papers by votes, talk and age: the latest, or those of a day, week or month",
    handle,
    (PERIOD, PAGE),
    ("trending", "trending today", "trending 2026-04-17", "trending 2026-W16", "trending 2026-04"),
    programs=ForPrograms.READS,
)
