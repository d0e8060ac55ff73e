"""`trending`: rank recent papers by up-votes, discussion and age."""

from datetime import timedelta

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import ROWS_A_PAGE, rows_before, rows_pages
from bot.conversation.parameters import PAGE
from bot.domain.trending import rank
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Leaderboard, LeaderboardRow, Notice, Reply

PERIODS = {"today": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
PERIOD = Parameter(
    "period",
    values.one_of(tuple(PERIODS)),
    "papers of which time",
    "week",
    positional=True,
    choices=tuple(PERIODS),
)
MOST_RANKED = 1000
"""Papers ranked, at most: those that the team voted on or discussed, then the latest."""


async def handle(ctx: CommandContext) -> Reply:
    """Rank recent papers by votes, discussion and age."""
    period = ctx.arguments.get(PERIOD) or "week"
    async with ctx.services.store.reading() as tx:
        activities = await tx.papers.activity(ctx.context.team_id, ctx.now - PERIODS[period], MOST_RANKED)
    if not activities:
        return Notice(f"No papers from {_named(period)} yet.", hint="Bring some in with `add LINK`.")
    offset = rows_before(ctx)
    shown = rank(activities, ctx.today)[offset : offset + ROWS_A_PAGE]
    async with ctx.services.store.reading() as tx:
        papers = await tx.papers.get([each.paper_id for each in shown], ctx.context.team_id)
    pages = await rows_pages(ctx, "trending", len(activities), private=False)
    rows = tuple(
        LeaderboardRow(offset + place, papers[each.paper_id], each.tally, each.comments, each.upvotes)
        for place, each in enumerate(shown, 1)
    )
    return Leaderboard(f"Trending, {_named(period)}", rows, pages)


def _named(period: str) -> str:
    return period if period == "today" else f"this {period}"


TRENDING = Command(
    "trending",
    "Rank recent papers by votes, talk and age",
    handle,
    (PERIOD, PAGE),
    ("trending", "trending today"),
    programs=ForPrograms.READS,
)
