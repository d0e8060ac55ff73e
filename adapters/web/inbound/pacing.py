"""Keeps visitors who have not signed in to a pace, since a page costs them nothing and us a search."""

from math import ceil

from starlette.responses import Response

from adapters.web.inbound.site import Handler, Visit
from adapters.web.limits import ALL_VISITORS_PACE, VISITOR_PACE
from bot.domain.errors import TooBusy


def paced(handler: Handler) -> Handler:
    """Return a page that answers visitors only so often. Whoever is signed in has no such limit."""

    async def answer(visit: Visit) -> Response:
        if not visit.reader.signed_in:
            try:
                await _take_turn(visit)
            except TooBusy as error:
                return _refusal(visit, max(1, ceil(error.seconds)))
        return await handler(visit)

    return answer


async def _take_turn(visit: Visit) -> None:
    limiter = visit.site.services.limiter
    # Their own first: whoever has used that up must not take the others' turns too.
    async with limiter.turn(f"pages:{visit.network}", VISITOR_PACE, 0.0):
        pass
    async with limiter.turn("pages", ALL_VISITORS_PACE, 0.0):
        pass


def _refusal(visit: Visit, seconds: int) -> Response:
    notes = [f"I get more visits than I can answer. Try again in {seconds} s, or sign in."]
    response = visit.say("Too many visits", notes, 429)
    response.headers["Retry-After"] = str(seconds)
    return response
