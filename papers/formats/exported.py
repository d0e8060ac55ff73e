"""Reads the papers of a file that `paperclub export` wrote, unchanged.

A row's `kind` is its table. The identifiers and categories of a paper are rows that follow later, so the
file is read twice. Rows of other tables, such as votes and subscriptions, are counted and skipped.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Details, PaperDraft, Standing
from papers.formats.records import BadLine, Incomplete, bad_line, day
from papers.text import printable

_SCHEMES = frozenset(Scheme)
_OF_PAPERS = frozenset({"papers", "paper_links"})
"""Tables that are not counted as skipped. The links of a paper are also in its own row."""
_DETAILS = {name: value for name, value in asdict(Details()).items() if name != "standing"}


def looks_like_export(head: str) -> bool:
    """Whether the first line is an exported row, which starts with its `kind`."""
    row = _row(head.lstrip("\ufeff").partition("\n")[0].encode())
    return next(iter(row), "") == "kind" and ("title" not in row or "title_key" in row)


def read(stream: BinaryIO, passed_over: Counter[str]) -> Iterator[PaperDraft | BadLine]:
    """Yield the papers of an export, and count the rows of other tables in `passed_over`."""
    names: defaultdict[object, set[Identifier]] = defaultdict(set)
    categories: defaultdict[object, list[tuple[int, str]]] = defaultdict(list)
    for line in stream:
        row = _row(line)
        kind, place = row.get("kind"), row.get("position")
        if kind == "paper_identifiers" and row.get("scheme") in _SCHEMES:
            names[str(row.get("paper_id"))].add(Identifier(Scheme(row["scheme"]), str(row.get("value"))))
        elif kind == "paper_categories" and isinstance(place, int):
            categories[str(row.get("paper_id"))].append((place, str(row.get("category"))))
        elif row and kind not in _OF_PAPERS:
            passed_over[_cut(str(kind))] += 1
    stream.seek(0)
    for number, line in enumerate(stream, start=1):
        row = _row(line)
        if not row and line.strip():
            yield bad_line(number, "The line is not a JSON object.", line.decode(errors="replace"))
        elif row.get("kind") == "papers" and "title_key" in row:
            try:
                key = str(row.get("id"))
                yield _draft(row, frozenset(names[key]), categories[key])
            except Incomplete as problem:
                yield bad_line(number, str(problem), str(row.get("title")))
        elif row.get("kind") == "papers":
            # Older exports wrote a digest's own `kind` over its table's name, and that could be `papers` too.
            passed_over["digests"] += 1


def _cut(kind: str) -> str:
    return printable(kind[:40])


def _draft(
    row: Mapping[str, Any], names: frozenset[Identifier], categories: list[tuple[int, str]]
) -> PaperDraft:
    if not isinstance(row.get("title"), str) or not row["title"].strip():
        raise Incomplete("It has no title.")
    if not isinstance(row.get("source"), str):
        raise Incomplete("It has no source.")
    return PaperDraft(
        title=printable(row["title"]),
        abstract=printable(str(row.get("abstract") or "")),
        source=row["source"],
        authors=_texts(row.get("authors")),
        identifiers=names,
        links=_texts(row.get("links")),
        categories=tuple(category for _, category in sorted(categories)),
        published=day(row.get("published")),
        listed=day(row.get("listed")),
        submitted_by=row.get("submitted_by") and printable(str(row["submitted_by"])),
        upvotes=row["upvotes"] if isinstance(row.get("upvotes"), int) else 0,
        details=_details(row.get("details")),
        origins=row["origins"] if isinstance(row.get("origins"), dict) else {},
    )


def _details(kept: object) -> Details:
    """Return the details of a row. Values of a wrong type are left out."""
    if not isinstance(kept, Mapping):
        return Details()
    known = {name: _texts(value) if isinstance(value, list) else value for name, value in kept.items()}
    fields: dict[str, Any] = {
        name: known[name] for name, empty in _DETAILS.items() if isinstance(known.get(name), type(empty))
    }
    standing = kept.get("standing")
    fields["standing"] = Standing(standing) if standing in set(Standing) else Standing.GOOD
    return Details(**fields)


def _texts(value: object) -> tuple[str, ...]:
    return (
        tuple(printable(each) for each in value if isinstance(each, str)) if isinstance(value, list) else ()
    )


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
