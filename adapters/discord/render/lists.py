"""Renders lists: search results, digests, leaderboards, reading lists, subscriptions and settings."""

from collections.abc import Iterable, Sequence

from adapters.discord.limits import (
    ADDRESS_IN_ROW,
    FACTS_IN_ROW,
    LINE,
    SENTENCE_SHOWN,
    SHORT_LINE,
    TITLE_IN_LINE,
    TITLE_IN_ROW,
)
from adapters.discord.render.cards import known_facts
from adapters.discord.render.components import (
    CONFIRM,
    EPHEMERAL_MARK,
    Colour,
    Component,
    Message,
    Style,
    action_row,
    build_fitting,
    button,
    escaped_note,
    heading,
    message,
    notes,
    pack,
    section,
    subtext,
    text,
    texts,
)
from adapters.discord.render.text import fitted, inert, linked, matched, permalink, prose
from bot.domain.channel import Layout
from bot.domain.paper import Paper
from bot.protocol.actions import (
    EndSubscription,
    OpenForm,
    PauseSubscription,
    Share,
    Show,
    StepTo,
    TurnPage,
)
from bot.protocol.replies import (
    BoardDates,
    Digest,
    DigestSection,
    Hit,
    Leaderboard,
    LeaderboardRow,
    Pages,
    ReadingList,
    ReadingRow,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    SubscriptionRow,
    Suggestions,
    Tone,
)
from bot.protocol.wording import (
    NO_PAPERS,
    NO_PAPERS_THEN,
    NO_SUBSCRIPTIONS,
    NOTHING_FOUND,
    TONES,
    digest_title,
    following_text,
    joined,
    nearness_text,
    next_post_text,
    pages_text,
    preview_text,
    quoted,
    rank_text,
    reading_text,
    section_count,
    settings_texts,
    settings_title,
    standing_text,
    status_text,
    step_text,
    submitters_text,
    subscribed_verb,
    subscription_text,
    subscriptions_title,
)

DONE = f"**{TONES[Tone.DONE]}**"
AS_ANSWERS = "Each paper follows as an answer to this message, to vote on."
UNREAD = "Links are not seen for now: the app has no leave to read messages (the Message Content intent)."
_ANSWERS = "as answers to the day's first message"
_OWN_THREADS = "as messages of their own, each with a thread"


def search(results: SearchResults) -> Message:
    """Render a page of search results."""
    rows = [_hit(hit) for hit in results.hits]
    return _page(results.heading, rows, NOTHING_FOUND, results.pages, shareable=results.shareable)


def leaderboard(board: Leaderboard) -> Message:
    """Render papers by rank."""
    rows = [_row(each.paper, *leaderboard_lines(each)) for each in board.rows]
    if board.dates is None:
        return _page(board.heading, rows, NO_PAPERS, board.pages)
    by = fitted(submitters_text(board.dates), LINE)
    return _page(board.heading, rows, NO_PAPERS_THEN, board.pages, by=by, more=_steps(board.dates))


def reading_list(reading: ReadingList, guild: str) -> Message:
    """Render a reading list or a channel's history, in the order of time."""
    rows = [_row(each.paper, *reading_lines(each, reading.timezone, guild)) for each in reading.rows]
    return _page(reading.heading, rows, NO_PAPERS, reading.pages)


def digest(reply: Digest, *, threads: bool) -> tuple[Message, ...]:
    """Render a digest's overview, as one message, or the preview of a digest, as one or more."""
    if reply.preview:
        groups: list[list[Component]] = [_digest_head(reply)]
        for each in reply.sections:
            first, *others = [_hit(hit) for hit in each.hits] or [[]]
            groups += [[text(_topic(each)), *first], *others]
        return pack([*groups, notes(following_text(reply))])
    total = sum(len(each.hits) for each in reply.sections)
    overview = build_fitting(lambda count: _overview(reply, count, total, threads=threads), total)
    about = ("digest", *(each.topic for each in reply.sections))
    return (message(overview, title=digest_title(reply), about=about),)


def subscribed(reply: Subscribed) -> Message:
    """Render the confirmation of a subscription, with a preview of what it posts."""
    wanted, number = reply.subscription.spec, reply.subscription.id
    head = text(
        f"{DONE} {subscribed_verb(reply)} **{fitted(quoted(wanted.topic), LINE)}**",
        fitted(subscription_text(wanted), LINE),
        f"Next post: **{inert(next_post_text(reply))}**",
    )

    def build(count: int) -> list[Component]:
        papers = [_title_line(hit.paper) for hit in reply.preview[:count]]
        return [
            head,
            *notes(preview_text(reply)),
            *texts([*papers, *_and_more(len(reply.preview) - count)]),
            *action_row(button("Change", OpenForm("subscribe", number))),
        ]

    return message(build_fitting(build, len(reply.preview)), colour=Colour.DONE)


def subscription_list(reply: SubscriptionList) -> Message:
    """Render a channel's subscriptions."""
    rows = [[text(*subscription_lines(each)), *action_row(*_change_buttons(each))] for each in reply.rows]
    heading_ = subscriptions_title(reply.channel_name)
    return _page(heading_, rows, prose(NO_SUBSCRIPTIONS), reply.pages, of="subscription")


def settings(card: SettingsCard, *, reads_messages: bool, threads: bool) -> Message:
    """Render a channel's settings."""
    done = f"{TONES[Tone.DONE]} " if card.changed else ""
    name = fitted(settings_title(card.channel_name), LINE)
    rows = _with_layout(settings_texts(card.settings), card.settings.layout, threads=threads)
    return message(
        [
            text(heading(f"{done}{name}"), *(f"**{setting}:** {inert(value)}" for setting, value in rows)),
            *escaped_note(card.note),
            *([] if reads_messages else notes(UNREAD)),
            *action_row(button("Change settings", OpenForm("settings"))),
        ]
    )


def _with_layout(
    rows: Sequence[tuple[str, str]], layout: Layout, *, threads: bool
) -> Iterable[tuple[str, str]]:
    """Yield the settings. Where a layout means something else in Discord, its value says so."""
    meaning = ""
    if layout is Layout.BROADCAST or (layout is Layout.THREADED and not threads):
        meaning = _ANSWERS
    elif layout is Layout.FLAT and threads:
        meaning = _OWN_THREADS
    for setting, value in rows:
        yield setting, f"{meaning} ({layout})" if meaning and value.endswith(f"({layout})") else value


def suggestions(reply: Suggestions) -> Message:
    """Render suggestions, a line each."""
    lines = [f"- {fitted(each.label, SHORT_LINE)}" for each in reply.choices]
    return message(texts(lines[:20]) or [text(NOTHING_FOUND)])


def _page(
    name: str,
    rows: Sequence[list[Component]],
    empty: str,
    pages: Pages,
    *,
    of: str = "paper",
    shareable: bool = False,
    by: str = "",
    more: Sequence[Component] = (),
) -> Message:
    """Render one page of a list as one message.

    `of` is what its rows are called, `by` who brought them, and `more` are further buttons.
    """
    head = text(heading(fitted(name, LINE)), subtext(by))
    if not rows:
        return message([head, text(empty), *action_row(*more)])

    def build(count: int) -> list[Component]:
        return [
            head,
            *(each for part in rows[:count] for each in part),
            *notes(*_and_more(len(rows) - count), pages_text(pages, of)),
            *action_row(*_page_buttons(pages, shareable=shareable), *more),
        ]

    return message(build_fitting(build, len(rows)), title=name)


def _steps(dates: BoardDates) -> list[Component]:
    return [button(step_text(each, dates), StepTo(each)) for each in dates.steps]


def _page_buttons(pages: Pages, *, shareable: bool) -> list[Component]:
    turns = (("Previous", pages.page - 1), ("Next", pages.page + 1))
    buttons = [
        button(name, TurnPage(pages.list_id, page)) for name, page in turns if 1 <= page <= pages.pages
    ]
    share = [button("Share in channel", Share(pages.list_id, pages.page))] if shareable else []
    return buttons + share


def _and_more(count: int) -> list[str]:
    return [f"and {count} more"] if count else []


def _row(paper: Paper, *lines: str) -> list[Component]:
    """Build a row with a button that shows its paper to the person alone."""
    return [section(button("Open", Show(paper.id), mark=EPHEMERAL_MARK), *lines)]


def _linked_title(paper: Paper, length: int = TITLE_IN_LINE) -> str:
    return linked(paper.title or f"#{paper.id}", length, paper.link, ADDRESS_IN_ROW)


def _hit(hit: Hit) -> list[Component]:
    sentence = f"> {matched(hit, SENTENCE_SHOWN)}" if hit.sentence else ""
    below = joined([known_facts(hit.paper, FACTS_IN_ROW), status_text(hit.status, zeros=False)])
    near = subtext(fitted(nearness_text(hit.near), FACTS_IN_ROW)) if hit.near else ""
    return _row(hit.paper, f"**{_linked_title(hit.paper, TITLE_IN_ROW)}**", sentence, near, subtext(below))


def leaderboard_lines(row: LeaderboardRow) -> tuple[str, ...]:
    """Return the lines of a paper and its rank."""
    line = f"{row.rank}\\. **{_linked_title(row.paper)}**"
    return line, subtext(f"#{row.paper.id} · {rank_text(row)}")


def reading_lines(row: ReadingRow, timezone: str, guild: str = "") -> tuple[str, ...]:
    """Return the lines of a paper on a reading list, with a link to the message that shows it."""
    url = permalink(guild, row.message)
    link = linked("message", SHORT_LINE, url) if url else ""
    below = joined([f"#{row.paper.id}", inert(reading_text(row, timezone)), link])
    return f"**{_linked_title(row.paper)}**", subtext(below)


def _title_line(paper: Paper) -> str:
    return f"- {_linked_title(paper)} #{paper.id}"


def _digest_head(reply: Digest) -> list[Component]:
    warning = f"**{TONES[Tone.WARNING]}** {fitted(reply.warning, LINE, prose)}" if reply.warning else ""
    return [text(heading(inert(digest_title(reply))), warning, fitted(reply.quiet, LINE, prose))]


def _topic(each: DigestSection) -> str:
    topic = fitted(each.topic, LINE)
    return joined([topic and f"**{topic}**", section_count(each)])


def _overview(reply: Digest, count: int, total: int, *, threads: bool) -> list[Component]:
    """Build the overview of a digest with the first `count` of its `total` papers, by topic."""
    lines: list[str] = []
    room = count
    for each in reply.sections:
        shown = each.hits[:room]
        room -= len(shown)
        if shown:
            lines += [_topic(each), *(_title_line(hit.paper) for hit in shown)]
    left = [f"{line} below" for line in _and_more(total - count)]
    return [
        *_digest_head(reply),
        *texts(lines),
        *notes(*left, _following(reply, threads=threads)),
        *action_row(button("Settings", OpenForm("settings"))),
    ]


def _following(reply: Digest, *, threads: bool) -> str:
    """Return the line that says where a digest's papers are.

    In a channel without threads, each paper is a reply to the digest's message.
    """
    as_replies = reply.layout is Layout.BROADCAST or (reply.layout is Layout.THREADED and not threads)
    return AS_ANSWERS if as_replies and reply.sections else following_text(reply)


def subscription_lines(row: SubscriptionRow) -> tuple[str, ...]:
    """Return the lines of a subscription and its state."""
    wanted = row.subscription.spec
    below = f"number {row.subscription.id} · {fitted(standing_text(row), SHORT_LINE)}"
    return f"**{fitted(wanted.topic, LINE)}**", fitted(subscription_text(wanted), SHORT_LINE), subtext(below)


def _change_buttons(row: SubscriptionRow) -> Iterable[Component]:
    """Yield the buttons that change a subscription."""
    number, paused = row.subscription.id, row.subscription.paused
    yield button("Resume" if paused else "Pause", PauseSubscription(number, paused=not paused))
    yield button("Change", OpenForm("subscribe", number))
    yield button("End", EndSubscription(number), Style.DANGER, mark=CONFIRM)
