"""What shows in a paper's own identifiers that they are not its own, or that two papers were made one."""

import re
from collections import defaultdict
from collections.abc import Iterable

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, names_volume, parse

# A serial's item id whose part in <…> or […] is missing: everything that appeared in one volume has it.
_CUT_ITEM = re.compile(r"10\.\d+/(?:\((?:sici|asce)\))?\d{4}-?\d{3}[\dx]\(\d{4,8}\)[\d.:]*", re.IGNORECASE)
_VENUE = re.compile(r".{1,8}|[A-Za-z]+[_-][a-z]+")
"""OpenReview's ids of papers have nine characters or more, and are no words."""
_PREPRINT = re.compile(
    r"10\.(?:1101|2139|5281|12688|14293|20944|21203|22541|26434|31219|31222|31234|31235|35542|36227|48550|64898)/"
)
"""Servers of preprints, whose DOI stays beside the journal's."""


def wrong_names(identifiers: Iterable[Identifier]) -> list[str]:
    """Say what is wrong with a paper's identifiers, a few words each; nothing where nothing shows."""
    told = [f"{name} {wrong}" for name in sorted(identifiers) if (wrong := _wrong(name))]
    by_scheme = defaultdict[Scheme, list[str]](list)
    for name in sorted(identifiers):
        if name.scheme is not Scheme.DOI or not _PREPRINT.match(name.value):
            by_scheme[name.scheme].append(str(name))
    return told + [
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
