"""Finds the paper that a person means: by number, link, identifier or words of its title."""

import re
from collections.abc import Sequence

from bot.conversation.command import CommandContext
from bot.domain.errors import UnknownPaper, UserError
from bot.domain.identifiers import parse, title_key
from bot.domain.paper import Paper
from bot.intake.lookup import find_by_name
from bot.protocol.arguments import cut, did_you_mean

_NUMBER_AND_REST = re.compile(r"#(-?\d+)(?!\w)(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d+")
_MOST_DIGITS = 9
_CANDIDATES = 5


async def find_paper(ctx: CommandContext, words: str, behind: Sequence[str] = ()) -> Paper:
    """Return the one paper that the words name.

    `behind` holds the words that may follow a paper in this command, to suggest in an error.

    Raises:
        UnknownPaper: no paper matches.
        UserError: several do; the text lists them.

    """
    if numbered := _NUMBER_AND_REST.fullmatch(words):
        if rest := numbered[2].strip():
            near = did_you_mean(rest, behind)
            raise UserError(f"“{cut(rest)}” means nothing behind #{cut(numbered[1])} here.{near}")
        return await _by_number(ctx, numbered[1])
    if _NUMBER.fullmatch(words):
        return await _by_number(ctx, words)
    found = await _by_name(ctx, words)
    if found is not None:
        return found
    matches = await ctx.services.search.search_titles(words, _CANDIDATES, ctx.context.team_id)
    async with ctx.services.store.reading() as tx:
        papers = await tx.papers.get([match.paper_id for match in matches], ctx.context.team_id)
    candidates = [papers[match.paper_id] for match in matches if match.paper_id in papers]
    if not candidates:
        query = cut(words)
        raise UnknownPaper(
            f"I know no paper “{query}”. Look for it with `search {query}`, or bring it in with `add LINK`."
        )
    if len(candidates) > 1:
        listed = "\n".join(f"#{paper.id} {paper.title}" for paper in candidates)
        raise UserError(f"Several papers fit “{cut(words)}”. Please say which one by its number:\n{listed}")
    return candidates[0]


async def _by_number(ctx: CommandContext, number: str) -> Paper:
    if len(number) <= _MOST_DIGITS:
        async with ctx.services.store.reading() as tx:
            papers = await tx.papers.get([int(number)], ctx.context.team_id)
        if int(number) in papers:
            return papers[int(number)]
    raise UnknownPaper(f"There is no paper #{cut(number)}. Numbers stand beside the titles in every list.")


async def _by_name(ctx: CommandContext, words: str) -> Paper | None:
    identifier, team_id = parse(words), ctx.context.team_id
    async with ctx.services.store.reading() as tx:
        paper_id = await find_by_name(tx, words, team_id)
        paper_id = paper_id or await tx.papers.find_by_title(title_key(words), team_id)
        papers = await tx.papers.get([paper_id], team_id) if paper_id is not None else {}
    if paper_id in papers:
        return papers[paper_id]
    if identifier is not None:
        raise UnknownPaper(f"I do not know {identifier} yet. Bring it in with `add {identifier}`.")
    return None
