"""Renders each kind of reply as Discord's messages."""

from dataclasses import dataclass
from typing import assert_never

from adapters.discord.render import cards, lists, modals
from adapters.discord.render import help as help_pages
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

__all__ = ["Message", "RenderContext", "render"]
DM_GUILD = "@me"
"""Takes the place of the guild's id in links to direct messages."""


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What rendering depends on beside the reply.

    `guild` is the id in links to messages; without it no message is linked. `reads_messages` is whether the
    app has the intent for message content.
    """

    guild: str = ""
    reads_messages: bool = True

    @property
    def has_threads(self) -> bool:
        """Whether messages can have threads; direct messages can't."""
        return self.guild != DM_GUILD


def render(  # noqa: C901, PLR0911, PLR0912 - one case a meaning
    reply: Reply, context: RenderContext = RenderContext()
) -> tuple[Message, ...]:
    """Render a reply, as one message.

    Only the preview of a digest, and help, may take several.
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
            return lists.digest(reply, threads=context.has_threads)
        case Tally():
            return (cards.tally(reply),)
        case Leaderboard():
            return (lists.leaderboard(reply),)
        case ReadingList():
            return (lists.reading_list(reply, context.guild),)
        case Subscribed():
            return (lists.subscribed(reply),)
        case SubscriptionList():
            return (lists.subscription_list(reply),)
        case SettingsCard():
            return (
                lists.settings(reply, reads_messages=context.reads_messages, threads=context.has_threads),
            )
        case Help():
            return help_pages.explanation(reply) if reply.detailed else help_pages.overview_of_commands(reply)
        case LinkCard():
            return (cards.link_card(reply, context.guild),)
        case Form():
            return (modals.form_message(reply, to_token(OpenForm(reply.command, reply.subject))),)
        case Home():
            return (modals.home(reply, context.guild),)
        case Suggestions():
            return (lists.suggestions(reply),)
        case Notice():
            return (cards.notice(reply),)
        case _:
            assert_never(reply)
