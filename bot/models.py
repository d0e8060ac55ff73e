"""What the bot talks about: papers, people, places, votes, subscriptions and posts, all frozen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import IntEnum, StrEnum
from typing import TypeAlias

from bot.identifier_tables import PAGES
from bot.identifiers import Identifier, canonical_link


class Platform(StrEnum):
    """Where people meet the bot."""

    CONSOLE = "console"
    SLACK = "slack"
    DISCORD = "discord"


def text_hash(title: str, abstract: str) -> str:
    """Name a paper's text by its content, so that vectors are kept by text and not by paper."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).hexdigest()


def require_texts(*values: object) -> None:
    """Make sure that ids are what a platform documents.

    Raises:
        TypeError: one is no text, and a query with it would fail those that are asked together with it.

    """
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"an id or a name is text, not {type(value).__name__}")


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
class Origin:
    """Who speaks, and where, in the platform's own ids."""

    platform: Platform
    workspace: str
    channel: str
    person: str
    person_name: str = ""
    channel_name: str = ""
    direct: bool = False
    admin: bool = False
    """Whether the platform says that this person administers the channel."""
    timezone: str = ""
    """The person's own IANA zone where the platform tells it; what a channel begins with that is new here."""

    def __post_init__(self) -> None:
        """Refuse a place or person that is no text: payloads are read as they come."""
        require_texts(self.workspace, self.channel, self.person, self.person_name, self.channel_name)


class Layout(StrEnum):
    """How a digest's papers follow its first message."""

    THREADED = "threaded"
    FLAT = "flat"
    BROADCAST = "broadcast"
    """In the thread, and the channel sees each part as well."""


class Changers(StrEnum):
    """Who may change a channel's settings and subscriptions."""

    ANYONE = "anyone"
    ADMINS = "admins"


class Links(StrEnum):
    """Whether papers that people link to in a channel are followed and answered for."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What a channel has chosen."""

    timezone: str = "UTC"
    post_at: time = time(9)
    layout: Layout = Layout.THREADED
    changers: Changers = Changers.ANYONE
    links: Links = Links.OFF


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a person's own talk with the bot, inside a team."""

    id: int
    team_id: int
    platform: Platform
    workspace: str
    """The platform's id of the workspace or guild."""
    external_id: str
    name: str
    direct: bool = False
    settings: ChannelSettings = ChannelSettings()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a team."""

    id: int
    team_id: int
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Here:
    """The rows behind an Origin."""

    channel: Channel
    person: Person
    admin: bool = False

    @property
    def team_id(self) -> int:
        """The tenant that owns all that is done here."""
        return self.channel.team_id


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message on its platform, by the platform's ids; `thread` is its thread's first message."""

    channel: str
    message: str
    thread: str | None = None

    def __post_init__(self) -> None:
        """Refuse a message that is named by no text, as above."""
        require_texts(self.channel, self.message, self.thread or "")


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """A reply that only one person saw and that cannot be looked up later."""


@dataclass(frozen=True, slots=True)
class TallyCount:
    """The votes on one paper in one channel, one a person."""

    up: int = 0
    down: int = 0

    @property
    def score(self) -> int:
        """Up-votes less down-votes."""
        return self.up - self.down


class Shown(StrEnum):
    """As what a message shows a paper."""

    CARD = "card"
    WHOLE = "whole"
    """A card with the abstract in full."""
    SUMMARY = "summary"
    DISCUSSION = "discussion"
    LINK = "link"
    """The answer to somebody's link."""
    LINKED = "linked"
    """A person's own message, with a link to the paper."""
    LISTED = "listed"
    """One of several papers: a reaction to such a message is no vote."""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """That a message shows a paper; `note` is what stood beside it, or by what its quotes are drawn again.

    Beside a person's link, `note` is the link whose preview the bot has drawn under it.
    """

    channel_id: int
    paper_id: int
    message: MessageRef
    shown: Shown
    note: str = ""
    drawn: TallyCount = TallyCount()
    """The votes that the message shows."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A discussion of a paper: when it was opened, its first message, and how many have followed."""

    opened: datetime
    message: MessageRef
    comments: int = 0


class Vote(IntEnum):
    """One person's view of a paper in a channel."""

    DOWN = -1
    NONE = 0
    UP = 1


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that means a vote, named so that whoever takes it away names it alike."""

    emoji: str
    value: Vote


HeardBefore: TypeAlias = frozenset[tuple[int, datetime]]
"""What has been heard of a message's reactions at some moment: whatever else there is was heard since."""


class VoteSource(StrEnum):
    """How a vote was cast."""

    REACTION = "reaction"
    BUTTON = "button"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a channel and a person already have to do with a paper."""

    tally: TallyCount = TallyCount()
    own_vote: Vote = Vote.NONE
    discussed: bool = False
    posted: bool = False
    saved: bool = False
    added_by: tuple[str, ...] = ()
    """Who has brought it into the channel, by name, the first first."""


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


class Weekday(IntEnum):
    """Days as `date.weekday()` counts them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


EVERY_DAY = frozenset(Weekday)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a channel posts: a local time of day in an IANA zone."""

    at: time
    timezone: str


@dataclass(frozen=True, slots=True)
class SubscriptionDraft:
    """What somebody asks to be posted in a channel."""

    topic: str
    slot: Slot
    days: frozenset[Weekday] = EVERY_DAY
    categories: frozenset[str] = frozenset()
    min_votes: int = 0
    """At least so many up-votes, the source's and the team's together."""
    top: int = 5
    """At most so many papers a day."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic that a channel is subscribed to, and who asked for it."""

    id: int
    team_id: int
    channel_id: int
    wanted: SubscriptionDraft
    created_by: Person
    created: datetime
    paused: bool = False


@dataclass(frozen=True, slots=True)
class DueSlot:
    """A channel's slot whose time has come."""

    id: int
    channel: Channel
    slot: Slot
    due: datetime


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One paper in a digest, under the subscription that it fits best; `score` is in [0, 1]."""

    paper_id: int
    subscription_id: int
    score: float


DigestKey: TypeAlias = tuple[int, Slot, date]
"""What there is one digest of: a channel by its number, a slot and a local date."""


class DigestKind(StrEnum):
    """What a digest says."""

    PAPERS = "papers"
    NOTHING_NEW = "nothing_new"
    WARNING = "warning"
    """Only that a source is missing."""


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """A digest before it is stored: one a channel, slot and local date."""

    channel: Channel
    slot: Slot
    local_date: date
    kind: DigestKind
    items: tuple[DigestItem, ...] = ()
    warning: str = ""
    """What the people should know today, such as a source that did not answer."""


class PostState(StrEnum):
    """Where one message of a digest stands on its way to the platform."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """Asked for, with no answer: it may stand there or not."""
    RESOLVED = "resolved"
    """Was unknown and then found on the platform."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Post:
    """One message on its way: of a digest, or with news of a paper in its discussion.

    A digest's part 0 is the overview, the others one paper each.
    """

    id: int
    digest_id: int | None
    channel: Channel
    part: int
    token: str
    """Unique; the platform can be asked whether a message with it stands there."""
    state: PostState
    planned: datetime
    attempts: int
    item: DigestItem | None = None
    news: News | None = None
    parent: MessageRef | None = None
    """The overview's message, once that stands, or the discussion's."""
    told: bool = False
    """Whether people know of trouble with it, or with another of its digest."""
    crashes: int = 0
    """How often whoever had claimed it ended without a word, or failed in a way that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a digest's posts, or with one that has news."""

    post: Post
    """One of those that are still open, else the first that failed."""
    detail: str
    """What is wrong with it."""
    open: int
    """How many are in doubt, or not sent yet after a crash."""
    failed: int


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest as it was planned."""

    id: int
    plan: DigestPlan
    planned: datetime


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """A paper in a leaderboard with what put it there."""

    paper_id: int
    tally: TallyCount = TallyCount()
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """What a team and a paper's source did with it lately, for trending."""

    paper_id: int
    day: date
    """The day the paper is from: listed, else published, else added."""
    upvotes: int = 0
    """At the source."""
    tally: TallyCount = TallyCount()
    """The team's since the day asked for, one vote a person; direct messages are left out."""
    comments: int = 0


class Deed(StrEnum):
    """What a channel did with a paper."""

    POSTED = "posted"
    SHOWN = "shown"
    DISCUSSED = "discussed"
    VOTED = "voted"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """The last thing that happened to a paper in a channel."""

    paper_id: int
    deeds: frozenset[Deed]
    last: datetime
    message: MessageRef | None = None
    tally: TallyCount = TallyCount()


@dataclass(frozen=True, slots=True)
class View:
    """A list as somebody saw it, so that its pages and its Share button keep meaning the same."""

    id: str
    command: str
    text: str
    """The command's arguments as text."""
    paper_ids: tuple[int, ...] = ()
    person_id: int | None = None
    channel_id: int | None = None
    expires: datetime | None = None
    sentences: dict[int, int] = field(default_factory=dict)
    """By paper, the place of the sentence that matched, counted from 0."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot's leave to act in a workspace, as somebody there gave it by OAuth.

    An organisation that installs the bot for all its workspaces is one workspace, and its own enterprise.
    """

    platform: Platform
    workspace: str
    """The platform's id of the workspace or guild, or of the organisation."""
    name: str
    """What the platform called it at the time."""
    app: str
    bot: str
    bot_user: str
    scopes: tuple[str, ...]
    installed_by: str
    """The platform's id of the person."""
    installed_at: datetime
    token: bytes | None = field(repr=False)
    """The bot's token, encrypted; None once it was revoked."""
    enterprise: str | None = None
    """The organisation that the workspace belongs to, where there is one."""
    revoked_at: datetime | None = None

    @property
    def org_wide(self) -> bool:
        """Whether it is an organisation's, for all its workspaces."""
        return self.enterprise == self.workspace


class SourceState(StrEnum):
    """How a source's day went."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceDay:
    """What a source listed on one day; `detail` says why it is not complete."""

    drafts: tuple[PaperDraft, ...]
    state: SourceState
    detail: str = ""
    revised: tuple[PaperDraft, ...] = ()
    """New versions of papers that are news only to who knows the paper."""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One fetch of one source's day."""

    source: str
    day: date
    state: SourceState
    papers: int
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Where the asking of a source stands."""

    name: str
    settled: date | None = None
    """Through this day its days need not be asked for again; None where it has no days, or none yet."""
    asked: datetime | None = None
    trouble: str = ""
    """What was wrong the last time."""


@dataclass(frozen=True, slots=True)
class Match:
    """A paper found: `score` orders a list; `sentence` is the place of the sentence that matched.

    `sentence` counts the abstract's sentences from 0, and is None where none stands out.
    """

    paper_id: int
    score: float
    sentence: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, word for word, with its place: `number` from 1 up to `of`.

    It counts the abstract's sentences, or those of the part of the full text that `where` names.
    """

    text: str
    number: int
    of: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a paper's full text, and the heading or the page that it stands under."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Document:
    """A paper's full text, and the address that it was read at."""

    passages: tuple[Passage, ...]
    link: str
