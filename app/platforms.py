"""The platforms that are set up, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
from app.discord import Discord, at_discord
from app.settings import Settings
from app.slack import Slack, at_slack
from app.wiring import Parts
from bot.domain.channel import Platform
from bot.ports.surface import Surface


@dataclass(frozen=True, slots=True)
class Platforms:
    """Slack and Discord, each None where the settings say nothing of it."""

    slack: Slack | None
    discord: Discord | None

    @property
    def surfaces(self) -> dict[Platform, Surface]:
        """What can be posted to."""
        return surfaces_of(self.slack, self.discord)

    def use(self, parts: Parts) -> None:
        """Let what posts find among the bot's parts what it needs."""
        for each in (self.slack, self.discord):
            if each is not None:
                each.use(parts)

    def adapters(self, parts: Parts) -> dict[Platform, SlackAdapter | DiscordAdapter]:
        """Make what passes events on to the bot."""
        set_up = (each for each in (self.slack, self.discord) if each is not None)
        return {each.surface.platform: each.adapter(parts) for each in set_up}


@asynccontextmanager
async def at_platforms(settings: Settings, *, listens: bool = False) -> AsyncIterator[Platforms]:
    """Put together what the settings speak of: to post, and where asked for, to listen.

    Raises:
        UserError: the settings do not go together.

    """
    async with at_slack(settings, listens=listens) as slack, at_discord(settings) as discord:
        yield Platforms(slack, discord)


def surfaces_of(*set_up: Slack | Discord | None) -> dict[Platform, Surface]:
    """Give what can be posted to."""
    return {each.surface.platform: each.surface for each in set_up if each is not None}
