"""Atom feeds of arXiv's API, parsed with defusedxml."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.domain.paper import PaperDraft
from papers.formats.lines import LineCounter
from papers.formats.records import BadLine, Incomplete, bad_line, draft

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
MOST_TAGS = 1_000_000
"""Most tags and attributes. Parsing a feed of nothing else takes 100 times its size in memory."""

_ENTRY = re.compile(rb"<(?:\w+:)?entry[\s>]")
_ARXIV_ERROR = "/api/errors"


class NotAtom(ValueError):
    """The document is no Atom feed; the text says why."""


def looks_like_atom(head: str) -> bool:
    """Whether a document declares itself an Atom feed."""
    return "<feed" in head and "http://www.w3.org/2005/Atom" in head


def read(document: bytes, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the paper, or what is wrong, for each entry of a feed.

    Raises:
        NotAtom: it is no Atom feed.

    """
    feed = parsed(document)
    counter = LineCounter(document)
    lines = [counter.at(found.start()) for found in _ENTRY.finditer(document)]
    if problem := error(feed):
        yield bad_line(1, f"arXiv answered an error in place of papers: {problem}", "Error")
        return
    for index, entry in enumerate(entries(feed)):
        try:
            yield entry_draft(entry, source)
        except Incomplete as missing:
            number = lines[index] if index < len(lines) else 1
            yield bad_line(number, str(missing), _text(entry, "title") or _text(entry, "id"))


def parsed(document: bytes) -> Element:
    """Parse a feed.

    Raises:
        NotAtom: it is malformed, defines entities, has too many tags, or is something else.

    """
    if sum(map(document.count, (b"<", b"="))) > MOST_TAGS:
        raise NotAtom(f"it has more than {MOST_TAGS:,} tags")
    try:
        root: Element = fromstring(document)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise NotAtom(f"it is not well-formed XML ({problem})") from None
    if root.tag != f"{_ATOM}feed":
        raise NotAtom("it is XML, but no Atom feed")
    return root


def entries(feed: Element) -> list[Element]:
    """Return the entries of a feed."""
    return list(feed.iter(f"{_ATOM}entry"))


def total(feed: Element) -> int:
    """Return the number of entries in the whole result, of which the feed may be one page."""
    written = (feed.findtext(f"{_OPENSEARCH}totalResults") or "").strip()
    return int(written) if written.isdecimal() else len(entries(feed))


def error(feed: Element) -> str:
    """Return arXiv's error text, or "". arXiv sends an error as a feed with one entry."""
    wrong = (entry for entry in entries(feed) if _ARXIV_ERROR in _text(entry, "id"))
    return next((_text(entry, "summary") or "Error" for entry in wrong), "")


def entry_draft(entry: Element, source: str) -> PaperDraft:
    """Return the draft of an entry.

    Raises:
        Incomplete: it has no title or no abstract.

    """
    return draft(entry_record(entry), source)


def entry_record(entry: Element) -> dict[str, object]:
    """Convert an entry to the keys that `records.draft` reads."""
    links = (link for link in entry.iter(f"{_ATOM}link") if link.get("rel", "alternate") == "alternate")
    return {
        "title": _text(entry, "title"),
        "abstract": _text(entry, "summary"),
        "authors": [_text(author, "name") for author in entry.iter(f"{_ATOM}author")],
        "id": _text(entry, "id"),
        "doi": (entry.findtext(f"{_ARXIV}doi") or "").strip(),
        "comment": (entry.findtext(f"{_ARXIV}comment") or "").strip(),
        "journal_ref": (entry.findtext(f"{_ARXIV}journal_ref") or "").strip(),
        "link": next((link.get("href", "") for link in links), ""),
        "categories": [category.get("term", "") for category in entry.iter(f"{_ATOM}category")],
        "date": _text(entry, "published"),
    }


def _text(element: Element, name: str) -> str:
    return " ".join((element.findtext(f"{_ATOM}{name}") or "").split())
