"""Reply → the subject and the parts of a mail, or of a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from adapters.email.limits import ABSTRACT, SUBJECT
from adapters.email.links import MailboxLinks
from adapters.email.render.parts import Heading, Link, Pairs, PaperPart, Part, Prose
from bot.domain.paper import Paper
from bot.domain.vote import Vote
from bot.protocol.marked import quote
from bot.protocol.replies import (
    Answer,
    Digest,
    Discussion,
    Form,
    Help,
    HelpEntry,
    Hit,
    Home,
    Leaderboard,
    LeaderboardRow,
    LinkCard,
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
    Tone,
)
from bot.protocol.wording import (
    EXAMPLES,
    GETTING_STARTED,
    HOME_SAVED,
    HOME_START,
    HOME_SUBSCRIPTIONS,
    HOME_TOP,
    MORE_HELP,
    NO_ABSTRACT,
    NO_PAPERS,
    NO_PAPERS_THEN,
    NO_SUBSCRIPTIONS,
    NO_VOTES,
    NOTHING_FOUND,
    NOTHING_POSTED,
    NOTHING_SAVED,
    TONES,
    abstract_text,
    answer_heading,
    cleaned,
    counted,
    curators_text,
    digest_title,
    discussion_text,
    facts,
    field_text,
    joined,
    nearness_text,
    next_post_text,
    pages_text,
    paper_details,
    place_text,
    preview_text,
    quoted,
    rank_text,
    read_at,
    reading_text,
    section_count,
    settings_texts,
    settings_title,
    shortened,
    standing_text,
    status_text,
    step_text,
    submitters_text,
    subscribed_verb,
    subscription_text,
    subscriptions_title,
    summary_heading,
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says."""

    subject: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws replies with the links of one mailbox, or without any."""

    links: MailboxLinks | None

    def drawn(self, reply: Reply) -> tuple[str, list[Part]]:  # noqa: C901, PLR0911, PLR0912 - one case a reply
        """Return the subject and the parts."""
        match reply:
            case SearchResults():
                hits = [self._hit(each) for each in reply.hits] or [Prose(NOTHING_FOUND)]
                return _list(reply.heading, hits, reply.pages)
            case PaperCard():
                return reply.paper.title, self._card(reply)
            case Summary():
                return reply.paper.title, self._quotes(reply, summary_heading(reply.quotes))
            case Answer():
                parts = self._quotes(reply, answer_heading(reply.question))
                link = [Prose(read_at(reply.link), dim=True)] if reply.link else []
                return reply.paper.title, [*parts, *link]
            case Digest():
                return self._digest(reply)
            case Tally():
                return reply.paper.title, [self._paper(reply.paper, [status_text(reply.status)])]
            case Discussion():
                lines = [facts(reply.paper), status_text(reply.status)]
                return reply.paper.title, [Prose(reply.note), self._paper(reply.paper, lines)]
            case Leaderboard():
                return self._leaderboard(reply)
            case ReadingList():
                read = [self._read(each, reply.timezone) for each in reply.rows] or [Prose(NO_PAPERS)]
                return _list(reply.heading, read, reply.pages)
            case Subscribed():
                return self._subscribed(reply)
            case SubscriptionList():
                wanted = _subscriptions(reply.rows)
                return _list(subscriptions_title(reply.channel_name), wanted, reply.pages, "subscription")
            case SettingsCard():
                return _settings(reply)
            case Help():
                return "Help", _detailed_help(reply.entries) if reply.detailed else _help(reply.entries)
            case Form():
                return _form(reply)
            case Home():
                return HOME_TOP, self._home(reply)
            case LinkCard():
                talk = discussion_text(reply.discussion, reply.timezone)
                lines = [facts(reply.paper), talk, status_text(reply.status)]
                return reply.paper.title, [self._paper(reply.paper, lines)]
            case Suggestions():
                labels = [Prose(each.label) for each in reply.choices]
                return "Suggestions", [*(labels or [Prose(NOTHING_FOUND)])]
            case Notice():
                hint = [Prose(reply.hint, dim=True)] if reply.hint else []
                return reply.text, [Prose(_toned(reply.tone, reply.text)), *hint]
            case _:
                assert_never(reply)

    def _paper(self, paper: Paper, lines: Iterable[str], body: str = "", before: str = "") -> PaperPart:
        links: tuple[Link, ...] = ()
        if self.links is not None:
            links = (
                Link("Up-vote", self.links.vote(paper.id, Vote.UP)),
                Link("Down-vote", self.links.vote(paper.id, Vote.DOWN)),
                Link("Save", self.links.save(paper.id)),
            )
        return PaperPart(paper, tuple(filter(None, lines)), body, before, links)

    def _hit(self, hit: Hit, body: str = "") -> Part:
        near = nearness_text(hit.near) if hit.near else ""
        lines = [facts(hit.paper), status_text(hit.status, zeros=False), near]
        if not hit.sentence:
            return self._paper(hit.paper, lines, body)
        return replace(self._paper(hit.paper, lines), quote=tuple(quote(hit.sentence, hit.marks)))

    def _card(self, card: PaperCard) -> list[Part]:
        paper = card.paper
        details = paper_details(paper) if card.whole else ()
        lines = [facts(paper), curators_text(paper, card.status), *details, status_text(card.status)]
        body = abstract_text(paper, whole=card.whole) or NO_ABSTRACT
        note = [Prose(card.note, dim=True)] if card.note else []
        return [*note, self._paper(paper, lines, body)]

    def _quotes(self, reply: Summary | Answer, heading: str) -> list[Part]:
        said = [Prose(f"{quoted(cleaned(each.text))} {place_text(each)}") for each in reply.quotes]
        introduced = [Prose(each, dim=True) for each in (heading, cleaned(reply.note)) if each]
        paper = self._paper(reply.paper, [facts(reply.paper), status_text(reply.status)])
        return [paper, *introduced, *said]

    def _digest(self, digest: Digest) -> tuple[str, list[Part]]:
        parts: list[Part] = [Heading(digest_title(digest), top=True)]
        if digest.warning:
            parts.append(Prose(_toned(Tone.WARNING, digest.warning)))
        if digest.quiet:
            parts.append(Prose(digest.quiet))
        for section in digest.sections:
            parts.append(Heading(joined([section.topic, section_count(section)])))
            parts += [self._hit(hit, _short(hit.paper)) for hit in section.hits]
        if digest.preview and digest.sections:
            parts.append(Prose(NOTHING_POSTED, dim=True))
        total = sum(len(section.hits) for section in digest.sections)
        return joined([digest_title(digest), counted(total, "paper") if total else ""]), parts

    def _leaderboard(self, board: Leaderboard) -> tuple[str, list[Part]]:
        steps = joined(step_text(each, board.dates) for each in board.dates.steps) if board.dates else ""
        below = [Prose(steps, dim=True)] if steps else []
        if not board.rows:
            empty = Prose(NO_PAPERS_THEN if board.dates else NO_PAPERS)
            return board.heading, [Heading(board.heading, top=True), empty, *below]
        by = submitters_text(board.dates)
        above = [Prose(by, dim=True)] if by else []
        title, (heading, *rows) = _list(
            board.heading, [self._ranked(each) for each in board.rows], board.pages
        )
        return title, [heading, *above, *rows, *below]

    def _ranked(self, row: LeaderboardRow) -> Part:
        return self._paper(row.paper, [rank_text(row)], before=f"{row.rank}.")

    def _read(self, row: ReadingRow, timezone: str) -> Part:
        return self._paper(row.paper, [reading_text(row, timezone)])

    def _subscribed(self, reply: Subscribed) -> tuple[str, list[Part]]:
        spec = reply.subscription.spec
        done = f"{TONES[Tone.DONE]} {subscribed_verb(reply)} {quoted(spec.topic)}"
        return done, [
            Heading(done, top=True),
            Prose(subscription_text(spec)),
            Prose(f"Next post: {next_post_text(reply)}"),
            Prose(preview_text(reply), dim=True),
            *(self._hit(hit) for hit in reply.preview),
        ]

    def _home(self, page: Home) -> list[Part]:
        saved = [self._read(row, page.timezone) for row in page.saved]
        return [
            Heading(HOME_SUBSCRIPTIONS),
            *_subscriptions(page.subscriptions),
            Heading(HOME_SAVED),
            *(saved or [Prose(NOTHING_SAVED)]),
            Heading(HOME_TOP),
            *([self._ranked(row) for row in page.top] or [Prose(NO_VOTES)]),
            Heading(HOME_START),
            *map(Prose, GETTING_STARTED),
        ]


def render(reply: Reply, links: MailboxLinks | None = None) -> Content:
    """Draw a reply. With `links`, papers can be voted on and saved from the mail."""
    subject, parts = _Drawing(links).drawn(reply)
    return Content(shortened(cleaned(subject), SUBJECT) or "Paperclub", tuple(parts))


def _list(heading: str, rows: Sequence[Part], pages: Pages, of: str = "paper") -> tuple[str, list[Part]]:
    return heading, [Heading(heading, top=True), *rows, Prose(pages_text(pages, of), dim=True)]


def _short(paper: Paper) -> str:
    return shortened(cleaned(paper.abstract), ABSTRACT)


def _toned(tone: Tone, text: str) -> str:
    return f"{TONES[tone]} {text}".lstrip()


def _subscriptions(rows: Sequence[SubscriptionRow]) -> list[Part]:
    parts: list[Part] = []
    for row in rows:
        spec = row.subscription.spec
        below = joined([f"number {row.subscription.id}", standing_text(row)])
        parts += [Heading(spec.topic), Prose(f"{subscription_text(spec)}\n{below}")]
    return parts or [Prose(NO_SUBSCRIPTIONS)]


def _settings(card: SettingsCard) -> tuple[str, list[Part]]:
    title = settings_title(card.channel_name)
    note = [Prose(card.note, dim=True)] if card.note else []
    done = _toned(Tone.DONE, title) if card.changed else title
    return title, [Heading(done, top=True), Pairs(settings_texts(card.settings)), *note]


def _help(entries: Sequence[HelpEntry]) -> list[Part]:
    pairs = tuple((each.usage.partition(" ")[0], each.summary) for each in entries)
    return [Pairs(pairs), Prose(MORE_HELP)]


def _detailed_help(entries: Sequence[HelpEntry]) -> list[Part]:
    parts: list[Part] = []
    for each in entries:
        parts += [Heading(each.usage), Prose(each.summary)]
        if each.parameters:
            parts.append(Pairs(each.parameters))
        if each.examples:
            parts.append(Prose("\n".join([EXAMPLES, *each.examples])))
    return parts


def _form(form: Form) -> tuple[str, list[Part]]:
    """A form's fields with their values, and the command to type."""
    errors = [each for each in (form.error, *(field.error for field in form.fields)) if each]
    fields = tuple((each.label, f"{each.value} ({field_text(each)})") for each in form.fields)
    return form.title, [
        Heading(form.title, top=True),
        Pairs(fields),
        Prose(f"Type it like this: `{form.usage}`"),
        *(Prose(_toned(Tone.ERROR, each)) for each in errors),
    ]
