"""Cuts lists into pages, and stores them for the buttons that turn pages."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation.command import CommandContext
from bot.conversation.paper_pages import PageRequest
from bot.domain.channel import Context
from bot.domain.errors import UserError
from bot.domain.history import ResultList
from bot.ports.store.store import Transaction
from bot.protocol.replies import Hit, Pages, SearchResults

LIST_LIFETIME = timedelta(days=14)
RESULTS_A_PAGE = 5
SUBSCRIPTIONS_A_PAGE = 5
ROWS_A_PAGE = 10


def page_count(total: int, size: int) -> int:
    """Return how many pages a list of `total` rows has; an empty list has one."""
    return max(1, -(-total // size))


def require_page(page: int, total: int, size: int) -> None:
    """Check that a page exists.

    Raises:
        UserError: the list is shorter.

    """
    pages = page_count(total, size)
    if page > pages:
        raise UserError(f"There is no page {page}: the list ends with page {pages}.")


def _new_list(
    ctx: CommandContext,
    command: str,
    paper_ids: Sequence[int],
    sentences: Mapping[int, int],
    *,
    private: bool,
    text: str | None = None,
) -> ResultList:
    return ResultList(
        id=_new_id(),
        command=command,
        text=ctx.arguments.text if text is None else text,
        paper_ids=tuple(paper_ids),
        person_id=ctx.context.person.id if private else None,
        channel_id=ctx.context.channel.id,
        expires=ctx.now + LIST_LIFETIME,
        sentences=dict(sentences),
    )


def rows_before(ctx: CommandContext, size: int = ROWS_A_PAGE) -> int:
    """Return how many rows are on the pages before the requested one."""
    return (ctx.page - 1) * size


async def rows_pages(
    ctx: CommandContext,
    command: str,
    total: int,
    *,
    private: bool,
    size: int = ROWS_A_PAGE,
    text: str | None = None,
) -> Pages:
    """Return the page's place in a list of `total` rows; a new list of several pages is stored.

    `text` is stored as the command's arguments, where those that were given would mean something else later.
    Call it outside any transaction: it opens its own to store the list.

    Raises:
        UserError: the list has no such page.

    """
    require_page(ctx.page, total, size)
    pages, result_list = page_count(total, size), ctx.result_list
    if result_list is None and pages > 1 and ctx.stores_lists:
        # Only its buttons look a list up again, and one page has none. So most lists write nothing: on
        # SQLite every writer waits for every other one.
        result_list = _new_list(ctx, command, (), {}, private=private, text=text)
        async with ctx.services.store.writing() as tx:
            await tx.result_lists.put(result_list)
    return Pages(result_list.id if result_list is not None else "", ctx.page, pages, total)


async def load_list(tx: Transaction, list_id: str, context: Context, now: datetime) -> ResultList:
    """Load a stored list to turn its page.

    Raises:
        UserError: the list has expired, or belongs to somebody else.

    """
    result_list = await tx.result_lists.get(list_id, now)
    if result_list is None or result_list.channel_id != context.channel.id:
        raise UserError("This list is too old to turn its pages. Please ask for it again.")
    if result_list.person_id not in {None, context.person.id}:
        raise UserError("This list is somebody else's. Please ask for your own.")
    return result_list


async def publish_list(tx: Transaction, result_list: ResultList) -> ResultList:
    """Store a copy of a list whose pages everybody in the channel may turn."""
    # A new id: with the old one, others could turn the pages of the owner's private list.
    public = replace(result_list, id=_new_id(), person_id=None)
    await tx.result_lists.put(public)
    return public


async def hits_for(
    tx: Transaction, ctx: CommandContext, paper_ids: Sequence[int], *, private: bool
) -> tuple[Hit, ...]:
    """Return rows for papers, in their order. Only a private list shows the person's own vote and saves."""
    papers = await tx.papers.get(paper_ids, ctx.context.team_id)
    person_id = ctx.context.person.id if private else None
    status = await tx.paper_statuses.get(ctx.context.channel.id, paper_ids, person_id)
    return tuple(Hit(papers[each], status[each]) for each in paper_ids if each in papers)


async def pinned_results(
    ctx: CommandContext,
    command: str,
    heading: str,
    paper_ids: Sequence[int],
    sentences: Mapping[int, int],
    *,
    query: str = "",
) -> SearchResults:
    """Return one page of search results. The list is stored, so that it stays the same on every page.

    It is not where the caller turns pages without it. Words that answer `query` are marked.
    """
    require_page(ctx.page, len(paper_ids), RESULTS_A_PAGE)
    start = (ctx.page - 1) * RESULTS_A_PAGE
    shown = paper_ids[start : start + RESULTS_A_PAGE]
    result_list = ctx.result_list or _new_list(ctx, command, paper_ids, sentences, private=True)
    reader = ctx.context.person.id if result_list.person_id is not None else None
    new_list = result_list if ctx.result_list is None and ctx.stores_lists else None
    request = PageRequest(shown, ctx.context.channel.id, ctx.context.team_id, reader, new_list)
    page = await ctx.services.pages.open(request)
    papers = {each: page.papers[each] for each in shown if each in page.papers}
    places = {each: (paper, sentences[each]) for each, paper in papers.items() if each in sentences}
    quoted = await ctx.services.search.quotes(query, list(places.values())) if places else []
    quotes = dict(zip(places, quoted, strict=True))
    hits = tuple(
        Hit(paper, page.status[each], *quotes.get(each, (None, ()))) for each, paper in papers.items()
    )
    list_id = result_list.id if ctx.stores_lists else ""
    pages = Pages(list_id, ctx.page, page_count(len(paper_ids), RESULTS_A_PAGE), len(paper_ids))
    return SearchResults(heading, hits, pages, shareable=reader is not None)


def _new_id() -> str:
    return secrets.token_urlsafe(9)
