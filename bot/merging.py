"""When two descriptions are of one paper, and what they come to together."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.identifiers import Identifier, title_key
from bot.models import Paper, PaperDraft

SAMPLE = "sample"
"""The source of texts that were written to try the bot out; any other source's are better."""
LINK = "link"
"""The source of what is known of a paper by its link alone, which stands in its title's place."""
_GIVING_WAY = frozenset({SAMPLE, LINK})


def same_papers(draft: PaperDraft, candidates: Iterable[Paper]) -> list[Paper]:
    """Those that the draft is about, the lowest number first.

    They share an identifier with it, or else its title, unless an identifier contradicts.
    """
    ordered = sorted(candidates, key=lambda paper: paper.id)
    same = [paper for paper in ordered if paper.identifiers & draft.identifiers]
    names = draft.identifiers.union(*(paper.identifiers for paper in same))
    key = title_key(draft.title)
    for paper in ordered:
        if paper in same or not key or title_key(paper.title) != key:
            continue
        if not _contradict(paper.identifiers, names):
            same.append(paper)
            names |= paper.identifiers
    return sorted(same, key=lambda paper: paper.id)


def merged(known: Paper, other: Paper | PaperDraft) -> Paper:
    """What is known of a paper with another description of it taken in."""
    gives_way = other.source in _GIVING_WAY and known.source not in _GIVING_WAY
    better, worse = (known, other) if gives_way else (other, known)
    return replace(
        known,
        title=known.title
        if title_key(known.title) == title_key(other.title)
        else better.title or worse.title,
        abstract=better.abstract or worse.abstract,
        source=other.source if known.source in _GIVING_WAY else known.source,
        authors=better.authors or worse.authors,
        identifiers=known.identifiers | other.identifiers,
        links=_together(known.links, other.links),
        categories=_together(known.categories, other.categories),
        published=better.published or worse.published,
        listed=_later(known.listed, other.listed),
        submitted_by=better.submitted_by or worse.submitted_by,
        upvotes=better.upvotes or worse.upvotes,
    )


def _contradict(some: frozenset[Identifier], others: frozenset[Identifier]) -> bool:
    """Whether a scheme that names both gives them no name in common."""
    schemes = {name.scheme for name in some} & {name.scheme for name in others}
    shared = {name.scheme for name in some & others}
    return bool(schemes - shared)


def _together(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *others)))


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)
