"""Run by itself, in bounds: a document on standard input becomes what it says on standard output, as JSON.

The argument says what it is read as. It imports nothing of the project. Documents are made by anybody; a
parser that loops, grows or crashes does so here.
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
SECONDS = 20
QUICK_SECONDS = 5
"""Of processor time at most, for a PDF and for anything else."""
LEAST_SECONDS = 2
BYTES_A_SECOND = 5_000_000
"""What a page's size adds to the least: honest ones of 1 MB take 0.3 seconds."""
DEEPEST = 512
"""Elements in each other, of which browsers show no more either."""
MOST_PAGES = 300
LONGEST_TEXT = 1_000_000
LONGEST_PAGE = 50_000
LONGEST_PARAGRAPH = 10_000
"""Characters; what is longer is no paragraph, and is cut off."""
MOST_TAGS = 1_000
MOST_ITEMS = 20_000

_HYPHEN = "\ufffe"
"""What PDFium puts in place of a hyphen at which a word was broken, before the line's end."""
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
"""Elements that are empty, or that the next of their kind or the end of another ends."""
_RAW = frozenset((b"script", b"style", b"textarea", b"title"))
"""What stands in these is no tag."""


class TooDeep(ValueError):
    """Elements stand in each other deeper than any honest page's."""


def refuse_nesting(document: bytes) -> None:
    """Go through the tags once, before a parser does that goes through all open elements at each tag.

    What only a whole parser tells apart is not told apart here; the processor's time bounds that.

    Raises:
        TooDeep: there are more elements in each other than are read.

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
    """Read a PDF's pages."""
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
    """Read a web page's headings, told by True, and its paragraphs, in their order."""
    from selectolax.lexbor import LexborHTMLParser

    refuse_nesting(document)
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
    """Read the names and contents of a web page's `meta` tags."""
    from selectolax.lexbor import LexborHTMLParser

    refuse_nesting(document)
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
    """Read an RSS feed as feedparser does; None where it is in no encoding that can be read."""
    import feedparser

    refuse_nesting(document)
    try:
        read = feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError):
        return None
    made = read.feed.get("published_parsed")
    return {
        "version": str(read.get("version", "")),
        "breaks_off": bool(read.bozo),
        "made": list(made[:3]) if made else None,
        "items": [_item(entry) for entry in read.entries[:MOST_ITEMS]],
    }


def _item(entry: Any) -> dict[str, Any]:
    words = ("title", "summary", "id", "link", "author", "arxiv_announce_type")
    said = {word: value for word in words if isinstance(value := entry.get(word), str)}
    return {**dict.fromkeys(words), **said, "terms": [tag.get("term") for tag in entry.get("tags", [])]}


def _seconds_for_page(document: bytes) -> int:
    return min(QUICK_SECONDS, LEAST_SECONDS + len(document) // BYTES_A_SECOND)


KINDS: dict[str, tuple[Callable[[bytes], object], Callable[[bytes], int]]] = {
    "pdf": (pdf, lambda _: SECONDS),
    "page": (page, _seconds_for_page),
    "tags": (tags, _seconds_for_page),
    "feed": (feed, lambda _: QUICK_SECONDS),
}


def main() -> None:
    """Read, and write what was found."""
    read, seconds_for = KINDS[sys.argv[1]]
    document = sys.stdin.buffer.read()
    seconds = seconds_for(document)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    json.dump(read(document), sys.stdout)


if __name__ == "__main__":
    main()
