"""Papers, and what sources and people say about them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain.identifier_tables import PAGES
from bot.domain.identifiers import Identifier, canonical_link
from bot.domain.vote import TallyCount


def text_hash(title: str, abstract: str) -> str:
    """Return a hash of the paper's text. Embeddings are stored under it, so that equal texts share one."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).hexdigest()


class Standing(StrEnum):
    """Whether a paper was withdrawn or retracted."""

    GOOD = "good"
    WITHDRAWN = "withdrawn"
    """By its authors."""
    RETRACTED = "retracted"
    """By its publisher."""


@dataclass(frozen=True, slots=True)
class Details:
    """What sources say about a paper beyond its text. Empty or 0 means unknown."""

    organisation: str = ""
    venue: str = ""
    code: str = ""
    """The address of its code repository."""
    models: tuple[str, ...] = ()
    """The names of its models on Hugging Face."""
    keywords: tuple[str, ...] = ()
    tldr: str = ""
    """A one-sentence summary written by a source."""
    citations: int = 0
    version: int = 0
    """arXiv's latest version of it, from 1."""
    standing: Standing = Standing.GOOD
    # Digests are made of the repr, so that fields which came later are not in it: see `PaperDraft.digest`.
    datasets: tuple[str, ...] = field(default=(), repr=False)
    """The names of its data sets on Hugging Face."""
    spaces: tuple[str, ...] = field(default=(), repr=False)
    """The names of its Spaces on Hugging Face: demonstrations to try out."""


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """A source's record of a paper, with cleaned text. Storing it creates a paper or updates one."""

    title: str
    abstract: str
    source: str
    authors: tuple[str, ...] = ()
    identifiers: frozenset[Identifier] = frozenset()
    links: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: date | None = None
    listed: date | None = None
    """The day on which the source listed the paper, if it has daily lists."""
    submitted_by: str | None = None
    upvotes: int = 0
    """Up-votes at its source."""
    details: Details = Details()
    origins: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """By field: its source, where that is not `source`. Set when an export of a merged paper is read."""
    references: frozenset[Identifier] = field(default=frozenset(), compare=False, repr=False)
    """What it cites, as far as the source says. It is kept with all citations, not with the paper."""

    @property
    def digest(self) -> str:
        """The name of its content. Databases keep it, so the digest of the same content never changes."""
        said = repr(replace(self, identifiers=frozenset())) + str(sorted(self.identifiers))
        later = self.details.datasets, self.details.spaces
        # Left out where there are none, so that the digests of older drafts stay as they were.
        said += str(later) if any(later) else ""
        return hashlib.blake2b(said.encode(errors="replace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Paper:
    """A stored paper. `id` is the number that people use for it (`#57`)."""

    id: int
    title: str
    abstract: str
    source: str
    added: datetime
    authors: tuple[str, ...] = ()
    identifiers: frozenset[Identifier] = frozenset()
    links: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: date | None = None
    listed: date | None = None
    submitted_by: str | None = None
    upvotes: int = 0
    details: Details = Details()
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)
    """By field: its source, where that is not `source`. The title is always from `source`."""
    team_id: int | None = None
    """The team that added it and alone can see it; None for an open paper."""

    @property
    def text_hash(self) -> str:
        """The hash of its text."""
        return text_hash(self.title, self.abstract)

    @property
    def link(self) -> str | None:
        """The address to read the paper at: by its first identifier in `PAGES` order, else a link."""
        for scheme in PAGES:
            for name in sorted(self.identifiers):
                if name.scheme is scheme:
                    return canonical_link(name)
        return self.links[0] if self.links else None


class Change(StrEnum):
    """A change of a paper that the people who discussed it are told about."""

    VERSION = "version"
    WITHDRAWN = "withdrawn"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class News:
    """A change of a paper. `version` is arXiv's new version of it; 0 if unknown."""

    paper_id: int
    change: Change
    version: int = 0


class Outcome(StrEnum):
    """The result of storing a draft."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Update:
    """What a draft changed in a stored paper. `fields` are named in words for people."""

    paper_id: int
    title: str
    fields: tuple[str, ...] = ()
    absorbed: tuple[int, ...] = ()
    """The ids of papers that were merged into it."""

    def with_more(self, later: "Update") -> "Update":
        """Combine this with a later update of the same paper."""
        fields = tuple(dict.fromkeys((*self.fields, *later.fields)))
        return replace(later, fields=fields, absorbed=(*self.absorbed, *later.absorbed))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A draft with identifiers of another paper. It was stored without them."""

    title: str
    paper_id: int
    identifiers: tuple[Identifier, ...]
    other_title: str
    other_id: int


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of storing a draft: the paper's id, and what to report about it."""

    paper_id: int
    outcome: Outcome
    update: Update | None = None
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """Criteria that a paper must meet. Empty ones match every paper.

    A category without a dot, such as `cs`, includes all of its subcategories.
    `since` and `until` are inclusive days. They are compared with the day on which the paper was published,
    else listed, else added. `discussed_in` and `unread_in` are channel ids.
    """

    categories: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    discussed_in: int | None = None
    unread_in: int | None = None

    @property
    def empty(self) -> bool:
        """Whether every paper meets it."""
        return self == PaperFilter()


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """A paper in a leaderboard, with its votes and comments."""

    paper_id: int
    tally: TallyCount = TallyCount()
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A search result. A higher `score` is better.

    `sentence` is the index of the abstract's best matching sentence, from 0; None if none stands out.
    """

    paper_id: int
    score: float
    sentence: int | None = None
