"""Answers' bodies, decoded in small pieces up to a bound: a few bytes may stand for gigabytes."""

import zlib
from collections.abc import AsyncIterator

import httpx

CODING = "gzip"
"""The one coding that is asked for and understood."""
PIECE = 64 * 1024
"""Bytes that are decoded at a time."""

_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({CODING, "x-gzip"})


class TooLarge(httpx.DecodingError):
    """A body is larger than it may be."""


class BoundedBodies(httpx.AsyncBaseTransport):
    """Decodes bodies in httpx's place, which decodes whatever has come at once, and every coding in turn.

    Redirects have bodies too, and the client reads them by itself; that is why this is a transport.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, largest: int) -> None:
        """Take the most bytes that a body may have once it is decoded."""
        self._inner = inner
        self._largest = largest

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; reading its answer may raise TooLarge or another httpx.DecodingError."""
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        named = response.headers.get_list("Content-Encoding", split_commas=True)
        codings = [coding for each in named if (coding := each.strip().lower()) not in _PLAIN]
        response.stream = _Decoded(response.stream, codings, self._largest)
        # httpx must find nothing that is left to decode.
        for name in ("Content-Encoding", "Content-Length"):
            response.headers.pop(name, None)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _Decoded(httpx.AsyncByteStream):
    """A body that ends with an error once it is larger than it may be."""

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
        begun = False
        try:
            async for part in self._inner:
                rest = part
                while rest and not decoder.eof:
                    begun = True
                    yield decoder.decompress(rest, PIECE)
                    rest = decoder.unconsumed_tail
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None
        if begun and not decoder.eof:
            raise httpx.DecodingError("its compressed answer breaks off")

    async def aclose(self) -> None:
        await self._inner.aclose()
