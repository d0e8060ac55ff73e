"""Makes Slack's surface and adapter from the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from adapters.common.findings import Finding
from adapters.common.setup import SurfaceServices, TokenSecrets
from adapters.common.tokens import check_other_secret, check_token
from adapters.slack import SLACK
from adapters.slack.adapter import Credentials, SlackAdapter
from adapters.slack.checks import APP_SOURCE, APP_TOKEN, BOT_SOURCE, BOT_TOKEN, check_tokens, findings
from adapters.slack.inbound.oauth import SlackInstallations, SlackStates, oauth_settings
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.outbound.client import Clients, new_session
from adapters.slack.outbound.surface import SlackSurface
from adapters.slack.settings import SlackSettings
from bot.conversation.dispatcher import Bot
from bot.domain.errors import UserError
from bot.ports.clock import Clock
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer

SECRETS_SOURCE = "what stands under App Credentials on the app's page Basic Information"


class InstalledSlack:
    """Slack's surface, and the adapter that listens once there is a bot."""

    def __init__(
        self,
        credentials: Credentials,
        clients: Clients,
        services: SurfaceServices,
        installations: SlackInstallations | None,
    ) -> None:
        self.surface = SlackSurface(clients)
        self._credentials = credentials
        self._clients = clients
        self._services = services
        self._installations = installations

    def adapter(self, bot: Bot, clock: Clock) -> SlackAdapter:
        """Return the adapter that passes Slack's events to the bot; `clock` is Slack's."""
        return SlackAdapter(bot, self._clients, self._credentials, clock, self._oauth())

    def _oauth(self) -> AsyncOAuthSettings | None:
        if self._installations is None:
            return None
        return oauth_settings(
            self._credentials.client_id,
            self._credentials.client_secret,
            BOT_SCOPES,
            self._installations,
            SlackStates(self._services.secrets(), self._services.clock),
        )


class SlackSetup:
    """Slack's entry in the program's registry of surfaces."""

    platform = SLACK
    label = "Slack"
    setting = BOT_TOKEN

    def is_set_up(
        self, settings: SlackSettings, secrets: Callable[[], TokenSecrets], *, listens: bool = False
    ) -> bool:
        """Whether Slack is configured.

        Raises:
            UserError: settings are missing, or contradict each other.

        """
        credentials = credentials_of(settings, listens=listens)
        if credentials is not None and credentials.many:
            secrets()
        return credentials is not None

    @asynccontextmanager
    async def opened(
        self, settings: SlackSettings, services: SurfaceServices
    ) -> AsyncIterator[InstalledSlack]:
        """Open Slack's surface, which must be configured; its session is closed at the end."""
        credentials = credentials_of(settings, listens=False)
        assert credentials is not None, "only a configured surface is opened"
        installations = None
        if credentials.many:
            installations = SlackInstallations(services.store, services.secrets(), services.clock)

        async def token(workspace: str) -> str:
            return credentials.bot_token if installations is None else await installations.token(workspace)

        pacer, clock = Pacer("Slack", services.limiter), PlatformClock("Slack", services.clock)
        async with new_session() as session:
            clients = Clients(session, credentials.api_url, token, pacer, clock)
            yield InstalledSlack(credentials, clients, services, installations)

    async def check_tokens(
        self,
        settings: SlackSettings,
        services: SurfaceServices,  # noqa: ARG002 - the registry passes it to every surface
        *,
        listens: bool,
    ) -> None:
        """Test the configured tokens with Slack.

        Raises:
            TokenRefused: Slack refuses a token.
            Unreachable: Slack does not answer.

        """
        await check_tokens(settings, listens=listens)

    def findings(
        self, settings: SlackSettings, services: SurfaceServices, *, readable: bool
    ) -> AsyncIterator[Finding]:
        """Check tokens, scopes and how events arrive, for `paperclub doctor`."""
        return findings(settings, services if readable else None)


SETUP = SlackSetup()


def credentials_of(settings: SlackSettings, *, listens: bool) -> Credentials | None:
    """Read the credentials; None where Slack is not configured.

    Only a process that listens needs an app token or a signing secret.

    Raises:
        UserError: settings are missing, or contradict each other.

    """
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
    check_token(BOT_TOKEN, credentials.bot_token, "xoxb-", BOT_SOURCE)
    check_token(APP_TOKEN, credentials.app_token, "xapp-", APP_SOURCE)
    check_other_secret("PAPERCLUB_SLACK_SIGNING_SECRET", credentials.signing_secret, SECRETS_SOURCE)
    check_other_secret("PAPERCLUB_SLACK_CLIENT_SECRET", credentials.client_secret, SECRETS_SOURCE)
    if listens:
        _check_listening(credentials)
    return credentials


def _check_nothing_else(credentials: Credentials) -> None:
    """Check that no other setting of Slack stands without a token."""
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
