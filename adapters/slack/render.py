"""Reply → messages: every meaning that the bot has, as it looks in Slack."""

from typing import assert_never

from adapters.slack import cards, lists
from adapters.slack.blocks import Message
from bot.replies import (
    Digest,
    Discussion,
    Help,
    Leaderboard,
    Notice,
    PaperCard,
    ReadingList,
    Reply,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    Summary,
    Tally,
)

__all__ = ["Message", "render"]


def render(reply: Reply) -> tuple[Message, ...]:  # noqa: C901, PLR0911, PLR0912 - one case a meaning
    """Draw a reply: the answer itself, and further messages only where one cannot hold it.

    Only previews of a digest and help may take more than one.
    """
    match reply:
        case SearchResults():
            return (lists.search(reply),)
        case PaperCard():
            return (cards.card(reply),)
        case Summary():
            return (cards.summary(reply),)
        case Discussion():
            return (cards.discussion(reply),)
        case Digest():
            return lists.digest(reply)
        case Tally():
            return (cards.tally(reply),)
        case Leaderboard():
            return (lists.leaderboard(reply),)
        case ReadingList():
            return (lists.reading_list(reply),)
        case Subscribed():
            return (lists.subscribed(reply),)
        case SubscriptionList():
            return (lists.subscription_list(reply),)
        case SettingsCard():
            return (lists.settings(reply),)
        case Help():
            return lists.explanation(reply) if reply.detailed else lists.overview_of_commands(reply)
        case Notice():
            return (cards.notice(reply),)
        case _:
            assert_never(reply)
