"""Fetches a paper's full text for a command, or takes its abstract in place of it."""

from dataclasses import dataclass

from bot.conversation.command import CommandContext
from bot.domain.document import Document, abstract_of
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.paper import Paper
from bot.protocol.values import source_label


@dataclass(frozen=True, slots=True)
class Readable:
    """What there is to read of a paper. `note` says why it is only the abstract; empty for a full text."""

    text: Document
    note: str = ""


async def readable_text(ctx: CommandContext, paper: Paper) -> Readable:
    """Return a paper's full text, or its abstract where no open full text is known or can be read now.

    Fetching takes seconds, so the person is told that it is under way.

    Raises:
        UserError: there is neither.

    """
    await ctx.conversation.working("Reading the paper …")
    try:
        text = await ctx.services.full_texts.read(paper)
    except SourceUnavailable as failure:
        label = source_label(failure.source)
        reason = f"The full text of #{paper.id} could not be read at {label}: {failure.detail}."
    else:
        if text is not None:
            return Readable(text)
        reason = f"I know of no open full text of #{paper.id}."
    if not paper.abstract:
        where = f" Read it at {paper.link}" if paper.link else ""
        raise UserError(f"{reason} I have no abstract of it either.{where}")
    return Readable(abstract_of(paper), f"{reason} This is from its abstract.")
