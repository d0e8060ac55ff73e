"""`summarize`: quote a paper's most telling sentences."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.full_text import readable_text
from bot.conversation.parameters import PAPER
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Notice, Reply, Summary

FEW_SENTENCES = 3
SENTENCES = Parameter("sentences", values.WholeNumber(1, 10), "at most so many sentences", "3")
WAYS = ("yes", "no")
FULL = Parameter(
    "full", values.one_of(WAYS), "yes: of the whole paper if an open copy is known", "yes", choices=WAYS
)


async def handle(ctx: CommandContext) -> Reply:
    """Quote the sentences that say what the paper is about."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER))
    count = ctx.arguments.get(SENTENCES) or FEW_SENTENCES
    found = await readable_text(ctx, paper) if ctx.arguments.get(FULL) == "yes" else None
    if found is None or found.note:
        quotes = await ctx.services.summarizer.summarize(paper, count)
    else:
        quotes = await ctx.services.summarizer.summarize_text(paper, found.text, count)
    if not quotes:
        what = "abstract" if found is None else "full text"
        hint = f"Read it at {paper.link}" if paper.link else ""
        return Notice(f"#{paper.id} {paper.title} has no {what} here to summarise.", hint=hint)
    async with ctx.services.store.reading() as tx:
        status = await tx.paper_statuses.get(ctx.context.channel.id, [paper.id])
    return Summary(paper, quotes, status[paper.id], "" if found is None else found.note)


SUMMARIZE = Command(
    "summarize",
    "Sum a paper up in its own sentences",
    handle,
    (PAPER, SENTENCES, FULL),
    ("summarize #57", "summarize #57 sentences:1", "summarize #57 full:yes"),
    programs=ForPrograms.READS,
)
