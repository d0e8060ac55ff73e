"""Decides whether two descriptions mean the same paper, and merges them field by field.

The better source's value wins. If both sources are equally good, the later value wins. There are exceptions:

- A field that the better source leaves empty keeps the worse source's value.
- A value that is only a poorer version of the other loses. `bot/domain/richness.py` has the rules.
- The operator's value always wins.
- What authors write, such as the title, is never taken from an older version of the paper.
- A sample's value goes as soon as another source describes the paper, even if that leaves the field empty.

Identifiers, links and categories are united. The later listing day and the higher version count.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher
from math import inf
from typing import Any

from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import Change, Details, News, Paper, PaperDraft, Standing
from bot.domain.richness import poorer, subtitled, without_accents
from bot.domain.source import OPERATOR, SAMPLE, UNRANKED, registered_sources, source_info

_PAPER_FIELDS = ("title", "abstract", "authors", "published", "submitted_by", "upvotes")
_DETAIL_FIELDS = tuple(name for name in Details.__dataclass_fields__ if name != "version")
_MAX_YEARS_APART = 6
"""The most years that lie between a preprint and its journal version."""
_MAX_YEARS_APART_IF_AUTHORS_UNKNOWN = 2
"""The same, if only one of the two papers, or neither, names its authors."""
_MIN_SIMILARITY = 0.9
"""Titles that are at least this similar, from 0 to 1, are one title with a typing error or two."""
_LABELS = {
    "published": "date",
    "submitted_by": "submitter",
    "upvotes": "up-votes",
    "listed": "listing day",
    "tldr": "TLDR",
    "datasets": "data sets",
}
"""What people read for fields whose names in the code would puzzle them."""
_WRITTEN_BY_AUTHORS = frozenset({"title", "abstract", "authors", "standing"})
"""Fields that a new version of the paper may change."""


def same_papers(draft: PaperDraft, candidates: Iterable[Paper]) -> list[Paper]:
    """Return the candidates that are the draft's paper, lowest number first.

    A candidate that shares an identifier with the draft is the same paper. One that shares only its title is
    too, unless identifiers, authors or years contradict: many different papers are called "Preface".
    """
    ordered = sorted(candidates, key=lambda paper: paper.id)
    same = [paper for paper in ordered if paper.identifiers & draft.identifiers]
    names = draft.identifiers.union(*(paper.identifiers for paper in same))
    key = title_key(draft.title)
    for paper in ordered:
        if paper in same or not key or title_key(paper.title) != key:
            continue
        if not (_contradict(paper.identifiers, names) or _is_other_work(draft, paper)):
            same.append(paper)
            names |= paper.identifiers
    return sorted(same, key=lambda paper: paper.id)


def contradicted(draft: PaperDraft, candidates: Iterable[Paper]) -> list[Paper]:
    """Return the candidates that share an identifier with the draft, but are clearly another work.

    Their title differs, and so do their authors or years.
    """
    return [
        paper
        for paper in sorted(candidates, key=lambda paper: paper.id)
        if paper.identifiers & draft.identifiers
        and not _only_renames(draft, paper)
        and _titles_differ(draft.title, paper.title)
        and _is_other_work(draft, paper)
    ]


def _only_renames(draft: PaperDraft, paper: Paper) -> bool:
    """Whether the draft gives the paper's record a new title, rather than being about another work.

    Only the operator can do so, or a source that keeps one record an identifier. And the paper's present
    title must come from the same source or from the operator.
    """
    same_record = draft.source == OPERATOR or source_info(draft.source).identifies
    return same_record and origin(paper, "title") in {draft.source, OPERATOR}


def merged(known: Paper, other: Paper | PaperDraft) -> Paper:
    """Return the known paper merged with another description of it."""
    mine, theirs = _fields(known), _fields(other)
    outdated = 0 < other.details.version < known.details.version
    revised = 0 < known.details.version < other.details.version
    taken = set()
    for field in mine:
        by_authors = field in _WRITTEN_BY_AUTHORS
        by = origin(known, field), origin(other, field)
        later = revised and by_authors and by[0] == by[1]
        if not (outdated and by_authors) and _replaces(field, mine[field], theirs[field], *by, revised=later):
            taken.add(field)
    values = {field: theirs[field] if field in taken else mine[field] for field in mine}
    said = (field for field in mine if _has_value(values[field]))
    origins = {field: origin(other if field in taken else known, field) for field in said}
    source = origins["title"]
    details = {field: values.pop(field) for field in _DETAIL_FIELDS}
    version = max(known.details.version, other.details.version)
    return replace(
        known,
        **values,
        source=source,
        identifiers=known.identifiers | other.identifiers,
        links=_united(known.links, other.links),
        categories=_united(known.categories, other.categories),
        listed=_later(known.listed, other.listed),
        details=replace(known.details, **details, version=version),
        origins={field: each for field, each in origins.items() if each != source},
    )


def origin(paper: Paper | PaperDraft, field: str) -> str:
    """Return the source that a field's value comes from."""
    return paper.origins.get(field, paper.source)


def _fields(paper: Paper | PaperDraft) -> dict[str, Any]:
    own = {field: getattr(paper, field) for field in _PAPER_FIELDS}
    return own | {field: getattr(paper.details, field) for field in _DETAIL_FIELDS}


def _has_value(value: object) -> bool:
    return bool(value) and value is not Standing.GOOD


def _replaces(field: str, mine: object, theirs: object, by: str, other: str, *, revised: bool) -> bool:
    """Whether the value `theirs`, given by `other`, replaces `mine`, given by `by`.

    `revised`: both come from one source, and `theirs` from a later version. It wins even if it is shorter.
    """
    if SAMPLE in {by, other} and by != other:
        # A sample's text is our own. It must not stand for a paper that a real source describes.
        return by == SAMPLE
    if not _has_value(theirs):
        # An empty value replaces nothing. But a source may take back that it called the paper withdrawn.
        return theirs is Standing.GOOD and by == other
    if not _has_value(mine):
        return True
    if OPERATOR in {by, other}:
        return other == OPERATOR
    # A source's title in another case or punctuation is no change.
    if field == "title" and by == other and title_key(str(mine)) == title_key(str(theirs)):
        return False
    return _outweighs(field, mine, theirs, by, other, revised=revised)


def _outweighs(field: str, mine: object, theirs: object, by: str, other: str, *, revised: bool) -> bool:
    """Decide between two values, neither of which is empty."""
    equals = _rank(field, other) == _rank(field, by)
    if not revised and (by == other or not _any_below_files(by, other)):
        if poorer(field, theirs, other, mine, equals=equals):
            return False
        if poorer(field, mine, by, theirs, equals=equals):
            return True
    return equals or _rank(field, other) < _rank(field, by)


def _rank(field: str, source: str) -> tuple[float, int]:
    """Return a source's place in a field's order; the lowest wins."""
    info = source_info(source)
    return info.field_precedence.get(field, inf), info.precedence


def _any_below_files(*sources: str) -> bool:
    """Whether a source ranks below imported files. Then the rank decides, not which value is fuller."""
    return any(source_info(each).precedence > UNRANKED for each in sources)


def order_of(field: str = "") -> tuple[str, ...]:
    """Return the sources in the order in which a field prefers them; `*` is every source that has no rank.

    Where a field has an order of its own, only the sources that rank themselves in it are named.
    """
    infos = list(registered_sources())
    own = {each.name: each.field_precedence[field] for each in infos if field in each.field_precedence}
    usual = {each.name: each.precedence for each in infos if each.precedence != UNRANKED} | {"*": UNRANKED}
    ranks = own or usual
    return tuple(sorted(ranks, key=lambda name: ranks[name]))


def _contradict(some: frozenset[Identifier], others: frozenset[Identifier]) -> bool:
    """Whether both sides have identifiers of one scheme, but none of that scheme in common."""
    schemes = {name.scheme for name in some} & {name.scheme for name in others}
    shared = {name.scheme for name in some & others}
    return bool(schemes - shared)


def _is_other_work(one: PaperDraft, other: Paper) -> bool:
    """Whether authors or years show that two papers with one title are different works."""
    years = [each.published.year for each in (one, other) if each.published is not None]
    apart = max(years) - min(years) if len(years) == 2 else 0
    if not (one.authors and other.authors):
        return apart > _MAX_YEARS_APART_IF_AUTHORS_UNKNOWN
    return apart > _MAX_YEARS_APART or not family_names(one.authors) & family_names(other.authors)


def _titles_differ(one: str, other: str) -> bool:
    """Whether two titles are clearly different.

    They are not if one has only another spelling or a subtitle. In different scripts we can't tell.
    """
    keys = title_key(one), title_key(other)
    if (
        not all(keys)
        or subtitled(one, other)
        or subtitled(other, one)
        or _is_latin(one) is not _is_latin(other)
    ):
        return False
    return SequenceMatcher(None, *keys, autojunk=False).ratio() < _MIN_SIMILARITY


def _is_latin(title: str) -> bool:
    """Whether at least half of a title's letters are Latin."""
    letters = [char for char in title if char.isalpha()]
    return 2 * sum(unicodedata.name(char, "").startswith("LATIN") for char in letters) >= len(letters)


def family_names(authors: Iterable[str]) -> set[str]:
    """Return every word that may be a family name: the first of each name, as in Chinese, and the last."""
    words = [author.replace(",", " ").split() for author in authors]
    return {without_accents(word) for name in words if name for word in (name[0], name[-1])}


def _united(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *others)))


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def changed_fields(before: Paper, after: Paper) -> tuple[str, ...]:
    """Return the fields that changed, as people call them; `source` if no other field did."""
    one, other = ({**_fields(each), **_united_fields(each)} for each in (before, after))
    changed = tuple(_LABELS.get(field, field) for field in one if one[field] != other[field])
    return changed or ("source",)


def _united_fields(paper: Paper) -> dict[str, Any]:
    fields = ("identifiers", "links", "categories", "listed")
    return {field: getattr(paper, field) for field in fields} | {"version": paper.details.version}


def changes(before: Paper, after: Paper) -> tuple[News, ...]:
    """Return what readers should hear of: a new version, a withdrawal or a retraction."""
    version, standing = after.details.version, after.details.standing
    if standing is not Standing.GOOD and standing is not before.details.standing:
        return (News(after.id, Change(standing.value), version),)
    if 0 < before.details.version < version and standing is Standing.GOOD:
        return (News(after.id, Change.VERSION, version),)
    return ()
