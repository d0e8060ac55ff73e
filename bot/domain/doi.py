"""Finds where a DOI ends in running text: keeps its whole suffix and drops what surrounds it."""

import re
from urllib.parse import unquote

from bot.domain.identifier_tables import DOI_ENDINGS, DOI_TAILS, SUFFIX_PARTS

# Wiley, the AMS and others use a SICI as the suffix of a DOI: 49:8<693::AID-ASI4>3.0.CO;2-O. This is the part
# in angle brackets.
_IN_ANGLE_BRACKETS = r"<[a-z]{0,2}\d+[a-z]?:[^<>\s\"|]{0,60}>"
CHARACTERS = rf"(?:{_IN_ANGLE_BRACKETS}|[!\#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~\u00c0-\u024f\u0370-\u052f])"
"""What a DOI or a web address may consist of.

Chinese, Thai and the like put no space behind a DOI. So their letters are left out, and end it.
"""
STOPS = (
    r"\]\(|[,;](?:10\.\d|https?:|doi:|arxiv:)|'(?![a-z0-9])|'s\b|\*\*|~~|&(?:quot|lt|gt|nbsp);|;jsessionid="
)
"""What ends a DOI or a web address: Markdown, quotes, HTML entities, a session id, the next one of a list."""
PREFIX = r"10\.\d{4,9}(?:\.\d{1,9})*(?:/|%2f)"
_DOI = re.compile(rf"(?P<prefix>10\.[\d.]+)/(?P<suffix>(?:(?!{STOPS}){CHARACTERS}){{1,300}})", re.IGNORECASE)
_SICI = re.compile(
    rf".*?(?:{_IN_ANGLE_BRACKETS}|\[[^\[\]\s]{{1,60}}:[^\[\]\s]{{1,60}}\])\d+\.\d+\.[a-z]{{2}};\d(?:-[\w#])?",
    re.IGNORECASE,
)
_TAIL = re.compile(rf"/(?:{DOI_TAILS})(?:[./?\#;].*)?$", re.IGNORECASE)
_ENDING = re.compile(DOI_ENDINGS, re.IGNORECASE)
_QUERY = re.compile(r"[?&][a-z_.]+=.*", re.IGNORECASE)
# Hosts of Silverchair, such as academic.oup.com, append it: /article/doi/10.1093/bib/bbaa1/5700000.
_ARTICLE_NUMBER = re.compile(r"(?<=[^/])/\d{3,}(?:/.*)?$")
_FOOTNOTE = re.compile(r"\[\d{1,3}\]$")
_PREPRINT_VERSION = re.compile(r"(10\.(?:1101|64898)/[\d.]+\d)v\d+\b.*")
_CLOSING_MARKS = ".,;:!?*_'`~&=#"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_MAX_DECODINGS = 3


def doi_at_start(text: str, *, at_publisher: bool = False, paged: bool = False) -> str:
    """Return the DOI at the start of the text, in lower case; empty if there is none.

    `at_publisher`: the text is from a publisher's web address, which may end with `.pdf` and the like.
    `paged`: the host appends its own article number to the DOI.
    """
    found = _DOI.match(_decoded(text))
    if found is None:
        return ""
    prefix, suffix = found["prefix"], found["suffix"]
    sici = _SICI.match(suffix)
    if sici is not None:
        return f"{prefix}/{sici[0]}".lower()
    suffix = _FOOTNOTE.sub("", _without_unclosed(within_brackets(suffix)))
    parts = SUFFIX_PARTS.get(prefix)
    if parts is not None:
        suffix = re.split(r"[?#&]", "/".join(suffix.split("/")[:parts]))[0]
    elif paged:
        suffix = _ARTICLE_NUMBER.sub("", suffix)
    suffix = _without_tails(_QUERY.sub("", suffix).rstrip("/"))
    suffix = without_closing_marks(suffix)
    if at_publisher or parts is not None:
        suffix = _ENDING.sub("", suffix)
    suffix = without_closing_marks(suffix).rstrip("/")
    return _PREPRINT_VERSION.sub(r"\1", f"{prefix}/{suffix}".lower()) if suffix else ""


def within_brackets(text: str) -> str:
    """Cut the text before the first closing bracket that has no opening bracket in the text."""
    opened = ""
    for place, char in enumerate(text):
        if char in _PAIRS.values():
            opened += char
        elif char in _PAIRS:
            if not opened.endswith(_PAIRS[char]):
                return text[:place]
            opened = opened[:-1]
    return text


def without_closing_marks(text: str) -> str:
    """Remove punctuation behind a DOI or an address. It belongs to the sentence around it."""
    return text.rstrip(_CLOSING_MARKS)


def _without_unclosed(suffix: str) -> str:
    """Cut a suffix before the first opening bracket that is never closed."""
    opened: list[int] = []
    for place, char in enumerate(suffix):
        if char in _PAIRS.values():
            opened.append(place)
        elif char in _PAIRS and opened:
            opened.pop()
    return suffix[: opened[0]] if opened else suffix


def _decoded(text: str) -> str:
    # Links that are shared several times come percent-encoded several times.
    for _ in range(_MAX_DECODINGS):
        plain = unquote(text)
        if plain == text:
            break
        text = plain
    return text


def _without_tails(suffix: str) -> str:
    while (shorter := _TAIL.sub("", suffix)) != suffix:
        suffix = shorter.rstrip("/")
    return suffix
