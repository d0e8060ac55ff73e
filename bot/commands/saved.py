"""`saved`: list the papers on one's own reading list."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import ROWS_A_PAGE, rows_before, rows_pages
from bot.conversation.parameters import PAGE
from bot.protocol.replies import Notice, ReadingList, ReadingRow, Reply


async def handle(ctx: CommandContext) -> Reply:
    """List what the person has saved."""
    async with ctx.services.store.reading() as tx:
        rows, total = await tx.saved.page(ctx.context, ROWS_A_PAGE, rows_before(ctx))
        papers = await tx.papers.get([paper_id for paper_id, _ in rows], ctx.context.team_id)
    pages = await rows_pages(ctx, "saved", total, private=True)
    if not total:
        return Notice("Your reading list is empty.", hint="Save a paper with `save #57` or its Save button.")
    return ReadingList(
        "Your reading list",
        tuple(ReadingRow(papers[paper_id], at) for paper_id, at in rows),
        pages,
        ctx.context.channel.settings.timezone,
    )


SAVED = Command(
    "saved",
    "List the papers you have saved",
    handle,
    (PAGE,),
    ("saved", "saved page:2"),
    private=True,
    programs=ForPrograms.READS,
)
