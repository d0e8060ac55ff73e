"""What the store remembers of a message that the bot has sent."""

from datetime import datetime

from bot.models import Here, MessageRef, Shown, ShownMessage
from bot.replies import Discussion, LinkCard, PaperCard, Reply, Summary, papers_shown
from bot.repositories import Transaction


def shown_as(reply: Reply) -> tuple[Shown, str]:
    """As what a reply shows its papers, and what is needed to draw it again."""
    match reply:
        case PaperCard(note=note, whole=whole):
            return Shown.WHOLE if whole else Shown.CARD, note
        case Discussion(note=note):
            return Shown.DISCUSSION, note
        case LinkCard():
            return Shown.LINK, ""
        case Summary(quotes=quotes):
            return Shown.SUMMARY, str(len(quotes))
        case _:
            return Shown.LISTED, ""


async def record_shown(tx: Transaction, here: Here, reply: Reply, message: MessageRef, now: datetime) -> None:
    """Remember which papers a message shows, so that reactions, tallies and history find them."""
    shown, note = shown_as(reply)
    entries = [ShownMessage(here.channel.id, paper.id, message, shown, note) for paper in papers_shown(reply)]
    await tx.messages.record(here.channel, entries, now)
    if isinstance(reply, Discussion):
        # There are no threads in threads: in one, the discussion is what is written there.
        root = MessageRef(message.channel, message.thread) if message.thread else message
        await tx.discussions.open(here, reply.paper.id, root, now)
