"""Run by itself, in bounds: a document on standard input becomes what it says on standard output, as JSON.

The argument says what it is read as. It imports nothing of the project. Documents are made by anybody; a
parser that loops, grows or crashes does so here.
"""

import io
import json
import resource
import sys
from collections.abc import Callable
from typing import Any

MEMORY = 1 << 30
SECONDS = 20
QUICK_SECONDS = 5
"""Of processor time, for a PDF and for anything else: a long page takes a second."""
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


KINDS: dict[str, tuple[Callable[[bytes], object], int]] = {
    "pdf": (pdf, SECONDS),
    "page": (page, QUICK_SECONDS),
    "tags": (tags, QUICK_SECONDS),
    "feed": (feed, QUICK_SECONDS),
}


def main() -> None:
    """Read, and write what was found."""
    read, seconds = KINDS[sys.argv[1]]
    document = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    json.dump(read(document), sys.stdout)


if __name__ == "__main__":
    main()
