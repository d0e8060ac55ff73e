"""One reply of every meaning, and the parts to put a console together in a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

from rich.console import Console

from adapters.console.history import History
from adapters.console.screen import Screen
from adapters.console.session import ConsoleSession, Operator
from adapters.console.surface import ConsoleSurface
from bot.errors import UserError
from bot.events import ActionPressed, CommandInvoked, Event
from bot.identifiers import Identifier, Scheme
from bot.models import (
    Channel,
    ChannelSettings,
    Deed,
    Ephemeral,
    Marks,
    MessageRef,
    Paper,
    Person,
    Platform,
    Quote,
    Slot,
    Subscription,
    SubscriptionDraft,
    TallyCount,
    Vote,
    Weekday,
)
from bot.ports import Conversation
from bot.replies import (
    Digest,
    DigestSection,
    Discussion,
    Help,
    HelpEntry,
    Hit,
    Leaderboard,
    LeaderboardRow,
    Notice,
    Pages,
    PaperCard,
    ReadingList,
    ReadingRow,
    Reply,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    SubscriptionRow,
    Summary,
    Tally,
    Tone,
)

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
GENERAL = Channel(1, 1, Platform.CONSOLE, "console", "#general", "#general")
PAPER = Paper(
    57,
    "Sparse Experts for Long Sequences: a Study of Routing under Pressure",
    "Routing decides which expert sees a token. " * 12,
    "test",
    NOW,
    authors=("Ada Lund", "Bo Meyer", "Cy Novak", "Di Osei", "Ed Pham"),
    identifiers=frozenset({Identifier(Scheme.ARXIV, "2401.00001")}),
    categories=("cs.LG", "cs.CL"),
    published=date(2024, 1, 2),
)
BARE = Paper(123, "Gardens of Attention", "", "test", NOW)
MARKS = Marks(TallyCount(2, 1), Vote.UP, discussed=True, posted=True, saved=True)
HITS = (Hit(PAPER, MARKS, "Experts are routed by meaning."), Hit(BARE))
PAGES = Pages("view", 2, 4, 18)
SUBSCRIPTION = Subscription(
    3,
    1,
    1,
    SubscriptionDraft(
        "mixture of experts",
        Slot(time(9), "Europe/Paris"),
        frozenset(day for day in Weekday if day < Weekday.SAT),
        frozenset({"cs.LG"}),
        3,
        1,
    ),
    Person(1, 1, "ada", "ada"),
    NOW,
)
REPLIES: dict[str, Reply] = {
    "search": SearchResults("“mixture of experts”", HITS, PAGES),
    "card": PaperCard(PAPER, MARKS, "Fits “experts”"),
    "whole_card": PaperCard(PAPER, MARKS, whole=True),
    "bare_card": PaperCard(BARE),
    "summary": Summary(PAPER, (Quote("Routing decides.", 1, 8), Quote("It holds up.", 3, 8)), MARKS),
    "digest": Digest(
        date(2026, 11, 25),
        (DigestSection("experts", HITS), DigestSection("gardens", HITS[1:])),
        warning="arXiv did not answer.",
    ),
    "preview": Digest(date(2026, 11, 25), (DigestSection("experts", HITS),), preview=True),
    "quiet": Digest(date(2026, 11, 25), (), quiet="Nothing new since Monday."),
    "tally": Tally(PAPER, MARKS),
    "discussion": Discussion(PAPER, "ada asks: “Does it hold?”", MARKS),
    "leaderboard": Leaderboard(
        "Top papers in #general",
        (LeaderboardRow(1, PAPER, TallyCount(12, 1), 3, 40), LeaderboardRow(2, BARE, TallyCount(1))),
        PAGES,
    ),
    "reading": ReadingList(
        "Papers in #general",
        (
            ReadingRow(
                PAPER,
                NOW,
                frozenset({Deed.POSTED, Deed.VOTED}),
                TallyCount(2, 1),
                MessageRef("#general", "12"),
            ),
        ),
        Pages("view", 1, 1, 1),
        "Europe/Paris",
    ),
    "subscribed": Subscribed(SUBSCRIPTION, NOW, HITS),
    "subscriptions": SubscriptionList("#general", (SubscriptionRow(SUBSCRIPTION, NOW),)),
    "settings": SettingsCard("#general", ChannelSettings(), changed=True),
    "help": Help((HelpEntry("search QUERY [cat:cs.CL]", "Find papers"), HelpEntry("show PAPER", "Show one"))),
    "detailed_help": Help(
        (HelpEntry("search QUERY", "Find papers", ("search experts",), (("QUERY", "what to look for"),)),),
        detailed=True,
    ),
    "error": Notice("There is no command “serch”.", Tone.ERROR, "See all with `help`."),
    "done": Notice("Saved.", Tone.DONE),
    "warning": Notice("The list is short.", Tone.WARNING),
    "info": Notice("Nothing found."),
}


def canvas(width: int = 100, *, colour: bool = False) -> Console:
    """A console that keeps what is printed on it."""
    return Console(
        record=True,
        width=width,
        height=25,
        force_terminal=colour,
        no_color=False,
        color_system="truecolor" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        file=StringIO(),
    )


class StoppedClock:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self._now = NOW

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@dataclass
class StandIn:
    """A bot that answers a command with the reply of that name, and a button with a tally."""

    surface: ConsoleSurface
    events: list[Event] = field(default_factory=list)
    refs: list[MessageRef | Ephemeral] = field(default_factory=list)

    async def receive(self, event: Event, conversation: Conversation) -> None:
        self.events.append(event)
        match event:
            case CommandInvoked(name="later"):
                pass
            case CommandInvoked(name=name, arguments=arguments):
                reply = REPLIES.get(name, Notice(f"There is no command “{name}”.", Tone.ERROR))
                await conversation.working("Looking …")
                private = isinstance(reply, Notice) or arguments == "privately"
                self.refs.append(await conversation.reply(reply, private=private))
            case ActionPressed():
                await conversation.replace(REPLIES["leaderboard"])
            case _:
                pass

    async def take_in(self, file: str) -> str:
        if not file.endswith(".bib"):
            raise UserError(f"{file} cannot be read")
        return f"{file}: 3 papers"

    async def post_today(self, channel: str) -> str:
        return f"{channel}: posted now"

    async def settle(self) -> None:
        match self.events[-1:]:
            case [CommandInvoked(name="later")]:
                await self.surface.send(GENERAL, REPLIES["quiet"], "late", None)


@dataclass
class Desk:
    """A session with all that is behind it."""

    session: ConsoleSession
    surface: ConsoleSurface
    bot: StandIn

    @property
    def shown(self) -> str:
        return self.surface.screen.console.export_text(clear=False)


def desk(path: Path, console: Console | None = None) -> Desk:
    surface = ConsoleSurface(History(path), Screen(console or canvas()), StoppedClock())
    bot = StandIn(surface)
    receive: Callable[[Event, Conversation], Awaitable[None]] = bot.receive
    commands = dict.fromkeys([*REPLIES, "later"], "a summary")
    operator = Operator(bot.take_in, bot.post_today)
    return Desk(ConsoleSession(receive, surface, commands, bot.settle, operator, person="ada"), surface, bot)
