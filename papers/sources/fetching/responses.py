"""The HTTP cache: hishel's rules over our Cache. Stale responses are revalidated, not fetched anew."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import NAMESPACE_URL, UUID, uuid5

from hishel import AsyncBaseStorage, Entry, Headers, Request, Response

from bot.ports.coordination import Cache

TTL = 24 * 60 * 60.0
"""Seconds."""
LARGEST = 4 * 1024 * 1024

_SECRET_PARAMETER = "api_key="  # noqa: S105 - the name of a parameter
_COMPARED = ("accept", "accept-encoding", "user-agent")
"""Request headers that are stored, for `Vary`. Others may hold keys, so they are not."""


class CachedResponses(AsyncBaseStorage):
    """A hishel storage with one entry a URL. Responses to URLs with a key are not stored."""

    def __init__(self, cache: Cache) -> None:
        super().__init__(default_ttl=TTL, max_stream_size=LARGEST)
        self._cache = cache

    async def create_entry(
        self,
        request: Request,
        response: Response,
        key: str,
        *,
        ttl: float | None = None,  # noqa: ARG002 - hishel's; all are kept for as long
        tti: float | None = None,  # noqa: ARG002 - as above
    ) -> Entry:
        """Store a response once its body has been read to the end."""
        entry = Entry(_id(key), request, response)
        if _SECRET_PARAMETER in request.url:
            return entry
        return replace(entry, response=replace(response, stream=self._storing(entry)))

    async def get_entries(self, key: str) -> list[Entry]:
        """Return the stored response of a URL, if any."""
        entry = await self._get(_id(key))
        return [] if entry is None else [entry]

    async def update_headers(self, id: UUID, headers: Headers) -> None:  # noqa: A002 - hishel's name
        """Replace the headers of a stored response, after a 304."""
        entry = await self._get(id)
        if entry is not None:
            body = b"".join([part async for part in _stream(entry.response)])
            await self._put(replace(entry, response=replace(entry.response, headers=headers)), body)

    async def remove_entry(self, id: UUID) -> None:  # noqa: A002 - hishel's name
        """Delete a stored response."""
        await self._cache.drop(_cache_key(id))

    async def _storing(self, entry: Entry) -> AsyncIterator[bytes]:
        body: bytearray | None = bytearray()
        async for part in _stream(entry.response):
            if body is not None:
                body += part
                body = body if len(body) <= LARGEST else None
            yield part
        if body is not None:
            await self._put(entry, bytes(body))

    async def _put(self, entry: Entry, body: bytes) -> None:
        head = {
            "url": entry.request.url,
            "method": entry.request.method,
            "asked": {
                name: entry.request.headers[name] for name in _COMPARED if name in entry.request.headers
            },
            "status": entry.response.status_code,
            "headers": {name: entry.response.headers.get_list(name) for name in entry.response.headers},
        }
        await self._cache.put(_cache_key(entry.id), json.dumps(head).encode() + b"\n" + body, TTL)

    async def _get(self, entry_id: UUID) -> Entry | None:
        value = await self._cache.get(_cache_key(entry_id))
        if value is None:
            return None
        head, _, body = value.partition(b"\n")
        stored = json.loads(head)
        return Entry(
            entry_id,
            Request(stored["method"], stored["url"], Headers(stored["asked"])),
            Response(stored["status"], Headers(stored["headers"]), _stream_of(body)),
        )


def _id(key: str) -> UUID:
    return uuid5(NAMESPACE_URL, key)


def _cache_key(entry_id: UUID) -> str:
    return f"http:{entry_id}"


def _stream(response: Response) -> AsyncIterator[bytes]:
    assert isinstance(response.stream, AsyncIterator)
    return response.stream


async def _stream_of(body: bytes) -> AsyncIterator[bytes]:
    yield body
