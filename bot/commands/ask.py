"""`ask`: quote what a paper says about a question."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.full_text import readable_text
from bot.conversation.parameters import PAPER
from bot.protocol import values
from bot.protocol.arguments import Parameter, cut
from bot.protocol.replies import Answer, Notice, Reply
from bot.protocol.wording import read_at

MOST_QUOTES = 3
QUESTION = Parameter(
    "question",
    values.text,
    "what you want to know",
    "how large is the model?",
    required=True,
    positional=True,
)


async def handle(ctx: CommandContext) -> Reply:
    """Quote the sentences of the text that answer the question, or say that there are none."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER))
    question = ctx.arguments.need(QUESTION)
    found = await readable_text(ctx, paper)
    quotes = await ctx.services.answerer.answer(question, found.text, MOST_QUOTES)
    if not quotes:
        part = "the abstract of " if found.note else ""
        notice = f"I find nothing in {part}#{paper.id} {paper.title} that speaks to “{cut(question)}”."
        return Notice(notice, hint=read_at(found.text.link))
    async with ctx.services.store.reading() as tx:
        status = await tx.paper_statuses.get(ctx.context.channel.id, [paper.id])
    return Answer(paper, question, quotes, found.text.link, status[paper.id], found.note)


ASK = Command(
    "ask",
    "Ask a paper something, and read its own sentences on it",
    handle,
    (PAPER, QUESTION),
    ("ask #57 how large is the model?", 'ask "attention is all you need" how many heads are there?'),
    programs=ForPrograms.READS,
)
