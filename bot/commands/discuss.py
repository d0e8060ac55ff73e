"""`discuss`: open a discussion of a paper in the channel."""

from bot.conversation.command import Command, CommandContext
from bot.conversation.find_paper import find_paper
from bot.conversation.parameters import PAPER
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Discussion, Reply

SAYING = Parameter("say", values.text, "your first words on it", '"worth a read?"')


async def handle(ctx: CommandContext) -> Reply:
    """Return the message whose thread becomes the discussion."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER))
    async with ctx.services.store.reading() as tx:
        status = await tx.paper_statuses.get(ctx.context.channel.id, [paper.id])
    saying, name = ctx.arguments.get(SAYING), ctx.context.person.name
    note = f"{name} asks: “{saying}”" if saying else f"{name} would like to discuss this paper."
    return Discussion(paper, note, status[paper.id])


DISCUSS = Command(
    "discuss",
    "Open a discussion of a paper in this channel",
    handle,
    (PAPER, SAYING),
    ("discuss #57", 'discuss #57 say:"Does this hold for small models?"'),
)
