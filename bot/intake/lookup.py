"""Papers by one of their names: in the store, and at the sources."""

from collections.abc import Awaitable, Callable, Sequence

from bot.domain.errors import SourceUnavailable
from bot.domain.identifiers import Identifier, parse
from bot.domain.paper import PaperDraft
from bot.domain.web_links import link_written
from bot.ports.sources import Catalogue
from bot.ports.store.store import Transaction


async def known_as(tx: Transaction, name: str, team_id: int) -> int | None:
    """Give the stored paper that an identifier or a link names to a team."""
    identifier = parse(name)
    named = None if identifier is None else await tx.papers.find_by_identifier(identifier, team_id)
    return named or await tx.papers.find_by_link(link_written(name) or name, team_id)


async def look_up(
    catalogues: Sequence[Catalogue], identifier: Identifier
) -> tuple[PaperDraft | None, tuple[str, ...]]:
    """Give what the first that knows the paper says of it, and those that could not be asked."""

    async def ask(catalogue: Catalogue) -> PaperDraft | None:
        return next(iter(await catalogue.fetch([identifier])), None)

    return await _first(catalogues, ask)


async def look_up_title(
    catalogues: Sequence[Catalogue], title: str
) -> tuple[PaperDraft | None, tuple[str, ...]]:
    """Give the paper with just this title from the first that has it, and those that could not be asked."""
    return await _first(catalogues, lambda catalogue: catalogue.find_by_title(title))


async def _first(
    catalogues: Sequence[Catalogue], ask: Callable[[Catalogue], Awaitable[PaperDraft | None]]
) -> tuple[PaperDraft | None, tuple[str, ...]]:
    unreached: list[str] = []
    for catalogue in catalogues:
        try:
            draft = await ask(catalogue)
        except SourceUnavailable as failure:
            unreached.append(failure.source)
            continue
        if draft is not None:
            return draft, tuple(unreached)
    return None, tuple(unreached)
