"""Answers that hishel keeps by the rules of HTTP, in a Cache: what is old is fetched only if it changed."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import NAMESPACE_URL, UUID, uuid5

from hishel import AsyncBaseStorage, Entry, Headers, Request, Response

from bot.ports.coordination import Cache

KEPT_FOR = 24 * 60 * 60.0
"""Seconds."""
LARGEST = 4 * 1024 * 1024

_SECRET_PARAMETER = "api_key="  # noqa: S105 - the name of a parameter
_COMPARED = ("accept", "accept-encoding", "user-agent")
"""The request's headers that an answer may vary with. Others, which may hold keys, are not kept."""


class KeptResponses(AsyncBaseStorage):
    """What hishel stores, one entry an address, and none whose address holds a key."""

    def __init__(self, cache: Cache) -> None:
        super().__init__(default_ttl=KEPT_FOR, max_stream_size=LARGEST)
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
        """Keep an answer once it was read to its end."""
        entry = Entry(_id(key), request, response)
        if _SECRET_PARAMETER in request.url:
            return entry
        return replace(entry, response=replace(response, stream=self._keeping(entry)))

    async def get_entries(self, key: str) -> list[Entry]:
        """Give what is kept of an address."""
        entry = await self._get(_id(key))
        return [] if entry is None else [entry]

    async def update_headers(self, id: UUID, headers: Headers) -> None:  # noqa: A002 - hishel's name
        """Replace an answer's headers, after its source said that it has not changed."""
        entry = await self._get(id)
        if entry is not None:
            body = b"".join([part async for part in _stream(entry.response)])
            await self._put(replace(entry, response=replace(entry.response, headers=headers)), body)

    async def remove_entry(self, id: UUID) -> None:  # noqa: A002 - hishel's name
        """Forget an answer."""
        await self._cache.drop(_cached(id))

    async def _keeping(self, entry: Entry) -> AsyncIterator[bytes]:
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
        await self._cache.put(_cached(entry.id), json.dumps(head).encode() + b"\n" + body, KEPT_FOR)

    async def _get(self, entry_id: UUID) -> Entry | None:
        kept = await self._cache.get(_cached(entry_id))
        if kept is None:
            return None
        head, _, body = kept.partition(b"\n")
        said = json.loads(head)
        return Entry(
            entry_id,
            Request(said["method"], said["url"], Headers(said["asked"])),
            Response(said["status"], Headers(said["headers"]), _whole(body)),
        )


def _id(key: str) -> UUID:
    return uuid5(NAMESPACE_URL, key)


def _cached(entry_id: UUID) -> str:
    return f"http:{entry_id}"


def _stream(response: Response) -> AsyncIterator[bytes]:
    assert isinstance(response.stream, AsyncIterator)
    return response.stream


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body
