"""Web pages of papers: publishers' tags for search engines, and Hugging Face's lists.

The tags are those of Highwire (`citation_title`), bepress, EPrints, Dublin Core and Open Graph.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import parse
from bot.domain.paper import PaperDraft
from bot.domain.period import Period
from papers.formats import list_days
from papers.formats.names import given_name_first
from papers.formats.records import BadLine, Incomplete, bad_line, draft

PAGE = "page"
HUGGING_FACE = "huggingface"

_TAGS_OF_KEYS: Mapping[str, tuple[str, ...]] = {
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
"""For each key of `records.draft` the tags that give it, best first."""
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
_DAILY = "dailyPapers"
_LISTS = (_DAILY, "papers", "paper")
_PAGE_START = re.compile(r"<!doctype html|<html|<head[\s>]|<meta\s", re.IGNORECASE)


def looks_like_html(head: str) -> bool:
    """Whether a document starts like a web page."""
    return bool(_PAGE_START.search(head[:4096]))


def holds_papers(document: str) -> bool:
    """Whether a page lists papers, or has the tags of one."""
    tree = LexborHTMLParser(document)
    return bool(page_record(_tags(tree), "")["title"]) or bool(_listed(tree)[0])


def read(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the papers of a page saved by a browser: all of a Hugging Face list, or the page's own.

    Those of a list have its day, by its address or by what it carries.
    """
    tree = LexborHTMLParser(document)
    address = _address(tree, document)
    listed, of_list = _listed(tree)
    period = list_days.in_address(address) or of_list if listed else None
    records = listed or [page_record(_tags(tree), address)]
    by = source or (HUGGING_FACE if listed else PAGE)
    for record in records:
        try:
            yield list_days.with_day(draft(record, by, abstract_needed=False), period)
        except Incomplete as missing:
            yield bad_line(1, str(missing), str(record.get("link") or ""))


def page_record(tags: Iterable[tuple[str, str]], link: str) -> dict[str, object]:
    """Convert a page's tags, pairs of name and content, to the keys of `records.draft`.

    `link` is the address of the page, and so identifies the paper.
    """
    tags_by_name = _by_name(tags)
    record: dict[str, object] = {
        word: next((tags_by_name[name][0] for name in names if name in tags_by_name), None)
        for word, names in _TAGS_OF_KEYS.items()
    }
    return {
        **record,
        "doi": next((value for name in _DOI for value in tags_by_name.get(name, ()) if _is_doi(value)), None),
        "authors": _people(tags_by_name),
        "link": link,
        "url": link,
    }


def _tags(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for tag in tree.css("meta[content]"):
        name = tag.attributes.get("name") or tag.attributes.get("property") or ""
        yield name, tag.attributes.get("content") or ""


def _by_name(tags: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Group the contents of tags by lower-case name."""
    tags_by_name: dict[str, list[str]] = {}
    for name, content in tags:
        if content.strip():
            tags_by_name.setdefault(name.strip().lower(), []).append(content.strip())
    return tags_by_name


def _people(tags_by_name: Mapping[str, list[str]]) -> list[str]:
    """Return the authors from the first family of tags that has any. Others would repeat them."""
    names = next((tags_by_name[name] for name in _AUTHORS if name in tags_by_name), [])
    if not names and "citation_authors" in tags_by_name:
        names = [name for value in tags_by_name["citation_authors"] for name in value.split(";")]
    return [given_name_first(name) for name in names]


def _is_doi(value: str) -> bool:
    found = parse(value)
    return found is not None and found.scheme in {Scheme.DOI, Scheme.ARXIV}


def _address(tree: LexborHTMLParser, document: str) -> str:
    """Return the address that a page was saved from, or "" if it does not say."""
    tags_by_name = _by_name(_tags(tree))
    canonical = tree.css_first("link[rel=canonical][href]")
    saved = _SAVED_FROM.search(document[:4096])
    tagged = next((tags_by_name[name][0] for name in _ADDRESS if name in tags_by_name), "")
    written = (canonical.attributes.get("href") or "") if canonical is not None else ""
    return next(
        (each for each in (written, tagged, saved[1] if saved else "") if each.startswith("http")), ""
    )


def _listed(tree: LexborHTMLParser) -> tuple[list[Mapping[str, object]], Period | None]:
    """Return the papers of a Hugging Face page, and its day. It carries them as JSON in its `data-props`."""
    for node in tree.css("[data-props]"):
        try:
            props = json.loads(node.attributes.get("data-props") or "", parse_float=str)
        except (ValueError, RecursionError):
            continue
        for name in _LISTS if isinstance(props, Mapping) else ():
            rows = props.get(name)
            found = [row for row in (rows if isinstance(rows, list) else [rows]) if _is_paper(row)]
            if found:
                return found, list_days.named(props.get("dateString")) if name == _DAILY else None
    return [], None


def _is_paper(row: object) -> bool:
    inner = row.get("paper", row) if isinstance(row, Mapping) else None
    return (
        isinstance(inner, Mapping)
        and bool(inner.get("title"))
        and bool(inner.get("summary") or inner.get("id"))
    )
