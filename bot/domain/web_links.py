"""Finds web addresses in text, and tells which of them lead to the same page."""

import re
from urllib.parse import urlsplit

from bot.domain.doi import CHARACTERS, STOPS, within_brackets, without_closing_marks
from bot.domain.identifier_tables import TRACKING, WORD

ADDRESS = (
    rf"(?: (?<![a-z]) (?:https?|ftp):/{{1,3}}(?=[a-z0-9]) | (?<![{WORD}.@/-]) (?:[a-z0-9-]{{1,63}}\.){{1,9}}"
    rf"[a-z]{{2,24}} (?::\d{{1,5}})? / ) (?: (?! {STOPS}|\|) {CHARACTERS} ){{1,2000}}"
)
"""A pattern for VERBOSE and IGNORECASE. Its match may include punctuation behind the address."""
_ADDRESS = re.compile(ADDRESS, re.IGNORECASE | re.VERBOSE)
_TRACKING = re.compile(TRACKING, re.IGNORECASE)
_MARKED = re.compile(
    r"!?\[[^\[\]]*\]\(\s*<?(?P<target>\S+?)>?(?:\s+\"[^\"]*\")?\s*\)|<(?P<shown>[^\s<>|]+)\|[^<>]*>"
)
_WRAPPED = re.compile(r"^[\s<(\[{\"'`*_“”„«»‘’（「『【《〈]+")  # noqa: RUF001 - these marks are meant


def links_in(text: str) -> tuple[str, ...]:
    """Return the web addresses in running text, in order, without duplicates. A missing scheme is https."""
    found = (address(match[0]) for match in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(link for link in found if link.startswith("http")))


def link_written(text: str) -> str | None:
    """Return the web address that `text` is; None if it is not exactly one.

    The address may be in `<…>`, quotes or brackets, or be a Markdown link; `https://` may be missing.
    """
    written = text.strip()
    written = _WRAPPED.sub("", unmarked(written))
    found = _ADDRESS.match(written)
    if found is None or len(written.split()) != 1:
        return None
    link = address(found[0])
    return link if link.startswith("http") and link_key(link) is not None else None


def link_key(link: str) -> str | None:
    """Return a key that is equal for links to the same page; None if `link` is not http(s).

    It ignores the scheme, `www.`, the host's case, the default port, a final slash, the fragment, and
    tracking parameters.
    """
    try:
        parts = urlsplit(link.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    if port in {80, 443}:
        host = host.rpartition(":")[0]
    kept = [
        part for part in parts.query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])
    ]
    query = f"?{'&'.join(kept)}" if kept else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def address(written: str) -> str:
    """Return the address without surrounding punctuation, with its scheme in lower case."""
    link = without_closing_marks(within_brackets(written))
    scheme, colon, rest = link.partition(":/")
    if colon and "." not in scheme:
        return f"{scheme.lower()}://{rest.lstrip('/')}"
    return f"https://{link}"


def unmarked(written: str) -> str:
    """Return the target of a link in Markdown or in Slack's markup; any other text unchanged."""
    marked = _MARKED.fullmatch(written)
    return (marked["target"] or marked["shown"]) if marked else written
