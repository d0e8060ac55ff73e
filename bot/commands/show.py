"""`show`: show one paper with its abstract."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.parameters import PAPER
from bot.protocol.replies import PaperCard, Reply


async def handle(ctx: CommandContext) -> Reply:
    """Show a paper with its abstract."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER))
    async with ctx.services.store.reading() as tx:
        status = await tx.paper_statuses.get(ctx.context.channel.id, [paper.id])
    return PaperCard(paper, status[paper.id], whole=True)


SHOW = Command(
    "show",
    "Show a paper with its abstract",
    handle,
    (PAPER,),
    ("show #57", "show arXiv:2406.01234"),
    programs=ForPrograms.READS,
)
