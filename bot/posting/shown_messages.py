"""Records which papers a sent message shows, and how to draw it again."""

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


def message_kind(reply: Reply) -> tuple[MessageKind, str]:
    """Return how a reply shows its papers, and the note from which it can be drawn again."""
    match reply:
        case PaperCard(note=note, whole=whole):
            return MessageKind.WHOLE if whole else MessageKind.CARD, note
        case Discussion(note=note):
            return MessageKind.DISCUSSION, note
        case LinkCard():
            return MessageKind.LINK, ""
        case Summary():
            return MessageKind.SUMMARY, _summary_note(reply)
        case Answer(question=question, quotes=quotes, link=link, note=note):
            return MessageKind.SUMMARY, _quotes_note(quotes, note, question, link)
        case _:
            return MessageKind.LISTED, ""


def restore_quotes(note: str, paper: Paper, status: PaperStatus) -> Summary | Answer | None:
    """Rebuild an answer or a summary from its note; None for a summary of which only the abstract was asked.

    The note of the latter is only the number of its quotes: the summarizer finds those again by itself.
    """
    if note.isdecimal():
        return None
    kept = json.loads(note)
    quotes = tuple(Quote(*each) for each in kept["quotes"])
    if not kept["question"]:
        return Summary(paper, quotes, status, kept.get("note", ""))
    return Answer(paper, kept["question"], quotes, kept["link"], status, kept.get("note", ""))


def _summary_note(summary: Summary) -> str:
    if summary.note or any(each.where for each in summary.quotes):
        return _quotes_note(summary.quotes, summary.note)
    return str(len(summary.quotes))


def _quotes_note(quotes: Sequence[Quote], note: str, question: str = "", link: str = "") -> str:
    kept = {"question": question, "link": link, "note": note, "quotes": [astuple(each) for each in quotes]}
    return json.dumps(kept)


def tally_shown(reply: Reply) -> TallyCount:
    """Return the votes that a reply about one paper shows. Replies about several papers are not redrawn."""
    match reply:
        case PaperCard() | Summary() | Answer() | Discussion() | LinkCard():
            return reply.status.tally
        case _:
            return TallyCount()


async def record_shown(
    tx: Transaction, context: Context, reply: Reply, message: MessageRef, now: datetime
) -> None:
    """Record which papers a message shows, for reactions, tallies and history."""
    kind, note = message_kind(reply)
    tally = tally_shown(reply)
    entries = [
        ShownMessage(context.channel.id, paper.id, message, kind, note, tally)
        for paper in papers_shown(reply)
    ]
    await tx.messages.record(context.channel, entries, now)
    if isinstance(reply, Discussion):
        # Neither Slack nor Discord has threads in threads. In one, the whole thread becomes the discussion.
        root = MessageRef(message.channel, message.thread) if message.thread else message
        await tx.discussions.open(context, reply.paper.id, root, now)


async def record_preview(tx: Transaction, context: Context, card: LinkCard, message: MessageRef) -> None:
    """Record the preview of a paper under a person's link, so that its votes are kept up to date."""
    await tx.messages.record_preview(context.channel.id, card.paper.id, message, card.link)
    await tx.messages.record_tally(context.channel.id, card.paper.id, message, card.status.tally)
