"""Paper identifiers, and how to find them in text and links."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.domain.cleaning import clean_text
from bot.domain.doi import CHARACTERS, PREFIX, STOPS, doi_at_start
from bot.domain.identifier_tables import (
    ACL_ID,
    ARXIV_ID,
    HAL_ID,
    ID_LIST,
    LETTERS,
    LISTS_AT_PUBLISHERS,
    OPENREVIEW_ID,
    PAGES,
    PMLR_ID,
    SHAPES,
    VOLUME_DOI,
    WORD,
    Scheme,
    Shape,
)
from bot.domain.web_links import ADDRESS, address, unmarked

__all__ = [
    "Identifier",
    "Scheme",
    "canonical_link",
    "find_all",
    "names_volume",
    "parse",
    "preferred",
    "title_key",
    "version_in",
]


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name of exactly one paper, normalised (an arXiv id without its version)."""

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def preferred(identifiers: Collection[Identifier]) -> Identifier:
    """Return the one of a paper's identifiers by which most sources know it: its arXiv id, else its DOI."""
    return min(identifiers, key=lambda each: (each.scheme != Scheme.ARXIV, each.scheme != Scheme.DOI, each))


_NAMES = rf"""
    (?<![0-9A-Za-z]) (?=[0-9A-Za-z]) (?:
      (?P<link> (?!{ARXIV_ID}) {ADDRESS} )
    | (?<![{LETTERS}]) arxiv (?:\.org)? \s?:\s? (?P<prefixed>{ARXIV_ID})
    | (?<![{WORD}./-]) (?:dblp:)? journals/corr/ (?P<corr>[\w-]+)
    | (?<![{WORD}.-]) openreview: (?P<openreview>{OPENREVIEW_ID})
    | (?<![{LETTERS}.]) (?P<doi> {PREFIX} (?: (?! {STOPS}) {CHARACTERS} ){{1,300}} )
    | (?<![{WORD}.-]) (?:pmid|pubmed) (?:\s?:\s?|\s) (?P<pmid>[1-9]\d{{0,7}}) (?![\d{WORD}])
    | (?<![{WORD}.-]) (?:pmc(?:id)?\s?:\s?)? pmc(?P<pmc>\d{{3,9}}) (?![{WORD}])
    | (?<![{WORD}.-]) ssrn \s?:\s? (?P<ssrn>\d{{3,9}}) (?![\d{WORD}])
    | (?<![{WORD}.-]) hal: (?P<hal>[a-z][a-z\d]{{1,9}}-\d{{8}}) (?!\d)
    | (?<![{WORD}.-]) (?P<hal_alone>{HAL_ID})
    | (?<![{WORD}.-]) acl: (?P<acl>{ACL_ID})
    | (?<![{WORD}.-]) pmlr: (?P<pmlr>{PMLR_ID})
    | (?<![{WORD}./-]) abs/ (?P<volume>{ARXIV_ID})
    | (?<![{WORD}.$€£+/=:%-]) (?P<bare>{ARXIV_ID}) (?![%€])
    )
    """
_KINDS = {
    **{str(scheme): (scheme, "{}") for scheme in Scheme},
    **dict.fromkeys(("prefixed", "volume", "bare"), (Scheme.ARXIV, "{}")),
    "ssrn": (Scheme.DOI, "10.2139/ssrn.{}"),
    "pmc": (Scheme.PMC, "PMC{}"),
    "hal_alone": (Scheme.HAL, "{}"),
}
"""By pattern group: the scheme of what it matches, and a template for the full identifier."""
_AS_LINKS = {"corr": "https://dblp.org/rec/journals/corr/{}", "acl": "https://aclanthology.org/{}"}
"""Names that are read as the link in which they occur."""
_ONLY_ALONE = frozenset({"volume", "bare"})
"""Groups that are too short to be trusted inside a link."""
_DEEPEST = 4
"""How deep links inside links are followed."""

_ESCAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]"), ""),
    (re.compile(r"[\u2010\u2011]"), "-"),
    (re.compile(r"\{?\\(?:textless|lt)\b(?:\{\})?\s?\}?|\{?\$<\$\}?"), "<"),
    (re.compile(r"\{?\\(?:textgreater|gt)\b(?:\{\})?\s?\}?|\{?\$>\$\}?"), ">"),
    (re.compile(r"\{?\\textunderscore\b(?:\{\})?\s?\}?"), "_"),
    (re.compile(r"\{\\?([_%&#~<>])\}"), r"\1"),
    (re.compile(r"\\([_%&#~<>()\[\]{}*.:;/-])(?:\{\})?"), r"\1"),
    (re.compile(r"&(?:amp|\#38|\#x26);", re.IGNORECASE), "&"),
    (re.compile(r"&(?:lt|\#60|\#x3c);", re.IGNORECASE), "<"),
    (re.compile(r"&(?:gt|\#62|\#x3e);", re.IGNORECASE), ">"),
    (re.compile(r"&(?:quot|apos|\#34|\#39|\#x22|\#x27|nbsp|\#160);", re.IGNORECASE), " "),
)
"""How TeX, web pages and chats encode the characters of an identifier."""
_ESCAPED = re.compile(r"[\\&{$\u00ad\u200b-\u2011\u2060\ufeff]")
_VERSION = re.compile(r"v\d{1,3}$", re.IGNORECASE)
_VERSIONED = re.compile(rf"(?<![\w.-]){ARXIV_ID}", re.IGNORECASE)
_SUBJECT_CLASS = re.compile(r"\.[a-z]{2}/", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."
_ARXIV_AT_START = re.compile(ARXIV_ID, re.IGNORECASE)
_DOI_IN_PATH = re.compile(r"(?<![\w.])10\.\d{4,9}(?:\.\d{1,9})*/")
_LIST_BEFORE = re.compile(LISTS_AT_PUBLISHERS, re.IGNORECASE)
_PAGE_BEHIND = re.compile(r"/(?:[a-z]+-)?(?:article|chapter)(?:-[a-z]+)?/doi/$", re.IGNORECASE)
_RESOLVERS = re.compile(r"(?:www\.|dx\.)?doi\.org")
_LINK_INSIDE = re.compile(r"(?<=.)https?:/{1,2}(?=\w)", re.IGNORECASE)
_CHECK_CHARACTER = re.compile(r"(;\d-)#")
_VOLUME_DOI = re.compile(VOLUME_DOI)
_BEFORE_NAME = re.compile(r"^(?:arxiv\s+)?(?:e-?prints?|preprint)[,:]?\s+(?=arxiv)", re.IGNORECASE)
_BEHIND_ARXIV = re.compile(
    r"(?<=\d)\s*[\[(][a-z-]{2,10}(?:\.[a-z-]{2,20})?[\])](?:,?\s+\d{1,2}\s+[a-z]{3,9}\s+\d{4})?\s*$",
    re.IGNORECASE,
)
_PREFIX_SPACE = re.compile(r"^(arxiv|doi|pmid|pmcid|ssrn|hal)(?:\s+id)?\s*:?\s+(?=\S+$)", re.IGNORECASE)


def find_all(text: str) -> tuple[Identifier, ...]:
    """Return the identifiers in running text, as names or in links, in order, without duplicates."""
    return tuple(dict.fromkeys(_each(_plain(text))))


def parse(text: str) -> Identifier | None:
    """Return the identifier that `text` is; None if it is not exactly one name or link."""
    name = _plain(text).strip()
    name = unmarked(name)
    name = _BEFORE_NAME.sub("", _BEHIND_ARXIV.sub("", name))
    name = _PREFIX_SPACE.sub(r"\1:", name)
    if len(name.split()) != 1:
        return None
    found = find_all(name)
    return found[0] if len(found) == 1 else None


def version_in(text: str) -> int:
    """Return the version of the first arXiv id in the text; 0 if it has none."""
    found = _VERSIONED.search(text)
    version = _VERSION.search(found[0]) if found else None
    return int(version[0][1:]) if version else 0


def canonical_link(identifier: Identifier) -> str:
    """Return the address of the registry's page of the paper."""
    return PAGES[identifier.scheme].format(identifier.value)


def names_volume(identifier: Identifier) -> bool:
    """Whether the identifier is that of a book or a proceedings volume, not of a chapter or paper in it."""
    return identifier.scheme is Scheme.DOI and _VOLUME_DOI.fullmatch(identifier.value) is not None


def title_key(title: str) -> str:
    """Return the title's letters and digits, case-folded, to compare papers that share no identifier.

    A title without letters or digits gives an empty key. It equals no other title, not even the same one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title).casefold())
    return "".join(char for char in folded if char.isalnum())


def _plain(text: str) -> str:
    """Decode the characters that TeX, web pages and chats escape."""
    if _ESCAPED.search(text):
        for pattern, plain in _ESCAPES:
            text = pattern.sub(plain, text)
    return text


@cache
def _names() -> re.Pattern[str]:
    # Compiling takes 30 ms, and a console that starts needs no identifier.
    return re.compile(_NAMES, re.IGNORECASE | re.VERBOSE)


def _each(text: str, depth: int = 0) -> Iterator[Identifier]:
    for match in _names().finditer(text):
        kind, value = str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "link":
            yield from _linked(value, depth)
        elif kind in _AS_LINKS:
            yield from _linked(_AS_LINKS[kind].format(value), depth)
        elif not depth or kind not in _ONLY_ALONE:
            scheme, written = _KINDS[kind]
            found = _normal(scheme, written.format(value))
            if found is not None:
                yield found


def _normal(scheme: Scheme, value: str) -> Identifier | None:
    """Return the normalised identifier; None if the value is not one after all."""
    match scheme:
        case Scheme.DOI:
            return _from_doi(doi_at_start(value))
        case Scheme.ARXIV:
            plain = _SUBJECT_CLASS.sub("/", _VERSION.sub("", value.lower()))
            return Identifier(scheme, plain) if _ARXIV_AT_START.fullmatch(plain) else None
        case Scheme.ACL if value[0].isalpha():
            value = value.upper()
        case Scheme.ACL | Scheme.PMLR | Scheme.HAL:
            value = value.lower()
        case Scheme.PMID:
            value = value.lstrip("0")
    return Identifier(scheme, value) if value else None


def _from_doi(doi: str) -> Identifier | None:
    if not doi.startswith(_ARXIV_DOI):
        return Identifier(Scheme.DOI, doi) if doi else None
    found = _ARXIV_AT_START.match(doi.removeprefix(_ARXIV_DOI))
    return _normal(Scheme.ARXIV, found[0]) if found else None


def _linked(written: str, depth: int) -> Iterator[Identifier]:
    """Find identifiers in a link: by its host's patterns, in a link or DOI inside it, or in its query."""
    if depth > _DEEPEST:
        return
    try:
        parts = urlsplit(_CHECK_CHARACTER.sub(r"\1%23", address(written)))
        host = parts.hostname or ""
    except ValueError:
        return
    path, query = (
        re.sub("/{2,}", "/", clean_text(unquote(parts.path))),
        f"?{parts.query}" if parts.query else "",
    )
    for shape, place in _shapes_at(host):
        if found := place.match(path + query):
            named = _normal(shape.scheme, shape.value.format(**found.groupdict()))
            if named is not None:
                yield named
                return
    # Decode the path only if the link inside is encoded as a whole: its own escapes must survive.
    outer = parts.path if _LINK_INSIDE.search(parts.path) else path
    if inside := _LINK_INSIDE.search(outer):
        yield from _each(outer[inside.start() :] + query, depth + 1)
    elif dois := list(_DOI_IN_PATH.finditer(path)):
        yield from _in_path(path, dois[-1].start(), host)
    else:
        yield from _each(path, depth + 1)
        for name, value in parse_qsl(clean_text(parts.query)):
            if name == ID_LIST:
                yield from _each(value.replace(",", " "), depth and depth + 1)
            else:
                yield from _each(value, depth + 1)


def _in_path(path: str, start: int, host: str) -> Iterator[Identifier]:
    before = path[:start]
    if _LIST_BEFORE.search(before):
        return
    doi = doi_at_start(
        path[start:],
        at_publisher=not _RESOLVERS.fullmatch(host),
        paged=bool(_PAGE_BEHIND.search(before)),
    )
    found = _from_doi(doi)
    if found is not None:
        yield found


@lru_cache(maxsize=1024)
def _shapes_at(host: str) -> tuple[tuple[Shape, re.Pattern[str]], ...]:
    """Return the host's link patterns, also behind a library's proxy."""
    names = _hosts(host)
    there = [shape for shape in SHAPES if any(re.fullmatch(shape.hosts, name) for name in names)]
    return tuple((shape, re.compile(shape.place, re.IGNORECASE)) for shape in there)


def _hosts(host: str) -> set[str]:
    """Return the hosts that a name may stand for: arxiv-org.proxy.example.edu may be arxiv.org."""
    first, *others = labels = host.split(".")
    plain = "-".join(part.replace("-", ".") for part in first.split("--"))
    return {host, plain, *(".".join(labels[:count]) for count in range(2, len(others) + 1))}
