"""Slack put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from adapters.slack.adapter import Credentials, SlackAdapter
from adapters.slack.inbound.oauth import SlackInstallations, SlackStates, oauth_settings
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.outbound.client import Clients, new_session
from adapters.slack.outbound.surface import SlackSurface
from app.clock import SystemClock
from app.secrets import FernetSecrets
from app.settings import Settings
from app.tokens import check_other_secret, check_slack_token
from app.wiring import Parts
from bot.domain.channel import Platform
from bot.domain.errors import NotSent, UserError
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from storage.shared.rate_limits import LocalRateLimiter

BOT_TOKEN, APP_TOKEN = "PAPERCLUB_SLACK_BOT_TOKEN", "PAPERCLUB_SLACK_APP_TOKEN"
BOT_SOURCE = "the Bot User OAuth Token on the app's page OAuth & Permissions"
APP_SOURCE = "an App-Level Token with the scope connections:write, made on the app's page Basic Information"
SECRETS_SOURCE = "what stands under App Credentials on the app's page Basic Information"


class Slack:
    """Slack as a surface to post to, and what makes it listen once the bot is put together."""

    def __init__(self, clients: Clients, credentials: Credentials, tokens: "_Tokens", pacer: Pacer) -> None:
        """Take what posts, where its tokens are found, and what keeps its pace."""
        self._pacer = pacer
        self.surface = SlackSurface(clients)
        self._clients = clients
        self._credentials = credentials
        self._tokens = tokens

    def use(self, parts: Parts) -> None:
        """Share the turns of all processes, and find the tokens of workspaces in the bot's store."""
        self._pacer.limiter = parts.limiter
        if self._tokens.secrets is not None:
            self._tokens.installations = SlackInstallations(parts.store, self._tokens.secrets, parts.clock)

    def adapter(self, parts: Parts) -> SlackAdapter:
        """Make what passes Slack's events on to the bot."""
        self.use(parts)
        return SlackAdapter(
            parts.bot, self._clients, self._credentials, parts.clocks.of(Platform.SLACK), self._oauth(parts)
        )

    def _oauth(self, parts: Parts) -> AsyncOAuthSettings | None:
        installations, secrets = self._tokens.installations, self._tokens.secrets
        if installations is None or secrets is None:
            return None
        return oauth_settings(
            self._credentials.client_id,
            self._credentials.client_secret,
            BOT_SCOPES,
            installations,
            SlackStates(secrets, parts.clock),
        )


class _Tokens:
    """The one workspace's token, or each workspace's own."""

    def __init__(self, one: str, secrets: FernetSecrets | None) -> None:
        self._one = one
        self.secrets = secrets
        self.installations: SlackInstallations | None = None

    async def __call__(self, workspace: str) -> str:
        if self.installations is not None:
            return await self.installations.token(workspace)
        if not self._one:
            raise NotSent("The store with the workspaces' tokens is not open yet.")
        return self._one


@asynccontextmanager
async def at_slack(settings: Settings, *, listens: bool = True) -> AsyncIterator[Slack | None]:
    """Put Slack together, None where the settings say nothing of it.

    Who does not listen needs nothing that events come in with.

    Raises:
        UserError: the settings do not go together.

    """
    credentials = _credentials(settings, listens=listens)
    if credentials is None:
        yield None
        return
    secrets = FernetSecrets(settings.secret_key) if credentials.many else None
    tokens = _Tokens(credentials.bot_token, secrets)
    async with new_session() as session:
        pacer, clock = Pacer("Slack", LocalRateLimiter()), PlatformClock("Slack", SystemClock())
        yield Slack(Clients(session, credentials.api_url, tokens, pacer, clock), credentials, tokens, pacer)


def _credentials(settings: Settings, *, listens: bool) -> Credentials | None:
    credentials = Credentials(
        api_url=settings.slack_api_url.rstrip("/") + "/",
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
    )
    if not (credentials.bot_token or credentials.many):
        _check_nothing_else(credentials)
        return None
    if credentials.bot_token and credentials.many:
        raise UserError(
            "Slack is set up twice. Set PAPERCLUB_SLACK_BOT_TOKEN for one workspace, "
            "or PAPERCLUB_SLACK_CLIENT_ID for many, not both."
        )
    check_slack_token(BOT_TOKEN, credentials.bot_token, "xoxb-", BOT_SOURCE)
    check_slack_token(APP_TOKEN, credentials.app_token, "xapp-", APP_SOURCE)
    check_other_secret("PAPERCLUB_SLACK_SIGNING_SECRET", credentials.signing_secret, SECRETS_SOURCE)
    check_other_secret("PAPERCLUB_SLACK_CLIENT_SECRET", credentials.client_secret, SECRETS_SOURCE)
    if listens:
        _check_listening(credentials)
    return credentials


def _check_nothing_else(credentials: Credentials) -> None:
    """Check that nothing speaks of Slack where no token does."""
    beside = {
        APP_TOKEN: credentials.app_token,
        "PAPERCLUB_SLACK_SIGNING_SECRET": credentials.signing_secret,
        "PAPERCLUB_SLACK_CLIENT_SECRET": credentials.client_secret,
    }
    if found := next((name for name, value in beside.items() if value), None):
        raise UserError(
            f"{BOT_TOKEN} is missing beside {found}, or PAPERCLUB_SLACK_CLIENT_ID where many workspaces "
            "install the app."
        )


def _check_listening(credentials: Credentials) -> None:
    if credentials.many and not credentials.client_secret:
        raise UserError("PAPERCLUB_SLACK_CLIENT_SECRET is missing beside PAPERCLUB_SLACK_CLIENT_ID.")
    if not (credentials.app_token or credentials.signing_secret):
        raise UserError(
            "Slack's events cannot come in. Set PAPERCLUB_SLACK_APP_TOKEN for Socket Mode, "
            "or PAPERCLUB_SLACK_SIGNING_SECRET for requests over HTTP."
        )
