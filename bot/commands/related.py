"""`related`: the papers nearest to a paper."""

from bot.command import Call, Command
from bot.finding import find_paper
from bot.lists import pinned_results
from bot.parameters import PAGE, PAPER
from bot.replies import Notice, Reply

MOST_RESULTS = 20


async def handle(call: Call) -> Reply:
    """List a paper's neighbours."""
    paper = await find_paper(call, call.arguments.need(PAPER))
    heading = f"Near to #{paper.id} {paper.title}"
    if call.view is not None:
        return await pinned_results(call, "related", heading, call.view.paper_ids, call.view.sentences)
    matches = await call.services.search.related(paper.id, MOST_RESULTS)
    if not matches:
        return Notice(f"There is no other paper yet to compare #{paper.id} with.")
    return await pinned_results(call, "related", heading, [match.paper_id for match in matches], {})


RELATED = Command(
    "related",
    "List the papers nearest to a paper",
    handle,
    (PAPER, PAGE),
    ("related #57",),
    private=True,
)
