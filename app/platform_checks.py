"""Whether the platforms take the tokens that they are given: before `run` listens, and for `doctor`."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.inbound.oauth import SlackInstallations
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.outbound.client import code_of_failure, delivery_errors, new_session
from app.clock import SystemClock
from app.discord import look_at
from app.findings import Finding, Health
from app.secrets import FernetSecrets
from app.settings import Settings
from app.slack import APP_SOURCE, APP_TOKEN, BOT_SOURCE, BOT_TOKEN
from app.tokens import TokenRefused, Unreachable, unreachable
from bot.domain.channel import Platform
from bot.domain.errors import DeliveryError, PermanentFailure, UserError
from bot.protocol.wording import counted
from storage.sql.store import SqlStore

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


async def check_tokens(settings: Settings, *, listens: bool) -> None:
    """Ask each platform whether it takes its tokens; one that does not answer is left for later.

    Where one refuses and another does not, the process is of use: that is only logged. The tokens of many
    workspaces are not asked about: one that is refused is that workspace's trouble alone.

    Raises:
        UserError: no platform is left; a line for each says which setting is wrong.

    """
    checks = []
    if settings.slack_bot_token.get_secret_value() or settings.slack_client_id:
        checks.append(_refusal(_ask_slack(settings, listens=listens)))
    if settings.discord_token.get_secret_value():
        checks.append(_refusal(look_at(settings)))
    refused = [said for said in await asyncio.gather(*checks) if said]
    if refused and len(refused) == len(checks):
        raise UserError("\n".join(refused))
    for said in refused:
        _log.error("%s", said)


async def _refusal(asking: Awaitable[object]) -> str:
    """Say what a platform has against a token, nothing where it takes it or does not answer."""
    try:
        await asking
    except TokenRefused as refusal:
        return str(refusal)
    except Unreachable as error:
        _log.warning("%s That is tried again by itself.", error)
    return ""


async def _ask_slack(settings: Settings, *, listens: bool) -> None:
    slack = _Slack(settings)
    if bot_token := settings.slack_bot_token.get_secret_value():
        told = await slack.test(BOT_TOKEN, bot_token)
        if told.lacking:
            _log.warning("%s. %s", told.lacking_text, SCOPES_ADVICE)
    if listens and (app_token := settings.slack_app_token.get_secret_value()):
        await slack.test_app(app_token)


async def platform_findings(settings: Settings, store: SqlStore | None) -> AsyncIterator[Finding]:
    """Look at Slack and Discord as far as they are set up; the store, where it is open, has tokens too."""
    slack, discord = settings.slack_bot_token, settings.discord_token
    if slack.get_secret_value():
        async for finding in _slack_findings(settings):
            yield finding
    elif settings.slack_client_id and store is not None:
        yield await _workspaces(settings, store)
    if slack.get_secret_value() or settings.slack_client_id:
        async for finding in _ways_in(settings):
            yield finding
    if discord.get_secret_value():
        yield await _discord(settings)
    if not (slack.get_secret_value() or settings.slack_client_id or discord.get_secret_value()):
        advice = f"Set {BOT_TOKEN} or PAPERCLUB_DISCORD_TOKEN, and the bot can be talked to there."
        yield Finding("platforms", Health.WARNING, "neither Slack nor Discord is set up", advice)


async def _slack_findings(settings: Settings) -> AsyncIterator[Finding]:
    try:
        told = await _Slack(settings).test(BOT_TOKEN, settings.slack_bot_token.get_secret_value())
    except (TokenRefused, Unreachable) as error:
        yield _bad("Slack", error)
        return
    yield Finding("Slack", Health.GOOD, f"answers to {told.name} in {told.workspace}")
    if told.lacking:
        yield Finding("Slack scopes", Health.BAD, told.lacking_text, SCOPES_ADVICE)
    elif told.scopes is not None:
        yield Finding("Slack scopes", Health.GOOD, f"all {len(BOT_SCOPES)} are granted")
    else:
        yield Finding("Slack scopes", Health.GOOD, "Slack does not tell which are granted")


async def _workspaces(settings: Settings, store: SqlStore) -> Finding:
    """Try the tokens of the workspaces that have installed the app."""
    async with store.reading() as tx:
        installed = [each for each in await tx.installations.all() if each.platform is Platform.SLACK]
    wrong = []
    try:
        tokens = SlackInstallations(store, FernetSecrets(settings.secret_key), SystemClock())
        for each in installed[:WORKSPACES_TRIED]:
            try:
                await _Slack(settings).test(f"the token of {each.name}", await tokens.token(each.workspace))
            except TokenRefused as refusal:
                wrong.append(f"{each.name}: Slack does not take its token ({refusal.code})")
            except DeliveryError as failure:
                wrong.append(f"{each.name}: {failure}")
    except UserError as error:
        return _bad("Slack", error)
    if wrong:
        advice = "They have to install the app again, at /slack/install."
        return Finding("Slack", Health.WARNING, "\n".join(wrong), advice)
    if not installed:
        return Finding("Slack", Health.WARNING, "no workspace has it yet", "Let one in at /slack/install.")
    return Finding("Slack", Health.GOOD, f"lets the bot into {counted(len(installed), 'workspace')}")


async def _ways_in(settings: Settings) -> AsyncIterator[Finding]:
    """Look at how Slack's events come in."""
    if token := settings.slack_app_token.get_secret_value():
        try:
            await _Slack(settings).open_socket(token)
        except (TokenRefused, Unreachable) as error:
            yield _bad("Slack socket", error)
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


async def _discord(settings: Settings) -> Finding:
    try:
        app = await look_at(settings)
    except (TokenRefused, Unreachable) as error:
        return _bad("Discord", error)
    text = f"answers to {app.name}, which is in {counted(app.servers, 'server')}"
    if not app.servers:
        return Finding("Discord", Health.WARNING, text, "Let it into one by the link of `paperclub invite`.")
    if app.reads:
        return Finding("Discord", Health.GOOD, text)
    advice = "To have links to papers followed, switch the app's Message Content Intent on."
    return Finding("Discord", Health.WARNING, f"{text}; links in channels are not seen", advice)


def _bad(name: str, error: UserError) -> Finding:
    what = "cannot be reached" if isinstance(error, Unreachable) else "does not let the bot in"
    return Finding(name, Health.BAD, what, str(error))


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

    def __init__(self, settings: Settings) -> None:
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
