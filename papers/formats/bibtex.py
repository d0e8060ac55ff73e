"""BibTeX, by bibtexparser 2: it goes on after a broken entry and tells its line, where pybtex gives up.

An abstract is welcome and not required: most reference managers leave it out.
"""

import logging
import re
from collections.abc import Iterator

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
)

from bot.models import PaperDraft
from papers.formats.bibtex_names import own_names
from papers.formats.records import BadLine, Unfit, bad_line, draft
from papers.text import clean_title

_ENTRY = re.compile(r"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What is wrong with an entry is told as a bad line.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


def looks_like_bibtex(head: str) -> bool:
    """Whether an entry begins on some line."""
    return bool(_ENTRY.search(head))


def read(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Read a bibliography's entries."""
    for block in parse_string(document).blocks:
        entry = _entry(block)
        number, raw = (block.start_line or 0) + 1, block.raw or ""
        if entry is not None:
            try:
                yield draft(_record(entry), source, abstract_needed=False)
            except Unfit as missing:
                yield bad_line(number, str(missing), raw)
        elif isinstance(block, ParsingFailedBlock):
            yield bad_line(number, "This BibTeX entry is not closed or not well formed.", raw)


def _entry(block: Block) -> Entry | None:
    """Return a block's entry; one whose key or field was there before is still a paper."""
    if isinstance(block, (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)):
        inner = block.ignore_error_block
        return inner if isinstance(inner, Entry) else None
    return block if isinstance(block, Entry) else None


def _record(entry: Entry) -> dict[str, object]:
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    return {
        "title": _unbraced(fields.get("title", "")),
        "abstract": fields.get("abstract", ""),
        "authors": [_name(each) for each in re.split(r"\s+and\s+", fields.get("author", "")) if each.strip()],
        "arxiv_id": fields.get("eprint") or fields.get("arxivid"),
        "names": [str(name) for name in own_names(entry.entry_type, fields)],
        "links": fields.get("url", "").replace(r"\_", "_"),
        "categories": fields.get("primaryclass", ""),
        "date": fields.get("date") or _month(fields),
    }


def _unbraced(value: str) -> str:
    return clean_title(value).replace("{", "").replace("}", "")


def _name(written: str) -> str:
    last, *others = [part.strip() for part in _unbraced(written).split(",")]
    return " ".join([*reversed(others[-1:]), last, *others[:-1]]).strip()


def _month(fields: dict[str, str]) -> str:
    month = fields.get("month", "").strip().lower()
    number = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else month
    return f"{fields.get('year', '').strip()}-{number}" if str(number).isdigit() else fields.get("year", "")
