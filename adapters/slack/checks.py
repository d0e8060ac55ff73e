"""Whether Slack takes the tokens that are set: before `run` listens, and for `doctor`."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from adapters.common.findings import Finding, Health, not_taken
from adapters.common.setup import SurfaceServices
from adapters.common.tokens import TokenRefused, Unreachable, unreachable
from adapters.slack import SLACK
from adapters.slack.inbound.oauth import SlackInstallations
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.outbound.client import code_of_failure, delivery_errors, new_session
from adapters.slack.settings import SlackSettings
from bot.domain.errors import DeliveryError, PermanentFailure, UserError
from bot.protocol.wording import counted

BOT_TOKEN, APP_TOKEN = "PAPERCLUB_SLACK_BOT_TOKEN", "PAPERCLUB_SLACK_APP_TOKEN"
BOT_SOURCE = "the Bot User OAuth Token on the app's page OAuth & Permissions"
APP_SOURCE = "an App-Level Token with the scope connections:write, made on the app's page Basic Information"
ANSWER_SECONDS = 10.0
"""How long a platform's answer is waited for."""
WORKSPACES_TRIED = 50
"""How many workspaces' tokens the doctor tries: Slack lets an app ask only so often."""
CONNECTING = "connections:write"
NOT_FOR_THIS = "not_allowed_token_type"
"""Slack's answer where a method does not take this kind of token, good as it may be."""
SCOPES_ADVICE = (
    "Give the app the manifest that `paperclub manifest` prints, and install it in the workspace again."
)
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger(__name__)


async def check_tokens(settings: SlackSettings, *, listens: bool) -> None:
    """Ask Slack whether it takes the tokens that are set.

    The tokens of many workspaces are not asked about: one that is refused is that workspace's trouble alone.

    Raises:
        TokenRefused: it does not take one. Unreachable: it does not answer.

    """
    slack = _Slack(settings)
    if bot_token := settings.slack_bot_token.get_secret_value():
        told = await slack.test(BOT_TOKEN, bot_token)
        if told.lacking:
            _log.warning("%s. %s", told.lacking_text, SCOPES_ADVICE)
    if listens and (app_token := settings.slack_app_token.get_secret_value()):
        await slack.test_app(app_token)


async def findings(settings: SlackSettings, services: SurfaceServices | None) -> AsyncIterator[Finding]:
    """Examine Slack; the store, where it can be read, has the tokens of many workspaces."""
    if settings.slack_bot_token.get_secret_value():
        async for finding in _one_workspace(settings):
            yield finding
    elif services is not None:
        yield await _workspaces(settings, services)
    async for finding in _ways_in(settings):
        yield finding


async def _one_workspace(settings: SlackSettings) -> AsyncIterator[Finding]:
    try:
        told = await _Slack(settings).test(BOT_TOKEN, settings.slack_bot_token.get_secret_value())
    except (TokenRefused, Unreachable) as error:
        yield not_taken("Slack", error)
        return
    yield Finding("Slack", Health.GOOD, f"answers to {told.name} in {told.workspace}")
    if told.lacking:
        yield Finding("Slack scopes", Health.BAD, told.lacking_text, SCOPES_ADVICE)
    elif told.scopes is not None:
        yield Finding("Slack scopes", Health.GOOD, f"all {len(BOT_SCOPES)} are granted")
    else:
        yield Finding("Slack scopes", Health.GOOD, "Slack does not tell which are granted")


async def _workspaces(settings: SlackSettings, services: SurfaceServices) -> Finding:
    """Try the tokens of the workspaces that have installed the app."""
    async with services.store.reading() as tx:
        installed = [each for each in await tx.installations.all() if each.platform == SLACK]
    wrong = []
    try:
        tokens = SlackInstallations(services.store, services.secrets(), services.clock)
        for each in installed[:WORKSPACES_TRIED]:
            try:
                await _Slack(settings).test(f"the token of {each.name}", await tokens.token(each.workspace))
            except TokenRefused as refusal:
                wrong.append(f"{each.name}: Slack does not take its token ({refusal.code})")
            except DeliveryError as failure:
                wrong.append(f"{each.name}: {failure}")
    except UserError as error:
        return not_taken("Slack", error)
    if wrong:
        advice = "They have to install the app again, at /slack/install."
        return Finding("Slack", Health.WARNING, "\n".join(wrong), advice)
    if not installed:
        return Finding("Slack", Health.WARNING, "no workspace has it yet", "Let one in at /slack/install.")
    return Finding("Slack", Health.GOOD, f"lets the bot into {counted(len(installed), 'workspace')}")


async def _ways_in(settings: SlackSettings) -> AsyncIterator[Finding]:
    """Look at how Slack's events come in."""
    if token := settings.slack_app_token.get_secret_value():
        try:
            await _Slack(settings).open_socket(token)
        except (TokenRefused, Unreachable) as error:
            yield not_taken("Slack socket", error)
        else:
            yield Finding("Slack socket", Health.GOOD, "Socket Mode lets the bot in")
    secret = settings.slack_signing_secret.get_secret_value()
    if not (token or secret):
        advice = f"Set {APP_TOKEN} or PAPERCLUB_SLACK_SIGNING_SECRET; a worker alone needs neither."
        yield Finding("Slack events", Health.WARNING, "cannot come in", advice)
    if secret:
        yield _signing(secret)


def _signing(secret: str) -> Finding:
    if _SIGNING_SECRET.fullmatch(secret):
        return Finding("Slack signing", Health.GOOD, "its secret is set; only Slack can try it")
    text = "PAPERCLUB_SLACK_SIGNING_SECRET is not of 32 digits and letters a to f"
    advice = "Copy the Signing Secret from the app's page Basic Information."
    return Finding("Slack signing", Health.WARNING, text, advice)


@dataclass(frozen=True, slots=True)
class _Told:
    """What Slack says of a token: whose it is, and what it may, as far as Slack tells."""

    name: str
    workspace: str
    scopes: frozenset[str] | None

    @property
    def lacking(self) -> list[str]:
        """The scopes that the bot needs and has not been granted."""
        return sorted(set(BOT_SCOPES) - self.scopes) if self.scopes is not None else []

    @property
    def lacking_text(self) -> str:
        """Say so."""
        return f"{BOT_TOKEN} lacks {', '.join(self.lacking)}"


class _Slack:
    """Asks Slack about tokens, each time once."""

    def __init__(self, settings: SlackSettings) -> None:
        self._address = settings.slack_api_url

    async def test(self, setting: str, token: str) -> _Told:
        """Ask whose a token is.

        Raises:
            TokenRefused: it is not taken. Unreachable: Slack does not answer.

        """
        where = APP_SOURCE if setting == APP_TOKEN else BOT_SOURCE
        told, headers = await self._ask("auth.test", setting, token, where)
        granted = headers.get("x-oauth-scopes")
        scopes = None if granted is None else frozenset(granted.replace(",", " ").split())
        return _Told(str(told.get("user", "")), str(told.get("team", "")), scopes)

    async def test_app(self, token: str) -> None:
        """Ask whether an app-level token is good for Socket Mode.

        Raises:
            TokenRefused: it is not. Unreachable: Slack does not answer.

        """
        try:
            told = await self.test(APP_TOKEN, token)
        except TokenRefused as refusal:
            if refusal.code == NOT_FOR_THIS:  # the connection itself will tell
                return
            raise
        if told.scopes is not None and CONNECTING not in told.scopes:
            raise TokenRefused(f"{APP_TOKEN} lacks the scope {CONNECTING}. It takes {APP_SOURCE}.")

    async def open_socket(self, token: str) -> None:
        """Ask for the address of a socket, which is left unused.

        Raises:
            TokenRefused: there is none for this token. Unreachable: Slack does not answer.

        """
        await self._ask("apps.connections.open", APP_TOKEN, token, APP_SOURCE)

    async def _ask(
        self, method: str, setting: str, token: str, where: str
    ) -> tuple[Mapping[str, object], Mapping[str, str]]:
        address = self._address.rstrip("/") + "/"
        try:
            async with delivery_errors(), asyncio.timeout(ANSWER_SECONDS), new_session() as session:
                client = AsyncWebClient(token, base_url=address, session=session, retry_handlers=[])
                told = await client.api_call(method)
        except PermanentFailure as refusal:
            code = code_of_failure(refusal)
            raise TokenRefused(f"Slack does not take {setting} ({code}). Set {where}.", code) from None
        except DeliveryError as failure:
            raise Unreachable(unreachable(failure, address, "PAPERCLUB_SLACK_API_URL")) from None
        assert isinstance(told.data, dict), "the SDK has read JSON"
        return told.data, {name.lower(): value for name, value in told.headers.items()}
