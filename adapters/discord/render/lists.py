"""Drawings of lists: what was found, posted, voted on, saved and subscribed to."""

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
    ASK,
    LOOK,
    Colour,
    Component,
    Message,
    Style,
    as_many,
    aside,
    beside,
    button,
    heading,
    message,
    notes,
    packed,
    row,
    small,
    text,
    texts,
)
from adapters.discord.render.text import fitted, inert, permalink, prose, titled
from bot.domain.channel import Layout
from bot.domain.paper import Paper
from bot.protocol.actions import EndSubscription, OpenForm, PauseSubscription, Share, Show, TurnPage
from bot.protocol.replies import (
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
    NO_SUBSCRIPTIONS,
    NOTHING_FOUND,
    TONES,
    digest_title,
    following_text,
    joined,
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
    """What a search found."""
    rows = [_hit(hit) for hit in results.hits]
    return _page(results.heading, rows, NOTHING_FOUND, results.pages, shareable=results.shareable)


def leaderboard(board: Leaderboard) -> Message:
    """Papers by rank."""
    rows = [_openable(each.paper, *ranked(each)) for each in board.rows]
    return _page(board.heading, rows, NO_PAPERS, board.pages)


def reading_list(reading: ReadingList, guild: str) -> Message:
    """Papers by time."""
    rows = [_openable(each.paper, *read(each, reading.timezone, guild)) for each in reading.rows]
    return _page(reading.heading, rows, NO_PAPERS, reading.pages)


def digest(reply: Digest, *, threads: bool) -> tuple[Message, ...]:
    """A day's overview, in one message, or a preview of it."""
    if reply.preview:
        groups: list[list[Component]] = [_digest_head(reply)]
        for each in reply.sections:
            first, *others = [_hit(hit) for hit in each.hits] or [[]]
            groups += [[text(_topic(each)), *first], *others]
        return packed([*groups, notes(following_text(reply))])
    total = sum(len(each.hits) for each in reply.sections)
    overview = as_many(lambda count: _overview(reply, count, total, threads=threads), total)
    about = ("digest", *(each.topic for each in reply.sections))
    return (message(overview, title=digest_title(reply), about=about),)


def subscribed(reply: Subscribed) -> Message:
    """That a subscription stands, and what it means."""
    wanted, number = reply.subscription.spec, reply.subscription.id
    head = text(
        f"{DONE} {subscribed_verb(reply)} **{fitted(quoted(wanted.topic), LINE)}**",
        fitted(subscription_text(wanted), LINE),
        f"Next post: **{inert(next_post_text(reply))}**",
    )

    def build(count: int) -> list[Component]:
        papers = [_titled(hit.paper) for hit in reply.preview[:count]]
        return [
            head,
            *notes(preview_text(reply)),
            *texts([*papers, *_left(len(reply.preview) - count)]),
            *row(button("Change", OpenForm("subscribe", number))),
        ]

    return message(as_many(build, len(reply.preview)), colour=Colour.DONE)


def subscription_list(reply: SubscriptionList) -> Message:
    """What a channel is subscribed to."""
    rows = [[text(*subscription(each)), *row(*_changes(each))] for each in reply.rows]
    heading_ = subscriptions_title(reply.channel_name)
    return _page(heading_, rows, prose(NO_SUBSCRIPTIONS), reply.pages, of="subscription")


def settings(card: SettingsCard, *, reads: bool, threads: bool) -> Message:
    """What a channel has chosen."""
    done = f"{TONES[Tone.DONE]} " if card.changed else ""
    name = fitted(settings_title(card.channel_name), LINE)
    chosen = _as_here(settings_texts(card.settings), card.settings.layout, threads=threads)
    return message(
        [
            text(heading(f"{done}{name}"), *(f"**{setting}:** {inert(value)}" for setting, value in chosen)),
            *aside(card.note),
            *([] if reads else notes(UNREAD)),
            *row(button("Change settings", OpenForm("settings"))),
        ]
    )


def _as_here(
    chosen: Sequence[tuple[str, str]], layout: Layout, *, threads: bool
) -> Iterable[tuple[str, str]]:
    """Say of the layout what becomes of it in Discord."""
    here = ""
    if layout is Layout.BROADCAST or (layout is Layout.THREADED and not threads):
        here = _ANSWERS
    elif layout is Layout.FLAT and threads:
        here = _OWN_THREADS
    for setting, value in chosen:
        yield setting, f"{here} ({layout})" if here and value.endswith(f"({layout})") else value


def suggestions(reply: Suggestions) -> Message:
    """What may be meant, a line each."""
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
) -> Message:
    """One page of a list, in one message."""
    head = text(heading(fitted(name, LINE)))
    if not rows:
        return message([head, text(empty)])

    def build(count: int) -> list[Component]:
        return [
            head,
            *(each for part in rows[:count] for each in part),
            *notes(*_left(len(rows) - count), pages_text(pages, of)),
            *row(*_page_buttons(pages, shareable=shareable)),
        ]

    return message(as_many(build, len(rows)), title=name)


def _page_buttons(pages: Pages, *, shareable: bool) -> list[Component]:
    turns = (("Previous", pages.page - 1), ("Next", pages.page + 1))
    buttons = [
        button(name, TurnPage(pages.list_id, page)) for name, page in turns if 1 <= page <= pages.pages
    ]
    share = [button("Share in channel", Share(pages.list_id, pages.page))] if shareable else []
    return buttons + share


def _left(count: int) -> list[str]:
    return [f"and {count} more"] if count else []


def _openable(paper: Paper, *lines: str) -> list[Component]:
    """A row with a button by which somebody looks at its paper alone."""
    return [beside(button("Open", Show(paper.id), mark=LOOK), *lines)]


def _in_line(paper: Paper, length: int = TITLE_IN_LINE) -> str:
    return titled(paper.title or f"#{paper.id}", length, paper.link, ADDRESS_IN_ROW)


def _hit(hit: Hit) -> list[Component]:
    sentence = f"> {fitted(quoted(hit.sentence), SENTENCE_SHOWN)}" if hit.sentence else ""
    below = joined([known_facts(hit.paper, FACTS_IN_ROW), status_text(hit.status, zeros=False)])
    return _openable(hit.paper, f"**{_in_line(hit.paper, TITLE_IN_ROW)}**", sentence, small(below))


def ranked(row_: LeaderboardRow) -> tuple[str, ...]:
    """A paper at its rank."""
    place = f"{row_.rank}\\. **{_in_line(row_.paper)}**"
    return place, small(f"#{row_.paper.id} · {rank_text(row_)}")


def read(row_: ReadingRow, timezone: str, guild: str = "") -> tuple[str, ...]:
    """A paper on a list by time, and the message that it stands in."""
    where = permalink(guild, row_.message)
    there = titled("message", SHORT_LINE, where) if where else ""
    below = joined([f"#{row_.paper.id}", inert(reading_text(row_, timezone)), there])
    return f"**{_in_line(row_.paper)}**", small(below)


def _titled(paper: Paper) -> str:
    return f"- {_in_line(paper)} #{paper.id}"


def _digest_head(reply: Digest) -> list[Component]:
    warning = f"**{TONES[Tone.WARNING]}** {fitted(reply.warning, LINE, prose)}" if reply.warning else ""
    return [text(heading(inert(digest_title(reply))), warning, fitted(reply.quiet, LINE, prose))]


def _topic(each: DigestSection) -> str:
    topic = fitted(each.topic, LINE)
    return joined([topic and f"**{topic}**", section_count(each)])


def _overview(reply: Digest, count: int, total: int, *, threads: bool) -> list[Component]:
    """The first papers of all topics, so many of them."""
    lines: list[str] = []
    room = count
    for each in reply.sections:
        shown = each.hits[:room]
        room -= len(shown)
        if shown:
            lines += [_topic(each), *(_titled(hit.paper) for hit in shown)]
    left = [f"{line} below" for line in _left(total - count)]
    return [
        *_digest_head(reply),
        *texts(lines),
        *notes(*left, _following(reply, threads=threads)),
        *row(button("Settings", OpenForm("settings"))),
    ]


def _following(reply: Digest, *, threads: bool) -> str:
    """Where a digest's papers are to be found: where there are no threads, they answer its message."""
    answers = reply.layout is Layout.BROADCAST or (reply.layout is Layout.THREADED and not threads)
    return AS_ANSWERS if answers and reply.sections else following_text(reply)


def subscription(row_: SubscriptionRow) -> tuple[str, ...]:
    """A subscription and how it stands."""
    wanted = row_.subscription.spec
    below = f"number {row_.subscription.id} · {fitted(standing_text(row_), SHORT_LINE)}"
    return f"**{fitted(wanted.topic, LINE)}**", fitted(subscription_text(wanted), SHORT_LINE), small(below)


def _changes(row_: SubscriptionRow) -> Iterable[Component]:
    """What can be done with a subscription."""
    number, paused = row_.subscription.id, row_.subscription.paused
    yield button("Resume" if paused else "Pause", PauseSubscription(number, paused=not paused))
    yield button("Change", OpenForm("subscribe", number))
    yield button("End", EndSubscription(number), Style.DANGER, mark=ASK)
