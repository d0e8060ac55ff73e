"""What goes out: a closed union of meanings. Each surface draws each of them natively."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.channel import ChannelSettings, Layout
from bot.domain.document import Quote
from bot.domain.history import ActivityKind
from bot.domain.message import DiscussionThread, MessageRef
from bot.domain.paper import Paper
from bot.domain.subscription import Subscription
from bot.domain.vote import PaperStatus, TallyCount
from bot.protocol.arguments import SuggestionKind


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page stands in its list, and the view that the other pages are reached by."""

    list_id: str
    page: int
    """Counted from 1."""
    pages: int
    total: int
    """How many rows the whole list has."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper in a list; `sentence` is the abstract's sentence that matched."""

    paper: Paper
    status: PaperStatus = PaperStatus()
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found; `heading` says what was asked, filters included."""

    heading: str
    hits: tuple[Hit, ...]
    pages: Pages
    shareable: bool = True


@dataclass(frozen=True, slots=True)
class PaperCard:
    """One paper; `note` says why it is here. `whole` shows the abstract in full."""

    paper: Paper
    status: PaperStatus = PaperStatus()
    note: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A paper's own sentences, of its abstract or of its full text, in their order, each with its place."""

    paper: Paper
    quotes: tuple[Quote, ...]
    status: PaperStatus = PaperStatus()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a paper's full text, read at `link`, says to a question: its own sentences, in their order."""

    paper: Paper
    question: str
    quotes: tuple[Quote, ...]
    link: str
    status: PaperStatus = PaperStatus()


@dataclass(frozen=True, slots=True)
class DigestSection:
    """A topic in a digest and what is new on it."""

    topic: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """The daily post's overview; its papers follow as cards of their own unless it is a preview.

    `quiet` says in a sentence why there are no papers; `warning` what is missing today.
    """

    day: date
    sections: tuple[DigestSection, ...]
    layout: Layout = Layout.THREADED
    preview: bool = False
    quiet: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on a paper after one has changed, told to the person who cast it."""

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
    """Up-votes at the paper's source, where they count for the rank."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """A paper put up for talk: what people write in this message's thread belongs to it."""

    paper: Paper
    note: str
    """Who opened it, and what that person had to say."""
    status: PaperStatus = PaperStatus()


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Papers in the order of their votes."""

    heading: str
    rows: tuple[LeaderboardRow, ...]
    pages: Pages


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A paper on a list by time: saved, or in the channel's history."""

    paper: Paper
    at: datetime
    activities: frozenset[ActivityKind] = frozenset()
    tally: TallyCount = TallyCount()
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class ReadingList:
    """Papers by time, the latest first."""

    heading: str
    rows: tuple[ReadingRow, ...]
    pages: Pages
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """That a channel's subscription stands, when it posts next and what it would have posted lately."""

    subscription: Subscription
    next_post: datetime
    """In the subscription's own zone."""
    preview: tuple[Hit, ...]
    changed: bool = False
    """Whether a subscription to the topic was there before."""


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription and its next post in its own zone, None while it is paused."""

    subscription: Subscription
    next_post: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """What a channel is subscribed to."""

    channel_name: str
    rows: tuple[SubscriptionRow, ...]
    pages: Pages


@dataclass(frozen=True, slots=True)
class SettingsCard:
    """What a channel has chosen."""

    channel_name: str
    settings: ChannelSettings
    changed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A command as help shows it."""

    usage: str
    summary: str
    examples: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    """Each parameter as it is written, and what it means."""


@dataclass(frozen=True, slots=True)
class Help:
    """All commands, or one with its parameters and examples."""

    entries: tuple[HelpEntry, ...]
    detailed: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One argument in a form: its name for the command, and what stands in it."""

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
    """A command to fill in; `usage` is how to type it instead, `error` what is wrong with it as a whole."""

    command: str
    title: str
    usage: str
    fields: tuple[FormField, ...]
    subject: int | None = None
    """The number of what it changes."""
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
    """What is one's own with the bot, on one page: the first rows of each list."""

    subscriptions: tuple[SubscriptionRow, ...]
    saved: tuple[ReadingRow, ...]
    top: tuple[LeaderboardRow, ...]
    """The team's best of the week."""
    timezone: str = "UTC"
    last_shown: Mapping[int, LastShown] = field(default_factory=dict)
    """By paper id: the channel that showed it last, of those that the person is in."""


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A paper that somebody linked to, by `link`; `talk` is where the channel has discussed it before."""

    paper: Paper
    status: PaperStatus = PaperStatus()
    link: str = ""
    talk: DiscussionThread | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that is suggested, and how it is called."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What somebody who types a value may mean, the likeliest first."""

    choices: tuple[Choice, ...]


class Tone(StrEnum):
    """How a notice is meant."""

    DONE = "done"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence or two; `hint` says what to do next."""

    text: str
    tone: Tone = Tone.INFO
    hint: str = ""


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


def papers_shown(reply: Reply) -> tuple[Paper, ...]:  # noqa: PLR0911 - one case a meaning
    """The papers that a message with this reply shows, so that votes and history find them."""
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
