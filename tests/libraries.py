"""A mixed library of made-up works, as reference managers export it: five formats, with duplicates.

Every third entry is another file's entry again, and tells less of it, or spells it otherwise.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

_THINGS = ("Kettles", "Cups", "Pots", "Lids", "Spoons", "Teas", "Saucers", "Trays", "Filters", "Stoves")
_DEEDS = ("whistle", "boil", "pour", "cool", "steep", "rattle", "settle", "brew", "shine", "leak")
_PLACES = (
    "at sea",
    "in trains",
    "by night",
    "at altitude",
    "in winter",
    "under water",
    "on the moon",
    "at home",
)
_GIVEN = ("Ada", "Ben", "Cy", "Di", "Émile", "Fay", "Gil", "Hanna", "Ida", "Jun")
_FAMILIES = (
    "Example",
    "Other",
    "Third",
    "Fourth",
    "Fifth",
    "Müller",
    "de Seventh",
    "O'Eighth",
    "Ninth",
    "Ōta",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Entry:
    """What a file says of a work."""

    number: int
    title: str
    authors: tuple[tuple[str, str], ...]
    published: date
    abstract: str
    venue: str
    exact: bool = True
    others: bool = False


def library(folder: Path, entries: int) -> tuple[list[Path], int]:
    """Write a library of so many entries; its files, and how many works it holds."""
    made = random.Random(1)
    works = [_work(number, made) for number in range(entries - entries // 3)]
    again = [_poorer(made.choice(works), made) for _ in range(entries // 3)]
    parted: list[list[Entry]] = [[] for _ in _FORMATS]
    for work in works:
        parted[work.number % len(_FORMATS)].append(work)
    for entry in again:
        other = made.randrange(1, len(_FORMATS))
        parted[(entry.number + other) % len(_FORMATS)].append(entry)
    files = []
    for (name, written), part in zip(_FORMATS.items(), parted, strict=True):
        made.shuffle(part)
        files.append(folder / name)
        files[-1].write_text(written(part), encoding="utf-8")
    return files, len(works)


def _work(number: int, made: random.Random) -> Entry:
    thing, deed, place = made.choice(_THINGS), made.choice(_DEEDS), made.choice(_PLACES)
    people = [(made.choice(_GIVEN), family) for family in made.sample(_FAMILIES, made.randint(1, 8))]
    sentences = (
        f"{made.choice(_THINGS)} {made.choice(_DEEDS)} {made.choice(_PLACES)}."
        for _ in range(made.randint(2, 5))
    )
    return Entry(
        number,
        f"{thing} that {deed} {place}: study {number}",
        tuple(people),
        date(2000, 1, 2) + timedelta(days=made.randrange(9000)),
        " ".join(sentences),
        f"Journal of {made.choice(_THINGS)}",
    )


def _poorer(work: Entry, made: random.Random) -> Entry:
    """The same work, as another program keeps it."""
    changes: tuple[Callable[[Entry], Entry], ...] = (
        lambda entry: replace(entry, authors=entry.authors[:1], others=len(entry.authors) > 1),
        lambda entry: replace(entry, authors=tuple((given[0], family) for given, family in entry.authors)),
        lambda entry: replace(entry, exact=False),
        lambda entry: replace(entry, abstract=f"{entry.abstract[: len(entry.abstract) // 2]}…"),
        lambda entry: replace(entry, venue="arXiv"),
        lambda entry: replace(entry, venue=entry.venue.replace("Journal of ", "J. ")),
        lambda entry: replace(entry, title=entry.title.upper()),
    )
    for change in made.sample(changes, made.randint(1, 4)):
        work = change(work)
    return work


def _doi(entry: Entry) -> str:
    """A work's DOI, under the prefix for trials; every fifth work has none."""
    return f"10.5555/kettle.{entry.number}" if entry.number % 5 else ""


def _bibtex(entries: Sequence[Entry]) -> str:
    def fields(entry: Entry) -> Iterator[str]:
        yield f"title={{{entry.title}}}"
        names = " and ".join(f"{family}, {given}" for given, family in entry.authors)
        yield f"author={{{names}{' and others' * entry.others}}}"
        yield f"year={{{entry.published.year}}}"
        if entry.exact:
            yield f"month={{{entry.published.month}}}"
        yield f"abstract={{{entry.abstract}}}"
        yield f"journal={{{entry.venue}}}"
        if _doi(entry):
            yield f"doi={{{_doi(entry)}}}"

    return "".join(f"@article{{k{entry.number},{','.join(fields(entry))}}}\n" for entry in entries)


def _ris(entries: Sequence[Entry]) -> str:
    def lines(entry: Entry) -> Iterator[str]:
        yield "TY  - JOUR"
        yield f"TI  - {entry.title}"
        yield from (f"AU  - {family}, {given}" for given, family in entry.authors)
        if entry.others:
            yield "AU  - et al."
        yield f"PY  - {entry.published.year}"
        if entry.exact:
            yield f"DA  - {entry.published:%Y/%m/%d}"
        yield f"AB  - {entry.abstract}"
        yield f"JO  - {entry.venue}"
        if _doi(entry):
            yield f"DO  - {_doi(entry)}"
        yield "ER  - \n"

    return "\n".join("\n".join(lines(entry)) for entry in entries)


def _csl(entries: Sequence[Entry]) -> str:
    def record(entry: Entry) -> dict[str, object]:
        day = entry.published
        return {
            "id": f"k{entry.number}",
            "type": "article-journal",
            "title": entry.title,
            "author": [{"family": family, "given": given} for given, family in entry.authors],
            "issued": {"date-parts": [[day.year, day.month, day.day][: 3 if entry.exact else 1]]},
            "abstract": entry.abstract,
            "container-title": entry.venue,
            **({"DOI": _doi(entry)} if _doi(entry) else {}),
        }

    return json.dumps([record(entry) for entry in entries], ensure_ascii=False, indent=1)


def _nbib(entries: Sequence[Entry]) -> str:
    def lines(entry: Entry) -> Iterator[str]:
        yield f"PMID- {90_000_000 + entry.number}"
        yield f"TI  - {entry.title}."
        yield f"AB  - {entry.abstract}"
        yield from (f"FAU - {family}, {given}" for given, family in entry.authors)
        month = f" {_MONTHS[entry.published.month - 1]} {entry.published.day}" if entry.exact else ""
        yield f"DP  - {entry.published.year}{month}"
        yield f"JT  - {entry.venue}"
        if _doi(entry):
            yield f"LID - {_doi(entry)} [doi]"

    return "\n\n".join("\n".join(lines(entry)) for entry in entries)


def _lines(entries: Sequence[Entry]) -> str:
    def record(entry: Entry) -> dict[str, object]:
        return {
            "title": entry.title,
            "abstract": entry.abstract,
            "authors": [f"{given} {family}" for given, family in entry.authors],
            "date": str(entry.published if entry.exact else entry.published.year),
            "venue": entry.venue,
            **({"doi": _doi(entry)} if _doi(entry) else {}),
        }

    return "".join(f"{json.dumps(record(entry), ensure_ascii=False)}\n" for entry in entries)


_FORMATS: dict[str, Callable[[Sequence[Entry]], str]] = {
    "library.bib": _bibtex,
    "library.ris": _ris,
    "library.json": _csl,
    "library.nbib": _nbib,
    "library.jsonl": _lines,
}
