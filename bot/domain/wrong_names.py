"""Finds identifiers that cannot be right: cut ones, venues', and those of two papers that were merged."""

import re
from collections import defaultdict
from collections.abc import Iterable

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, names_volume, parse

# A SICI whose part in <…> or […] was cut: every article of the volume has the rest in common.
_CUT_ITEM = re.compile(r"10\.\d+/(?:\((?:sici|asce)\))?\d{4}-?\d{3}[\dx]\(\d{4,8}\)[\d.:]*", re.IGNORECASE)
_VENUE = re.compile(r".{1,8}|[A-Za-z]+[_-][a-z]+")
"""OpenReview's paper ids have nine characters or more, and are not words. Its venue ids are words."""
_PREPRINT = re.compile(
    r"10\.(?:1101|2139|5281|12688|14293|20944|21203|22541|26434|31219|31222|31234|31235|35542|36227|48550|64898)/"
)
"""Prefixes of preprint servers. A paper may have such a DOI and its journal's."""


def wrong_names(identifiers: Iterable[Identifier]) -> list[str]:
    """Return what is wrong with a paper's identifiers, in a few words each; empty if nothing is."""
    problems = [f"{name} {wrong}" for name in sorted(identifiers) if (wrong := _wrong(name))]
    by_scheme = defaultdict[Scheme, list[str]](list)
    for name in sorted(identifiers):
        if name.scheme is not Scheme.DOI or not _PREPRINT.match(name.value):
            by_scheme[name.scheme].append(str(name))
    return problems + [
        f"{' and '.join(names)} name different papers" for names in by_scheme.values() if len(names) > 1
    ]


def _wrong(name: Identifier) -> str:
    if name.scheme is Scheme.DOI and _CUT_ITEM.fullmatch(name.value):
        return "is cut"
    if name.scheme is Scheme.OPENREVIEW and _VENUE.fullmatch(name.value):
        return "is a venue's name"
    if names_volume(name):
        return "is a whole volume's"
    return "" if parse(str(name)) == name else "is not written as identifiers are"
