"""NBIB, PubMed's format for reference managers."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain.paper import PaperDraft
from papers.formats.dates import first_day
from papers.formats.names import given_name_first
from papers.formats.records import BadLine, Incomplete, bad_line, draft

_START = re.compile(r"^\ufeff?PMID\s?- ?\d+", re.MULTILINE)
_LINE = re.compile(r"([A-Z]{2,4})\s{0,2}- ?(.*)")
_DOI = re.compile(r"(\S+)\s*\[doi\]")


@dataclass(slots=True)
class _Reference:
    number: int
    fields: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def looks_like_nbib(head: str) -> bool:
    """Whether some line starts a reference."""
    return bool(_START.search(head))


def read(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the paper, or what is wrong, for each reference."""
    for reference in _references(document):
        try:
            yield draft(_record(reference.fields), source, abstract_needed=False)
        except Incomplete as missing:
            yield bad_line(reference.number, str(missing), f"PMID {_first(reference.fields, 'PMID')}")


def _references(document: str) -> Iterator[_Reference]:
    """Yield references, each starting at its PMID, with continued lines joined."""
    reference: _Reference | None = None
    tag = ""
    for number, line in enumerate(document.replace("\ufeff", "").splitlines(), start=1):
        found = _LINE.match(line)
        if found and found[1] == "PMID":
            if reference is not None:
                yield reference
            reference = _Reference(number)
        if reference is None:
            continue
        if found:
            tag = found[1]
            reference.fields[tag].append(found[2].strip())
        elif line.strip() and reference.fields.get(tag):
            reference.fields[tag][-1] += f" {line.strip()}"
    if reference is not None:
        yield reference


def _record(fields: Mapping[str, list[str]]) -> dict[str, object]:
    names = [given_name_first(name) for name in fields.get("FAU") or fields.get("AU") or []]
    kinds = {kind.lower() for kind in fields.get("PT", [])}
    dois = [
        found[1] for key in ("LID", "AID") for each in fields.get(key, []) if (found := _DOI.search(each))
    ]
    return {
        "title": (_first(fields, "TI") or _first(fields, "BTI")).strip("[]").removesuffix("."),
        "abstract": _first(fields, "AB"),
        "authors": [*names, *fields.get("CN", [])],
        "doi": dois[0] if dois else None,
        "pmid": _first(fields, "PMID"),
        "pmcid": _first(fields, "PMC"),
        "keywords": fields.get("OT"),
        "venue": _first(fields, "JT") or _first(fields, "TA"),
        "date": first_day(_first(fields, "DP")),
        "is_retracted": "retracted publication" in kinds,
    }


def _first(fields: Mapping[str, list[str]], tag: str) -> str:
    return next(iter(fields.get(tag, [])), "")
