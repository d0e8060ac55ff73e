"""One paper, many names: identifiers and where they are found in text and links."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from bot.domain.cleaning import clean_text


class Scheme(StrEnum):
    """Who gives the identifier out."""

    ARXIV = "arxiv"
    DOI = "doi"
    OPENREVIEW = "openreview"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name that belongs to one paper alone, in its normal form (arXiv without its version)."""

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


_PAGES = {
    Scheme.ARXIV: "https://arxiv.org/abs/",
    Scheme.OPENREVIEW: "https://openreview.net/forum?id=",
    Scheme.DOI: "https://doi.org/",
}

_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat"
    "|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th"
    "|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_MONTH = r"(?:0[1-9]|1[0-2])"
_SINCE_2015 = rf"(?:1[5-9]|[2-8]\d){_MONTH}\.\d{{5}}"
_2007_TO_2014 = rf"(?:070[4-9]|071[0-2]|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}}"
_UNTIL_2007 = rf"(?:{_ARCHIVES})(?:\.[a-z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}"
_ARXIV_ID = rf"(?:{_SINCE_2015}|{_2007_TO_2014}|{_UNTIL_2007})(?:v\d{{1,3}})?(?!\d|[a-z]|\.\d)"

_ARXIV_HOSTS = (
    r"(?:[a-z0-9-]+\.)*(?:arxiv\.org|ar5iv\.org|alphaxiv\.org|arxiv-vanity\.com)"
    r"|xxx\.(?:[a-z]+\.)+[a-z]{2,3}"
)
_ARXIV_PATHS = "abs|audio|bibtex|e-print|format|html|overview|papers|pdf|ps|resources|src|tb"
_OTHER_HOSTS = (
    r"(?:www\.)?(?:(?:huggingface\.co|hf\.co|hf-mirror\.com)/(?:api/)?papers"
    r"|(?:semanticscholar\.org|scirate\.com)/arxiv)"
)
_NAMES = re.compile(
    rf"""
      (?<![\w.-]) (?: (?:{_ARXIV_HOSTS})(?::\d+)?/(?:[a-z]{{2}}/)?(?:{_ARXIV_PATHS}) | {_OTHER_HOSTS} )
        / (?:arxiv:)? (?P<linked>{_ARXIV_ID})
    | (?<!\w) arxiv (?:\.org)? : \s? (?P<prefixed>{_ARXIV_ID})
    | (?<![\w.-]) openreview (?: \.net/[a-z]+\?(?:[\w=-]+&(?:amp;)?)*? id= | : ) (?P<openreview>[\w-]{{6,40}})
    | (?<![\w.]) (?P<doi> 10\.\d{{4,9}}/
        (?: <\d+::[\w-]+> | (?! \]\( | [,;](?:10\.|http) ) [^\s<>|"] ){{1,300}} )
    | (?<![\w.$€£+/=:%-]) (?P<bare>{_ARXIV_ID}) (?![%€])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_VERSION = re.compile(r"v\d{1,3}$", re.IGNORECASE)
_VERSIONED = re.compile(rf"(?<![\w.-]){_ARXIV_ID}", re.IGNORECASE)
_SUBJECT_CLASS = re.compile(r"\.[a-z]{2}/", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."
_PREPRINT_SERVER_DOI = re.compile(r"(10\.(?:1101|64898)/[\d.]+\d)v\d+\b.*")
_LINK_TAIL = re.compile(
    r"[?#].*|(?:\.full|\.abstract)?\.pdf$|/(?:abstract|epdf|full|full\.html|fulltext|html|meta|pdf)$|/$"
)
_CLOSING_MARKS = ".,;:!?*_'`\"\N{RIGHT SINGLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}»"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_PREFIX_SPACE = re.compile(r"^(arxiv|doi)\s*:?\s+(?=\S+$)", re.IGNORECASE)


def find_all(text: str) -> tuple[Identifier, ...]:
    """Return the papers that running text names, by name or by link, in order and each once."""
    return tuple(dict.fromkeys(_each(text)))


def parse(text: str) -> Identifier | None:
    """Return the one paper that `text` names, or None where it is anything but one name or link."""
    name = _PREFIX_SPACE.sub(r"\1:", text.strip())
    if len(name.split()) != 1:
        return None
    found = find_all(name)
    return found[0] if len(found) == 1 else None


def links_in(text: str) -> tuple[str, ...]:
    """Return the web addresses in running text, in order and each once."""
    found = (_without_closing_marks(match[0]) for match in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(found))


def version_in(text: str) -> int:
    """Return the version that the first arXiv id in a text has with it, 0 where there is none."""
    found = _VERSIONED.search(text)
    version = _VERSION.search(found[0]) if found else None
    return int(version[0][1:]) if version else 0


def canonical_link(identifier: Identifier) -> str:
    """Return the page at which the identifier's giver shows the paper."""
    return _PAGES[identifier.scheme] + identifier.value


def link_key(link: str) -> str | None:
    """Return what links to one page have in common, None where `link` is no http(s) link.

    Scheme, `www.`, the letters' case in the host, a closing slash and a fragment make no difference.
    """
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def title_key(title: str) -> str:
    """Return the letters and digits of a title, by which rows that share no identifier are compared.

    It is empty where a title has neither; such titles are equal to none.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title).casefold())
    return "".join(char for char in folded if char.isalnum())


def _each(text: str) -> Iterator[Identifier]:
    text = re.sub("%2f", "/", text, flags=re.IGNORECASE)
    for match in _NAMES.finditer(text):
        kind, value = match.lastgroup, match[match.lastgroup or 0]
        if kind == "openreview":
            yield Identifier(Scheme.OPENREVIEW, value)
        elif kind == "doi":
            yield from _from_doi(value, linked=_inside_link(text, match.start()))
        else:
            yield _arxiv(value)


def _arxiv(value: str) -> Identifier:
    plain = _VERSION.sub("", value.lower())
    return Identifier(Scheme.ARXIV, _SUBJECT_CLASS.sub("/", plain))


def _from_doi(value: str, *, linked: bool) -> Iterator[Identifier]:
    if linked:
        value = clean_text(_LINK_TAIL.sub("", unquote(value)))
    doi = _PREPRINT_SERVER_DOI.sub(r"\1", _without_closing_marks(value).lower())
    if not doi.startswith(_ARXIV_DOI):
        if not doi.endswith("/"):
            yield Identifier(Scheme.DOI, doi)
    elif re.fullmatch(_ARXIV_ID, doi.removeprefix(_ARXIV_DOI)):
        yield _arxiv(doi.removeprefix(_ARXIV_DOI))


def _inside_link(text: str, position: int) -> bool:
    before = text[max(0, position - 200) : position].rsplit(maxsplit=1)
    return bool(before) and not text[position - 1].isspace() and "/" in before[-1]


def _without_closing_marks(value: str) -> str:
    """Drop punctuation that ends the sentence around a DOI, and brackets that were opened before it."""
    while value:
        last = value[-1]
        unopened = last in _CLOSING and value.count(last) > value.count(_CLOSING[last])
        if not unopened and last not in _CLOSING_MARKS:
            break
        value = value[:-1]
    return value
