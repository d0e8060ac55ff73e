"""Search, with the same page for a browser that runs our script and one that does not."""

from starlette.responses import Response

from adapters.web.inbound.site import Visit
from adapters.web.limits import QUERY_LENGTH
from adapters.web.render.views import Board, found, notes, pager
from bot.protocol.replies import Notice, SearchResults
from bot.protocol.wording import counted


async def search(visit: Visit) -> Response:
    """Show a page of results, or what to type."""
    query = " ".join(visit.request.query_params.get("q", "").split())[:QUERY_LENGTH]
    board, count = Board("", ()), "What papers are about"
    if query:
        board, count = await _results(visit, query)
    title = f"Search: {query}" if query else "Search papers"
    return visit.show("search.html", title, "Search", board=board, query=query, count=count)


async def _results(visit: Visit, query: str) -> tuple[Board, str]:
    page = visit.page
    reply = await visit.ask("search", query if page == "1" else f"{query} page:{page}")
    if not isinstance(reply, SearchResults):
        assert isinstance(reply, Notice)
        return Board("", (), notes=notes(reply.text, reply.hint)), "No papers"
    seen = await visit.site.services.talk.seen_by(visit.reader.origin, [hit.paper.id for hit in reply.hits])
    cards = tuple(found(hit, seen) for hit in reply.hits)
    return Board("", cards, pager(reply.pages, visit.path(q=query, page=""))), counted(
        reply.pages.total, "paper"
    )
