"""A paper as a web page, as arXiv makes it with LaTeXML or a publisher does."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.models import Passage
from papers.text import clean_abstract, clean_title

_LEFT_OUT = (
    ".ltx_bibliography, .ltx_note, .ltx_authors, .ltx_dates, .ltx_page_footer, .ltx_TOC, .ltx_ERROR, "
    "nav, header, footer, aside, script, style, noscript, form, button, table"
)
_READ = "h1, h2, h3, h4, h5, h6, p, figcaption"
_END = frozenset({"references", "bibliography", "literature cited"})
_SHORTEST = 40
"""Characters; what is shorter is a label or a crumb."""
_LONGEST = 10_000
"""Characters; what is longer is no paragraph, and is cut off."""
_LONGEST_TEXT = 1_000_000


def passages(document: bytes) -> tuple[Passage, ...]:
    """Read a page's paragraphs in their order, each with the heading above it; nothing where it has none."""
    page = LexborHTMLParser(document)
    for formula in page.css("math"):
        formula.replace_with(_formula(formula))
    for node in page.css(_LEFT_OUT):
        node.decompose()
    found: list[Passage] = []
    heading, ended, room = "", False, _LONGEST_TEXT
    for node in (page.css_first("article") or page.css_first("main") or page).css(_READ):
        if node.tag and node.tag.startswith("h"):
            heading = clean_title(node.text(separator=" ")[:_LONGEST])
            ended = heading.lower().lstrip("0123456789. ") in _END
        elif not ended and len(text := clean_abstract(node.text()[:_LONGEST])) >= _SHORTEST:
            found.append(Passage(text, heading))
            room -= len(text)
            if room <= 0:
                break
    return tuple(found)


def _formula(node: LexborNode) -> str:
    written = node.attributes.get("alttext")
    return f"${written}$" if written else node.text()
