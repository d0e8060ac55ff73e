"""A loopback stand-in for OpenReview's pages: who has no account sees a forum's tags, or nothing at all."""

from dataclasses import dataclass, field
from html import escape

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.servers.sources.scripted import Scripted


@dataclass
class OpenReviewServer(Scripted):
    """`/forum?id=`."""

    titles: dict[str, str] = field(default_factory=dict)
    """By forum; others are refused as if by a machine."""

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/forum", self._forum)
        return TestServer(app)

    async def _forum(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request, ("id",))) is not None:
            return scripted
        title = self.titles.get(request.query["id"])
        if title is None:
            return web.Response(status=403, text="<title>Are you human?</title>", content_type="text/html")
        tag = f'<meta name="citation_title" content="{escape(title)}">'
        return web.Response(text=f"<html><head>{tag}</head></html>", content_type="text/html")
