"""Texts that every surface shows alike. Foreign text is not escaped here: each surface does that."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from math import ceil
from zoneinfo import ZoneInfo

from bot.domain.channel import ChannelSettings, EditPolicy, Layout, LinkFollowing, Platform
from bot.domain.cleaning import clean_text
from bot.domain.document import Quote
from bot.domain.errors import ChannelUnavailable, DeliveryError, NotSent
from bot.domain.merging import origin
from bot.domain.message import DiscussionThread
from bot.domain.paper import Change, News, Paper, Standing
from bot.domain.period import Period, PeriodLength
from bot.domain.source import UNRANKED, source_info
from bot.domain.subscription import EVERY_DAY, SubscriptionSpec, Weekday
from bot.domain.vote import PaperStatus, TallyCount, Vote
from bot.protocol.replies import (
    BoardDates,
    Digest,
    DigestSection,
    FormField,
    LeaderboardRow,
    Nearness,
    Pages,
    ReadingRow,
    Subscribed,
    SubscriptionRow,
    Tone,
)
from bot.protocol.values import source_label

TONES = {Tone.DONE: "Done:", Tone.INFO: "", Tone.WARNING: "Careful:", Tone.ERROR: "Error:"}
NOTHING_FOUND = "No paper was found."
NO_PAPERS = "No paper yet."
NO_PAPERS_THEN = "I have no papers from then."
NO_SUBSCRIPTIONS = "None yet. For example: `subscribe mixture of experts at:09:00`"
HOME_SUBSCRIPTIONS = "Your own subscriptions"
HOME_SAVED = "Your reading list"
HOME_TOP = "Top papers of your team this week"
HOME_START = "Getting started"
NOTHING_SAVED = "Nothing yet. Save a paper with its Save button, or with `save #57`."
NO_VOTES = "No votes this week. 👍 on a paper's message is one."
GETTING_STARTED = (
    "Find papers by what they say: `search mixture of experts`",
    "Get a topic's new papers every day, here or in a channel: `subscribe mixture of experts`",
    "See what others like: `trending`, and all there is: `help`",
)
NO_ABSTRACT = "There is no abstract."
NOTHING_TO_QUOTE = "There is no abstract to quote."
IN_OWN_WORDS = "The abstract in its own words:"
PAPER_IN_OWN_WORDS = "The paper in its own words:"
NOTHING_POSTED = "Nothing has been posted."
MORE_HELP = "`help COMMAND` tells more and gives examples."
EXAMPLES = "For example:"

AUTHORS_NAMED = 3
PLACE_SHOWN = 60
"""Characters of a quote's heading, at most."""
ABSTRACT_SHOWN = 320
"""Characters of an abstract on a card, at most."""

_DAY_RUNS = {
    EVERY_DAY: "Every day",
    frozenset(day for day in Weekday if day < Weekday.SAT): "Monday to Friday",
    frozenset({Weekday.SAT, Weekday.SUN}): "Saturday and Sunday",
}
_LAYOUTS = {
    Layout.THREADED: "in the thread of the day's first message",
    Layout.FLAT: "as messages of their own",
    Layout.BROADCAST: "in the thread, and in the channel as well",
}
_FOLLOWING = {
    Layout.THREADED: "in this message's thread",
    Layout.FLAT: "as a message of its own",
    Layout.BROADCAST: "in this message's thread, seen in the channel too",
}
_LINKS = {LinkFollowing.OFF: "let pass", LinkFollowing.ON: "remembered and answered for"}
_STANDING = {
    Standing.GOOD: "",
    Standing.WITHDRAWN: "WITHDRAWN by its authors",
    Standing.RETRACTED: "RETRACTED by its publisher",
}
_FIELDS = {
    "abstract": "abstract",
    "authors": "authors",
    "upvotes": "up-votes",
    "venue": "venue",
    "citations": "citations",
    "code": "code",
    "models": "models",
    "datasets": "data sets",
    "spaces": "Spaces",
    "keywords": "keywords",
    "standing": "its standing",
}
"""Names of the fields whose source is shown. The source of other fields is of no interest."""
_EDIT_POLICIES = {EditPolicy.ANYONE: "anyone in it", EditPolicy.ADMINS: "its admins"}


def cleaned(text: str) -> str:
    """Return text on one line, without invisible and control characters."""
    return " ".join(clean_text(text).split())


def shortened(text: str, length: int) -> str:
    """Return at most `length` characters of the text, cut between words if possible."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    whole_words = head if text[length - 1] == " " else head.rpartition(" ")[0]
    return (whole_words if len(whole_words) > length // 2 else head).rstrip(" ,;:.") + "…"


def joined(words: Iterable[str]) -> str:
    """Join words with middle dots, leaving out empty ones."""
    return " · ".join(word for word in words if word)


def all_of(names: Iterable[str]) -> str:
    """Return `one`, `one and two`, or `one, two and three`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, noun: str) -> str:
    """Return `1 paper` or `2 papers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(sentence: str) -> str:
    """Return foreign words in quotation marks."""
    return f"“{sentence}”"


def nearness_text(near: Nearness) -> str:
    """Say why a paper is near to another one: `cites it · both about “routing”`. The words are foreign."""
    reasons = [
        "cites it" if near.cites else "",
        "cited by it" if near.cited else "",
        counted(near.shared_references, "shared reference") if near.shared_references else "",
        f"both about {', '.join(map(quoted, near.words))}" if near.words else "",
    ]
    return joined(reasons) or "close in meaning"


def day_text(day: date) -> str:
    """Return a day: `Wed 25 Nov 2026`."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def period_text(period: Period) -> str:
    """Return a period: `Fri 17 Apr 2026`, `week 16, 13 Apr 2026 to 19 Apr 2026` or `April 2026`."""
    match period.length:
        case PeriodLength.DAY:
            return day_text(period.first)
        case PeriodLength.WEEK:
            days = f"{date_text(period.first)} to {date_text(period.last)}"
            return f"week {period.first.isocalendar().week}, {days}"
        case PeriodLength.MONTH:
            return f"{period.first:%B %Y}"


def step_text(period: Period, dates: BoardDates) -> str:
    """Name a button that steps to a period: `Earlier: 16 Apr`, `Later: week 17` or `Later: May 2026`."""
    match period.length:
        case PeriodLength.DAY:
            name = f"{period.first.day} {period.first:%b}"
        case PeriodLength.WEEK:
            name = f"week {period.first.isocalendar().week}"
        case PeriodLength.MONTH:
            name = f"{period.first:%b %Y}"
    return f"{'Earlier' if period == dates.earlier else 'Later'}: {name}"


def submitters_text(dates: BoardDates | None) -> str:
    """Say who brought a period's papers: `by AK, taesiri and the community`; empty if unknown."""
    return f"by {', '.join(dates.submitters)} and the community" if dates and dates.submitters else ""


def date_text(day: date) -> str:
    """Return a day without its weekday: `25 Nov 2026`."""
    return f"{day.day} {day:%b %Y}"


def coming_text(at: datetime, timezone: str) -> str:
    """Return a time in the near future: `Wed 25 Nov, 09:00 Europe/Paris`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b, %H:%M} {timezone}"


def past_text(at: datetime, timezone: str) -> str:
    """Return a time that may be years ago: `Wed 25 Nov 2026, 09:00`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{day_text(local)}, {local:%H:%M}"


def facts(paper: Paper) -> str:
    """Say whether a paper was withdrawn, who wrote it, when, and in which categories."""
    authors = paper.authors[:AUTHORS_NAMED]
    more = len(paper.authors) - len(authors)
    named = ", ".join(authors) + (f" and {counted(more, 'other')}" if more else "")
    year = str(paper.published.year) if paper.published else ""
    return joined([_STANDING[paper.details.standing], named, year, ", ".join(paper.categories)])


def curators_text(paper: Paper, status: PaperStatus) -> str:
    """Say who added a paper, here and at its source: `by Ada, AK and the community`; empty if unknown.

    “The community” is added once the paper has an up-vote.
    """
    names = [*status.added_by, *filter(None, [paper.submitted_by])]
    liked = paper.upvotes > 0 or status.tally.up > 0
    if not names:
        return ""
    if names[-1].lower().endswith("community") or not liked:
        return f"by {', '.join(names)}"
    return f"by {', '.join(names)} and the community"


def paper_details(paper: Paper) -> tuple[str, ...]:
    """Return lines about a paper beyond its text: venue, code, keywords, and the sources of all that."""
    details = paper.details
    short = f"{quoted(details.tldr)} ({source_label(origin(paper, 'tldr'))})" if details.tldr else ""
    lines = (
        joined(
            [
                details.venue,
                details.organisation,
                counted(details.citations, "citation") if details.citations else "",
                f"version {details.version} on arXiv" if details.version else "",
            ]
        ),
        joined(
            [
                _named("Code", [details.code]),
                _named("Models", details.models),
                _named("Data sets", details.datasets),
                _named("Spaces", details.spaces),
            ]
        ),
        _named("Keywords", details.keywords),
        short,
        sources_text(paper),
    )
    return tuple(line for line in lines if line)


def sources_text(paper: Paper) -> str:
    """Name a paper's sources: `From arXiv; up-votes from Hugging Face`; empty if there is only one."""
    by_source: dict[str, list[str]] = {}
    for field, source in paper.origins.items():
        if field in _FIELDS:
            by_source.setdefault(source, []).append(_FIELDS[field])
    others = [
        f"{', '.join(names)} from {source_label(source)}" for source, names in sorted(by_source.items())
    ]
    return "; ".join([f"From {source_label(paper.source)}", *others]) if others else ""


def _named(name: str, values: Sequence[str]) -> str:
    listed = ", ".join(filter(None, values))
    return f"{name}: {listed}" if listed else ""


def abstract_text(paper: Paper, *, whole: bool) -> str:
    """Return the cleaned abstract, in full or shortened; empty if there is none."""
    abstract = cleaned(paper.abstract)
    return abstract if whole else shortened(abstract, ABSTRACT_SHOWN)


def place_text(quote: Quote) -> str:
    """Say where a quote is: in the abstract, or under a heading or on a page of the full text."""
    where = f"{shortened(cleaned(quote.where), PLACE_SHOWN)}, " if quote.where else ""
    return f"({where}sentence {quote.number} of {quote.of})"


def summary_heading(quotes: Sequence[Quote]) -> str:
    """Say whether a summary quotes the abstract or the full text."""
    if not quotes:
        return NOTHING_TO_QUOTE
    return PAPER_IN_OWN_WORDS if quotes[0].where else IN_OWN_WORDS


def answer_heading(question: str) -> str:
    """Introduce the answer to a question."""
    return f"What the paper says to {quoted(cleaned(question))}:"


def read_at(link: str) -> str:
    """Say where people can read a text; nothing if no address is known."""
    return f"Read at {link}" if link else ""


def news_text(news: News) -> str:
    """Say what happened to a paper."""
    match news.change:
        case Change.VERSION:
            return f"arXiv has version {news.version} of this paper now."
        case Change.WITHDRAWN:
            return "This paper was withdrawn by its authors."
        case Change.RETRACTED:
            return "This paper was retracted by its publisher."


def votes_text(tally: TallyCount, *, zeros: bool = True) -> str:
    """Return both counts. Without votes and with `zeros` false, return an empty text."""
    return f"👍 {tally.up} 👎 {tally.down}" if zeros or tally != TallyCount() else ""


def activities_text(status: PaperStatus) -> str:
    """Say how the reader voted, and what was done with the paper in this channel."""
    vote = {Vote.UP: "you voted 👍", Vote.DOWN: "you voted 👎", Vote.NONE: ""}[status.own_vote]
    done = {"discussed": status.discussed, "posted": status.posted, "saved": status.saved}
    return joined([vote, *(word for word, true in done.items() if true)])


def undelivered_text(platform: Platform, failure: DeliveryError) -> str:
    """Say that a platform did not accept an answer, and what to do."""
    name = platform.capitalize()
    if isinstance(failure, ChannelUnavailable):
        return f"I cannot answer there: {failure}."
    if not isinstance(failure, NotSent):
        return f"{name} did not confirm my answer. If it is missing, please try again in a minute."
    minutes = max(1, ceil(failure.retry_after / 60))
    when = "a minute" if minutes == 1 else counted(minutes, "minute")
    return f"{name} is busy and did not take my answer. Please try again in {when}."


def status_text(status: PaperStatus, *, zeros: bool = True) -> str:
    """Return the votes, and what was done with the paper here. `zeros` shows counts of zero."""
    return joined([votes_text(status.tally, zeros=zeros), activities_text(status)])


def pages_text(pages: Pages, of: str = "paper") -> str:
    """Say which page of a list this is, and how many entries it has in all."""
    total = counted(pages.total, of)
    return f"page {pages.page} of {pages.pages} · {total}" if pages.pages > 1 else total


def digest_title(digest: Digest) -> str:
    """Return a digest's title."""
    name = "Preview of the papers for" if digest.preview else "Papers for"
    return f"{name} {day_text(digest.day)}"


def section_count(section: DigestSection) -> str:
    """Say how many papers a topic has."""
    return counted(len(section.hits), "paper")


def following_text(digest: Digest) -> str:
    """Say where a digest's papers are; empty if it has none."""
    if not digest.sections:
        return ""
    if digest.preview:
        return NOTHING_POSTED
    return f"Each paper follows {_FOLLOWING[digest.layout]}, to vote on."


def rank_text(row: LeaderboardRow) -> str:
    """Say what a paper's rank is based on."""
    return joined(
        [
            votes_text(row.tally),
            counted(row.comments, "comment") if row.comments else "",
            f"{counted(row.upvotes, 'up-vote')} {_at_source(row.paper)}" if row.upvotes else "",
            date_text(row.day) if row.day else "",
        ]
    )


def _at_source(paper: Paper) -> str:
    """Name the source of a paper's up-votes, unless it is a file or the like, which has no name."""
    info = source_info(origin(paper, "upvotes"))
    return f"on {info.label}" if info.precedence < UNRANKED else "at its source"


def reading_text(row: ReadingRow, timezone: str) -> str:
    """Say what happened to a paper, and when."""
    activities = ", ".join(sorted(row.activities))
    return joined([past_text(row.at, timezone), activities, votes_text(row.tally, zeros=False)])


def discussion_text(discussion: DiscussionThread | None, timezone: str) -> str:
    """Say when a paper was discussed before; empty if it was not."""
    if discussion is None:
        return ""
    day = day_text(discussion.opened.astimezone(ZoneInfo(timezone)).date())
    return f"Discussed here on {day}, {counted(discussion.comments, 'comment')}"


def field_text(field: FormField) -> str:
    """Return a form field's hint as a sentence."""
    return f"{field.hint[:1].upper()}{field.hint[1:]}."


def subscription_text(spec: SubscriptionSpec) -> str:
    """Say when and what a subscription posts."""
    days = _DAY_RUNS.get(spec.days) or ", ".join(day.name.capitalize() for day in sorted(spec.days))
    return joined(
        [
            f"{days} at {spec.slot.at:%H:%M} {spec.slot.timezone}",
            "what trends in the team" if spec.trending else "",
            f"at most {counted(spec.top, 'paper')} a day",
            f"at least {counted(spec.min_votes, 'up-vote')}" if spec.min_votes else "",
            f"only {', '.join(sorted(spec.categories))}" if spec.categories else "",
        ]
    )


def subscribed_verb(reply: Subscribed) -> str:
    """Say what was done. The topic follows."""
    return "Changed the subscription to" if reply.changed else "Subscribed to"


def next_post_text(reply: Subscribed) -> str:
    """Say when a subscription posts next."""
    return coming_text(reply.next_post, reply.subscription.spec.slot.timezone)


def preview_text(reply: Subscribed) -> str:
    """Introduce the preview under a new subscription."""
    return "The last week's papers that fit:" if reply.preview else "No paper of the last week fits."


def standing_text(row: SubscriptionRow) -> str:
    """Say when a subscription posts next or that it is paused, and who created it."""
    timezone = row.subscription.spec.slot.timezone
    coming = f"next post: {coming_text(row.next_post, timezone)}" if row.next_post else ""
    state = "paused" if row.subscription.paused else coming
    return joined([state, f"asked for by {row.subscription.created_by.name}"])


def subscriptions_title(channel_name: str) -> str:
    """Return the title of a channel's subscriptions."""
    return f"Subscriptions of {channel_name}"


def settings_title(channel_name: str) -> str:
    """Return the title of a channel's settings."""
    return f"Settings of {channel_name}"


def settings_texts(settings: ChannelSettings) -> tuple[tuple[str, str], ...]:
    """Return each setting's name and value, with the word to type for it."""
    return (
        ("Posts at", f"{settings.post_at:%H:%M}"),
        ("Time zone", settings.timezone),
        ("Papers come", f"{_LAYOUTS[settings.layout]} ({settings.layout})"),
        ("Who may change this", f"{_EDIT_POLICIES[settings.edit_policy]} ({settings.edit_policy})"),
        ("Links to papers", f"{_LINKS[settings.link_following]} ({settings.link_following})"),
    )
