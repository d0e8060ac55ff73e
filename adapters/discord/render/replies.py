"""Reply → messages: every meaning that the bot has, as it looks in Discord."""

from dataclasses import dataclass
from typing import assert_never

from adapters.discord.render import cards, lists
from adapters.discord.render import help as explaining
from adapters.discord.render import modals as views
from adapters.discord.render.components import Message
from bot.protocol.actions import OpenForm, to_token
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

__all__ = ["Message", "Scene", "render"]
DIRECT = "@me"
"""In place of a guild in links to direct messages."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where something is drawn: its guild, within which messages are linked to; without it none is.

    `reads` is whether the app may read what people write.
    """

    guild: str = ""
    reads: bool = True

    @property
    def threads(self) -> bool:
        """Whether there are threads: in direct messages there are none."""
        return self.guild != DIRECT


def render(  # noqa: C901, PLR0911, PLR0912 - one case a meaning
    reply: Reply, scene: Scene = Scene()
) -> tuple[Message, ...]:
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
        case Answer():
            return (cards.answer(reply),)
        case Discussion():
            return (cards.discussion(reply),)
        case Digest():
            return lists.digest(reply, threads=scene.threads)
        case Tally():
            return (cards.tally(reply),)
        case Leaderboard():
            return (lists.leaderboard(reply),)
        case ReadingList():
            return (lists.reading_list(reply, scene.guild),)
        case Subscribed():
            return (lists.subscribed(reply),)
        case SubscriptionList():
            return (lists.subscription_list(reply),)
        case SettingsCard():
            return (lists.settings(reply, reads=scene.reads, threads=scene.threads),)
        case Help():
            return explaining.explanation(reply) if reply.detailed else explaining.overview_of_commands(reply)
        case LinkCard():
            return (cards.link_card(reply, scene.guild),)
        case Form():
            return (views.refused(reply, to_token(OpenForm(reply.command, reply.subject))),)
        case Home():
            return (views.home(reply, scene.guild),)
        case Suggestions():
            return (lists.suggestions(reply),)
        case Notice():
            return (cards.notice(reply),)
        case _:
            assert_never(reply)
