"""Papers by one of their names: in the store, and at the sources."""

from collections.abc import Sequence

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, parse
from bot.models import PaperDraft
from bot.ports import PaperSource
from bot.repositories import Transaction


async def known_as(tx: Transaction, name: str) -> int | None:
    """Give the stored paper that an identifier or a link names."""
    identifier = parse(name)
    named = None if identifier is None else await tx.papers.named(identifier)
    return named or await tx.papers.linked(name)


async def look_up(
    sources: Sequence[PaperSource], identifier: Identifier
) -> tuple[PaperDraft | None, tuple[str, ...]]:
    """Give what the first source that knows the paper says of it, and the sources that could not be asked."""
    unreached: list[str] = []
    for source in sources:
        try:
            draft = await source.lookup(identifier)
        except SourceUnavailable as failure:
            unreached.append(failure.source)
            continue
        if draft is not None:
            return draft, tuple(unreached)
    return None, tuple(unreached)
