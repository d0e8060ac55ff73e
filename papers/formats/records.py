"""From a record, such as a line of JSON holds, to a draft of a paper.

The keys that are understood, the first one filled wins:

- `title`
- `abstract`, `summary`, `text`, `description`
- identifiers: `id`, `_id`, `arxiv_id`, `arxivId`, `arxiv`, `paper_id`, `doi`, `DOI`, `openreview`, `url`,
  `link`, `abs_url`, `pdf_url`, `names` (a list), and `externalIds` as Semantic Scholar has them; what names
  no paper is not used, and no address that contradicts the other keys
- `links` (a list or one text), `url`, `link`, `projectPage`, `project_page`, `githubRepo`, `github`, `code`
- `authors`, `author`: a list of names or of `{"name": …}`, or one text parted by `;` or ` and ` or `,`
- `categories`, `primary_category`: a list, or one text parted by spaces or commas
- `date`, `published`, `publishedAt`, `publicationDate`, `publication_date`, `year`
- `listed`, `submittedOnDailyAt`; `submitted_by`, `submittedBy`, `submittedOnDailyBy`; `upvotes`
- `organization`, `venue`, `journal_ref`, `githubRepo` and its like, `linkedModels`, `ai_keywords`, `keywords`
- `tldr`, `citationCount`; `withdrawnAt` and a `comment` that says so; `is_retracted`

Hugging Face's `{"paper": {…}, …}` is read as one record. A version is read from an arXiv id that has one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.identifiers import Identifier, find_all, parse, version_in
from bot.domain.paper import Details, PaperDraft, Standing
from papers import text

_ABSTRACT = ("abstract", "summary", "text", "description")
_NAMES = ("id", "_id", "arxiv_id", "arxivId", "arxiv", "paper_id", "doi", "DOI", "openreview")
_EXTERNAL = {
    "ArXiv": "{}",
    "DOI": "{}",
    "PubMed": "PMID:{}",
    "PubMedCentral": "PMC{}",
    "ACL": "https://aclanthology.org/{}",
}
"""How Semantic Scholar calls those who give identifiers out, and how these are written in full."""
_PAGES = ("url", "link", "abs_url", "pdf_url")
_CODE = ("githubRepo", "github", "code")
_LINKS = ("links", *_PAGES, "projectPage", "project_page", *_CODE, "openAccessPdf")
_PUBLISHED = ("date", "published", "publishedAt", "publicationDate", "publication_date", "year")
_LISTED = ("listed", "submittedOnDailyAt")
_SUBMITTED_BY = ("submitted_by", "submittedBy", "submittedOnDailyBy")
_DAY = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?:[T ].*)?")
_WITHDRAWN = re.compile(
    r"\b(?:is|was|has been|have been) (?:\w+ )?withdrawn\b(?! from)|\bwithdrawn (?:by|due to|because)\b"
    r"|^withdrawn[.!]?$",
    re.IGNORECASE,
)
_IS_NO_MORE = re.compile(r"this \w+ (?:is|was|has been) (?:\w+ )?withdrawn\b", re.IGNORECASE)
_LONGEST_TITLE = 1_000
_LONGEST_ABSTRACT = 100_000
_LONGEST_WORD = 100
_MOST_MODELS = 20
_MOST_KEYWORDS = 20
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class BadLine:
    """A place in a file that holds no paper that could be taken; `reason` is for people."""

    number: int
    reason: str
    excerpt: str


class Unfit(ValueError):
    """A record lacks what makes a paper; the text says what."""


def bad_line(number: int, reason: str, excerpt: str) -> BadLine:
    """Report a place in a file with as much of it as fits a line."""
    line = " ".join(text.clean_title(excerpt[:400]).split())
    return BadLine(number, reason, line if len(line) <= 80 else line[:79] + "…")


def draft(record: Mapping[str, object], source: str, *, abstract_needed: bool = True) -> PaperDraft:
    """Make a draft of a record's paper.

    Raises:
        Unfit: it has no title or, where one is needed, no abstract.

    """
    record = _unwrapped(record)
    title = text.clean_title(_required(record, ("title",), "title", _LONGEST_TITLE))
    if not any(char.isalnum() for char in title):
        raise Unfit("It has no title.")
    if abstract_needed or _first(record, _ABSTRACT):
        abstract = text.clean_abstract(_required(record, _ABSTRACT, "abstract", _LONGEST_ABSTRACT))
    else:
        abstract = ""
    if abstract_needed and not any(char.isalnum() for char in abstract):
        raise Unfit("It has no abstract.")
    return PaperDraft(
        title=title,
        abstract=abstract,
        source=source,
        authors=_authors(_first(record, ("authors", "author"))),
        identifiers=frozenset(_identifiers(record)),
        links=_links(record, abstract),
        categories=_categories(record),
        published=day(_first(record, _PUBLISHED)),
        listed=day(_first(record, _LISTED)),
        submitted_by=_person(_first(record, _SUBMITTED_BY)) or None,
        upvotes=_count(record.get("upvotes")),
        details=_details(record, abstract),
    )


def drafts(records: Iterable[object], source: str, *, abstract_needed: bool = True) -> list[PaperDraft]:
    """Make drafts of those records that are whole papers, and leave the others out."""
    found = []
    for record in records:
        if isinstance(record, Mapping):
            try:
                found.append(draft(record, source, abstract_needed=abstract_needed))
            except Unfit:
                continue
    return found


def day(value: object) -> date | None:
    """Read a day; of a year or a month alone, its first day."""
    found = _DAY.fullmatch(str(value).strip()) if isinstance(value, (str, int)) else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def _unwrapped(record: Mapping[str, object]) -> Mapping[str, object]:
    inner = record.get("paper")
    if not isinstance(inner, Mapping):
        return record
    filled = {str(key): value for key, value in inner.items() if value}
    return {**{key: value for key, value in record.items() if key != "paper"}, **filled}


def _first(record: Mapping[str, object], keys: Iterable[str]) -> object:
    return next((record[key] for key in keys if record.get(key)), None)


def _required(record: Mapping[str, object], keys: Iterable[str], what: str, longest: int) -> str:
    value = _first(record, keys)
    if value is None:
        raise Unfit(f"It has no {what}.")
    if not isinstance(value, str):
        raise Unfit(f"Its {what} is not text.")
    if len(value) > longest:
        raise Unfit(f"Its {what} is longer than {longest:,} characters.")
    return value


def _identifiers(record: Mapping[str, object]) -> Iterator[Identifier]:
    """Give a paper's own names: what the keys for names hold, and what the address of its page adds."""
    values = [*(record.get(key) for key in _NAMES), *_listed(record.get("names"))]
    external = record.get("externalIds")
    if isinstance(external, Mapping):
        values += [form.format(external[key]) for key, form in _EXTERNAL.items() if external.get(key)]
    own = [found for value in values if isinstance(value, str) and (found := parse(value)) is not None]
    yield from own
    schemes = {name.scheme for name in own}
    for key in _PAGES:
        value = record.get(key)
        found = parse(value) if isinstance(value, str) else None
        # Where it contradicts the paper's name, the address leads to another paper, or to the whole volume.
        if found is not None and found.scheme not in schemes:
            yield found


def _links(record: Mapping[str, object], abstract: str) -> tuple[str, ...]:
    """Return the addresses that name no paper: one that does is its own page or another paper's."""
    found: list[str] = []
    for key in _LINKS:
        value = record.get(key)
        for each in value if isinstance(value, list) else [value]:
            found.extend(_addresses(each))
    found.extend(text.links(abstract))
    return tuple(dict.fromkeys(link for link in found if not find_all(link)))


def _addresses(value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = value.get("url")
    return text.links(value) if isinstance(value, str) else ()


def _details(record: Mapping[str, object], abstract: str) -> Details:
    names = [record[key] for key in (*_NAMES, *_PAGES) if isinstance(record.get(key), str)]
    return Details(
        organisation=_person(record.get("organization")),
        venue=_said(record.get("venue") or record.get("journal_ref")),
        code=next(iter(_addresses(_first(record, _CODE))), ""),
        models=_words(record.get("linkedModels"), "id")[:_MOST_MODELS],
        keywords=_words(_first(record, ("ai_keywords", "keywords")), "name")[:_MOST_KEYWORDS],
        tldr=_said(record.get("tldr")),
        citations=_count(record.get("citationCount")),
        version=max((version_in(str(name)) for name in names), default=0),
        standing=_standing(record, abstract),
    )


def _standing(record: Mapping[str, object], abstract: str) -> Standing:
    if record.get("is_retracted") is True:
        return Standing.RETRACTED
    comment = record.get("comment")
    said = isinstance(comment, str) and _WITHDRAWN.search(comment[:1000])
    gone = said or record.get("withdrawnAt") or _IS_NO_MORE.match(abstract)
    return Standing.WITHDRAWN if gone else Standing.GOOD


def _said(value: object) -> str:
    """Return a text, given as it is or as `{"text": …}`, in one line."""
    if isinstance(value, Mapping):
        value = value.get("text")
    return text.clean_title(value) if isinstance(value, str) and len(value) <= _LONGEST_TITLE else ""


def _words(value: object, key: str) -> tuple[str, ...]:
    """Return a list's short texts, each given as it is or under a key."""
    each = [part.get(key) if isinstance(part, Mapping) else part for part in _listed(value)]
    words = (text.clean_title(part) for part in each if isinstance(part, str) and len(part) <= _LONGEST_WORD)
    return tuple(dict.fromkeys(filter(None, words)))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _authors(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r";|\s+and\s+" if re.search(r";|\sand\s", value) else ",", value)
    if not isinstance(value, list):
        return ()
    return tuple(name for name in map(_person, value) if name)


def _person(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("fullname") or value.get("name")
    return text.clean_title(value) if isinstance(value, str) else ""


def _categories(record: Mapping[str, object]) -> tuple[str, ...]:
    value = _first(record, ("categories", "primary_category"))
    return _words(re.split(r"[\s,;]+", value) if isinstance(value, str) else value, "term")


def _count(value: object) -> int:
    return min(value, _MOST) if isinstance(value, int) and value > 0 and value is not True else 0
