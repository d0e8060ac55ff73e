"""Installation by OAuth: the stores that Bolt needs, on top of ours.

https://docs.slack.dev/authentication/installing-with-oauth. Only the bot token is stored, never a person's.
An app with token rotation is refused, as its tokens expire.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import SLACK
from adapters.slack.inbound.install_pages import PAGES
from bot.domain.errors import NotSent, PermanentFailure, UserError
from bot.domain.installation import Installation
from bot.ports.clock import Clock
from bot.ports.secrets import Secrets, Signer
from bot.ports.store.store import Store

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
STATE_LIFETIME = timedelta(minutes=10)
"""How long somebody may take to agree."""
_STATE = "slack-oauth-state"
_log = logging.getLogger(__name__)
# Bolt logs a warning with each bad code, so strangers could fill the log. The page tells the person, and the
# HTTP server counts refused requests.
_bolt_log = logging.getLogger("slack_bolt.oauth")
_bolt_log.setLevel(logging.ERROR)


class SlackInstallations(AsyncInstallationStore):
    """The workspaces that have installed the bot, with their tokens encrypted."""

    def __init__(self, store: Store, secrets: Secrets, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._clock = clock

    async def token(self, workspace: str) -> str:
        """Return the bot token of a workspace or an organisation.

        Raises:
            PermanentFailure: the bot is not installed there, or no longer.
            NotSent: none of our keys decrypts the token. The operator may still add the right one.

        """
        installation = await self._find(workspace)
        if installation is None or installation.token is None:
            raise PermanentFailure(f"Paperclub is not installed in the workspace {workspace}.")
        try:
            return self._secrets.decrypt(installation.token, workspace)
        except UserError as error:
            raise NotSent(str(error)) from None

    async def async_save(self, installation: SlackInstallation) -> None:
        """Store an installation; it replaces the workspace's earlier one.

        Raises:
            BoltError: the bot cannot work with it; the text says why.

        """
        org_wide = installation.is_enterprise_install
        workspace = installation.enterprise_id if org_wide else installation.team_id
        name = installation.enterprise_name if org_wide else installation.team_name
        if not workspace or not installation.bot_token:
            raise BoltError("Slack gave no token for a bot.")
        if installation.bot_refresh_token:
            raise BoltError(
                "Token rotation is on in this Slack app, and Paperclub does not use it. As it cannot be "
                "switched off again, make the app anew without it."
            )
        row = Installation(
            platform=SLACK,
            workspace=workspace,
            name=name or workspace,
            app=installation.app_id or "",
            bot=installation.bot_id or "",
            bot_user=installation.bot_user_id or "",
            scopes=tuple(installation.bot_scopes or ()),
            installed_by=installation.user_id,
            installed_at=self._clock.now(),
            token=self._secrets.encrypt(installation.bot_token),
            enterprise=installation.enterprise_id,
        )
        async with self._store.writing() as tx:
            await tx.installations.put(row)
        _log.info("Installed in workspace %s", workspace)

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> SlackInstallation | None:
        """Find a workspace's or an organisation's installation. None for a person's: those are not stored."""
        workspace = enterprise_id if is_enterprise_install else team_id or enterprise_id
        row = await self._find(workspace or "") if user_id is None else None
        if row is None or row.token is None:
            return None
        try:
            token = self._secrets.decrypt(row.token, row.workspace)
        except UserError as error:
            _log.warning("%s", error)
            return None
        return SlackInstallation(
            app_id=row.app,
            enterprise_id=row.enterprise,
            enterprise_name=row.name if row.org_wide else None,
            team_id=None if row.org_wide else row.workspace,
            team_name=None if row.org_wide else row.name,
            bot_token=token,
            bot_id=row.bot,
            bot_user_id=row.bot_user,
            bot_scopes=row.scopes,
            user_id=row.installed_by,
            is_enterprise_install=row.org_wide,
            installed_at=row.installed_at.timestamp(),
        )

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """Find the bot of an installation."""
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found is not None else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete the token."""
        workspace = team_id or enterprise_id or ""
        async with self._store.writing() as tx:
            revoked = await tx.installations.revoke(SLACK, workspace, self._clock.now())
        if revoked:
            _log.info("No longer installed in workspace %s", workspace)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Delete the token. A person's own token is ignored, as none is stored."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def _find(self, workspace: str) -> Installation | None:
        async with self._store.reading() as tx:
            return await tx.installations.find(SLACK, workspace)


class SlackStates(AsyncOAuthStateStore):
    """Signed OAuth states. None is stored, as otherwise strangers could fill the database.

    A state may be used twice. That does no harm: Bolt compares it with the browser's cookie, and Slack takes
    each code once.
    """

    def __init__(self, signer: Signer, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    async def async_issue(self, *_: object, **__: object) -> str:
        """Return a state that nobody else can make."""
        return self._signer.sign(_STATE, self._clock.now())

    async def async_consume(self, state: str) -> bool:
        """Whether the state was issued here within STATE_LIFETIME."""
        return self._signer.verify(state, _STATE, self._clock.now(), STATE_LIFETIME)


def oauth_settings(
    client_id: str,
    client_secret: str,
    scopes: Sequence[str],
    installations: SlackInstallations,
    states: SlackStates,
) -> AsyncOAuthSettings:
    """Return Bolt's settings: INSTALL_PATH redirects to Slack, which redirects to REDIRECT_PATH."""
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        user_scopes=(),
        install_path=INSTALL_PATH,
        # Slack's own page asks people to agree, so Bolt need not show one before it.
        install_page_rendering_enabled=False,
        redirect_uri_path=REDIRECT_PATH,
        callback_options=PAGES,
        installation_store=installations,
        state_store=states,
        state_expiration_seconds=int(STATE_LIFETIME.total_seconds()),
    )
    # Without the cache Bolt calls auth.test for every event before it acknowledges it.
    assert isinstance(settings.authorize, AsyncInstallationStoreAuthorize)
    settings.authorize.cache_enabled = True
    return settings


def oauth_flow(client: AsyncWebClient, settings: AsyncOAuthSettings) -> AsyncOAuthFlow:
    """Return Bolt's handlers of an installation; they log nothing that a stranger sends."""
    return AsyncOAuthFlow(client=client, logger=_bolt_log, settings=settings)
