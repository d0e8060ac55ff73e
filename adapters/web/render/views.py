"""Replies as values for the templates: pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from adapters.web.render.text import address, matched, moment, people, prose, teaser
from bot.conversation.paper_talk import ChannelTalk, SeenPaper
from bot.domain.history import Activity, ActivityKind
from bot.domain.identifiers import canonical_link
from bot.domain.merging import origin
from bot.domain.paper import Paper, Standing
from bot.domain.trending import GRAVITY, score
from bot.domain.vote import PaperStatus, TallyCount, Vote
from bot.protocol.replies import Hit, LeaderboardRow, Pages, ReadingRow, SubscriptionRow
from bot.protocol.values import source_label
from bot.protocol.wording import (
    cleaned,
    coming_text,
    counted,
    curators_text,
    date_text,
    joined,
    nearness_text,
    rank_text,
    subscription_text,
    votes_text,
)

_ACTIVITIES = {
    ActivityKind.POSTED: "posted",
    ActivityKind.SHOWN: "shown",
    ActivityKind.DISCUSSED: "discussed",
    ActivityKind.VOTED: "voted on",
}
_STANDING = {
    Standing.GOOD: "",
    Standing.WITHDRAWN: "Withdrawn by its authors",
    Standing.RETRACTED: "Retracted by its publisher",
}
_NO_STATUS = PaperStatus()


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Card:
    """A paper in a list."""

    number: int
    title: str
    authors: str
    by: str
    teaser: Markup | str
    facts: str
    warning: str
    votes: int
    status: PaperStatus = _NO_STATUS
    why: str = ""
    score: str = ""
    rank: int = 0
    message: str = ""
    """The address of the message that a channel's history leads to."""

    @property
    def address(self) -> str:
        """The paper's own page."""
        return f"/papers/{self.number}"

    @property
    def voted_up(self) -> bool:
        """Whether the reader voted for it."""
        return self.status.own_vote is Vote.UP

    @property
    def voted_down(self) -> bool:
        """Whether the reader voted against it."""
        return self.status.own_vote is Vote.DOWN


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the pages before and behind this one are; empty if there is none."""

    text: str
    before: str
    behind: str


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper's own page."""

    card: Card
    abstract: str
    tldr: str
    tldr_by: str
    categories: tuple[str, ...]
    authors: tuple[str, ...]
    published: str
    facts: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]
    bibtex: str
    own: bool
    """Whether the reader's team alone sees it."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a channel did with a paper."""

    channel: str
    address: str
    votes: str
    own_vote: str
    by: str
    threads: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that a channel follows."""

    name: str
    plan: str
    state: str


@dataclass(frozen=True, slots=True)
class Board:
    """A list of papers under a heading."""

    heading: str
    cards: tuple[Card, ...]
    pager: Pager | None = None
    by: str = ""
    notes: tuple[Markup, ...] = field(default_factory=tuple)


def card(paper: Paper, seen: Mapping[int, SeenPaper], **more: object) -> Card:
    """Return a paper as a card, with the votes that the reader may see."""
    own = seen.get(paper.id, SeenPaper(_NO_STATUS, paper.upvotes))
    values: dict[str, object] = {
        "number": paper.id,
        "title": cleaned(paper.title),
        "authors": people(paper),
        "by": curators_text(paper, own.status),
        "teaser": teaser(paper),
        "facts": _facts(paper),
        "warning": _STANDING[paper.details.standing],
        "votes": own.upvotes,
        "status": own.status,
    }
    return Card(**(values | more))  # type: ignore[arg-type]  # each name is one of the fields


def ranked(row: LeaderboardRow, seen: Mapping[int, SeenPaper], day: date | None, today: date) -> Card:
    """Return a paper at its rank, with why it stands there. `day` is its day; None if age does not count."""
    reckoned = ""
    if day is not None:
        activity = Activity(row.paper.id, day, row.upvotes, row.tally, row.comments)
        reckoned = score_text(activity, today)
    why = rank_text(row)
    if row.tally == TallyCount():
        # A visitor sees nobody's votes; “none and none” in every row would only be noise.
        why = why.removeprefix(votes_text(row.tally)).removeprefix(" · ")
    return card(row.paper, seen, why=why, score=reckoned, rank=row.rank)


def score_text(activity: Activity, today: date) -> str:
    """Write out how a paper's score comes about."""
    points = ["1", f"{activity.upvotes} ÷ 10"] if activity.upvotes else ["1"]
    tally = activity.tally
    points += [f"2 · {tally.up}"] if tally.up else []
    points += [str(activity.comments)] if activity.comments else []
    reckoned = " + ".join(points) + (f" - {tally.down}" if tally.down else "")
    days = max((today - activity.day).days, 0)
    value = score(activity, today)
    if value <= 0:
        return f"{value:.2f} = {reckoned}"
    return f"{value:.2f} = ({reckoned}) ÷ ({counted(days, 'day')} + 2)^{GRAVITY}"


def found(hit: Hit, seen: Mapping[int, SeenPaper]) -> Card:
    """Return a search result, with the sentence that matched, or why it is near to another paper."""
    near = nearness_text(hit.near) if hit.near else ""
    return card(hit.paper, seen, teaser=matched(hit), why=near)


def read(row: ReadingRow, timezone: str, seen: Mapping[int, SeenPaper], message: str = "") -> Card:
    """Return a paper of a reading list or a channel's history."""
    said = ", ".join(_ACTIVITIES[each] for each in sorted(row.activities))
    why = joined([moment(row.at, timezone), said, votes_text(row.tally, zeros=False)])
    return card(row.paper, seen, why=why, message=address(message))


def pager(pages: Pages, path: str, of: str = "paper") -> Pager | None:
    """Return the links around a page; None if it is the only one. `path` ends with `page=` of its query."""
    if pages.pages == 1:
        return None
    return Pager(
        f"Page {pages.page} of {pages.pages} · {counted(pages.total, of)}",
        f"{path}{pages.page - 1}" if pages.page > 1 else "",
        f"{path}{pages.page + 1}" if pages.page < pages.pages else "",
    )


def paper_view(paper: Paper, seen: Mapping[int, SeenPaper], bibtex: str) -> PaperView:
    """Return all that a paper's own page says of it."""
    details = paper.details
    facts = (
        ("Venue", details.venue),
        ("Organisation", details.organisation),
        ("Citations", f"{details.citations:,}" if details.citations else ""),
        ("Version", f"{details.version} on arXiv" if details.version else ""),
        ("Keywords", ", ".join(details.keywords)),
        ("Listed", date_text(paper.listed) if paper.listed else ""),
        ("Source", source_label(paper.source)),
    )
    return PaperView(
        card(paper, seen),
        paper.abstract.strip(),
        cleaned(details.tldr),
        source_label(origin(paper, "tldr")),
        paper.categories,
        tuple(cleaned(each) for each in paper.authors),
        date_text(paper.published) if paper.published else "",
        tuple((name, cleaned(value)) for name, value in facts if value),
        tuple(links(paper)),
        bibtex,
        paper.team_id is not None,
    )


def links(paper: Paper) -> Iterable[Link]:
    """Yield where to read a paper, and the code, models and data sets that its source links."""
    seen = set()
    named = [(str(each), canonical_link(each)) for each in sorted(paper.identifiers)]
    first = [("Read the paper", paper.link or "")]
    code = [("Code", paper.details.code)]
    hub = [
        (f"{kind}: {name}", f"https://huggingface.co/{path}{name}")
        for kind, path, names in (
            ("Model", "", paper.details.models),
            ("Data set", "datasets/", paper.details.datasets),
            ("Space", "spaces/", paper.details.spaces),
        )
        for name in names
    ]
    others = [(link, link) for link in paper.links]
    for text, link in [*first, *code, *hub, *named, *others]:
        target = address(link)
        if target and target not in seen:
            seen.add(target)
            yield Link(cleaned(text), target)


def talk(each: ChannelTalk) -> Talk:
    """Return what a channel did with a paper."""
    zone = each.channel.settings.timezone
    threads = tuple(
        Link(
            f"Discussed {moment(one.thread.opened, zone)}, {counted(one.thread.comments, 'comment')}",
            address(one.address),
        )
        for one in each.threads
    )
    own = {Vote.UP: "you voted 👍", Vote.DOWN: "you voted 👎", Vote.NONE: ""}[each.status.own_vote]
    return Talk(
        cleaned(each.channel.name),
        f"/channels/{each.channel.id}",
        votes_text(each.status.tally, zeros=False),
        own,
        f"added by {', '.join(map(cleaned, each.status.added_by))}" if each.status.added_by else "",
        threads,
    )


def topic(row: SubscriptionRow) -> Topic:
    """Return a topic that a channel follows."""
    spec, subscription = row.subscription.spec, row.subscription
    coming = f"Next post {coming_text(row.next_post, spec.slot.timezone)}" if row.next_post else ""
    state = "Paused" if subscription.paused else coming
    return Topic(
        cleaned(spec.topic),
        subscription_text(spec),
        joined([state, f"added by {cleaned(subscription.created_by.name)}"]),
    )


def notes(text: str, hint: str = "") -> tuple[Markup, ...]:
    """Return a notice's sentences."""
    return tuple(prose(line) for line in (*text.splitlines(), hint) if line.strip())


def _facts(paper: Paper) -> str:
    year = str(paper.published.year) if paper.published else ""
    return joined(
        [
            ", ".join(paper.categories[:3]),
            cleaned(paper.details.venue) or year,
            "code" if paper.details.code else "",
            counted(len(paper.details.models), "model") if paper.details.models else "",
            counted(len(paper.details.datasets), "data set") if paper.details.datasets else "",
        ]
    )
