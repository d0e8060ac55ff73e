"""Which paper somebody means: by its number, a link or another of its names, or words of its title."""

import re

from bot.command import Call
from bot.errors import UserError
from bot.identifiers import parse, title_key
from bot.models import Paper
from bot.repositories import Transaction

_NUMBER = re.compile(r"#?(\d{1,9})")
_CANDIDATES = 5


async def find_paper(call: Call, words: str) -> Paper:
    """Give the one paper that is meant.

    Raises:
        UserError: there is none, or there are several; the text names them.

    """
    found = await _by_name(call, words)
    if found is not None:
        return found
    matches = await call.services.search.titled(words, _CANDIDATES)
    async with call.services.store.reading() as tx:
        papers = await tx.papers.get([match.paper_id for match in matches])
    candidates = [papers[match.paper_id] for match in matches if match.paper_id in papers]
    if not candidates:
        raise UserError(
            f"I know no paper “{words}”. Look for it with `search {words}`, or bring it in with `add LINK`."
        )
    if len(candidates) > 1:
        listed = "\n".join(f"#{paper.id} {paper.title}" for paper in candidates)
        raise UserError(f"Several papers fit “{words}”. Please say which one by its number:\n{listed}")
    return candidates[0]


async def known_as(tx: Transaction, name: str) -> int | None:
    """Give the stored paper that an identifier or a link names."""
    identifier = parse(name)
    named = None if identifier is None else await tx.papers.named(identifier)
    return named or await tx.papers.linked(name)


async def _by_name(call: Call, words: str) -> Paper | None:
    number = _NUMBER.fullmatch(words)
    identifier = parse(words)
    async with call.services.store.reading() as tx:
        if number:
            paper_id: int | None = int(number[1])
        else:
            paper_id = await known_as(tx, words) or await tx.papers.titled(title_key(words))
        papers = await tx.papers.get([paper_id]) if paper_id is not None else {}
    if paper_id in papers:
        return papers[paper_id]
    if number:
        raise UserError(f"There is no paper #{number[1]}. Numbers stand beside the titles in every list.")
    if identifier is not None:
        raise UserError(f"I do not know {identifier} yet. Bring it in with `add {words}`.")
    return None
