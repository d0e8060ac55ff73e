"""Puts the page's routes together. It is imported only when the HTTP server starts."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.web.inbound import boards, channels, entrance, openid, papers, searches
from adapters.web.inbound.pacing import paced
from adapters.web.inbound.people import People
from adapters.web.inbound.services import WebServices
from adapters.web.inbound.site import Handler, NotFound, Site, Visit
from adapters.web.outbound import responses
from adapters.web.render.assets import Asset, assets


def routes(services: WebServices) -> Sequence[BaseRoute]:
    """Return the page's routes. The last one answers whatever nothing else does."""
    site, people = Site(services), People(services.clock.elapsed)
    pages: dict[str, Handler] = {
        "/": paced(boards.latest),
        "/week/{name}": paced(boards.week),
        "/month/{name}": paced(boards.month),
        "/trending": paced(boards.trending),
        "/search": paced(searches.search),
        "/papers/{number}": paced(papers.paper),
        "/channels": channels.channels,
        "/channels/{channel}": channels.history,
        "/channels/{channel}/top": channels.top,
        "/channels/{channel}/topics": channels.topics,
        "/me": people.me,
        "/sign-in": people.sign_in,
        "/sign-in/{platform}": openid.leave,
        "/sign-in/{platform}/back": openid.back,
        f"{entrance.MAIL_LINK}{{seal}}": entrance.offer,
        "/{name}": paced(boards.day),
        "/{path:path}": _nothing,
    }
    forms: dict[str, Handler] = {
        "/papers/{number}/vote": papers.vote,
        "/papers/{number}/save": papers.save,
        "/me/code": people.new_code,
        "/me/link": people.link,
        "/me/unlink": people.unlink,
        "/me/team": people.choose_team,
        "/sign-in": people.signed_in,
        "/sign-in/mail": entrance.mail_link,
        f"{entrance.MAIL_LINK}{{seal}}": entrance.enter,
        "/sign-out": people.sign_out,
    }
    return [
        *(Route(each.address, _file(each)) for each in assets().values()),
        *(Route(path, site.endpoint(handler), methods=["POST"]) for path, handler in forms.items()),
        *(Route(path, site.endpoint(handler)) for path, handler in pages.items()),
    ]


def _file(file: Asset) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return responses.asset(request, file)

    return answer


async def _nothing(visit: Visit) -> Response:
    del visit
    raise NotFound
