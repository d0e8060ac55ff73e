"""`saved`: one's own reading list."""

from bot.command import Call, Command
from bot.lists import ROWS_A_PAGE, keep_view, page_count, require_page
from bot.parameters import PAGE
from bot.replies import Notice, Pages, ReadingList, ReadingRow, Reply


async def handle(call: Call) -> Reply:
    """List what the person has saved."""
    async with call.services.store.writing() as tx:
        rows, total = await tx.saved.page(call.here, ROWS_A_PAGE, (call.page - 1) * ROWS_A_PAGE)
        require_page(call.page, total, ROWS_A_PAGE)
        papers = await tx.papers.get([paper_id for paper_id, _ in rows])
        view_id = await keep_view(tx, call, "saved", private=True)
    if not total:
        return Notice("Your reading list is empty.", hint="Save a paper with `save #57` or its Save button.")
    return ReadingList(
        "Your reading list",
        tuple(ReadingRow(papers[paper_id], at) for paper_id, at in rows),
        Pages(view_id, call.page, page_count(total, ROWS_A_PAGE), total),
        call.here.channel.settings.timezone,
    )


SAVED = Command(
    "saved", "List the papers you have saved", handle, (PAGE,), ("saved", "saved page:2"), private=True
)
