"""`save`: a paper onto one's own reading list, or off it."""

from bot.conversation.command import Call, Command
from bot.conversation.find_paper import find_paper
from bot.conversation.parameters import PAPER
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Notice, Reply, Tone

OFF = ("off",)
SWITCH = Parameter("switch", values.one_of(OFF), "takes it off the list", "off", positional=True, choices=OFF)


async def handle(call: Call) -> Reply:
    """Save a paper, or take it off the list."""
    paper = await find_paper(call, call.arguments.need(PAPER), SWITCH.choices)
    name = f"#{paper.id} {paper.title}"
    async with call.services.store.writing() as tx:
        if call.arguments.get(SWITCH):
            if await tx.saved.remove(call.here, paper.id):
                return Notice(f"{name} is off your reading list.", Tone.DONE)
            return Notice(f"{name} was not on your reading list.")
        new = await tx.saved.put(call.here, paper.id, call.now)
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
)
