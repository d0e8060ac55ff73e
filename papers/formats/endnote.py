"""EndNote XML, parsed with defusedxml."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.domain.paper import PaperDraft
from papers.formats.dates import first_day
from papers.formats.lines import LineCounter
from papers.formats.names import given_name_first
from papers.formats.records import BadLine, Incomplete, bad_line, draft

_RECORD = re.compile(rb"<record[\s>]")
_WRAPPED = {"superscript": "sup", "subscript": "sub"}


class NotEndNote(ValueError):
    """The document is no EndNote library; the text says why."""


def looks_like_endnote(head: str) -> bool:
    """Whether a document declares itself an EndNote library, or has the elements of one."""
    return "<record" in head and ("<ref-type" in head or 'name="EndNote"' in head or "<contributors" in head)


def read(document: bytes, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the paper, or what is wrong, for each record.

    Raises:
        NotEndNote: it is no EndNote library.

    """
    try:
        root: Element = fromstring(document)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise NotEndNote(f"it is not well-formed XML ({problem})") from None
    counter = LineCounter(document)
    lines = [counter.at(found.start()) for found in _RECORD.finditer(document)]
    for index, record in enumerate(root.iter("record")):
        try:
            yield draft(_record(record), source, abstract_needed=False)
        except Incomplete as missing:
            number = lines[index] if index < len(lines) else 1
            yield bad_line(number, str(missing), _text(record.find("titles")))


def _record(record: Element) -> dict[str, object]:
    names = [_text(each) for each in record.iterfind("contributors/authors/author")]
    days = _text(record.find("dates/pub-dates/date"))
    urls = [_text(each) for each in record.iterfind("urls/related-urls/url")]
    venues = ("periodical/full-title", "titles/secondary-title", "periodical/abbr-1", "titles/tertiary-title")
    return {
        "title": _text(record.find("titles/title")),
        "abstract": _text(record.find("abstract")),
        "authors": [given_name_first(name) for name in names],
        "doi": _text(record.find("electronic-resource-num")),
        "url": urls[0] if urls else None,
        "links": urls,
        "keywords": [_text(each) for each in record.iterfind("keywords/keyword")],
        "venue": next(filter(None, (_text(record.find(path)) for path in venues)), ""),
        "date": first_day(_text(record.find("dates/year")) or days, days),
    }


def _text(element: Element | None) -> str:
    """Return the text of an element. EndNote puts each change of typeface into a `<style>` element."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        tag = _WRAPPED.get(child.get("face", ""))
        inner = _text(child)
        parts += [f"<{tag}>{inner}</{tag}>" if tag else inner, child.tail or ""]
    return "".join(parts).strip() if element.tag != "style" else "".join(parts)
