"""What each record of a source said of a paper, and papers that are made anew of that.

A source's record, such as an entry of a bibliography, is known again by its name, so that its new version
takes the old one's place, and another record that was merged into the same paper stands beside it.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import reduce
from typing import Any

from bot.domain.errors import UserError
from bot.domain.identifiers import Identifier, title_key
from bot.domain.merging import merged, origin
from bot.domain.paper import Details, Paper, PaperDraft
from bot.domain.source import Description, source_info

OPERATORS_WORD = "operator"
"""The name of the record in which all stands that the operator has said of a paper."""
MOST_RECORDS = 50
"""Of more than so many records of one source in one paper, the oldest is no longer kept."""
_ADD_UP = ("identifiers", "links", "categories", "listed")
_NOT_SAID = frozenset({"source", "details", "origins", "references", *_ADD_UP})
NOTHING_KEPT = (
    "is from before what sources say was kept. Take it in again, with `import`, `fetch` or `ingest`, and its "
    "text is kept; or put this paper right with `paperclub papers edit`."
)


@dataclass(frozen=True, slots=True)
class Split:
    """One paper as the two that it is to become."""

    before: Paper
    old: Paper
    """What keeps the number."""
    new: Paper
    """What gets a number of its own; until then it has the old one's."""
    taken: tuple[Description, ...]
    shared: Mapping[Identifier, bool] = field(hash=False)
    """The names that descriptions on both sides tell, and whether each goes to the new one."""


def record_name(draft: PaperDraft) -> str:
    """Name the record that a draft is of: by its identifiers, title, year, first author and venue.

    By identifiers alone two records would be one where one has the other's identifier by mistake.
    """
    names = sorted(map(str, draft.identifiers))
    heading = () if names and source_info(draft.source).identifies else _heading(draft)
    return hashlib.blake2b(repr((draft.source, names, heading)).encode(), digest_size=16).hexdigest()


def replaces(draft: PaperDraft, before: PaperDraft) -> bool:
    """Whether a draft is a new version of a record of the same source, with names that were added or lost."""
    names, others = draft.identifiers, before.identifiers
    if bool(names) != bool(others) or not (names <= others or others <= names):
        return False
    return (bool(names) and source_info(draft.source).identifies) or _heading(draft) == _heading(before)


def _heading(draft: PaperDraft) -> tuple[str, int, str, str]:
    year = draft.published.year if draft.published else 0
    # A title of signs alone has no key, and is none but itself.
    title = title_key(draft.title) or draft.title
    author = title_key(draft.authors[0]) if draft.authors else ""
    return title, year, author, title_key(draft.details.venue)


def likeness(draft: PaperDraft, paper: Paper) -> tuple[bool, int, bool, int, bool, int]:
    """How much a paper looks like what a draft is about, to be compared with other papers."""
    same_year = draft.published and paper.published and draft.published.year == paper.published.year
    venue = title_key(draft.details.venue)
    return (
        title_key(draft.title) == title_key(paper.title),
        len(draft.identifiers & paper.identifiers),
        bool(same_year),
        len({title_key(each) for each in draft.authors} & {title_key(each) for each in paper.authors}),
        bool(venue) and venue == title_key(paper.details.venue),
        -paper.id,
    )


def split(
    paper: Paper, said: Sequence[Description], take: Collection[int], given: Collection[Identifier] = ()
) -> Split:
    """Part a paper: the descriptions of these numbers, counted from 1, become a paper of their own.

    Names go where the descriptions that tell them go. One that both sides tell stays, unless it is `given`.

    Raises:
        UserError: there are no such descriptions, or no paper can be made of one side.

    """
    taken, rest = _parted(said, take)
    theirs, ours = _names(taken), _names(rest)
    shared = {name: name in given for name in sorted(theirs & ours & paper.identifiers)}
    for name in given:
        if name not in shared:
            raise UserError(
                f"{name} is not told on both sides of the split, so that there is nothing to decide."
            )
    gone = (theirs - ours) | {name for name, goes in shared.items() if goes}
    moved = paper.identifiers & gone
    new = replace(rebuilt(paper, taken), identifiers=moved)
    old = replace(
        rebuilt(paper, rest),
        identifiers=paper.identifiers - moved,
        links=_without(paper.links, _values(taken, "links"), _values(rest, "links")),
        categories=_without(paper.categories, _values(taken, "categories"), _values(rest, "categories")),
    )
    return Split(paper, old, new, taken, shared)


def _parted(
    said: Sequence[Description], take: Collection[int]
) -> tuple[tuple[Description, ...], tuple[Description, ...]]:
    if not take:
        raise UserError("Say which descriptions make the other paper, such as --take 2,3.")
    for number in take:
        if not 1 <= number <= len(said):
            raise UserError(f"There is no description {number}. `paperclub papers show` numbers them.")
        if said[number - 1].draft is None:
            raise UserError(f"Description {number} {NOTHING_KEPT}")
    if len(set(take)) == len(said):
        raise UserError("Nothing would be left of the paper. Take some of its descriptions, and not all.")
    taken = tuple(each for number, each in enumerate(said, start=1) if number in take)
    return taken, tuple(each for number, each in enumerate(said, start=1) if number not in take)


def rebuilt(paper: Paper, said: Sequence[Description]) -> Paper:
    """Make a paper anew of its descriptions; its number, its owner and when it was added stay.

    What the paper shows of sources of whose descriptions no text was kept stays as well.

    Raises:
        UserError: none of them has a title.

    """
    drafts = [each.draft for each in sorted(said, key=lambda each: each.seen) if each.draft is not None]
    lost = {each.source for each in said if each.draft is None}
    if lost:
        drafts.insert(0, _shown_of(paper, lost))
    drafts.sort(key=lambda draft: not draft.title)
    if not drafts or not drafts[0].title:
        part = "what is left of the paper" if lost else "one side of the split"
        why = f"The description that its title was from {NOTHING_KEPT}" if lost else "Take others."
        raise UserError(f"There would be no title for {part}. {why}")
    blank = Paper(paper.id, "", "", drafts[0].source, paper.added, team_id=paper.team_id)
    return reduce(merged, drafts, blank)


def _shown_of(paper: Paper, sources: Collection[str]) -> PaperDraft:
    """What a paper shows of some sources, as one draft."""

    def kept(name: str, value: Any, empty: Any) -> Any:
        return value if origin(paper, name) in sources else empty

    blank = PaperDraft("", "", next(iter(sorted(sources))), listed=paper.listed)
    own = {
        each.name: kept(each.name, getattr(paper, each.name), getattr(blank, each.name))
        for each in fields(PaperDraft)
        if each.name not in _NOT_SAID
    }
    details = {
        each.name: kept(each.name, getattr(paper.details, each.name), each.default)
        for each in fields(Details)
    }
    details["version"] = paper.details.version
    origins = {name: origin(paper, name) for name in (*own, *details) if origin(paper, name) in sources}
    return replace(blank, **own, details=Details(**details), origins=origins)


def _names(said: Iterable[Description]) -> frozenset[Identifier]:
    return frozenset(_values(said, "identifiers"))


def _values(said: Iterable[Description], name: str) -> list[Any]:
    return [value for each in said if each.draft is not None for value in getattr(each.draft, name)]


def _without(values: tuple[str, ...], taken: Collection[str], kept: Collection[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value not in taken or value in kept)


def joined(kept: Paper, gone: Paper) -> Paper:
    """Two papers as one; where neither's source is the better, the word of the one that stays stands."""
    both = merged(gone, kept)
    links = tuple(dict.fromkeys((*kept.links, *gone.links)))
    categories = tuple(dict.fromkeys((*kept.categories, *gone.categories)))
    return replace(both, id=kept.id, added=kept.added, links=links, categories=categories)


def amended(before: PaperDraft | None, word: PaperDraft, dropped: Collection[Identifier] = ()) -> PaperDraft:
    """All that the operator has said of a paper, with what is said now in the place of what was."""
    if before is None:
        return word
    said = {
        name: value
        for name in ("title", "abstract", "authors", "published")
        if (value := getattr(word, name))
    }
    return replace(before, **said, identifiers=(before.identifiers - set(dropped)) | word.identifiers)
