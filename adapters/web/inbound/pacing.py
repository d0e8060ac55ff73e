"""Keeps visitors who have not signed in to a pace, since a page costs them nothing and us a search."""

from math import ceil

from starlette.responses import Response

from adapters.common.visitors import PAGES, caller_address, let_in
from adapters.web.inbound.site import Handler, Visit
from bot.domain.errors import TooBusy


def paced(handler: Handler) -> Handler:
    """Return a page that answers visitors only so often. Whoever is signed in has no such limit."""

    async def answer(visit: Visit) -> Response:
        if not visit.reader.signed_in:
            try:
                await let_in(visit.site.services.limiter, PAGES, caller_address(visit.request))
            except TooBusy as error:
                return _refusal(visit, max(1, ceil(error.seconds)))
        return await handler(visit)

    return answer


def _refusal(visit: Visit, seconds: int) -> Response:
    notes = [f"I get more visits than I can answer. Try again in {seconds} s, or sign in."]
    response = visit.say("Too many visits", notes, 429)
    response.headers["Retry-After"] = str(seconds)
    return response
