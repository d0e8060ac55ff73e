"""When two descriptions are of one paper, and what they come to together.

Of each field the better source's word stands, and of one source its latest. Where a source says nothing of a
field, a worse one's word is better than none, unless that is a sample's, and a whole value is better than a
part of it, as `bot/domain/richness.py` says. Names, links and categories add up; of the days on which it was
listed the later counts, and of versions the higher.
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

_ITS_OWN = ("title", "abstract", "authors", "published", "submitted_by", "upvotes")
_IN_DETAILS = tuple(name for name in Details.__dataclass_fields__ if name != "version")
_YEARS_APART = 6
"""A preprint and its journal's version lie closer together than this."""
_YEARS_APART_UNSIGNED = 2
"""As above, where authors are not known on both sides."""
_ONE_TITLE = 0.9
"""How much alike titles are, from 0 to 1, that differ by a slip of the pen or two."""
_IN_WORDS = {
    "published": "date",
    "submitted_by": "submitter",
    "upvotes": "up-votes",
    "listed": "listing day",
    "tldr": "TLDR",
}
"""How fields are called to people, where it is not by their names."""
_WRITTEN_BY_AUTHORS = frozenset({"title", "abstract", "authors", "standing"})
"""What changes with a paper's version."""


def same_papers(draft: PaperDraft, candidates: Iterable[Paper]) -> list[Paper]:
    """Those that the draft is about, the lowest number first.

    They share an identifier with it, or else its title, unless an identifier, the authors or the years
    contradict: many a "Preface" is another one.
    """
    ordered = sorted(candidates, key=lambda paper: paper.id)
    same = [paper for paper in ordered if paper.identifiers & draft.identifiers]
    names = draft.identifiers.union(*(paper.identifiers for paper in same))
    key = title_key(draft.title)
    for paper in ordered:
        if paper in same or not key or title_key(paper.title) != key:
            continue
        if not (_contradict(paper.identifiers, names) or _others_work(draft, paper)):
            same.append(paper)
            names |= paper.identifiers
    return sorted(same, key=lambda paper: paper.id)


def contradicted(draft: PaperDraft, candidates: Iterable[Paper]) -> list[Paper]:
    """Those with an identifier of the draft that are clearly another work: by title, and authors or years."""
    return [
        paper
        for paper in sorted(candidates, key=lambda paper: paper.id)
        if paper.identifiers & draft.identifiers
        and not _renames(draft, paper)
        and _other_title(draft.title, paper.title)
        and _others_work(draft, paper)
    ]


def _renames(draft: PaperDraft, paper: Paper) -> bool:
    """Whether a source that answers by identifier gives its own paper, or the operator's, a new title."""
    answers = draft.source == OPERATOR or source_info(draft.source).identifies
    return answers and origin(paper, "title") in {draft.source, OPERATOR}


def merged(known: Paper, other: Paper | PaperDraft) -> Paper:
    """What is known of a paper with another description of it taken in."""
    mine, theirs = _fields(known), _fields(other)
    outdated = 0 < other.details.version < known.details.version
    revised = 0 < known.details.version < other.details.version
    taken = set()
    for field in mine:
        by_authors = field in _WRITTEN_BY_AUTHORS
        by = origin(known, field), origin(other, field)
        anew = revised and by_authors and by[0] == by[1]
        if not (outdated and by_authors) and _replaces(field, mine[field], theirs[field], *by, anew=anew):
            taken.add(field)
    values = {field: theirs[field] if field in taken else mine[field] for field in mine}
    said = (field for field in mine if _says(values[field]))
    origins = {field: origin(other if field in taken else known, field) for field in said}
    source = origins["title"]
    details = {field: values.pop(field) for field in _IN_DETAILS}
    version = max(known.details.version, other.details.version)
    return replace(
        known,
        **values,
        source=source,
        identifiers=known.identifiers | other.identifiers,
        links=_together(known.links, other.links),
        categories=_together(known.categories, other.categories),
        listed=_later(known.listed, other.listed),
        details=replace(known.details, **details, version=version),
        origins={field: each for field, each in origins.items() if each != source},
    )


def origin(paper: Paper | PaperDraft, field: str) -> str:
    """Whose word a field is."""
    return paper.origins.get(field, paper.source)


def _fields(paper: Paper | PaperDraft) -> dict[str, Any]:
    own = {field: getattr(paper, field) for field in _ITS_OWN}
    return own | {field: getattr(paper.details, field) for field in _IN_DETAILS}


def _says(value: object) -> bool:
    return bool(value) and value is not Standing.GOOD


def _replaces(field: str, mine: object, theirs: object, by: str, other: str, *, anew: bool) -> bool:
    """Whether another's word takes the place of what is known.

    `anew` says that it is of the same source's later version, which may as well be shorter.
    """
    if SAMPLE in {by, other} and by != other:
        # Our own words are better than nothing only while nobody else tells of the paper.
        return by == SAMPLE
    if not _says(theirs):
        return theirs is Standing.GOOD and by == other
    if not _says(mine):
        return True
    if OPERATOR in {by, other}:
        return other == OPERATOR
    if field == "title" and by == other and title_key(str(mine)) == title_key(str(theirs)):
        return False
    return _outweighs(field, mine, theirs, by, other, anew=anew)


def _outweighs(field: str, mine: object, theirs: object, by: str, other: str, *, anew: bool) -> bool:
    """Whether another source's word is to be preferred, both saying something."""
    equals = _rank(field, other) == _rank(field, by)
    if not anew and (by == other or not _give_way(by, other)):
        if poorer(field, theirs, other, mine, equals=equals):
            return False
        if poorer(field, mine, by, theirs, equals=equals):
            return True
    return equals or _rank(field, other) < _rank(field, by)


def _rank(field: str, source: str) -> tuple[float, int]:
    """Return a source's place in a field's order; the lowest wins."""
    info = source_info(source)
    return info.field_precedence.get(field, inf), info.precedence


def _give_way(*sources: str) -> bool:
    """Whether one of the sources loses to any imported file, however much it says."""
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
    """Whether a scheme that names both gives them no name in common."""
    schemes = {name.scheme for name in some} & {name.scheme for name in others}
    shared = {name.scheme for name in some & others}
    return bool(schemes - shared)


def _others_work(one: PaperDraft, other: Paper) -> bool:
    """Whether authors or years say that two papers of one title are two works."""
    years = [each.published.year for each in (one, other) if each.published is not None]
    apart = max(years) - min(years) if len(years) == 2 else 0
    if not (one.authors and other.authors):
        return apart > _YEARS_APART_UNSIGNED
    return apart > _YEARS_APART or not _family_names(one.authors) & _family_names(other.authors)


def _other_title(one: str, other: str) -> bool:
    """Whether two titles are not one in another spelling, with a subtitle, or in another script."""
    keys = title_key(one), title_key(other)
    if not all(keys) or subtitled(one, other) or subtitled(other, one) or _latin(one) is not _latin(other):
        return False
    return SequenceMatcher(None, *keys, autojunk=False).ratio() < _ONE_TITLE


def _latin(title: str) -> bool:
    """Whether most of a title's letters are Latin, so that it may be compared with another one that is."""
    letters = [char for char in title if char.isalpha()]
    return 2 * sum(unicodedata.name(char, "").startswith("LATIN") for char in letters) >= len(letters)


def _family_names(authors: Iterable[str]) -> set[str]:
    """What any of the authors may be called by: the first word of a name, as in Chinese, or the last."""
    words = [author.replace(",", " ").split() for author in authors]
    return {without_accents(word) for name in words if name for word in (name[0], name[-1])}


def _together(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *others)))


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def changed_fields(before: Paper, after: Paper) -> tuple[str, ...]:
    """What of a paper is not as it was, in words for people."""
    one, other = ({**_fields(each), **_added_up(each)} for each in (before, after))
    changed = tuple(_IN_WORDS.get(field, field) for field in one if one[field] != other[field])
    return changed or ("source",)


def _added_up(paper: Paper) -> dict[str, Any]:
    fields = ("identifiers", "links", "categories", "listed")
    return {field: getattr(paper, field) for field in fields} | {"version": paper.details.version}


def changes(before: Paper, after: Paper) -> tuple[News, ...]:
    """What has happened to a paper that people should hear of."""
    version, standing = after.details.version, after.details.standing
    if standing is not Standing.GOOD and standing is not before.details.standing:
        return (News(after.id, Change(standing.value), version),)
    if 0 < before.details.version < version and standing is Standing.GOOD:
        return (News(after.id, Change.VERSION, version),)
    return ()
