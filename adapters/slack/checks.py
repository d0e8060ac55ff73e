"""Checks of the configured tokens with Slack: before `run` listens, and for `doctor`."""

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
RESPONSE_SECONDS = 10.0
"""Time-out of a call."""
MAX_WORKSPACES = 50
"""How many workspaces' tokens the doctor tests, because of Slack's rate limits."""
CONNECTING = "connections:write"
NOT_FOR_THIS = "not_allowed_token_type"
"""Slack's error code where a method does not accept this kind of token, which may be valid all the same."""
SCOPES_ADVICE = (
    "Give the app the manifest that `paperclub manifest` prints, and install it in the workspace again."
)
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger(__name__)


async def check_tokens(settings: SlackSettings, *, listens: bool) -> None:
    """Test the configured tokens with Slack.

    Tokens from installations by OAuth are not tested, as a refused one concerns its own workspace alone.

    Raises:
        TokenRefused: Slack refuses a token.
        Unreachable: Slack does not answer.

    """
    slack = _Slack(settings)
    if bot_token := settings.slack_bot_token.get_secret_value():
        identity = await slack.test(BOT_TOKEN, bot_token)
        if identity.missing_scopes:
            _log.warning("%s. %s", identity.missing_scopes_text, SCOPES_ADVICE)
    if listens and (app_token := settings.slack_app_token.get_secret_value()):
        await slack.test_app(app_token)


async def findings(settings: SlackSettings, services: SurfaceServices | None) -> AsyncIterator[Finding]:
    """Yield what is right and wrong with Slack. `services` is None where the store cannot be read."""
    if settings.slack_bot_token.get_secret_value():
        async for finding in _one_workspace(settings):
            yield finding
    elif services is not None:
        yield await _workspaces(settings, services)
    async for finding in _event_findings(settings):
        yield finding


async def _one_workspace(settings: SlackSettings) -> AsyncIterator[Finding]:
    try:
        identity = await _Slack(settings).test(BOT_TOKEN, settings.slack_bot_token.get_secret_value())
    except (TokenRefused, Unreachable) as error:
        yield not_taken("Slack", error)
        return
    yield Finding("Slack", Health.GOOD, f"answers to {identity.name} in {identity.workspace}")
    if identity.missing_scopes:
        yield Finding("Slack scopes", Health.BAD, identity.missing_scopes_text, SCOPES_ADVICE)
    elif identity.scopes is not None:
        yield Finding("Slack scopes", Health.GOOD, f"all {len(BOT_SCOPES)} are granted")
    else:
        yield Finding("Slack scopes", Health.GOOD, "Slack does not tell which are granted")


async def _workspaces(settings: SlackSettings, services: SurfaceServices) -> Finding:
    """Test the tokens of the workspaces that have installed the app."""
    async with services.store.reading() as tx:
        installed = [each for each in await tx.installations.all() if each.platform == SLACK]
    problems = []
    try:
        tokens = SlackInstallations(services.store, services.secrets(), services.clock)
        for each in installed[:MAX_WORKSPACES]:
            try:
                await _Slack(settings).test(f"the token of {each.name}", await tokens.token(each.workspace))
            except TokenRefused as refusal:
                problems.append(f"{each.name}: Slack does not take its token ({refusal.code})")
            except DeliveryError as failure:
                problems.append(f"{each.name}: {failure}")
    except UserError as error:
        return not_taken("Slack", error)
    if problems:
        advice = "They have to install the app again, at /slack/install."
        return Finding("Slack", Health.WARNING, "\n".join(problems), advice)
    if not installed:
        return Finding("Slack", Health.WARNING, "no workspace has it yet", "Let one in at /slack/install.")
    return Finding("Slack", Health.GOOD, f"lets the bot into {counted(len(installed), 'workspace')}")


async def _event_findings(settings: SlackSettings) -> AsyncIterator[Finding]:
    """Yield whether events can arrive, by Socket Mode or signed requests."""
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
class _TokenIdentity:
    """What `auth.test` says about a token; `scopes` is None where Slack does not list them."""

    name: str
    workspace: str
    scopes: frozenset[str] | None

    @property
    def missing_scopes(self) -> list[str]:
        """The scopes that the bot needs but does not have."""
        return sorted(set(BOT_SCOPES) - self.scopes) if self.scopes is not None else []

    @property
    def missing_scopes_text(self) -> str:
        """The missing scopes, for people to read."""
        return f"{BOT_TOKEN} lacks {', '.join(self.missing_scopes)}"


class _Slack:
    """Tests tokens, without retries."""

    def __init__(self, settings: SlackSettings) -> None:
        self._address = settings.slack_api_url

    async def test(self, setting: str, token: str) -> _TokenIdentity:
        """Call `auth.test` with a token.

        Raises:
            TokenRefused: Slack refuses it.
            Unreachable: Slack does not answer.

        """
        where = APP_SOURCE if setting == APP_TOKEN else BOT_SOURCE
        data, headers = await self._call("auth.test", setting, token, where)
        granted = headers.get("x-oauth-scopes")
        scopes = None if granted is None else frozenset(granted.replace(",", " ").split())
        return _TokenIdentity(str(data.get("user", "")), str(data.get("team", "")), scopes)

    async def test_app(self, token: str) -> None:
        """Check that an app-level token works for Socket Mode.

        Raises:
            TokenRefused: it does not.
            Unreachable: Slack does not answer.

        """
        try:
            identity = await self.test(APP_TOKEN, token)
        except TokenRefused as refusal:
            if refusal.code == NOT_FOR_THIS:  # nothing is known then; the connection will show it
                return
            raise
        if identity.scopes is not None and CONNECTING not in identity.scopes:
            raise TokenRefused(f"{APP_TOKEN} lacks the scope {CONNECTING}. It takes {APP_SOURCE}.")

    async def open_socket(self, token: str) -> None:
        """Request a WebSocket address, without connecting to it.

        Raises:
            TokenRefused: Slack gives none for this token.
            Unreachable: Slack does not answer.

        """
        await self._call("apps.connections.open", APP_TOKEN, token, APP_SOURCE)

    async def _call(
        self, method: str, setting: str, token: str, where: str
    ) -> tuple[Mapping[str, object], Mapping[str, str]]:
        address = self._address.rstrip("/") + "/"
        try:
            async with delivery_errors(), asyncio.timeout(RESPONSE_SECONDS), new_session() as session:
                client = AsyncWebClient(token, base_url=address, session=session, retry_handlers=[])
                response = await client.api_call(method)
        except PermanentFailure as refusal:
            code = code_of_failure(refusal)
            raise TokenRefused(f"Slack does not take {setting} ({code}). Set {where}.", code) from None
        except DeliveryError as failure:
            raise Unreachable(unreachable(failure, address, "PAPERCLUB_SLACK_API_URL")) from None
        assert isinstance(response.data, dict), "the SDK has read JSON"
        return response.data, {name.lower(): value for name, value in response.headers.items()}
