"""What the core needs of the world around it, as small Protocols. `app/wiring.py` puts real things in.

What it asks of the database stands in `bot/repositories.py`.
"""

from collections.abc import AsyncIterable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.identifiers import Identifier
from bot.models import (
    Channel,
    Contradiction,
    Document,
    Ephemeral,
    Match,
    MessageRef,
    Outcome,
    Paper,
    PaperDraft,
    Platform,
    Quote,
    SourceDay,
    Update,
)
from bot.replies import Reply


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """Give the time now, in UTC with its zone."""
        ...

    def elapsed(self) -> float:
        """Seconds since some moment, by a counter that goes on however the clock is set."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...


class OwnClock(Protocol):
    """A platform's own time, as its answers tell it."""

    name: str
    counter: Clock
    """What counts the seconds since the last answer."""

    @property
    def known(self) -> bool:
        """Whether the platform has told its time."""
        ...

    @property
    def fresh(self) -> bool:
        """Whether it has told it of late."""
        ...

    def now(self) -> datetime:
        """Give its time; `known` has to be true."""
        ...


class Search(Protocol):
    """Finding papers by meaning and by word: open ones, and those of the team for which it is asked."""

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """The best matches for a query among the allowed papers (None: all), best first."""
        ...

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """The papers nearest to a paper, itself left out, best first."""
        ...

    async def fitting(self, topic: str, among: frozenset[int]) -> list[Match]:
        """Those among the papers, of whomever, that truly are about the topic, best first.

        Scores are in [0, 1] and only papers above the calibrated threshold come back.
        """
        ...

    async def titled(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Papers whose titles hold these words, best first."""
        ...


class Summarizer(Protocol):
    """Choosing the sentences that tell what a paper is about."""

    async def summarize(self, paper: Paper, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many of the abstract's own sentences, in the abstract's order."""
        ...

    async def sum_up(self, paper: Paper, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences of a paper's full text, in its order."""
        ...

    def sentence(self, paper: Paper, number: int) -> str | None:
        """The abstract's sentence at this place, counted from 0."""
        ...


class FullTexts(Protocol):
    """Papers' full texts, which are fetched when somebody asks and kept nowhere."""

    async def read(self, paper: Paper) -> Document | None:
        """Give a paper's text, None where it is open nowhere that is known.

        Raises:
            SourceUnavailable: it could not be fetched, or not be read.

        """
        ...


class Answerer(Protocol):
    """Finding what a paper says to a question."""

    async def answer(self, question: str, text: Document, sentences: int) -> tuple[Quote, ...]:
        """Quote at most so many sentences that speak to a question, in its order; none where none does."""
        ...


class Feed(Protocol):
    """A place at which new papers come by the day."""

    @property
    def name(self) -> str: ...

    @property
    def reach(self) -> int | None:
        """For how many days back it can be asked; None: for any."""
        ...

    @property
    def settles(self) -> int:
        """After how many days a day's list changes no more."""
        ...

    @property
    def daily(self) -> bool:
        """Whether it lists papers by the day, so that people miss a day that did not come."""
        ...

    async def listed_on(self, day: date) -> SourceDay:
        """What was listed on a day, with whether that is all; never raises for a failing source."""
        ...


class Archive(Feed, Protocol):
    """A feed that can be looked through."""

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """What was listed in a week or a month, both days included, as `listed_on` tells it."""
        ...

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Papers that the source finds for a query in its own language, best first.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...


class Catalogue(Protocol):
    """A place that knows papers by their names."""

    @property
    def name(self) -> str: ...

    async def described(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Those of these papers that it knows, in no order.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...

    async def titled(self, title: str) -> PaperDraft | None:
        """The paper that has just this title, whatever its letters' case and marks.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...


class Citations(Protocol):
    """A place that knows which papers belong together."""

    async def references(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """What a paper cites.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...

    async def recommended(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """What it recommends to who reads a paper, best first.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...


class WebPages(Protocol):
    """Papers' own pages at their publishers."""

    async def read(self, link: str) -> PaperDraft | None:
        """What a page says of its paper, None where it says nothing that can be read.

        Raises:
            SourceUnavailable: it could not be fetched, or may not be.

        """
        ...


@dataclass(frozen=True, slots=True)
class AddReport:
    """What adding drafts came to: the papers' ids by outcome, in the order given."""

    stored: tuple[tuple[int, Outcome], ...]
    updates: tuple[Update, ...] = ()
    """What was changed, each paper once."""
    contradictions: tuple[Contradiction, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many drafts came to this."""
        return sum(1 for _, each in self.stored if each is outcome)


class Library(Protocol):
    """Taking papers in: stored, embedded and searchable."""

    async def add(
        self,
        drafts: Iterable[PaperDraft] | AsyncIterable[PaperDraft],
        progress: Callable[[int], None] | None = None,
        team_id: int | None = None,
    ) -> AddReport:
        """Take drafts in, in batches; each paper whole or not at all. `progress` hears of each batch.

        With a team they are what its people say, and open sources' without.
        """
        ...

    async def refresh(self) -> int:
        """Bring this process's index up to what the store holds; how many papers were read."""
        ...


class Secrets(Protocol):
    """Keeping tokens so that who reads the database cannot use them."""

    def encrypt(self, secret: str) -> bytes:
        """Make it unreadable."""
        ...

    def decrypt(self, kept: bytes, workspace: str) -> str:
        """Make it readable again.

        Raises:
            UserError: no key opens it; the text names the workspace that has to install the bot again.

        """
        ...


class Seals(Protocol):
    """Texts that show by themselves that we made them, for what purpose and when, so that none is stored."""

    def sealed(self, purpose: str, at: datetime) -> str:
        """Make one, which nobody can guess or change; letters, digits, `-` and `_`."""
        ...

    def holds(self, seal: str, purpose: str, at: datetime, lasts: timedelta) -> bool:
        """Whether a text is one of ours for this purpose, and not older than it lasts."""
        ...


class Embedder(Protocol):
    """Texts as vectors. A vector crosses ports as little-endian float32 numbers, its length one."""

    @property
    def name(self) -> str:
        """The key of what is kept: it changes when vectors can no longer be compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    async def queries(self, texts: Sequence[str]) -> list[bytes]:
        """Encode what people look for; calls that wait at the same time are one batch."""
        ...

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode titles with abstracts, to be kept as they come out."""
        ...


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """What a paper holds of some words."""

    share: float = 0.0
    """Its score for them, as a share of the most that any paper could have."""
    titled: float = 0.0
    """The share of the words that stand in its title."""
    together: bool = False
    """Whether it has all of them side by side."""


class FullText(Protocol):
    """Papers by their words. Lists are (paper id, score), best first.

    A team finds open papers and its own; without a team only open ones are found.
    """

    async def put(self, papers: Iterable[tuple[int, str, str]], team_id: int | None = None) -> None:
        """Take in a team's or open papers as (id, title, abstract), in place of what they said before."""
        ...

    async def remove(self, paper_ids: Collection[int]) -> None:
        """Forget papers."""
        ...

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Papers with any of the query's words, among the allowed ones (None: all)."""
        ...

    async def titled(self, words: str, limit: int, team_id: int | None = None) -> list[tuple[int, float]]:
        """Papers whose titles hold all of these words; the last may be only begun."""
        ...

    async def evidence(self, words: str, among: frozenset[int]) -> dict[int, WordEvidence]:
        """What papers hold of these words; those that hold none are left out."""
        ...


class VectorIndex(Protocol):
    """Papers by their vectors. Lists are (paper id, dot product), best first.

    To a team, open papers and its own are near; without a team only open ones are.
    """

    def put(self, paper_id: int, vector: bytes, parts: bytes, team_id: int | None = None) -> None:
        """Take in a team's or an open paper, in place of its vectors before; `parts` is kept as it is."""
        ...

    def remove(self, paper_ids: Collection[int]) -> None:
        """Forget papers."""
        ...

    def vector(self, paper_id: int, team_id: int | None = None) -> bytes | None:
        """Give the vector of a paper that the team may read."""
        ...

    def parts(self, paper_ids: Iterable[int]) -> list[bytes]:
        """What was kept beside the vectors, nothing for a paper that is not there."""
        ...

    def scores(self, vector: bytes, paper_ids: Iterable[int]) -> list[tuple[int, float]]:
        """How near these papers are, in no order; those that are not there are left out."""
        ...

    async def nearest(
        self, vector: bytes, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """The nearest papers among the allowed ones (None: all)."""
        ...


class Conversation(Protocol):
    """Where one event's answers go. The adapter picks the means.

    What it raises when a platform does not take an answer is a DeliveryError, as `Surface.send` says.
    """

    async def taken(self) -> None:
        """Tell the platform that the event need not come again: what it changes is stored. Twice is once."""
        ...

    async def working(self, text: str) -> None:
        """Say that an answer takes a moment."""
        ...

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer: to the person alone, or for the whole channel to see.

        What is drawn into a person's own message, as previews of its links are, gives that message.
        """
        ...

    async def replace(self, reply: Reply) -> None:
        """Put a reply in place of the message whose button was pressed."""
        ...


class Surface(Protocol):
    """A platform that can be written to without being asked."""

    @property
    def platform(self) -> Platform: ...

    @property
    def own_clock(self) -> OwnClock | None:
        """The platform's clock; None where it has none, and ours counts."""
        ...

    async def greet(self) -> None:
        """Have the platform answer something, from which `own_clock` hears its time.

        Raises:
            DeliveryError: it could not be asked.

        """
        ...

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel, or into the thread under a message, with a token that `find` can look for.

        Raises:
            NotSent: it is certainly not there. Refused: and never will be; Lost: nor will anything else.
            PerhapsSent: no telling.

        """
        ...

    async def find(
        self, channel: Channel, token: str, since: datetime, thread: MessageRef | None
    ) -> MessageRef | None:
        """Look for a message with this token, sent at `since` or later.

        Raises:
            DeliveryError: the platform could not be asked, so there is still no telling.

        """
        ...

    async def tell(self, workspace: str, person: str, reply: Reply) -> None:
        """Say something to one person alone, by the platform's ids.

        Raises:
            DeliveryError: it could not be said.

        """
        ...

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message that the bot has posted, or the preview of a card's `link` in somebody's message.

        Raises:
            NotSent: it could not be redrawn now. Refused: it is gone. PerhapsSent: no telling.

        """
        ...


class Wakeup(Protocol):
    """A bell between processes: lost rings only make things slower."""

    async def ring(self) -> None:
        """Wake whoever waits."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring for so many seconds; whether one came. A ring while nobody waits is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something may be done, by whomever."""

    interval: float
    """Seconds from one beginning to the next, or from an end to the next beginning where each is alone."""
    alone: bool = False
    """Whether one has to end before the next may begin."""
    burst: int = 0
    """So many more may begin at once after a rest; as long a rest pays for each."""


class RateLimiter(Protocol):
    """Turns, one after the other in all processes that share them."""

    def turn(self, name: str, pace: Pace, patience: float) -> AbstractAsyncContextManager[None]:
        """Wait for one's turn at what has this name; it lasts as long as the context.

        Raises:
            TooBusy: it would not come within `patience` seconds.

        """
        ...

    async def hold(self, name: str, seconds: float) -> None:
        """Let nobody's turn come before so many seconds have passed."""
        ...


class Cache(Protocol):
    """Bytes that may be forgotten at any time."""

    async def get(self, key: str) -> bytes | None:
        """Give what was put there and has not expired."""
        ...

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value for so many seconds, in place of the one before."""
        ...

    async def drop(self, key: str) -> None:
        """Forget a value."""
        ...
