"""The Home tab: https://docs.slack.dev/surfaces/app-home."""

from typing import Any

from adapters.slack.limits import LINE, TITLE_IN_LINE
from adapters.slack.render.blocks import (
    Block,
    Message,
    actions,
    button,
    header,
    message,
    overflow_menu,
    section,
)
from adapters.slack.render.lists import subscription
from adapters.slack.render.modals import ModalContext
from adapters.slack.render.text import fitted, inert, prose, title
from bot.domain.paper import Paper
from bot.domain.vote import Vote
from bot.protocol.actions import Action, CastVote, Discuss, OpenForm, Related, Save, Summarize
from bot.protocol.replies import Home, LastShown, LeaderboardRow, ReadingRow
from bot.protocol.wording import (
    GETTING_STARTED,
    HOME_SAVED,
    HOME_START,
    HOME_SUBSCRIPTIONS,
    HOME_TOP,
    NO_SUBSCRIPTIONS,
    NO_VOTES,
    NOTHING_SAVED,
    joined,
    rank_text,
    reading_text,
    status_text,
)


def home_view(page: Home, channel: str) -> dict[str, Any]:
    """A person's page as the view of their Home tab; `channel` is their direct messages with the bot."""
    return {
        "type": "home",
        "private_metadata": ModalContext(channel).metadata,
        "blocks": _home(page),
    }


def home(page: Home) -> Message:
    """A person's page as a message."""
    return message(_home(page))


def _home(page: Home) -> list[Block]:
    saved = {row.paper.id for row in page.saved}
    top = [_top(row, page.last_shown.get(row.paper.id), saved=row.paper.id in saved) for row in page.top]
    return [
        *actions(
            button("form", "Subscribe to a topic", OpenForm("subscribe")),
            button("settings", "Settings", OpenForm("settings")),
        ),
        *_part(HOME_SUBSCRIPTIONS, [subscription(row) for row in page.subscriptions], NO_SUBSCRIPTIONS),
        *_part(HOME_TOP, top, NO_VOTES),
        *_part(HOME_SAVED, [_saved(row, page) for row in page.saved], NOTHING_SAVED),
        {"type": "divider"},
        header(HOME_START),
        section("\n".join(f"• {prose(each)}" for each in GETTING_STARTED)),
    ]


def _part(name: str, rows: list[list[Block]], empty: str) -> list[Block]:
    return [
        {"type": "divider"},
        header(name),
        *([block for row in rows for block in row] or [section(prose(empty))]),
    ]


def _top(row: LeaderboardRow, shown: LastShown | None, *, saved: bool) -> list[Block]:
    """A paper at its rank."""
    top = f"{row.rank}. *{title(row.paper, TITLE_IN_LINE)}*"
    below = joined([f"#{row.paper.id}", rank_text(row), "saved" if saved else ""])
    return [section(top, below, _channel_status(shown), accessory=_menu(row.paper, shown, saved=saved))]


def _saved(row: ReadingRow, page: Home) -> list[Block]:
    """A paper on the person's reading list."""
    shown = page.last_shown.get(row.paper.id)
    below = joined([f"#{row.paper.id}", inert(reading_text(row, page.timezone))])
    top = f"*{title(row.paper, TITLE_IN_LINE)}*"
    return [section(top, below, _channel_status(shown), accessory=_menu(row.paper, shown, saved=True))]


def _channel_status(shown: LastShown | None) -> str:
    """A paper's votes and activity in the channel that its menu acts in; empty where there is none."""
    return "" if shown is None else fitted(f"{shown.name}: {status_text(shown.status)}", LINE)


def _menu(paper: Paper, shown: LastShown | None, *, saved: bool) -> Block:
    """A paper's menu. Votes and discussions need a channel to act in, and are left out without one."""
    options: list[tuple[str, Action]] = [
        ("Summarize", Summarize(paper.id)),
        ("Related papers", Related(paper.id)),
    ]
    if not saved:
        options = [("Save", Save(paper.id)), *options]
    if shown is None:
        return overflow_menu(*options)
    up = "Take back 👍" if shown.status.own_vote is Vote.UP else "👍 Up-vote"
    in_channel: list[tuple[str, Action]] = [
        (f"{up} in {shown.name}", CastVote(paper.id, Vote.UP)),
        (f"Discuss in {shown.name}", Discuss(paper.id)),
    ]
    return overflow_menu(*in_channel, *options, target_channel=shown.channel)
