"""Replies that the bot sends: a closed union of meanings, which each surface renders natively."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.channel import ChannelSettings, Layout
from bot.domain.document import Quote, Span
from bot.domain.history import ActivityKind
from bot.domain.message import DiscussionThread, MessageRef
from bot.domain.paper import Paper
from bot.domain.period import Period
from bot.domain.subscription import Subscription
from bot.domain.vote import PaperStatus, TallyCount
from bot.protocol.arguments import SuggestionKind


@dataclass(frozen=True, slots=True)
class Pages:
    """A page's place in its list, and the id of the stored list for turning pages.

    `list_id` is empty for a list of one page that is not stored.
    """

    list_id: str
    page: int
    """Counted from 1."""
    pages: int
    total: int
    """The number of rows in the whole list."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Why a paper is near to another one. If nothing else is known, it is close in meaning."""

    cites: bool = False
    """Whether it cites the other paper."""
    cited: bool = False
    """Whether the other paper cites it."""
    shared_references: int = 0
    words: tuple[str, ...] = ()
    """Telling words and phrases that both have, phrases first."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper in a list.

    `sentence` is the sentence of its abstract that matched best, and `marks` are its words that answer.
    `near` says why it is in a list of papers near to another one.
    """

    paper: Paper
    status: PaperStatus = PaperStatus()
    sentence: str | None = None
    marks: tuple[Span, ...] = ()
    near: Nearness | None = None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of search results. `heading` names the query and its filters."""

    heading: str
    hits: tuple[Hit, ...]
    pages: Pages
    shareable: bool = True


@dataclass(frozen=True, slots=True)
class PaperCard:
    """One paper. `note` says why it is shown; `whole` shows its abstract in full."""

    paper: Paper
    status: PaperStatus = PaperStatus()
    note: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Verbatim sentences of a paper's abstract or full text, in their order.

    `note` says why they are of the abstract, if the full text was asked for.
    """

    paper: Paper
    quotes: tuple[Quote, ...]
    status: PaperStatus = PaperStatus()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences of a paper's full text that answer a question, in order. `link` is where people can read it.

    `note` says why they are of the abstract, if no full text could be read.
    """

    paper: Paper
    question: str
    quotes: tuple[Quote, ...]
    link: str
    status: PaperStatus = PaperStatus()
    note: str = ""


@dataclass(frozen=True, slots=True)
class DigestSection:
    """A topic in a digest, with its new papers."""

    topic: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest's overview. Its papers follow as cards, unless it is a preview.

    `quiet` says why there are no papers; `warning` says what is missing today.
    """

    day: date
    sections: tuple[DigestSection, ...]
    layout: Layout = Layout.THREADED
    preview: bool = False
    quiet: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """A paper's votes after a change, shown to the person who voted."""

    paper: Paper
    status: PaperStatus


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """A paper at its rank."""

    rank: int
    paper: Paper
    tally: TallyCount
    comments: int = 0
    upvotes: int = 0
    """Up-votes at the paper's source, if they count for the rank."""
    day: date | None = None
    """The paper's day, where papers of several days are ranked: the later it is, the higher they stand."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """The first message of a paper's discussion, which is held in its thread."""

    paper: Paper
    note: str
    """Who opened it, and their first words."""
    status: PaperStatus = PaperStatus()


@dataclass(frozen=True, slots=True)
class BoardDates:
    """The days that a leaderboard's papers are from, and where one can step to from there."""

    first: date
    last: date
    submitters: tuple[str, ...] = ()
    """Who brought the most of these papers to their source, at most two names; empty if unknown."""
    earlier: Period | None = None
    """The nearest period of the same length before that has papers."""
    later: Period | None = None

    @property
    def steps(self) -> tuple[Period, ...]:
        """The periods that one can step to, the earlier first."""
        return tuple(each for each in (self.earlier, self.later) if each is not None)


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """A page of papers, ranked. It has no rows where a period has none, but others have."""

    heading: str
    rows: tuple[LeaderboardRow, ...]
    pages: Pages
    dates: BoardDates | None = None
    """None where the papers are chosen by something else than their day."""


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A paper in a list ordered by time: a reading list or a channel's history."""

    paper: Paper
    at: datetime
    activities: frozenset[ActivityKind] = frozenset()
    tally: TallyCount = TallyCount()
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class ReadingList:
    """A page of papers, the latest first."""

    heading: str
    rows: tuple[ReadingRow, ...]
    pages: Pages
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Confirms a subscription: when it posts next, and which papers of last week match."""

    subscription: Subscription
    next_post: datetime
    """In the subscription's own zone."""
    preview: tuple[Hit, ...]
    changed: bool = False
    """Whether it changed an existing subscription."""


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription, and when it posts next in its own zone; None while it is paused."""

    subscription: Subscription
    next_post: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """A page of a channel's subscriptions."""

    channel_name: str
    rows: tuple[SubscriptionRow, ...]
    pages: Pages


@dataclass(frozen=True, slots=True)
class SettingsCard:
    """A channel's settings."""

    channel_name: str
    settings: ChannelSettings
    changed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A command as `help` describes it."""

    usage: str
    summary: str
    examples: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    """Each parameter's usage and description."""


@dataclass(frozen=True, slots=True)
class Help:
    """All commands, or one with its parameters and examples (`detailed`)."""

    entries: tuple[HelpEntry, ...]
    detailed: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form: the parameter's name, and the current value."""

    name: str
    label: str
    hint: str
    example: str = ""
    value: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    suggestions: SuggestionKind | None = None
    error: str = ""
    """What is wrong with the value."""


@dataclass(frozen=True, slots=True)
class Form:
    """A command's form. `usage` is how to type the command; `error` concerns the form as a whole."""

    command: str
    title: str
    usage: str
    fields: tuple[FormField, ...]
    subject: int | None = None
    """The id of what the form changes; None for something new."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class LastShown:
    """The channel that showed a paper last, and the paper's status there."""

    channel: str
    """By the platform's id."""
    name: str
    status: PaperStatus


@dataclass(frozen=True, slots=True)
class Home:
    """A person's home page: the first rows of each of their lists."""

    subscriptions: tuple[SubscriptionRow, ...]
    saved: tuple[ReadingRow, ...]
    top: tuple[LeaderboardRow, ...]
    """The team's best papers of the week."""
    timezone: str = "UTC"
    last_shown: Mapping[int, LastShown] = field(default_factory=dict)
    """By paper id: the channel that showed it last, of those that the person is in."""


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A paper that somebody linked to as `link`. `discussion` is its earlier discussion in the channel."""

    paper: Paper
    status: PaperStatus = PaperStatus()
    link: str = ""
    discussion: DiscussionThread | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Choice:
    """A suggested value, and its label."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Suggestions for a value being typed, the likeliest first."""

    choices: tuple[Choice, ...]


class Tone(StrEnum):
    """The kind of a notice."""

    DONE = "done"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence or two. `hint` says what to do next."""

    text: str
    tone: Tone = Tone.INFO
    hint: str = ""
    reference: str = ""
    """Where the error is in the log, if the fault is ours. The text names it too."""
    missing: bool = False
    """Whether the paper that was asked for is not there for the person."""


Reply = (
    SearchResults
    | PaperCard
    | Summary
    | Answer
    | Digest
    | Tally
    | Discussion
    | Leaderboard
    | ReadingList
    | Subscribed
    | SubscriptionList
    | SettingsCard
    | Help
    | Form
    | Home
    | LinkCard
    | Suggestions
    | Notice
)


def papers_shown(reply: Reply) -> tuple[Paper, ...]:  # noqa: PLR0911 - one case per reply
    """Return the papers that a reply shows. They are recorded, so that votes and history find them."""
    match reply:
        case (
            PaperCard(paper=paper)
            | Summary(paper=paper)
            | Answer(paper=paper)
            | Tally(paper=paper)
            | Discussion(paper=paper)
            | LinkCard(paper=paper)
        ):
            return (paper,)
        case SearchResults(hits=hits):
            return tuple(hit.paper for hit in hits)
        case Digest(sections=sections):
            return tuple(hit.paper for section in sections for hit in section.hits)
        case Leaderboard(rows=rows):
            return tuple(row.paper for row in rows)
        case ReadingList(rows=rows):
            return tuple(row.paper for row in rows)
        case Home(top=top, saved=saved):
            return (*(row.paper for row in top), *(row.paper for row in saved))
        case Subscribed() | SubscriptionList() | SettingsCard() | Help() | Form() | Suggestions() | Notice():
            return ()
