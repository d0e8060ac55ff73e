"""Converts a record, such as a JSON object, to a draft of a paper.

The known keys, of which the first that is not empty wins:

- `title`
- `abstract`, `summary`, `text`, `description`
- identifiers: `id`, `_id`, `arxiv_id`, `arxivId`, `arxiv`, `paper_id`, `doi`, `DOI`, `openreview`, `url`,
  `link`, `abs_url`, `pdf_url`, `names` (a list), and `externalIds` as at Semantic Scholar. A value that is no
  identifier is ignored, and so is a URL that contradicts the other keys
- `references`: a list of identifiers
- `links` (a list or one text), `url`, `link`, `projectPage`, `project_page`, `githubRepo`, `github`, `code`
- `authors`, `author`: a list of names or of `{"name": …}`, or one text with `;`, ` and ` or `,` between them
- `categories`, `primary_category`: a list, or one text with spaces or commas between them
- `date`, `published`, `publishedAt`, `publicationDate`, `publication_date`, `year`
- `listed`, `submittedOnDailyAt`; `submitted_by`, `submittedBy`, `submittedOnDailyBy`; `upvotes`
- `organization`, `venue`, `journal_ref`, `githubRepo` and its like, `linkedModels`, `ai_keywords`, `keywords`
- `tldr`, `citationCount`; `withdrawnAt` and a `comment` that says so; `is_retracted`

Hugging Face's `{"paper": {…}, …}` is one record. The version is that of an arXiv id with one.
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
"""Semantic Scholar's keys for identifiers, and the full form of each."""
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
_MOST_LINKED = 20
_MOST_KEYWORDS = 20
_MOST_REFERENCES = 1_000
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a file that is no usable paper; `reason` is for people."""

    number: int
    reason: str
    excerpt: str


class Incomplete(ValueError):
    """The record is no complete paper; the text says what is missing, for people."""


def bad_line(number: int, reason: str, excerpt: str) -> BadLine:
    """Return a BadLine with an excerpt of at most 80 characters."""
    line = " ".join(text.clean_title(excerpt[:400]).split())
    return BadLine(number, reason, line if len(line) <= 80 else line[:79] + "…")


def draft(record: Mapping[str, object], source: str, *, abstract_needed: bool = True) -> PaperDraft:
    """Return the draft of a record.

    Raises:
        Incomplete: it has no title, or no abstract although one is needed.

    """
    record = _unwrapped(record)
    title = text.clean_title(_required(record, ("title",), "title", _LONGEST_TITLE))
    if not any(char.isalnum() for char in title):
        raise Incomplete("It has no title.")
    if abstract_needed or _first(record, _ABSTRACT):
        abstract = text.clean_abstract(_required(record, _ABSTRACT, "abstract", _LONGEST_ABSTRACT))
    else:
        abstract = ""
    if abstract_needed and not any(char.isalnum() for char in abstract):
        raise Incomplete("It has no abstract.")
    return PaperDraft(
        title=title,
        abstract=abstract,
        source=source,
        authors=_authors(_first(record, ("authors", "author"))),
        identifiers=frozenset(_identifiers(record)),
        references=_references(record),
        links=_links(record, abstract),
        categories=_categories(record),
        published=day(_first(record, _PUBLISHED)),
        listed=day(_first(record, _LISTED)),
        submitted_by=_person(_first(record, _SUBMITTED_BY)) or None,
        upvotes=_count(record.get("upvotes")),
        details=_details(record, abstract),
    )


def drafts(records: Iterable[object], source: str, *, abstract_needed: bool = True) -> list[PaperDraft]:
    """Return the drafts of the complete records, and leave out the others."""
    found = []
    for record in records:
        if isinstance(record, Mapping):
            try:
                found.append(draft(record, source, abstract_needed=abstract_needed))
            except Incomplete:
                continue
    return found


def day(value: object) -> date | None:
    """Parse a date. A year or a month alone means its first day; None if it is no date."""
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
        raise Incomplete(f"It has no {what}.")
    if not isinstance(value, str):
        raise Incomplete(f"Its {what} is not text.")
    if len(value) > longest:
        raise Incomplete(f"Its {what} is longer than {longest:,} characters.")
    return value


def _identifiers(record: Mapping[str, object]) -> Iterator[Identifier]:
    """Yield a paper's own identifiers: those of the identifier keys, and new schemes from its URLs."""
    values = [*(record.get(key) for key in _NAMES), *_as_list(record.get("names"))]
    external = record.get("externalIds")
    if isinstance(external, Mapping):
        values += [form.format(external[key]) for key, form in _EXTERNAL.items() if external.get(key)]
    own = [found for value in values if isinstance(value, str) and (found := parse(value)) is not None]
    yield from own
    schemes = {name.scheme for name in own}
    for key in _PAGES:
        value = record.get(key)
        found = parse(value) if isinstance(value, str) else None
        # With another identifier of the same scheme the URL leads to another paper, or to the whole volume.
        if found is not None and found.scheme not in schemes:
            yield found


def _references(record: Mapping[str, object]) -> frozenset[Identifier]:
    texts = [each for each in _as_list(record.get("references"))[:_MOST_REFERENCES] if isinstance(each, str)]
    return frozenset(found for each in texts if (found := parse(each)) is not None)


def _links(record: Mapping[str, object], abstract: str) -> tuple[str, ...]:
    """Return the links that lead to no paper. One that does is its own page or another paper's."""
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
        venue=_one_line(record.get("venue") or record.get("journal_ref")),
        code=next(iter(_addresses(_first(record, _CODE))), ""),
        models=_linked(record, "linkedModels"),
        datasets=_linked(record, "linkedDatasets"),
        spaces=_linked(record, "linkedSpaces"),
        keywords=_words(_first(record, ("ai_keywords", "keywords")), "name")[:_MOST_KEYWORDS],
        tldr=_one_line(record.get("tldr")),
        citations=_count(record.get("citationCount")),
        version=max((version_in(str(name)) for name in names), default=0),
        standing=_standing(record, abstract),
    )


def _linked(record: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the names of what Hugging Face links with a paper."""
    return _words(record.get(key), "id")[:_MOST_LINKED]


def _standing(record: Mapping[str, object], abstract: str) -> Standing:
    if record.get("is_retracted") is True:
        return Standing.RETRACTED
    comment = record.get("comment")
    in_comment = isinstance(comment, str) and _WITHDRAWN.search(comment[:1000])
    withdrawn = in_comment or record.get("withdrawnAt") or _IS_NO_MORE.match(abstract)
    return Standing.WITHDRAWN if withdrawn else Standing.GOOD


def _one_line(value: object) -> str:
    """Return a text, which may be wrapped as `{"text": …}`, in one line."""
    if isinstance(value, Mapping):
        value = value.get("text")
    return text.clean_title(value) if isinstance(value, str) and len(value) <= _LONGEST_TITLE else ""


def _words(value: object, key: str) -> tuple[str, ...]:
    """Return the short texts of a list, each plain or under `key`."""
    parts = [part.get(key) if isinstance(part, Mapping) else part for part in _as_list(value)]
    words = (text.clean_title(part) for part in parts if isinstance(part, str) and len(part) <= _LONGEST_WORD)
    return tuple(dict.fromkeys(filter(None, words)))


def _as_list(value: object) -> list[object]:
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
