"""Finds a paper by one of its names: in the store, and in the catalogues."""

from collections.abc import Awaitable, Callable, Sequence

from bot.domain.errors import SourceUnavailable
from bot.domain.identifiers import Identifier, parse
from bot.domain.paper import PaperDraft
from bot.domain.web_links import link_written
from bot.ports.sources import Catalogue
from bot.ports.store.store import Transaction


async def find_by_name(tx: Transaction, name: str, team_id: int) -> int | None:
    """Return the id of the paper that an identifier or a link names for this team; None if unknown."""
    identifier = parse(name)
    paper_id = None if identifier is None else await tx.papers.find_by_identifier(identifier, team_id)
    return paper_id or await tx.papers.find_by_link(link_written(name) or name, team_id)


async def look_up(
    catalogues: Sequence[Catalogue], identifier: Identifier
) -> tuple[PaperDraft | None, tuple[str, ...]]:
    """Return the first catalogue's draft of the paper, and the names of catalogues that failed.

    The catalogues are asked in their order. The draft is None if none of them knows the paper.
    """

    async def ask(catalogue: Catalogue) -> PaperDraft | None:
        return next(iter(await catalogue.fetch([identifier])), None)

    return await _first(catalogues, ask)


async def look_up_title(
    catalogues: Sequence[Catalogue], title: str
) -> tuple[PaperDraft | None, tuple[str, ...]]:
    """Like `look_up`, but by the paper's exact title."""
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
