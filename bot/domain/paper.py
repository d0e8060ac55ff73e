"""Papers, and what sources and people say of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain.identifier_tables import PAGES
from bot.domain.identifiers import Identifier, canonical_link
from bot.domain.vote import TallyCount


def text_hash(title: str, abstract: str) -> str:
    """Name a paper's text by its content, so that vectors are kept by text and not by paper."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).hexdigest()


class Standing(StrEnum):
    """Whether a paper still stands."""

    GOOD = "good"
    WITHDRAWN = "withdrawn"
    """By its authors."""
    RETRACTED = "retracted"
    """By its publisher."""


@dataclass(frozen=True, slots=True)
class Details:
    """What sources tell of a paper beside its text; what is empty or 0 is not known."""

    organisation: str = ""
    venue: str = ""
    code: str = ""
    """The address of its code."""
    models: tuple[str, ...] = ()
    """Models that come with it, by their names at Hugging Face."""
    keywords: tuple[str, ...] = ()
    tldr: str = ""
    """A sentence on it that a source wrote."""
    citations: int = 0
    version: int = 0
    """Which version of it arXiv has, from 1."""
    standing: Standing = Standing.GOOD


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """A paper as a source gives it: cleaned text, before it has a row of its own."""

    title: str
    abstract: str
    source: str
    authors: tuple[str, ...] = ()
    identifiers: frozenset[Identifier] = frozenset()
    links: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: date | None = None
    listed: date | None = None
    """The day on which the source presented the paper, where it has such days."""
    submitted_by: str | None = None
    upvotes: int = 0
    """Up-votes that the paper had at its source."""
    details: Details = Details()
    origins: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """Whose word a field is, where it is not `source`: what an export tells of a paper that was merged."""

    @property
    def digest(self) -> str:
        """The name of its content. Databases keep it, so the digest of the same content never changes."""
        said = repr(replace(self, identifiers=frozenset())) + str(sorted(self.identifiers))
        return hashlib.blake2b(said.encode(errors="replace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the bot knows; `id` is the number people call it by (`#57`)."""

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
    """Whose word a field is, where it is not `source`, whose the title is."""
    team_id: int | None = None
    """The team whose people alone tell of it; None where it is open to all."""

    @property
    def text_hash(self) -> str:
        """The name of its text."""
        return text_hash(self.title, self.abstract)

    @property
    def link(self) -> str | None:
        """The address to read the paper at: the first scheme's that names it, or else its first link."""
        for scheme in PAGES:
            for name in sorted(self.identifiers):
                if name.scheme is scheme:
                    return canonical_link(name)
        return self.links[0] if self.links else None


class Change(StrEnum):
    """What has happened to a paper that people should hear of."""

    VERSION = "version"
    WITHDRAWN = "withdrawn"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class News:
    """A change of a paper; `version` is the one that arXiv has since, 0 where it is not known."""

    paper_id: int
    change: Change
    version: int = 0


class Outcome(StrEnum):
    """What became of a draft that was put into the store."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Update:
    """What a draft changed of a known paper, its fields in words for people."""

    paper_id: int
    title: str
    fields: tuple[str, ...] = ()
    absorbed: tuple[int, ...] = ()
    """Papers that became one with it."""

    def with_more(self, later: "Update") -> "Update":
        """Add what a later draft changed of the same paper."""
        fields = tuple(dict.fromkeys((*self.fields, *later.fields)))
        return replace(later, fields=fields, absorbed=(*self.absorbed, *later.absorbed))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A draft that has the identifiers of another paper, so that it was stored without them."""

    title: str
    paper_id: int
    identifiers: tuple[Identifier, ...]
    other_title: str
    other_id: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a draft that was put into the store: its paper's number, and what to tell of it."""

    paper_id: int
    outcome: Outcome
    update: Update | None = None
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """Which papers may be found. Empty fields let everything through.

    A category without a dot, such as `cs`, stands for all of its parts as well.
    `since` and `until` are days, both included, compared with the day a paper is from:
    published, else listed, else added. `discussed` and `unread` speak of one channel.
    """

    categories: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    discussed_in: int | None = None
    unread_in: int | None = None

    @property
    def empty(self) -> bool:
        """Whether every paper passes."""
        return self == PaperFilter()


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """A paper in a leaderboard with what put it there."""

    paper_id: int
    tally: TallyCount = TallyCount()
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A paper found: `score` orders a list; `sentence` is the place of the sentence that matched.

    `sentence` counts the abstract's sentences from 0, and is None where none stands out.
    """

    paper_id: int
    score: float
    sentence: int | None = None
