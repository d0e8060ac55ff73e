"""Web pages about papers: by the tags that publishers put there for search engines, and Hugging Face's lists.

The tags are Highwire's (`citation_title`), bepress's, EPrints's, those of the Dublin Core, and Open Graph's.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import parse
from bot.domain.paper import PaperDraft
from papers.formats.names import turned
from papers.formats.records import BadLine, Unfit, bad_line, draft

PAGE = "page"
HUGGING_FACE = "huggingface"

_IN_WORDS: Mapping[str, tuple[str, ...]] = {
    "title": (
        "citation_title",
        "bepress_citation_title",
        "eprints.title",
        "dc.title",
        "dcterms.title",
        "og:title",
    ),
    "abstract": (
        "citation_abstract",
        "bepress_citation_abstract",
        "eprints.abstract",
        "dcterms.abstract",
        "dc.description.abstract",
        "dc.description",
        "dcterms.description",
    ),
    "arxiv_id": ("citation_arxiv_id",),
    "date": (
        "citation_publication_date",
        "citation_date",
        "citation_cover_date",
        "citation_online_date",
        "bepress_citation_date",
        "eprints.date",
        "dcterms.issued",
        "dc.date.issued",
        "dc.date",
        "dcterms.date",
    ),
    "venue": (
        "citation_conference_title",
        "citation_journal_title",
        "citation_inbook_title",
        "bepress_citation_journal_title",
        "bepress_citation_conference_title",
        "eprints.publication",
        "eprints.event_title",
        "prism.publicationname",
    ),
    "pdf_url": ("citation_pdf_url", "bepress_citation_pdf_url", "eprints.document_url"),
}
"""By the word that records are read in, the tags that say it, the best first."""
_DOI = (
    "citation_doi",
    "bepress_citation_doi",
    "prism.doi",
    "dc.identifier.doi",
    "dc.identifier",
    "dcterms.identifier",
    "eprints.doi",
    "eprints.id_number",
)
_AUTHORS = (
    "citation_author",
    "bepress_citation_author",
    "eprints.creators_name",
    "dc.creator",
    "dcterms.creator",
)
_ADDRESS = ("citation_abstract_html_url", "citation_public_url", "og:url")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
_LISTS = ("dailyPapers", "papers", "paper")
_PAGE_START = re.compile(r"<!doctype html|<html|<head[\s>]|<meta\s", re.IGNORECASE)


def looks_like_html(head: str) -> bool:
    """Whether a document begins as a web page."""
    return bool(_PAGE_START.search(head[:4096]))


def holds_papers(document: str) -> bool:
    """Whether a page lists papers, or says of which one it is."""
    tree = LexborHTMLParser(document)
    return bool(page_record(_tags(tree), "")["title"]) or next(_listed(tree), None) is not None


def read(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Read a page that a browser has saved: all papers of a list of Hugging Face, or a page's own one."""
    tree = LexborHTMLParser(document)
    listed = list(_listed(tree))
    records = listed or [page_record(_tags(tree), _address(tree, document))]
    by = source or (HUGGING_FACE if listed else PAGE)
    for record in records:
        try:
            yield draft(record, by, abstract_needed=False)
        except Unfit as missing:
            yield bad_line(1, str(missing), str(record.get("link") or ""))


def page_record(tags: Iterable[tuple[str, str]], link: str) -> dict[str, object]:
    """Put a page's tags, by name and content, into the words that records are read in.

    The link is the paper's own.
    """
    said = _said(tags)
    record: dict[str, object] = {
        word: next((said[name][0] for name in names if name in said), None)
        for word, names in _IN_WORDS.items()
    }
    return {
        **record,
        "doi": next((value for name in _DOI for value in said.get(name, ()) if _is_doi(value)), None),
        "authors": _people(said),
        "link": link,
        "url": link,
    }


def _tags(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for tag in tree.css("meta[content]"):
        name = tag.attributes.get("name") or tag.attributes.get("property") or ""
        yield name, tag.attributes.get("content") or ""


def _said(tags: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return what tags say, by their names in small letters."""
    said: dict[str, list[str]] = {}
    for name, content in tags:
        if content.strip():
            said.setdefault(name.strip().lower(), []).append(content.strip())
    return said


def _people(said: Mapping[str, list[str]]) -> list[str]:
    """Return the authors as one family of tags names them; another would name them again."""
    names = next((said[name] for name in _AUTHORS if name in said), [])
    if not names and "citation_authors" in said:
        names = [name for value in said["citation_authors"] for name in value.split(";")]
    return [turned(name) for name in names]


def _is_doi(value: str) -> bool:
    found = parse(value)
    return found is not None and found.scheme in {Scheme.DOI, Scheme.ARXIV}


def _address(tree: LexborHTMLParser, document: str) -> str:
    """Return where a saved page was, as far as it says so."""
    said = _said(_tags(tree))
    canonical = tree.css_first("link[rel=canonical][href]")
    saved = _SAVED_FROM.search(document[:4096])
    given = next((said[name][0] for name in _ADDRESS if name in said), "")
    written = (canonical.attributes.get("href") or "") if canonical is not None else ""
    return next((each for each in (written, given, saved[1] if saved else "") if each.startswith("http")), "")


def _listed(tree: LexborHTMLParser) -> Iterator[Mapping[str, object]]:
    """Give the papers of a page of Hugging Face, which has them as JSON beside what it shows."""
    for node in tree.css("[data-props]"):
        try:
            held = json.loads(node.attributes.get("data-props") or "", parse_float=str)
        except (ValueError, RecursionError):
            continue
        for name in _LISTS if isinstance(held, Mapping) else ():
            rows = held.get(name)
            found = [row for row in (rows if isinstance(rows, list) else [rows]) if _is_paper(row)]
            if found:
                yield from found
                return


def _is_paper(row: object) -> bool:
    inner = row.get("paper", row) if isinstance(row, Mapping) else None
    return (
        isinstance(inner, Mapping)
        and bool(inner.get("title"))
        and bool(inner.get("summary") or inner.get("id"))
    )
