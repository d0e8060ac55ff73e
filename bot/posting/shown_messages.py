"""What the store remembers of a message that the bot has sent."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

from bot.domain.channel import Context
from bot.domain.document import Quote
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus, TallyCount
from bot.ports.store.store import Transaction
from bot.protocol.replies import Answer, Discussion, LinkCard, PaperCard, Reply, Summary, papers_shown


def shown_as(reply: Reply) -> tuple[MessageKind, str]:
    """As what a reply shows its papers, and what is needed to draw it again."""
    match reply:
        case PaperCard(note=note, whole=whole):
            return MessageKind.WHOLE if whole else MessageKind.CARD, note
        case Discussion(note=note):
            return MessageKind.DISCUSSION, note
        case LinkCard():
            return MessageKind.LINK, ""
        case Summary(quotes=quotes):
            return MessageKind.SUMMARY, _written(quotes) if any(each.where for each in quotes) else str(
                len(quotes)
            )
        case Answer(question=question, quotes=quotes, link=link):
            return MessageKind.SUMMARY, _written(quotes, question, link)
        case _:
            return MessageKind.LISTED, ""


def quoted_again(note: str, paper: Paper, status: PaperStatus) -> Summary | Answer | None:
    """Draw quotes of a full text again, from what was kept of them; None where they are of the abstract."""
    if note.isdecimal():
        return None
    kept = json.loads(note)
    quotes = tuple(Quote(*each) for each in kept["quotes"])
    if not kept["question"]:
        return Summary(paper, quotes, status)
    return Answer(paper, kept["question"], quotes, kept["link"], status)


def _written(quotes: Sequence[Quote], question: str = "", link: str = "") -> str:
    return json.dumps({"question": question, "link": link, "quotes": [astuple(each) for each in quotes]})


def tally_shown(reply: Reply) -> TallyCount:
    """The votes that a reply about one paper shows; what shows several is not redrawn."""
    match reply:
        case PaperCard() | Summary() | Answer() | Discussion() | LinkCard():
            return reply.status.tally
        case _:
            return TallyCount()


async def record_shown(
    tx: Transaction, context: Context, reply: Reply, message: MessageRef, now: datetime
) -> None:
    """Remember which papers a message shows, so that reactions, tallies and history find them."""
    shown, note = shown_as(reply)
    drawn = tally_shown(reply)
    entries = [
        ShownMessage(context.channel.id, paper.id, message, shown, note, drawn)
        for paper in papers_shown(reply)
    ]
    await tx.messages.record(context.channel, entries, now)
    if isinstance(reply, Discussion):
        # There are no threads in threads: in one, the discussion is what is written there.
        root = MessageRef(message.channel, message.thread) if message.thread else message
        await tx.discussions.open(context, reply.paper.id, root, now)


async def record_preview(tx: Transaction, context: Context, card: LinkCard, message: MessageRef) -> None:
    """Remember the preview of a paper under a person's link, so that it follows the votes."""
    await tx.messages.record_preview(context.channel.id, card.paper.id, message, card.link)
    await tx.messages.record_tally(context.channel.id, card.paper.id, message, card.status.tally)
