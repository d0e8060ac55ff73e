"""Parses people's names as reference managers, catalogues and publishers write them."""

import re

_SUFFIX = re.compile(r"(?:jr|sr|[ivx]{2,4}|ph\.?\s?d|m\.?d|esq)\.?", re.IGNORECASE)
_COMPANY = re.compile(
    r"(?:inc|ltd|llc|llp|corp|co|gmbh|ag|s\.?a|b\.?v|plc|pty|e\.?v)(?:\.|\b).{0,12}", re.IGNORECASE
)
_HOMONYM = re.compile(r"\s+\d{4}$")
_AFFILIATION = re.compile(r"\s*\([^()]*\)")


def given_name_first(name: str) -> str:
    """Return `Example, Ada` as `Ada Example`, and `Example, Jr., Ada` as `Ada Example Jr.`.

    A company's `, Inc.` stays in place. The number that dblp adds to people of one name is dropped.
    """
    last, *others = [part.strip() for part in _HOMONYM.sub("", name).split(",") if part.strip()] or [""]
    if others and _COMPANY.fullmatch(others[-1]):
        return ", ".join([last, *others])
    if len(others) == 1 and _SUFFIX.fullmatch(others[0]) and " " in last:
        return f"{last} {others[0]}"
    if len(others) == 2 and _SUFFIX.fullmatch(others[1]):
        others.reverse()
    return " ".join([*others[-1:], last, *others[:-1]]).strip()


def split_people(written: str) -> list[str]:
    """Return the names in a text without `and`: `Example A, Other B, Third C`, or one `Example, Ada`."""
    if ";" in written:
        return [given_name_first(part) for part in written.split(";") if part.strip()]
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if len(parts) < 3 or _is_one_person(parts):
        return [given_name_first(written)]
    if len(parts) % 2 == 0 and all(" " not in part for part in parts[::2]):
        return [f"{given} {family}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    return parts


def split_list(written: str) -> list[str]:
    """Return the names in a list that is separated by commas and has given names first, as arXiv's.

    Affiliations in brackets are dropped.
    """
    plain, before = written, ""
    while plain != before:
        plain, before = _AFFILIATION.sub("", plain), plain
    people: list[str] = []
    for part in re.split(r",\s*(?:and\s+)?|\s+and\s+|;|(?<=ollaboration):", plain):
        if people and _SUFFIX.fullmatch(part.strip()):
            people[-1] += f" {part.strip()}"
        elif part.strip() and part.strip().lower() not in {"et al", "et al.", "others"}:
            people.append(part.strip())
    return people


def joined(given: object, family: object, particle: object = "", suffix: object = "") -> str:
    """Join the parts of a name. Parts that are no text are left out."""
    parts = (given, particle, family, suffix)
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())


def _is_one_person(parts: list[str]) -> bool:
    return len(parts) == 3 and bool(
        _SUFFIX.fullmatch(parts[1]) or _SUFFIX.fullmatch(parts[2]) or _COMPANY.fullmatch(parts[-1])
    )
