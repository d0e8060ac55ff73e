"""Slack put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.slack.adapter import Credentials, SlackAdapter
from adapters.slack.calling import Clients, new_session
from adapters.slack.surface import SlackSurface
from app.settings import Settings
from app.wiring import Parts
from bot.errors import UserError
from bot.models import Platform
from bot.ports import Surface


@dataclass(frozen=True, slots=True)
class Slack:
    """Slack as a surface to post to, and what makes it listen once there is a bot."""

    surface: SlackSurface
    clients: Clients
    credentials: Credentials

    def adapter(self, parts: Parts) -> SlackAdapter:
        """Make what passes Slack's events on to the bot."""
        return SlackAdapter(parts.bot, self.clients, self.credentials, parts.clock)


@asynccontextmanager
async def at_slack(settings: Settings) -> AsyncIterator[Slack | None]:
    """Put Slack together, None where the settings name no workspace.

    Raises:
        UserError: there is no way for Slack's events to come in.

    """
    credentials = _credentials(settings)
    if credentials is None:
        yield None
        return

    async def token_of(_: str) -> str:
        return credentials.bot_token

    async with new_session() as session:
        clients = Clients(session, credentials.api_url, token_of)
        yield Slack(SlackSurface(clients), clients, credentials)


def _credentials(settings: Settings) -> Credentials | None:
    if not settings.slack_bot_token.get_secret_value():
        return None
    credentials = Credentials(
        api_url=settings.slack_api_url.rstrip("/") + "/",
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
    )
    if not (credentials.app_token or credentials.signing_secret):
        raise UserError(
            "Slack's events cannot come in. Set PAPERCLUB_SLACK_APP_TOKEN for Socket Mode, "
            "or PAPERCLUB_SLACK_SIGNING_SECRET for requests over HTTP."
        )
    return credentials


def surfaces_of(slack: Slack | None) -> dict[Platform, Surface]:
    """Give what can be posted to."""
    return {} if slack is None else {Platform.SLACK: slack.surface}
