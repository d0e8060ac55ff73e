"""The JSON of replies: what each field is called, for REST and MCP. The OpenAPI document is made of these."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

OwnVote = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes of a team's people."""

    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Status:
    """What a channel and a person have done with a paper."""

    votes: Votes
    own_vote: OwnVote
    discussed: bool
    posted: bool
    saved: bool
    added_by: list[str]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper. Its texts are foreign data."""

    number: int
    title: str
    authors: list[str]
    abstract: str
    link: str | None
    """Where to read it."""
    page: str | None
    """Where this Paperclub shows it."""
    published: date | None
    listed: date | None
    added: datetime
    categories: list[str]
    identifiers: list[str]
    source: str
    upvotes: int
    """At its source."""
    venue: str
    organisation: str
    code: str
    models: list[str]
    datasets: list[str]
    spaces: list[str]
    keywords: list[str]
    tldr: str
    citations: int
    version: int
    standing: Literal["good", "withdrawn", "retracted"]
    of_team: bool
    """Whether only the team that brought it in can see it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of a paper, word for word: sentence `number` of `of` where it stands."""

    paper: int
    sentence: str
    number: int | None
    of: int | None
    where: str
    link: str | None


@dataclass(frozen=True, slots=True)
class PageOfList:
    """Which page of a list this is. `next` is the address of the next one."""

    page: int
    pages: int
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Nearness:
    """Why a paper is near to another one. `words` are rare ones that both have, as they write them."""

    text: str
    cites: bool
    cited: bool
    shared_references: int
    words: list[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found, and the sentence that matches best, or why it is near.

    `marks` are the words of that sentence that answer: pairs of a first character and the one behind the
    last, counted in Unicode code points from 0.
    """

    paper: Paper
    status: Status
    citation: Citation | None
    marks: list[tuple[int, int]]
    near: Nearness | None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of papers that were found."""

    kind: Literal["search_results"]
    heading: str
    results: list[Hit]
    pages: PageOfList


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """One paper, and why it is shown."""

    kind: Literal["paper"]
    paper: Paper
    status: Status
    note: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A paper in its own sentences. `note` says why they are of the abstract, not of the full text."""

    kind: Literal["summary"]
    paper: Paper
    status: Status
    citations: list[Citation]
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences of a paper that answer a question, and where it can be read.

    `note` says why they are of the abstract, not of the full text.
    """

    kind: Literal["answer"]
    question: str
    paper: Paper
    status: Status
    citations: list[Citation]
    link: str
    note: str


@dataclass(frozen=True, slots=True)
class DigestSection:
    """A topic with its papers."""

    topic: str
    results: list[Hit]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a channel's topics bring."""

    kind: Literal["digest"]
    day: date
    sections: list[DigestSection]
    preview: bool
    quiet: str
    warning: str


@dataclass(frozen=True, slots=True)
class Tally:
    """A paper's votes after a vote."""

    kind: Literal["tally"]
    paper: Paper
    status: Status


@dataclass(frozen=True, slots=True)
class Discussion:
    """The opening of a discussion."""

    kind: Literal["discussion"]
    paper: Paper
    status: Status
    note: str


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """A paper at its rank."""

    rank: int
    paper: Paper
    votes: Votes
    comments: int
    upvotes: int


@dataclass(frozen=True, slots=True)
class Dates:
    """The days that ranked papers are from, and the nearest periods that have papers."""

    first: date
    last: date
    submitters: list[str]
    earlier: str | None
    """A period for `trending`, such as 2026-W16."""
    later: str | None


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """A page of ranked papers."""

    kind: Literal["leaderboard"]
    heading: str
    rows: list[LeaderboardRow]
    pages: PageOfList
    dates: Dates | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message by the platform's ids."""

    channel: str
    message: str
    thread: str | None


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A paper, and what was done with it when."""

    paper: Paper
    at: datetime
    activities: list[str]
    votes: Votes
    message: Message | None


@dataclass(frozen=True, slots=True)
class ReadingList:
    """A page of papers, the latest first."""

    kind: Literal["reading_list"]
    heading: str
    rows: list[ReadingRow]
    pages: PageOfList


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic that a channel follows."""

    number: int
    topic: str
    at: str
    """Local time of day, as 09:00."""
    timezone: str
    days: list[str]
    categories: list[str]
    min_votes: int
    top: int
    paused: bool
    created_by: str
    next_post: datetime | None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A topic that is followed now, and last week's papers on it."""

    kind: Literal["subscribed"]
    subscription: Subscription
    preview: list[Hit]
    changed: bool


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """A page of a channel's topics."""

    kind: Literal["subscriptions"]
    channel: str
    rows: list[Subscription]
    pages: PageOfList


@dataclass(frozen=True, slots=True)
class Settings:
    """A channel's settings."""

    kind: Literal["settings"]
    channel: str
    timezone: str
    at: str
    """Local time of day, as 09:00."""
    layout: str
    changes: str
    links: str
    changed: bool
    note: str


@dataclass(frozen=True, slots=True)
class HelpParameter:
    """How a parameter is written, and what it is."""

    usage: str
    description: str


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A command."""

    usage: str
    summary: str
    examples: list[str]
    parameters: list[HelpParameter]


@dataclass(frozen=True, slots=True)
class Help:
    """Commands as people type them."""

    kind: Literal["help"]
    commands: list[HelpEntry]


@dataclass(frozen=True, slots=True)
class FormField:
    """A parameter that is asked for."""

    name: str
    label: str
    hint: str
    value: str
    required: bool
    choices: list[str]
    error: str


@dataclass(frozen=True, slots=True)
class Form:
    """What a command needs to be told."""

    kind: Literal["form"]
    command: str
    usage: str
    fields: list[FormField]
    error: str


@dataclass(frozen=True, slots=True)
class Home:
    """The first rows of each of a person's lists."""

    kind: Literal["home"]
    subscriptions: list[Subscription]
    saved: list[ReadingRow]
    top: list[LeaderboardRow]


@dataclass(frozen=True, slots=True)
class LinkedPaper:
    """A paper that somebody linked to."""

    kind: Literal["linked_paper"]
    paper: Paper
    status: Status
    link: str
    comments: int
    """Of its latest discussion."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A suggested value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Suggested values, the likeliest first."""

    kind: Literal["suggestions"]
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence or two, such as that nothing was found. `hint` says what to do next."""

    kind: Literal["notice"]
    text: str
    tone: Literal["done", "info", "warning", "error"]
    hint: str


Result = Annotated[
    SearchResults
    | ShownPaper
    | Summary
    | Answer
    | Digest
    | Tally
    | Discussion
    | Leaderboard
    | ReadingList
    | Subscribed
    | SubscriptionList
    | Settings
    | Help
    | Form
    | Home
    | LinkedPaper
    | Suggestions
    | Notice,
    Field(discriminator="kind"),
]
