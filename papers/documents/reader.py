"""The child process that parses documents: a document on standard input, JSON on standard output.

Its argument says how to parse. Documents come from anybody, so a parser may loop, grow or crash, and does so
here under the limits below. The file imports nothing of the project, because it runs with `python -I`.
"""

import io
import json
import re
import resource
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

MEMORY = 1 << 30
"""Bytes of address space."""
SECONDS = 20
QUICK_SECONDS = 5
"""Most CPU time, for a PDF and for anything else."""
LEAST_SECONDS = 2
BYTES_A_SECOND = 5_000_000
"""A page gets one more second for so many bytes. Real pages of 1 MB take 0.3 seconds."""
DEEPEST = 512
"""Deepest nesting of elements, which is also the browsers' limit."""
MOST_PAGES = 300
LONGEST_TEXT = 1_000_000
LONGEST_PAGE = 50_000
LONGEST_PARAGRAPH = 10_000
"""Characters; a longer text is no paragraph, and is cut."""
MOST_TAGS = 1_000
MOST_ITEMS = 20_000

_HYPHEN = "\ufffe"
"""PDFium's mark for a hyphen at the end of a line that splits a word."""
_LEFT_OUT = (
    ".ltx_bibliography, .ltx_note, .ltx_authors, .ltx_dates, .ltx_page_footer, .ltx_TOC, .ltx_ERROR, "
    "nav, header, footer, aside, script, style, noscript, form, button, table"
)
_READ = "h1, h2, h3, h4, h5, h6, p, figcaption"
_TAG = re.compile(
    rb"<(?:!--|(?P<end>/?)(?P<name>[a-z][\w:-]*)(?=[\s/>])[^<>]*?(?P<alone>/?)>)", re.IGNORECASE
)
_NOT_NESTED = frozenset(
    b"area base body br button col colgroup dd dt embed head hr html img input li link meta optgroup option "
    b"p param rb rp rt source tbody td tfoot th thead tr track wbr".split()
)
"""Elements that need no end tag, so that their start tags say nothing about the depth."""
_RAW = frozenset((b"script", b"style", b"textarea", b"title"))
"""Elements whose content is text, whatever it looks like."""


class TooDeep(ValueError):
    """Elements are nested deeper than in any real page."""


def refuse_deep_nesting(document: bytes) -> None:
    """Refuse deep nesting before the parser sees it: its time grows with the depth at each tag.

    One scan over the tags is enough. It may miss what only a whole parser recognises; then the limit on CPU
    time holds.

    Raises:
        TooDeep: elements are nested deeper than `DEEPEST`.

    """
    opened: Counter[bytes] = Counter()
    depth = at = 0
    while (tag := _TAG.search(document, at)) is not None:
        at, name = tag.end(), (tag["name"] or b"").lower()
        if not name or (name in _RAW and not tag["end"]):
            at = document.find(b"</" + name if name else b"-->", at)
            if at < 0:
                return
        elif tag["end"] and opened[name]:
            opened[name] -= 1
            depth -= 1
        elif not (tag["end"] or tag["alone"] or name in _NOT_NESTED):
            opened[name] += 1
            depth += 1
            if depth > DEEPEST:
                raise TooDeep


def pdf(document: bytes) -> list[str]:
    """Return the text of each page of a PDF."""
    import pypdfium2

    pages, room = [], LONGEST_TEXT
    for page in pypdfium2.PdfDocument(document):
        text = page.get_textpage().get_text_bounded()[: min(room, LONGEST_PAGE)]
        text = text.replace(_HYPHEN, "").replace("\r\n", "\n")
        pages.append(text)
        room -= len(text)
        if len(pages) == MOST_PAGES or not room:
            break
    return pages


def page(document: bytes) -> list[tuple[bool, str]]:
    """Return a web page's headings (True) and paragraphs (False) in order."""
    from selectolax.lexbor import LexborHTMLParser

    refuse_deep_nesting(document)
    tree = LexborHTMLParser(document)
    for formula in tree.css("math"):
        written = formula.attributes.get("alttext")
        formula.replace_with(f"${written}$" if written else formula.text())
    for node in tree.css(_LEFT_OUT):
        node.decompose()
    found, room = [], LONGEST_TEXT
    for node in (tree.css_first("article") or tree.css_first("main") or tree).css(_READ):
        is_heading = bool(node.tag and node.tag.startswith("h"))
        text = (node.text(separator=" ") if is_heading else node.text())[:LONGEST_PARAGRAPH]
        found.append((is_heading, text))
        room -= len(text)
        if room <= 0:
            break
    return found


def tags(document: bytes) -> list[tuple[str, str]]:
    """Return the names and contents of a web page's `meta` tags."""
    from selectolax.lexbor import LexborHTMLParser

    refuse_deep_nesting(document)
    found, room = [], LONGEST_TEXT
    for tag in LexborHTMLParser(document).css("meta[content]")[:MOST_TAGS]:
        name = tag.attributes.get("name") or tag.attributes.get("property") or ""
        content = tag.attributes.get("content") or ""
        room -= len(name) + len(content)
        if room < 0:
            break
        found.append((name, content))
    return found


def feed(document: bytes) -> dict[str, Any] | None:
    """Return an RSS feed as feedparser reads it; None if its encoding cannot be decoded."""
    import feedparser

    refuse_deep_nesting(document)
    try:
        read = feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError):
        return None
    published = read.feed.get("published_parsed")
    return {
        "version": str(read.get("version", "")),
        "breaks_off": bool(read.bozo),
        "published": list(published[:3]) if published else None,
        "items": [_item(entry) for entry in read.entries[:MOST_ITEMS]],
    }


def _item(entry: Any) -> dict[str, Any]:
    words = ("title", "summary", "id", "link", "author", "arxiv_announce_type")
    texts = {word: value for word in words if isinstance(value := entry.get(word), str)}
    return {**dict.fromkeys(words), **texts, "terms": [tag.get("term") for tag in entry.get("tags", [])]}


def _seconds_for_page(document: bytes) -> int:
    return min(QUICK_SECONDS, LEAST_SECONDS + len(document) // BYTES_A_SECOND)


KINDS: dict[str, tuple[Callable[[bytes], object], Callable[[bytes], int]]] = {
    "pdf": (pdf, lambda _: SECONDS),
    "page": (page, _seconds_for_page),
    "tags": (tags, _seconds_for_page),
    "feed": (feed, lambda _: QUICK_SECONDS),
}


def main() -> None:
    """Parse the document on standard input, and write the result as JSON."""
    read, seconds_for = KINDS[sys.argv[1]]
    document = sys.stdin.buffer.read()
    seconds = seconds_for(document)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    json.dump(read(document), sys.stdout)


if __name__ == "__main__":
    main()
