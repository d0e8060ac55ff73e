"""`show`: one paper whole."""

from bot.conversation.command import Call, Command
from bot.conversation.find_paper import find_paper
from bot.conversation.parameters import PAPER
from bot.protocol.replies import PaperCard, Reply


async def handle(call: Call) -> Reply:
    """Show a paper with its abstract."""
    paper = await find_paper(call, call.arguments.need(PAPER))
    async with call.services.store.reading() as tx:
        marks = await tx.marking.marks(call.here.channel.id, [paper.id])
    return PaperCard(paper, marks[paper.id], whole=True)


SHOW = Command(
    "show",
    "Show a paper with its abstract",
    handle,
    (PAPER,),
    ("show #57", "show arXiv:2406.01234"),
)
