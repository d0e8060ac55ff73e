"""Long lists: cut into pages, and kept as a view so that the other pages are a button away."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.command import Call
from bot.errors import UserError
from bot.models import Here, View
from bot.replies import Hit, Pages, SearchResults
from bot.repositories import Transaction

VIEW_LIFETIME = timedelta(days=14)
RESULTS_A_PAGE = 5
ROWS_A_PAGE = 10


def page_count(total: int, size: int) -> int:
    """How many pages a list has; an empty one has one."""
    return max(1, -(-total // size))


def require_page(page: int, total: int, size: int) -> None:
    """Refuse a page that is not there.

    Raises:
        UserError: the list is shorter.

    """
    pages = page_count(total, size)
    if page > pages:
        raise UserError(f"There is no page {page}: the list ends with page {pages}.")


async def keep_view(
    tx: Transaction,
    call: Call,
    command: str,
    paper_ids: Sequence[int] = (),
    sentences: Mapping[int, int] | None = None,
    *,
    private: bool,
) -> str:
    """Keep the list that is shown and give its id; a page that is turned keeps the view it came from."""
    if call.view is not None:
        return call.view.id
    view = View(
        id=_new_id(),
        command=command,
        text=call.arguments.text,
        paper_ids=tuple(paper_ids),
        person_id=call.here.person.id if private else None,
        channel_id=call.here.channel.id,
        expires=call.now + VIEW_LIFETIME,
        sentences=dict(sentences or {}),
    )
    await tx.views.put(view)
    return view.id


def rows_before(call: Call) -> int:
    """How many rows of the list stand on the pages before the one that is asked for."""
    return (call.page - 1) * ROWS_A_PAGE


async def rows_pages(tx: Transaction, call: Call, command: str, total: int, *, private: bool) -> Pages:
    """Say where the page stands in a list of so many rows, which is kept for its other pages.

    Raises:
        UserError: the list has no such page.

    """
    require_page(call.page, total, ROWS_A_PAGE)
    view_id = await keep_view(tx, call, command, private=private)
    return Pages(view_id, call.page, page_count(total, ROWS_A_PAGE), total)


async def load_view(tx: Transaction, view_id: str, here: Here, now: datetime) -> View:
    """Give a view that somebody wants to turn a page of.

    Raises:
        UserError: it has expired, or it is somebody else's.

    """
    view = await tx.views.get(view_id, now)
    if view is None or view.channel_id != here.channel.id:
        raise UserError("This list is too old to turn its pages. Please ask for it again.")
    if view.person_id not in {None, here.person.id}:
        raise UserError("This list is somebody else's. Please ask for your own.")
    return view


async def publish_view(tx: Transaction, view: View) -> View:
    """Keep a copy of a view that everybody in the channel may turn the pages of."""
    public = replace(view, id=_new_id(), person_id=None)
    await tx.views.put(public)
    return public


async def hits_for(
    tx: Transaction,
    call: Call,
    paper_ids: Sequence[int],
    sentences: Mapping[int, int] | None = None,
    *,
    private: bool,
) -> tuple[Hit, ...]:
    """Draw up rows for papers, in their order; the asker's own marks only where nobody else reads them."""
    papers = await tx.papers.get(paper_ids)
    person_id = call.here.person.id if private else None
    marks = await tx.marking.marks(call.here.channel.id, paper_ids, person_id)
    quoted = {
        paper_id: call.services.summarizer.sentence(papers[paper_id], place)
        for paper_id, place in (sentences or {}).items()
        if paper_id in papers
    }
    return tuple(
        Hit(papers[paper_id], marks[paper_id], quoted.get(paper_id))
        for paper_id in paper_ids
        if paper_id in papers
    )


async def pinned_results(
    call: Call, command: str, heading: str, paper_ids: Sequence[int], sentences: Mapping[int, int]
) -> SearchResults:
    """Show one page of a list of papers that stays as it was found, however far one turns its pages."""
    require_page(call.page, len(paper_ids), RESULTS_A_PAGE)
    start = (call.page - 1) * RESULTS_A_PAGE
    shown = paper_ids[start : start + RESULTS_A_PAGE]
    quoted = {each: sentences[each] for each in shown if each in sentences}
    private = call.view is None or call.view.person_id is not None
    async with call.services.store.writing() as tx:
        view_id = await keep_view(tx, call, command, paper_ids, sentences, private=private)
        hits = await hits_for(tx, call, shown, quoted, private=private)
    pages = Pages(view_id, call.page, page_count(len(paper_ids), RESULTS_A_PAGE), len(paper_ids))
    return SearchResults(heading, hits, pages, shareable=private)


def _new_id() -> str:
    return secrets.token_urlsafe(9)
