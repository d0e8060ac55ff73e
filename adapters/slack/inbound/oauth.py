"""Installing by OAuth: the stores that Bolt asks for, over ours.

Only the bot's own token is kept, and only one that stays good: an app with token rotation is refused.
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
STATE_LASTS = timedelta(minutes=10)
"""How long somebody may take to agree."""
_STATE = "slack-oauth-state"
_log = logging.getLogger(__name__)
# Bolt warns of each bad code, with the code in it: strangers could fill the log with that. Who installs is
# told on the page, and the server counts those that it turned away.
_bolt_log = logging.getLogger("slack_bolt.oauth")
_bolt_log.setLevel(logging.ERROR)


class SlackInstallations(AsyncInstallationStore):
    """Which workspaces have installed the bot, and their tokens."""

    def __init__(self, store: Store, secrets: Secrets, clock: Clock) -> None:
        """Take what keeps the rows, and what makes the tokens in them unreadable."""
        self._store = store
        self._secrets = secrets
        self._clock = clock

    async def token(self, workspace: str) -> str:
        """Give a workspace's bot token, or an organisation's.

        Raises:
            PermanentFailure: it has not installed the bot, or no longer. NotSent: no key opens its token.

        """
        kept = await self._find(workspace)
        if kept is None or kept.token is None:
            raise PermanentFailure(f"Paperclub is not installed in the workspace {workspace}.")
        try:
            return self._secrets.decrypt(kept.token, workspace)
        except UserError as error:
            raise NotSent(str(error)) from None

    async def async_save(self, installation: SlackInstallation) -> None:
        """Keep an installation in place of the workspace's earlier one.

        Raises:
            BoltError: it is not one that can be used; the text says why.

        """
        of_organisation = installation.is_enterprise_install
        workspace = installation.enterprise_id if of_organisation else installation.team_id
        name = installation.enterprise_name if of_organisation else installation.team_name
        if not workspace or not installation.bot_token:
            raise BoltError("Slack gave no token for a bot.")
        if installation.bot_refresh_token:
            raise BoltError(
                "Token rotation is on in this Slack app, and Paperclub does not use it. As it cannot be "
                "switched off again, make the app anew without it."
            )
        kept = Installation(
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
            await tx.installations.put(kept)
        _log.info("Installed in the workspace %s", workspace)

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> SlackInstallation | None:
        """Find the workspace's or organisation's installation; no person has one of their own."""
        workspace = enterprise_id if is_enterprise_install else team_id or enterprise_id
        kept = await self._find(workspace or "") if user_id is None else None
        if kept is None or kept.token is None:
            return None
        try:
            token = self._secrets.decrypt(kept.token, kept.workspace)
        except UserError as error:
            _log.warning("%s", error)
            return None
        return SlackInstallation(
            app_id=kept.app,
            enterprise_id=kept.enterprise,
            enterprise_name=kept.name if kept.org_wide else None,
            team_id=None if kept.org_wide else kept.workspace,
            team_name=None if kept.org_wide else kept.name,
            bot_token=token,
            bot_id=kept.bot,
            bot_user_id=kept.bot_user,
            bot_scopes=kept.scopes,
            user_id=kept.installed_by,
            is_enterprise_install=kept.org_wide,
            installed_at=kept.installed_at.timestamp(),
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
        """Purge the token."""
        workspace = team_id or enterprise_id or ""
        async with self._store.writing() as tx:
            revoked = await tx.installations.revoke(SLACK, workspace, self._clock.now())
        if revoked:
            _log.info("No longer installed in the workspace %s", workspace)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Purge the token, unless it is only a person's own that was revoked: none of those is kept."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def _find(self, workspace: str) -> Installation | None:
        async with self._store.reading() as tx:
            return await tx.installations.find(SLACK, workspace)


class SlackStates(AsyncOAuthStateStore):
    """Installations that were begun. Nothing is stored of them, so that nobody can fill the database.

    Bolt holds a state against the browser's cookie, and Slack takes each confirmation once.
    """

    def __init__(self, seals: Signer, clock: Clock) -> None:
        """Take what makes states that nobody can guess."""
        self._seals = seals
        self._clock = clock

    async def async_issue(self, *_: object, **__: object) -> str:
        """Make a state."""
        return self._seals.sign(_STATE, self._clock.now())

    async def async_consume(self, state: str) -> bool:
        """Whether the state was issued here, and not too long ago."""
        return self._seals.verify(state, _STATE, self._clock.now(), STATE_LASTS)


def oauth_settings(
    client_id: str,
    client_secret: str,
    scopes: Sequence[str],
    installations: SlackInstallations,
    states: SlackStates,
) -> AsyncOAuthSettings:
    """Make what Bolt needs: INSTALL_PATH leads to Slack, and Slack to REDIRECT_PATH."""
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=scopes,
        user_scopes=(),
        install_path=INSTALL_PATH,
        # Slack has a page of its own on which people agree.
        install_page_rendering_enabled=False,
        redirect_uri_path=REDIRECT_PATH,
        callback_options=PAGES,
        installation_store=installations,
        state_store=states,
        state_expiration_seconds=int(STATE_LASTS.total_seconds()),
    )
    # Otherwise every event would ask Slack whether its token is good before it is acknowledged.
    assert isinstance(settings.authorize, AsyncInstallationStoreAuthorize)
    settings.authorize.cache_enabled = True
    return settings


def oauth_flow(client: AsyncWebClient, settings: AsyncOAuthSettings) -> AsyncOAuthFlow:
    """Give Bolt's pages of an installation, which log nothing that a stranger sends."""
    return AsyncOAuthFlow(client=client, logger=_bolt_log, settings=settings)
