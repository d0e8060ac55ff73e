"""Reply → Slack messages."""

from typing import assert_never

from adapters.slack.render import cards, home, lists
from adapters.slack.render import modals as views
from adapters.slack.render.blocks import Message
from bot.protocol.replies import (
    Answer,
    Digest,
    Discussion,
    Form,
    Help,
    Home,
    Leaderboard,
    LinkCard,
    Notice,
    PaperCard,
    ReadingList,
    Reply,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    Suggestions,
    Summary,
    Tally,
)

__all__ = ["Message", "render"]


def render(  # noqa: C901, PLR0911, PLR0912 - one case a reply
    reply: Reply, workspace_url: str = ""
) -> tuple[Message, ...]:
    """Return a reply's messages: one, or several for help and a digest's preview that one cannot hold.

    Links to messages begin with `workspace_url`; without it there are none.
    """
    match reply:
        case SearchResults():
            return (lists.search(reply),)
        case PaperCard():
            return (cards.card(reply),)
        case Summary():
            return (cards.summary(reply),)
        case Answer():
            return (cards.answer(reply),)
        case Discussion():
            return (cards.discussion(reply),)
        case Digest():
            return lists.digest(reply)
        case Tally():
            return (cards.tally(reply),)
        case Leaderboard():
            return (lists.leaderboard(reply),)
        case ReadingList():
            return (lists.reading_list(reply, workspace_url),)
        case Subscribed():
            return (lists.subscribed(reply),)
        case SubscriptionList():
            return (lists.subscription_list(reply),)
        case SettingsCard():
            return (lists.settings(reply),)
        case Help():
            return lists.detailed_help(reply) if reply.detailed else lists.overview_of_commands(reply)
        case LinkCard():
            return (cards.link_card(reply, workspace_url),)
        case Form():
            return (views.form(reply),)
        case Home():
            return (home.home(reply),)
        case Suggestions():
            return (lists.suggestions(reply),)
        case Notice():
            return (cards.notice(reply),)
        case _:
            assert_never(reply)
