"""Messages with lists: search results, digests, leaderboards, reading lists and subscriptions."""

from collections.abc import Sequence
from functools import lru_cache

from adapters.slack.limits import LINE, SENTENCE_SHOWN, TITLE_IN_LINE
from adapters.slack.render.blocks import (
    Block,
    Message,
    actions,
    as_many_as_fit,
    button,
    context,
    fields,
    header,
    message,
    note,
    overflow_menu,
    pack,
    section,
    sections,
    with_confirmation,
)
from adapters.slack.render.text import (
    COMMAND,
    code,
    command,
    fitted,
    inert,
    known_facts,
    linked,
    matched,
    permalink,
    prose,
    title,
)
from bot.domain.paper import Paper
from bot.domain.vote import Vote
from bot.protocol.actions import (
    CastVote,
    Discuss,
    EndSubscription,
    OpenForm,
    PauseSubscription,
    Related,
    Save,
    Share,
    StepTo,
    Summarize,
    TurnPage,
)
from bot.protocol.replies import (
    BoardDates,
    Digest,
    DigestSection,
    Help,
    HelpEntry,
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
    EXAMPLES,
    MORE_HELP,
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
    period_text,
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

DONE = f"*{TONES[Tone.DONE]}*"


def search(results: SearchResults) -> Message:
    """A page of search results."""
    rows = [_hit(hit) for hit in results.hits]
    return _page(results.heading, rows, NOTHING_FOUND, results.pages, shareable=results.shareable)


def leaderboard(board: Leaderboard) -> Message:
    """A page of papers by rank."""
    rows = [ranked(row) for row in board.rows]
    if board.dates is None:
        return _page(board.heading, rows, NO_PAPERS, board.pages)
    by = context(fitted(submitters_text(board.dates), LINE))
    return _page(board.heading, rows, NO_PAPERS_THEN, board.pages, below_heading=by, more=_steps(board.dates))


def reading_list(reading: ReadingList, workspace_url: str) -> Message:
    """A page of papers by time."""
    rows = [reading_row(row, reading.timezone, workspace_url) for row in reading.rows]
    return _page(reading.heading, rows, NO_PAPERS, reading.pages)


def digest(reply: Digest) -> tuple[Message, ...]:
    """A day's overview, always one message; or a preview of it, which may take several."""
    if not reply.preview:
        total = sum(len(each.hits) for each in reply.sections)
        return (message(as_many_as_fit(lambda count: _overview(reply, count, total), total)),)
    groups = [_digest_head(reply)]
    for each in reply.sections:
        first, *others = [_hit(hit) for hit in each.hits] or [[]]
        groups += [[section(_topic(each)), *first], *others]
    return pack([*groups, context(following_text(reply))])


def subscribed(reply: Subscribed) -> Message:
    """Confirms a subscription, with its next post and the papers that it would find now."""
    draft = reply.subscription.spec
    head = section(
        f"{DONE} {subscribed_verb(reply)} *{fitted(quoted(draft.topic), LINE)}*",
        fitted(subscription_text(draft), LINE),
        f"Next post: *{inert(next_post_text(reply))}*",
    )

    def build(count: int) -> list[Block]:
        titles = [_titled(hit.paper) for hit in reply.preview[:count]]
        return [head, *context(preview_text(reply)), *sections([*titles, *_left(len(reply.preview) - count)])]

    return message(as_many_as_fit(build, len(reply.preview)))


def subscription_list(reply: SubscriptionList) -> Message:
    """A page of a channel's subscriptions."""
    rows = [subscription(row) for row in reply.rows]
    heading = subscriptions_title(reply.channel_name)
    return _page(heading, rows, prose(NO_SUBSCRIPTIONS), reply.pages, of="subscription")


def settings(card: SettingsCard) -> Message:
    """A channel's settings."""
    done = f"{TONES[Tone.DONE]} " if card.changed else ""
    values = [f"*{name}*\n{fitted(value, LINE)}" for name, value in settings_texts(card.settings)]
    return message(
        [
            header(f"{done}{settings_title(card.channel_name)}"),
            fields(*values),
            *note(card.note),
            *actions(button("settings", "Change settings", OpenForm("settings"))),
        ]
    )


@lru_cache(maxsize=8)  # nothing in it changes, and it is the longest reply of all
def overview_of_commands(reply: Help) -> tuple[Message, ...]:
    """All commands, one line each."""
    lines = [
        f"*{fitted(entry.usage.partition(' ')[0], LINE)}*  {fitted(entry.summary, LINE, prose)}"
        for entry in reply.entries
    ]
    top = context(f"Type {code(COMMAND)} and one of these:")
    return pack([top, *([block] for block in sections(lines)), context(prose(MORE_HELP))])


def detailed_help(reply: Help) -> tuple[Message, ...]:
    """Commands with their parameters and examples."""
    return pack([block] for entry in reply.entries for block in _help_entry(entry))


def suggestions(reply: Suggestions) -> Message:
    """SuggestionKind values, one line each."""
    return message(
        sections(f"• {fitted(each.label, LINE)}" for each in reply.choices) or [section(NOTHING_FOUND)]
    )


def _page(
    heading: str,
    rows: Sequence[list[Block]],
    empty: str,
    pages: Pages,
    *,
    of: str = "paper",
    shareable: bool = False,
    below_heading: Sequence[Block] = (),
    more: Sequence[Block] = (),
) -> Message:
    """One page of a list, in one message; `more` are further buttons."""
    if not rows:
        return message([header(heading), section(empty), *actions(*more)])

    def build(count: int) -> list[Block]:
        return [
            header(heading),
            *below_heading,
            *(block for row in rows[:count] for block in row),
            *context(*_left(len(rows) - count), pages_text(pages, of)),
            *actions(*_page_buttons(pages, shareable=shareable), *more),
        ]

    return message(as_many_as_fit(build, len(rows)))


def _page_buttons(pages: Pages, *, shareable: bool) -> list[Block]:
    turns = {"previous": ("Previous", pages.page - 1), "next": ("Next", pages.page + 1)}
    buttons = [
        button(verb, label, TurnPage(pages.list_id, page))
        for verb, (label, page) in turns.items()
        if 1 <= page <= pages.pages
    ]
    share = [button("share", "Share in channel", Share(pages.list_id, pages.page))] if shareable else []
    return buttons + share


def _steps(dates: BoardDates) -> list[Block]:
    # Slack refuses a block with two elements of one action_id, so each has a verb of its own.
    steps = {"earlier": dates.earlier, "later": dates.later}
    return [
        button(verb, step_text(each, dates), StepTo(each), f"Papers of {period_text(each)}")
        for verb, each in steps.items()
        if each is not None
    ]


def _left(count: int) -> list[str]:
    return [f"and {count} more"] if count else []


def _hit(hit: Hit) -> list[Block]:
    sentence = matched(hit, SENTENCE_SHOWN)
    near = fitted(nearness_text(hit.near), LINE) if hit.near else ""
    top = section(f"*{title(hit.paper)}*", sentence and f">{sentence}", near, accessory=_row_menu(hit.paper))
    return [top, *context(joined([known_facts(hit.paper), status_text(hit.status, zeros=False)]))]


def ranked(row: LeaderboardRow) -> list[Block]:
    """A paper at its rank."""
    top = f"{row.rank}. *{title(row.paper, TITLE_IN_LINE)}*"
    return [section(top, f"#{row.paper.id} · {rank_text(row)}", accessory=_row_menu(row.paper))]


def reading_row(row: ReadingRow, timezone: str, workspace_url: str = "") -> list[Block]:
    """A paper on a list by time, with a link to the message that shows it."""
    link = linked("message", permalink(workspace_url, row.message))
    below = joined([f"#{row.paper.id}", inert(reading_text(row, timezone)), link if row.message else ""])
    return [section(f"*{title(row.paper, TITLE_IN_LINE)}*", below, accessory=_row_menu(row.paper))]


def _row_menu(paper: Paper) -> Block:
    return overflow_menu(
        ("👍 Up-vote", CastVote(paper.id, Vote.UP)),
        ("Save", Save(paper.id)),
        ("Summarize", Summarize(paper.id)),
        ("Discuss", Discuss(paper.id)),
        ("Related papers", Related(paper.id)),
    )


def _titled(paper: Paper) -> str:
    return f"• {title(paper, TITLE_IN_LINE)} #{paper.id}"


def _digest_head(reply: Digest) -> list[Block]:
    warning = f"*{TONES[Tone.WARNING]}* {fitted(reply.warning, LINE, prose)}" if reply.warning else ""
    lines = [text for text in (warning, fitted(reply.quiet, LINE, prose)) if text]
    return [header(digest_title(reply)), *map(section, lines)]


def _topic(each: DigestSection) -> str:
    topic = fitted(each.topic, LINE)
    return joined([topic and f"*{topic}*", section_count(each)])


def _overview(reply: Digest, count: int, total: int) -> list[Block]:
    """The first `count` of all topics' papers."""
    blocks, room = _digest_head(reply), count
    for each in reply.sections:
        shown = each.hits[:room]
        room -= len(shown)
        if shown:
            blocks += sections([_topic(each), *(_titled(hit.paper) for hit in shown)])
    left = [f"{line} below" for line in _left(total - count)]
    return [*blocks, *context(*left, following_text(reply))]


def subscription(row: SubscriptionRow) -> list[Block]:
    """A subscription and its buttons."""
    number, paused = row.subscription.id, row.subscription.paused
    draft = row.subscription.spec
    topic = fitted(draft.topic, LINE)
    verb, label = ("resume", "Resume") if paused else ("pause", "Pause")
    end = with_confirmation(
        button("end", "End", EndSubscription(number), f"End {draft.topic}"),
        "End this subscription?",
        f"Papers on {quoted(draft.topic)} are no longer posted here.",
        yes="End it",
        no="Keep it",
    )
    change = PauseSubscription(number, paused=not paused)
    return [
        section(f"*{topic}*", fitted(subscription_text(draft), LINE)),
        *context(f"number {number} · {fitted(standing_text(row), LINE)}"),
        *actions(
            button(verb, label, change, f"{label} {draft.topic}"),
            button("edit", "Change", OpenForm("subscribe", number), f"Change {draft.topic}"),
            end,
        ),
    ]


def _help_entry(entry: HelpEntry) -> list[Block]:
    parameters = [
        f"{fitted(name, LINE, code)}  {fitted(meaning, LINE, prose)}" for name, meaning in entry.parameters
    ]
    examples = [fitted(example, LINE, command) for example in entry.examples]
    return [
        section(fitted(entry.usage, LINE, command), fitted(entry.summary, LINE, prose)),
        *sections(parameters),
        *(context(EXAMPLES) if examples else []),
        *sections(examples),
    ]
