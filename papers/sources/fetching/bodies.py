"""Decodes response bodies in small chunks up to a bound, as a few compressed bytes can become gigabytes."""

import zlib
from collections.abc import AsyncIterator

import httpx

CODING = "gzip"
"""The only coding that is requested and decoded."""
CHUNK = 64 * 1024
"""Bytes decoded at a time."""

_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({CODING, "x-gzip"})


class TooLarge(httpx.DecodingError):
    """A decoded body is larger than allowed."""


class BoundedBodies(httpx.AsyncBaseTransport):
    """Decodes bodies instead of httpx, which would decode each received chunk whole, whatever it becomes.

    It is a transport and not a wrapper of the client, because httpx reads the bodies of redirects by itself.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, largest: int) -> None:
        self._inner = inner
        self._largest = largest

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Reading the response may raise TooLarge or another httpx.DecodingError."""
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        named = response.headers.get_list("Content-Encoding", split_commas=True)
        codings = [coding for each in named if (coding := each.strip().lower()) not in _PLAIN]
        response.stream = _Decoded(response.stream, codings, self._largest)
        # Without these headers httpx leaves the body alone, and trusts no length that is no longer true.
        for name in ("Content-Encoding", "Content-Length"):
            response.headers.pop(name, None)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _Decoded(httpx.AsyncByteStream):
    """A stream that raises TooLarge once it exceeds the bound."""

    def __init__(self, inner: httpx.AsyncByteStream, codings: list[str], largest: int) -> None:
        self._inner = inner
        self._codings = codings
        self._largest = largest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        room = self._largest
        async for part in self._decoded():
            room -= len(part)
            if room < 0:
                raise TooLarge(f"its answer is larger than {self._largest:,} bytes")
            yield part

    async def _decoded(self) -> AsyncIterator[bytes]:
        if not self._codings:
            async for part in self._inner:
                yield part
            return
        if len(self._codings) > 1 or self._codings[0] not in _GZIP:
            raise httpx.DecodingError(f"it is coded as {', '.join(self._codings)[:80]}, not as {CODING}")
        decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
        started = False
        try:
            async for part in self._inner:
                rest = part
                while rest and not decoder.eof:
                    started = True
                    yield decoder.decompress(rest, CHUNK)
                    rest = decoder.unconsumed_tail
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None
        if started and not decoder.eof:
            raise httpx.DecodingError("its compressed answer breaks off")

    async def aclose(self) -> None:
        await self._inner.aclose()
