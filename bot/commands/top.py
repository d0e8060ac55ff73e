"""`top`: rank a channel's papers by votes."""

from datetime import timedelta

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import ROWS_A_PAGE, rows_before, rows_pages
from bot.conversation.parameters import PAGE
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Leaderboard, LeaderboardRow, Notice, Reply

PERIODS: dict[str, timedelta | None] = {
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
    "all": None,
}
PERIOD = Parameter(
    "period",
    values.one_of(tuple(PERIODS)),
    "votes of which time",
    "week",
    positional=True,
    choices=tuple(PERIODS),
)


async def handle(ctx: CommandContext) -> Reply:
    """Rank the channel's papers by their votes."""
    period = ctx.arguments.get(PERIOD) or "all"
    length = PERIODS[period]
    offset = rows_before(ctx)
    channel = ctx.context.channel
    async with ctx.services.store.reading() as tx:
        ranked, total = await tx.votes.leaders(
            channel.id, ctx.now - length if length else None, ROWS_A_PAGE, offset
        )
        papers = await tx.papers.get([each.paper_id for each in ranked], ctx.context.team_id)
    pages = await rows_pages(ctx, "top", total, private=False)
    if not total:
        return Notice(
            f"No votes in {channel.name} yet."
            if length is None
            else f"No votes in {channel.name} this {period}.",
            hint="Vote with 👍 on a paper's message, or with `vote #57`.",
        )
    rows = tuple(
        LeaderboardRow(offset + place, papers[each.paper_id], each.tally, each.comments)
        for place, each in enumerate(ranked, 1)
    )
    heading = f"Top papers in {channel.name}" + (f", this {period}" if length else "")
    return Leaderboard(heading, rows, pages)


TOP = Command(
    "top",
    "Rank this channel's papers by votes",
    handle,
    (PERIOD, PAGE),
    ("top", "top week"),
    programs=ForPrograms.READS,
)
