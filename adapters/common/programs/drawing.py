"""Draws replies as the models of their JSON."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from adapters.common.programs import models
from bot.domain.document import Quote
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus, TallyCount
from bot.protocol.replies import (
    Answer,
    BoardDates,
    Digest,
    Discussion,
    Form,
    Help,
    Hit,
    Home,
    Leaderboard,
    LeaderboardRow,
    LinkCard,
    Nearness,
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
    Suggestions,
    Summary,
    Tally,
)
from bot.protocol.wording import nearness_text


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where things are found: the web page, if it has an address, and the pages of a list."""

    public_url: str = ""
    page_of_list: Callable[[int], str] | None = None

    def of_paper(self, number: int) -> str | None:
        """Return the address of a paper's own page."""
        return f"{self.public_url}/papers/{number}" if self.public_url else None

    def after(self, pages: Pages) -> str | None:
        """Return the address of the page behind this one; None if it is the last."""
        if self.page_of_list is None or pages.page >= pages.pages:
            return None
        return self.page_of_list(pages.page + 1)


def draw(reply: Reply, addresses: Addresses) -> models.Result:
    """Draw a reply."""
    return _Drawing(addresses).draw(reply)


class _Drawing:
    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def draw(self, reply: Reply) -> models.Result:  # noqa: C901, PLR0911, PLR0912 - one case a reply
        """Draw a reply."""
        match reply:
            case SearchResults(heading, hits, pages):
                return models.SearchResults("search_results", heading, self._hits(hits), self._pages(pages))
            case PaperCard(paper, status, note):
                return models.ShownPaper("paper", self._paper(paper), _status(status), note)
            case Summary(paper, quotes, status, note):
                cited = [_citation(paper, each, paper.link) for each in quotes]
                return models.Summary("summary", self._paper(paper), _status(status), cited, note)
            case Answer():
                return self._answer(reply)
            case Digest():
                return self._digest(reply)
            case Tally(paper, status):
                return models.Tally("tally", self._paper(paper), _status(status))
            case Discussion(paper, note, status):
                return models.Discussion("discussion", self._paper(paper), _status(status), note)
            case Leaderboard():
                rows = self._ranked(reply.rows)
                return models.Leaderboard(
                    "leaderboard", reply.heading, rows, self._pages(reply.pages), _dates(reply.dates)
                )
            case ReadingList(heading, rows, pages):
                return models.ReadingList("reading_list", heading, self._read(rows), self._pages(pages))
            case Subscribed(subscription, next_post, preview, changed):
                row = _subscription(SubscriptionRow(subscription, next_post))
                return models.Subscribed("subscribed", row, self._hits(preview), changed)
            case SubscriptionList(channel, rows, pages):
                return models.SubscriptionList(
                    "subscriptions", channel, [_subscription(each) for each in rows], self._pages(pages)
                )
            case SettingsCard():
                return _settings(reply)
            case Help():
                return _help(reply)
            case Form():
                return _form(reply)
            case Home(subscriptions, saved, top):
                topics = [_subscription(each) for each in subscriptions]
                return models.Home("home", topics, self._read(saved), self._ranked(top))
            case LinkCard(paper, status, link, discussion):
                comments = discussion.comments if discussion else 0
                return models.LinkedPaper("linked_paper", self._paper(paper), _status(status), link, comments)
            case Suggestions(choices):
                return models.Suggestions(
                    "suggestions", [models.Choice(each.label, each.value) for each in choices]
                )
            case Notice(text, tone, hint):
                return models.Notice("notice", text, tone.value, hint)
            case _:
                assert_never(reply)

    def _paper(self, paper: Paper) -> models.Paper:
        details = paper.details
        return models.Paper(
            number=paper.id,
            title=paper.title,
            authors=list(paper.authors),
            abstract=paper.abstract,
            link=paper.link,
            page=self._addresses.of_paper(paper.id),
            published=paper.published,
            listed=paper.listed,
            added=paper.added,
            categories=list(paper.categories),
            identifiers=[str(each) for each in sorted(paper.identifiers)],
            source=paper.source,
            upvotes=paper.upvotes,
            venue=details.venue,
            organisation=details.organisation,
            code=details.code,
            models=list(details.models),
            datasets=list(details.datasets),
            spaces=list(details.spaces),
            keywords=list(details.keywords),
            tldr=details.tldr,
            citations=details.citations,
            version=details.version,
            standing=details.standing.value,
            of_team=paper.team_id is not None,
        )

    def _hits(self, hits: Iterable[Hit]) -> list[models.Hit]:
        return [
            models.Hit(
                self._paper(each.paper),
                _status(each.status),
                None
                if each.sentence is None
                else models.Citation(each.paper.id, each.sentence, None, None, "", each.paper.link),
                [(start, end) for start, end in each.marks],
                _nearness(each.near),
            )
            for each in hits
        ]

    def _answer(self, answer: Answer) -> models.Answer:
        return models.Answer(
            "answer",
            answer.question,
            self._paper(answer.paper),
            _status(answer.status),
            [_citation(answer.paper, each, answer.link) for each in answer.quotes],
            answer.link,
            answer.note,
        )

    def _digest(self, digest: Digest) -> models.Digest:
        sections = [models.DigestSection(each.topic, self._hits(each.hits)) for each in digest.sections]
        return models.Digest("digest", digest.day, sections, digest.preview, digest.quiet, digest.warning)

    def _ranked(self, rows: Iterable[LeaderboardRow]) -> list[models.LeaderboardRow]:
        return [
            models.LeaderboardRow(
                each.rank, self._paper(each.paper), _votes(each.tally), each.comments, each.upvotes
            )
            for each in rows
        ]

    def _read(self, rows: Iterable[ReadingRow]) -> list[models.ReadingRow]:
        return [
            models.ReadingRow(
                self._paper(each.paper),
                each.at,
                sorted(each.activities),
                _votes(each.tally),
                None
                if each.message is None
                else models.Message(each.message.channel, each.message.message, each.message.thread),
            )
            for each in rows
        ]

    def _pages(self, pages: Pages) -> models.PageOfList:
        return models.PageOfList(pages.page, pages.pages, pages.total, self._addresses.after(pages))


def _votes(tally: TallyCount) -> models.Votes:
    return models.Votes(tally.up, tally.down)


_OWN: Sequence[models.OwnVote] = ("none", "up", "down")
"""By the value of a vote, of which -1 is the last."""


def _status(status: PaperStatus) -> models.Status:
    return models.Status(
        _votes(status.tally),
        _OWN[status.own_vote],
        status.discussed,
        status.posted,
        status.saved,
        list(status.added_by),
    )


def _dates(dates: BoardDates | None) -> models.Dates | None:
    if dates is None:
        return None
    earlier, later = (None if each is None else each.name for each in (dates.earlier, dates.later))
    return models.Dates(dates.first, dates.last, list(dates.submitters), earlier, later)


def _citation(paper: Paper, quote: Quote, link: str | None) -> models.Citation:
    return models.Citation(paper.id, quote.text, quote.number, quote.of, quote.where, link)


def _subscription(row: SubscriptionRow) -> models.Subscription:
    subscription, spec = row.subscription, row.subscription.spec
    return models.Subscription(
        number=subscription.id,
        topic=spec.topic,
        at=f"{spec.slot.at:%H:%M}",
        timezone=spec.slot.timezone,
        days=[day.name.lower() for day in sorted(spec.days)],
        categories=sorted(spec.categories),
        min_votes=spec.min_votes,
        top=spec.top,
        paused=subscription.paused,
        created_by=subscription.created_by.name,
        next_post=row.next_post,
    )


def _settings(card: SettingsCard) -> models.Settings:
    settings = card.settings
    return models.Settings(
        kind="settings",
        channel=card.channel_name,
        timezone=settings.timezone,
        at=f"{settings.post_at:%H:%M}",
        layout=settings.layout,
        changes=settings.edit_policy,
        links=settings.link_following,
        changed=card.changed,
        note=card.note,
    )


def _help(reply: Help) -> models.Help:
    return models.Help(
        "help",
        [
            models.HelpEntry(
                each.usage,
                each.summary,
                list(each.examples),
                [models.HelpParameter(usage, description) for usage, description in each.parameters],
            )
            for each in reply.entries
        ],
    )


def _form(form: Form) -> models.Form:
    fields = [
        models.FormField(
            each.name, each.label, each.hint, each.value, each.required, list(each.choices), each.error
        )
        for each in form.fields
    ]
    return models.Form("form", form.command, form.usage, fields, form.error)


def _nearness(near: Nearness | None) -> models.Nearness | None:
    if near is None:
        return None
    return models.Nearness(
        nearness_text(near), near.cites, near.cited, near.shared_references, list(near.words)
    )
