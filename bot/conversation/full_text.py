"""Fetches a paper's full text for a command."""

from bot.conversation.command import CommandContext
from bot.domain.document import Document
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.paper import Paper
from bot.protocol.values import source_label


async def full_text(ctx: CommandContext, paper: Paper) -> Document:
    """Return a paper's full text. Fetching it takes seconds, so the person is told that it is under way.

    Raises:
        UserError: no free full text is known, or it could not be read now.

    """
    await ctx.conversation.working("Reading the paper …")
    where = f" Read it at {paper.link}" if paper.link else ""
    try:
        text = await ctx.services.full_texts.read(paper)
    except SourceUnavailable as failure:
        raise UserError(
            f"The full text of #{paper.id} could not be read at {source_label(failure.source)}: "
            f"{failure.detail}.{where}"
        ) from None
    if text is None:
        raise UserError(f"I know of no full text of #{paper.id} that is open.{where}")
    return text
