"""Atom feeds under /feeds: of a search, and at secret addresses of channels and reading lists."""

import hashlib
import re
from collections.abc import Sequence
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from math import ceil
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.common.programs.callers import ProgramDoor
from adapters.common.visitors import caller_address
from adapters.feeds.inbound.reading import FeedReader
from adapters.feeds.render.atom import MEDIA_TYPE, FeedText, atom
from bot.conversation.accounts import hash_of
from bot.conversation.services import Services
from bot.domain.cleaning import clean_text
from bot.domain.errors import DeliveryError, TooBusy
from bot.protocol import values

_TOPIC = re.compile("[0-9]{1,9}")
_NOT_FOUND = "There is no such feed. Get an address in chat with `feed`."

_NOT_NOW = "I couldn't ask the team's platform whether you may read this feed. Try again soon."


class Feeds:
    """Answers feed readers."""

    def __init__(self, door: ProgramDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._reader = FeedReader(services)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The routes of all feeds."""
        return [
            Route("/feeds/search", self._search),
            Route("/feeds/{secret}.atom", self._secret),
        ]

    async def _search(self, request: Request) -> Response:
        try:
            query = values.text(clean_text(request.query_params.get("q", "")))
        except ValueError as error:
            return PlainTextResponse(
                f"Say what to look for, as in ?q=experts: {error}", HTTPStatus.BAD_REQUEST
            )
        if (busy := await self._let_in(request)) is not None:
            return busy
        path = f"/feeds/search?{urlencode({'q': query})}"
        return self._answer(request, await self._reader.found(query, f"{self._services.public_url}{path}"))

    async def _secret(self, request: Request) -> Response:
        if (busy := await self._let_in(request)) is not None:
            return busy
        topic = request.query_params.get("topic")
        if topic is not None and not _TOPIC.fullmatch(topic):
            return PlainTextResponse(_NOT_FOUND, HTTPStatus.NOT_FOUND)
        secret = request.path_params["secret"]
        async with self._services.store.reading() as tx:
            feed = await tx.feed_addresses.find(hash_of(secret))
        if feed is None:
            return PlainTextResponse(_NOT_FOUND, HTTPStatus.NOT_FOUND)
        address = f"{self._services.public_url}/feeds/{secret}.atom" + (f"?topic={topic}" if topic else "")
        try:
            text = await self._reader.of_address(feed, int(topic) if topic else None, address)
        except DeliveryError:
            # Not 404: feed readers give up an address that is gone.
            return PlainTextResponse(_NOT_NOW, HTTPStatus.SERVICE_UNAVAILABLE)
        if text is None:
            return PlainTextResponse(_NOT_FOUND, HTTPStatus.NOT_FOUND)
        today = self._services.clock.now().date()
        if feed.last_used != today:
            async with self._services.store.writing() as tx:
                await tx.feed_addresses.mark_used(feed.id, today)
        return self._answer(request, text)

    async def _let_in(self, request: Request) -> Response | None:
        """Return why a caller is not let in now; None if they are."""
        try:
            await self._door.let_visitor_in(caller_address(request))
        except TooBusy as error:
            seconds = str(max(1, ceil(error.seconds)))
            return PlainTextResponse(
                f"That was too often. Try again in {seconds} s.",
                HTTPStatus.TOO_MANY_REQUESTS,
                {"Retry-After": seconds},
            )
        return None

    def _answer(self, request: Request, feed: FeedText) -> Response:
        body = atom(feed, self._services.public_url)
        headers = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Last-Modified": format_datetime(feed.updated, usegmt=True),
            "Cache-Control": "private, max-age=300",
        }
        if _is_known(request.headers, headers["ETag"], feed):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body, headers=headers, media_type=MEDIA_TYPE)


def _is_known(given: Headers, etag: str, feed: FeedText) -> bool:
    """Whether the reader has the feed as it is. An ETag says so more exactly than a time."""
    if (tags := given.get("if-none-match")) is not None:
        return tags.strip() == "*" or etag in {each.strip().removeprefix("W/") for each in tags.split(",")}
    try:
        return parsedate_to_datetime(given.get("if-modified-since", "")) >= feed.updated
    except (TypeError, ValueError):
        return False
