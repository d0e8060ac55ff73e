"""Drawings of lists: what was found, posted, voted on, saved and subscribed to."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.console.parts import (
    dim,
    heading,
    hits_drawn,
    joined,
    lines,
    number,
    numbered,
    numbered_title,
    pages_text,
    prose,
    title,
    votes_text,
    wishes_text,
)
from adapters.console.text import coming_text, counted, day_text, inert, past_text
from bot.models import Changers, Layout
from bot.replies import (
    Digest,
    DigestSection,
    Hit,
    Leaderboard,
    ReadingList,
    ReadingRow,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    SubscriptionRow,
)

Body = tuple[RenderableType, ...]

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
_CHANGERS = {Changers.ANYONE: "anyone in it", Changers.ADMINS: "its admins"}


def search(results: SearchResults) -> Body:
    """What a search found."""
    if not results.hits:
        return (heading(results.heading), Text("No paper was found."))
    return (heading(results.heading), Text(), hits_drawn(results.hits), pages_text(results.pages))


def digest(digest: Digest) -> Body:
    """A day's overview, or a preview of it."""
    name = "Preview of the papers for" if digest.preview else "Papers for"
    drawn: list[RenderableType] = [heading(f"{name} {day_text(digest.day)}")]
    if digest.warning:
        drawn.append(Text.assemble(("Careful: ", "bold yellow"), prose(digest.warning)))
    if digest.quiet:
        drawn.append(prose(digest.quiet))
    for section in digest.sections:
        drawn += [Text(), _section_title(section)]
        drawn.append(hits_drawn(section.hits) if digest.preview else _titles(section.hits))
    if digest.sections and digest.preview:
        drawn.append(dim("Nothing has been posted."))
    elif digest.sections:
        drawn += [Text(), dim(f"Each paper follows {_FOLLOWING[digest.layout]}, to vote on.")]
    return tuple(drawn)


def leaderboard(board: Leaderboard) -> Body:
    """Papers by rank."""
    if not board.rows:
        return (heading(board.heading), Text("No paper yet."))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("Rank", justify="right", no_wrap=True)
    table.add_column("Paper", overflow="fold")
    elsewhere = any(row.upvotes for row in board.rows)
    for column in ("Up", "Down", "Said", *(["Source"] if elsewhere else [])):
        table.add_column(column, justify="right", no_wrap=True)
    for row in board.rows:
        counts = [row.tally.up, row.tally.down, row.comments, *([row.upvotes] if elsewhere else [])]
        table.add_row(f"{row.rank}.", numbered_title(row.paper), *map(str, counts))
    return (heading(board.heading), Text(), table, Text(), pages_text(board.pages))


def reading_list(reading: ReadingList) -> Body:
    """Papers by time."""
    if not reading.rows:
        return (heading(reading.heading), Text("No paper yet."))
    rows = numbered((number(row.paper), _reading_row(row, reading.timezone)) for row in reading.rows)
    return (heading(reading.heading), Text(), rows, pages_text(reading.pages))


def subscribed(reply: Subscribed) -> Body:
    """That a subscription stands, and what it means."""
    wanted = reply.subscription.wanted
    verb = "Changed the subscription to" if reply.changed else "Subscribed to"
    preview: list[RenderableType] = [
        Text(),
        dim("The last week's papers that fit:" if reply.preview else "No paper of the last week fits."),
    ]
    if reply.preview:
        preview.append(_titles(reply.preview))
    return (
        Text.assemble(("Done: ", "bold green"), f"{verb} ", (f"“{inert(wanted.topic)}”", "bold")),
        prose(wishes_text(wanted)),
        Text.assemble("Next post: ", (coming_text(reply.next_post, wanted.slot.timezone), "bold")),
        *preview,
    )


def subscription_list(reply: SubscriptionList) -> Body:
    """What a channel is subscribed to."""
    top = heading(f"Subscriptions of {reply.channel_name}")
    if not reply.rows:
        return (top, prose("None yet. For example: `subscribe mixture of experts at:09:00`"))
    return (
        top,
        Text(),
        numbered((Text(str(row.subscription.id), style="cyan"), _subscription(row)) for row in reply.rows),
    )


def settings(card: SettingsCard) -> Body:
    """What a channel has chosen."""
    chosen = card.settings
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_row(dim("Posts at"), f"{chosen.post_at:%H:%M}")
    grid.add_row(dim("Time zone"), chosen.timezone)
    grid.add_row(dim("Papers come"), f"{_LAYOUTS[chosen.layout]} ({chosen.layout})")
    grid.add_row(dim("Who may change this"), f"{_CHANGERS[chosen.changers]} ({chosen.changers})")
    done = [Text("Done: ", style="bold green")] if card.changed else []
    top = Text.assemble(*done, heading(f"Settings of {card.channel_name}"))
    return (top, grid, *lines(card.note))


def _section_title(section: DigestSection) -> Text:
    count = counted(len(section.hits), "paper")
    return Text.assemble((inert(section.topic), "bold magenta"), (f" · {count}", "dim"))


def _titles(hits: tuple[Hit, ...]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for hit in hits:
        table.add_row(number(hit.paper), title(hit.paper))
    return table


def _reading_row(row: ReadingRow, timezone: str) -> Group:
    deeds = ", ".join(sorted(row.deeds))
    message = f"message [{row.message.message}]" if row.message else ""
    return Group(
        title(row.paper),
        *lines(joined([past_text(row.at, timezone), deeds, votes_text(row.tally, zeros=False), message])),
    )


def _subscription(row: SubscriptionRow) -> Group:
    subscription = row.subscription
    wanted = subscription.wanted
    coming = f"next post: {coming_text(row.next_post, wanted.slot.timezone)}" if row.next_post else ""
    state = "paused" if subscription.paused else coming
    return Group(
        Text(inert(wanted.topic), style="bold"),
        prose(wishes_text(wanted)),
        *lines(joined([state, f"asked for by {subscription.created_by.name}"])),
    )
