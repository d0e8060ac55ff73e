"""`save`: put a paper on one's own reading list, or take it off."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.find_paper import find_paper
from bot.conversation.parameters import PAPER
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Notice, Reply, Tone

OFF = ("off",)
SWITCH = Parameter("switch", values.one_of(OFF), "takes it off the list", "off", positional=True, choices=OFF)


async def handle(ctx: CommandContext) -> Reply:
    """Save a paper, or take it off the list."""
    paper = await find_paper(ctx, ctx.arguments.need(PAPER), SWITCH.choices)
    name = f"#{paper.id} {paper.title}"
    async with ctx.services.store.writing() as tx:
        if ctx.arguments.get(SWITCH):
            if await tx.saved.remove(ctx.context, paper.id):
                return Notice(f"{name} is off your reading list.", Tone.DONE)
            return Notice(f"{name} was not on your reading list.")
        new = await tx.saved.put(ctx.context, paper.id, ctx.now)
    text = "is on your reading list." if new else "was on your reading list already."
    return Notice(f"{name} {text}", Tone.DONE, "See the list with `saved`.")


SAVE = Command(
    "save",
    "Put a paper on your own reading list, or take it off",
    handle,
    (PAPER, SWITCH),
    ("save #57", "save #57 off"),
    private=True,
    changes=True,
    programs=ForPrograms.WRITES,
)
