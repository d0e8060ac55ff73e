"""Long lists: cut into pages, and kept as a view so that the other pages are a button away."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation.command import Call
from bot.conversation.paper_pages import Wanted
from bot.domain.channel import Here
from bot.domain.errors import UserError
from bot.domain.history import View
from bot.domain.paper import Paper
from bot.ports.store.store import Transaction
from bot.protocol.replies import Hit, Pages, SearchResults

VIEW_LIFETIME = timedelta(days=14)
RESULTS_A_PAGE = 5
SUBSCRIPTIONS_A_PAGE = 5
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


def _new_view(
    call: Call, command: str, paper_ids: Sequence[int], sentences: Mapping[int, int], *, private: bool
) -> View:
    return View(
        id=_new_id(),
        command=command,
        text=call.arguments.text,
        paper_ids=tuple(paper_ids),
        person_id=call.here.person.id if private else None,
        channel_id=call.here.channel.id,
        expires=call.now + VIEW_LIFETIME,
        sentences=dict(sentences),
    )


def rows_before(call: Call, size: int = ROWS_A_PAGE) -> int:
    """How many rows of the list stand on the pages before the one that is asked for."""
    return (call.page - 1) * size


async def rows_pages(
    tx: Transaction, call: Call, command: str, total: int, *, private: bool, size: int = ROWS_A_PAGE
) -> Pages:
    """Say where the page stands in a list of so many rows, which is kept for its other pages.

    Raises:
        UserError: the list has no such page.

    """
    require_page(call.page, total, size)
    view = call.view
    if view is None:
        view = _new_view(call, command, (), {}, private=private)
        await tx.views.put(view)
    return Pages(view.id, call.page, page_count(total, size), total)


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
    tx: Transaction, call: Call, paper_ids: Sequence[int], *, private: bool
) -> tuple[Hit, ...]:
    """Draw up rows for papers, in their order; the asker's own marks only where nobody else reads them."""
    papers = await tx.papers.get(paper_ids, call.here.team_id)
    person_id = call.here.person.id if private else None
    marks = await tx.marking.marks(call.here.channel.id, paper_ids, person_id)
    return tuple(Hit(papers[each], marks[each]) for each in paper_ids if each in papers)


async def pinned_results(
    call: Call, command: str, heading: str, paper_ids: Sequence[int], sentences: Mapping[int, int]
) -> SearchResults:
    """Show one page of a list of papers that stays as it was found, however far one turns its pages."""
    require_page(call.page, len(paper_ids), RESULTS_A_PAGE)
    start = (call.page - 1) * RESULTS_A_PAGE
    shown = paper_ids[start : start + RESULTS_A_PAGE]
    view = call.view or _new_view(call, command, paper_ids, sentences, private=True)
    reader = call.here.person.id if view.person_id is not None else None
    new_view = view if call.view is None else None
    wanted = Wanted(shown, call.here.channel.id, call.here.team_id, reader, new_view)
    opened = await call.services.pages.open(wanted)
    hits = tuple(
        Hit(opened.papers[each], opened.marks[each], _quoted(call, opened.papers[each], sentences.get(each)))
        for each in shown
        if each in opened.papers
    )
    pages = Pages(view.id, call.page, page_count(len(paper_ids), RESULTS_A_PAGE), len(paper_ids))
    return SearchResults(heading, hits, pages, shareable=reader is not None)


def _quoted(call: Call, paper: Paper, place: int | None) -> str | None:
    return None if place is None else call.services.summarizer.sentence(paper, place)


def _new_id() -> str:
    return secrets.token_urlsafe(9)
