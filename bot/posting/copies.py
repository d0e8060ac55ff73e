"""Finds papers that a reader would take for one, such as a preprint and its journal version."""

from collections.abc import Iterable, Mapping

from bot.domain.identifiers import title_key
from bot.domain.merging import family_names
from bot.domain.paper import Paper
from bot.domain.separated import SeparatedPapers

CANDIDATES = 0.9
"""Papers whose vectors have a smaller cosine than this are not compared: they are not copies."""
COPIES = 0.98
"""Papers of the same authors with this cosine are copies, whatever their titles."""
SHARED_NAMES = 0.5
"""The least share of the family names of the paper with fewer of them that the other has too."""


def chosen_copies(
    papers: Mapping[int, Paper], pairs: Iterable[tuple[int, int, float]], separated: SeparatedPapers
) -> dict[int, int]:
    """Return for each paper that has copies the one of them to show.

    `pairs` are candidates with their cosine. Of copies an open paper comes first, then the one with more
    identifiers, then the lower number. Papers that the operator has separated are no copies.
    """
    group: dict[int, set[int]] = {}
    for one, other, cosine in pairs:
        if not (one in papers and other in papers) or separated.are_separated(one, other):
            continue
        if _are_copies(papers[one], papers[other], cosine):
            united = group.get(one, {one}) | group.get(other, {other})
            group.update(dict.fromkeys(united, united))
    return {paper_id: min(group[paper_id], key=lambda each: _rank(papers[each])) for paper_id in group}


def _are_copies(one: Paper, other: Paper, cosine: float) -> bool:
    if one.team_id is not None and other.team_id is not None and one.team_id != other.team_id:
        return False
    names = [family_names(each.authors) for each in (one, other)]
    fewer = min(map(len, names))
    if not fewer or len(names[0] & names[1]) < SHARED_NAMES * fewer:
        return False
    key = title_key(one.title)
    return cosine >= COPIES or (key != "" and key == title_key(other.title))


def _rank(paper: Paper) -> tuple[bool, int, int]:
    return paper.team_id is not None, -len(paper.identifiers), paper.id
