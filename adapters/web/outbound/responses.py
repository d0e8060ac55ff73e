"""HTTP answers: security headers, ETag and compression."""

import gzip
import hashlib

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.web.limits import COMPRESS_FROM, STATIC_SECONDS
from adapters.web.render.assets import Asset

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PRIVATE = "private, no-cache"
"""A browser keeps a page, and asks with its ETag whether it is still the same. Nobody between keeps it."""


def page(request: Request, body: str, status: int = 200, *, keep: bool = True) -> Response:
    """Answer with a page. Without `keep` no copy of it stays in the browser."""
    headers = SECURITY | {
        "Cache-Control": _PRIVATE if keep else "no-store",
        "Vary": "Cookie, Accept-Encoding",
    }
    return _answer(request, body.encode(), "text/html; charset=utf-8", headers, status, tagged=keep)


def asset(request: Request, file: Asset) -> Response:
    """Answer with a file whose address has its hash."""
    headers = SECURITY | {
        "Cache-Control": f"public, max-age={STATIC_SECONDS}, immutable",
        "Vary": "Accept-Encoding",
    }
    return _answer(request, file.body, file.media_type, headers, 200, tagged=True)


def redirect(address: str, status: int = 303) -> Response:
    """Send the browser to another page of ours; after a form that is one to look at."""
    return RedirectResponse(address, status, SECURITY | {"Cache-Control": "no-store"})


def _answer(
    request: Request, body: bytes, media_type: str, headers: dict[str, str], status: int, *, tagged: bool
) -> Response:
    if tagged and status == 200:
        # Weak, as the compressed and the plain body share it.
        headers["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if len(body) >= COMPRESS_FROM and _takes_gzip(request):
        # The time is left out, so that equal pages are equal bytes.
        body = gzip.compress(body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type)


def _takes_gzip(request: Request) -> bool:
    offered = request.headers.get("accept-encoding", "").replace(" ", "").lower().split(",")
    return any(each == "gzip" or (each.startswith("gzip;") and each != "gzip;q=0") for each in offered)
