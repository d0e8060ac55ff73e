"""`history`: list the papers of a channel."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import ROWS_A_PAGE, rows_before, rows_pages
from bot.conversation.parameters import PAGE
from bot.protocol.replies import Notice, ReadingList, ReadingRow, Reply


async def handle(ctx: CommandContext) -> Reply:
    """List the papers that were posted, discussed or voted on here, the latest first."""
    channel = ctx.context.channel
    async with ctx.services.store.reading() as tx:
        entries, total = await tx.discussions.history(channel.id, ROWS_A_PAGE, rows_before(ctx))
        papers = await tx.papers.get([entry.paper_id for entry in entries], ctx.context.team_id)
    pages = await rows_pages(ctx, "history", total, private=True)
    if not total:
        return Notice(
            f"No paper has been posted, discussed or voted on in {channel.name} yet.",
            hint="Begin with `search`, `discuss` or `subscribe`.",
        )
    rows = tuple(
        ReadingRow(papers[entry.paper_id], entry.last, entry.activities, entry.tally, entry.message)
        for entry in entries
    )
    return ReadingList(f"Papers in {channel.name}", rows, pages, channel.settings.timezone)


HISTORY = Command(
    "history",
    "List the papers this channel has met, with votes and discussions",
    handle,
    (PAGE,),
    ("history",),
    private=True,
    programs=ForPrograms.READS,
)
