"""Lists: search results, digests, leaderboards, reading lists and subscriptions."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.console.render.parts import (
    dim,
    heading,
    hits_table,
    lines,
    number,
    numbered,
    numbered_title,
    prose,
    title,
    tone,
)
from bot.protocol.replies import (
    Digest,
    DigestSection,
    Hit,
    Home,
    Leaderboard,
    ReadingList,
    ReadingRow,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    SubscriptionRow,
    Tone,
)
from bot.protocol.wording import (
    GETTING_STARTED,
    HOME_SAVED,
    HOME_START,
    HOME_SUBSCRIPTIONS,
    HOME_TOP,
    NO_PAPERS,
    NO_PAPERS_THEN,
    NO_SUBSCRIPTIONS,
    NO_VOTES,
    NOTHING_FOUND,
    NOTHING_SAVED,
    cleaned,
    date_text,
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
    step_text,
    submitters_text,
    subscribed_verb,
    subscription_text,
    subscriptions_title,
)

Body = tuple[RenderableType, ...]


def search(results: SearchResults) -> Body:
    """A page of search results."""
    if not results.hits:
        return (heading(results.heading), Text(NOTHING_FOUND))
    return (heading(results.heading), Text(), hits_table(results.hits), dim(pages_text(results.pages)))


def digest(digest: Digest) -> Body:
    """A day's overview, or a preview of it."""
    body: list[RenderableType] = [heading(digest_title(digest))]
    if digest.warning:
        body.append(Text.assemble(tone(Tone.WARNING), prose(digest.warning)))
    if digest.quiet:
        body.append(prose(digest.quiet))
    for section in digest.sections:
        body += [Text(), _section_title(section)]
        body.append(hits_table(section.hits) if digest.preview else _titles(section.hits))
    if digest.sections:
        body += [*([] if digest.preview else [Text()]), dim(following_text(digest))]
    return tuple(body)


def leaderboard(board: Leaderboard) -> Body:
    """A page of papers by rank."""
    steps = lines(joined(step_text(each, board.dates) for each in board.dates.steps) if board.dates else "")
    if not board.rows:
        empty = NO_PAPERS_THEN if board.dates else NO_PAPERS
        return (heading(board.heading), Text(empty), *steps)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("Rank", justify="right", no_wrap=True)
    table.add_column("Paper", overflow="fold")
    has_upvotes = any(row.upvotes for row in board.rows)
    has_days = any(row.day for row in board.rows)
    for column in ("Up", "Down", "Said", *(["Source"] * has_upvotes), *(["Day"] * has_days)):
        table.add_column(column, justify="right", no_wrap=True)
    for row in board.rows:
        counts = [row.tally.up, row.tally.down, row.comments, *([row.upvotes] * has_upvotes)]
        day = [date_text(row.day) if row.day else ""] * has_days
        table.add_row(f"{row.rank}.", numbered_title(row.paper), *map(str, counts), *day)
    by = lines(submitters_text(board.dates))
    return (heading(board.heading), *by, Text(), table, Text(), dim(pages_text(board.pages)), *steps)


def reading_list(reading: ReadingList) -> Body:
    """A page of papers by time."""
    if not reading.rows:
        return (heading(reading.heading), Text(NO_PAPERS))
    rows = numbered((number(row.paper), _reading_row(row, reading.timezone)) for row in reading.rows)
    return (heading(reading.heading), Text(), rows, dim(pages_text(reading.pages)))


def subscribed(reply: Subscribed) -> Body:
    """Confirms a subscription, with its next post and the papers that it would find now."""
    draft = reply.subscription.spec
    preview: list[RenderableType] = [Text(), dim(preview_text(reply))]
    if reply.preview:
        preview.append(_titles(reply.preview))
    return (
        Text.assemble(tone(Tone.DONE), subscribed_verb(reply), " ", (quoted(cleaned(draft.topic)), "bold")),
        prose(subscription_text(draft)),
        Text.assemble("Next post: ", (next_post_text(reply), "bold")),
        *preview,
    )


def subscription_list(reply: SubscriptionList) -> Body:
    """A page of a channel's subscriptions."""
    top = heading(subscriptions_title(reply.channel_name))
    if not reply.rows:
        return (top, prose(NO_SUBSCRIPTIONS))
    return (
        top,
        Text(),
        numbered((Text(str(row.subscription.id), style="cyan"), _subscription(row)) for row in reply.rows),
        dim(pages_text(reply.pages, "subscription")),
    )


def home(page: Home) -> Body:
    """A person's own page."""
    subscriptions = [
        (Text(str(row.subscription.id), style="cyan"), _subscription(row)) for row in page.subscriptions
    ]
    saved = [(number(row.paper), _reading_row(row, page.timezone)) for row in page.saved]
    top = [(number(row.paper), Group(title(row.paper), *lines(rank_text(row)))) for row in page.top]
    body: list[RenderableType] = []
    for name, rows, empty in (
        (HOME_SUBSCRIPTIONS, subscriptions, NO_SUBSCRIPTIONS),
        (HOME_SAVED, saved, NOTHING_SAVED),
        (HOME_TOP, top, NO_VOTES),
    ):
        body += [heading(name), numbered(rows) if rows else prose(empty), Text()]
    return (*body, heading(HOME_START), *map(prose, GETTING_STARTED))


def settings(card: SettingsCard) -> Body:
    """A channel's settings."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, value in settings_texts(card.settings):
        grid.add_row(dim(name), value)
    done = [tone(Tone.DONE)] if card.changed else []
    top = Text.assemble(*done, heading(settings_title(card.channel_name)))
    return (top, grid, *lines(card.note))


def _section_title(section: DigestSection) -> Text:
    return Text.assemble((cleaned(section.topic), "bold magenta"), (f" · {section_count(section)}", "dim"))


def _titles(hits: tuple[Hit, ...]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for hit in hits:
        table.add_row(number(hit.paper), title(hit.paper))
    return table


def _reading_row(row: ReadingRow, timezone: str) -> Group:
    message = f"message [{row.message.message}]" if row.message else ""
    return Group(
        title(row.paper),
        *lines(joined([reading_text(row, timezone), message])),
    )


def _subscription(row: SubscriptionRow) -> Group:
    draft = row.subscription.spec
    return Group(
        Text(cleaned(draft.topic), style="bold"),
        prose(subscription_text(draft)),
        *lines(standing_text(row)),
    )
