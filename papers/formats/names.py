"""People's names, as reference managers, catalogues and publishers write them."""

import re

_SUFFIX = re.compile(r"(?:jr|sr|[ivx]{2,4}|ph\.?\s?d|m\.?d|esq)\.?", re.IGNORECASE)
_COMPANY = re.compile(
    r"(?:inc|ltd|llc|llp|corp|co|gmbh|ag|s\.?a|b\.?v|plc|pty|e\.?v)(?:\.|\b).{0,12}", re.IGNORECASE
)
_HOMONYM = re.compile(r"\s+\d{4}$")
_AFFILIATION = re.compile(r"\s*\([^()]*\)")


def turned(name: str) -> str:
    """Return `Example, Ada` as `Ada Example`, `Example, Jr., Ada` as `Ada Example Jr.`.

    What stands behind a company's comma stays there, and dblp's number for people of one name goes.
    """
    last, *others = [part.strip() for part in _HOMONYM.sub("", name).split(",") if part.strip()] or [""]
    if others and _COMPANY.fullmatch(others[-1]):
        return ", ".join([last, *others])
    if len(others) == 1 and _SUFFIX.fullmatch(others[0]) and " " in last:
        return f"{last} {others[0]}"
    if len(others) == 2 and _SUFFIX.fullmatch(others[1]):
        others.reverse()
    return " ".join([*others[-1:], last, *others[:-1]]).strip()


def people_in(written: str) -> list[str]:
    """Return the people of one text that has no `and`: `Example A, Other B, Third C` or one turned name."""
    if ";" in written:
        return [turned(part) for part in written.split(";") if part.strip()]
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if len(parts) < 3 or _is_one_person(parts):
        return [turned(written)]
    if len(parts) % 2 == 0 and all(" " not in part for part in parts[::2]):
        return [f"{given} {family}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    return parts


def listed(written: str) -> list[str]:
    """Return the people of a text in which commas part them and none is turned, as arXiv writes it.

    Affiliations in brackets are left out.
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
    """Put the parts of a name together; what is no text is left out."""
    parts = (given, particle, family, suffix)
    return " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())


def _is_one_person(parts: list[str]) -> bool:
    return len(parts) == 3 and bool(
        _SUFFIX.fullmatch(parts[1]) or _SUFFIX.fullmatch(parts[2]) or _COMPANY.fullmatch(parts[-1])
    )
