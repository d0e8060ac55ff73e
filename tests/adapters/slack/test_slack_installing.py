import logging
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text

from adapters.slack import SLACK
from adapters.slack.inbound.oauth import (
    INSTALL_PATH,
    REDIRECT_PATH,
    STATE_LIFETIME,
    SlackInstallations,
    SlackStates,
    oauth_flow,
    oauth_settings,
)
from app.secrets import FernetSecrets
from bot.domain.errors import NotSent, PermanentFailure
from bot.domain.installation import Installation
from storage.sql.store import SqlStore
from tests.servers.slack.faults import refusing
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import APP, BOT, BOT_USER, CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, TEAM
from tests.waiting import eventually

NOW = datetime(2026, 9, 21, 8, 0, tzinfo=UTC)
SCOPES = ("chat:write", "commands")
OLD_KEY, NEW_KEY = (Fernet.generate_key().decode() for _ in range(2))
COOKIE = "slack-app-oauth-state"


class SetClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class Page(HTMLParser):
    """What a person meets on a page."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        self.words += data


@dataclass
class Answer:
    status: int
    headers: Any
    page: Page
    cookie: str

    @property
    def said(self) -> str:
        return " ".join(self.page.words.split())


@dataclass
class Site:
    """The bot's own web site, as somebody with a browser and the operator with the database see it."""

    slack: SlackServer
    store: SqlStore
    clock: SetClock
    app: AsyncApp
    installations: SlackInstallations
    session: aiohttp.ClientSession
    server: TestServer

    async def get(self, path: str, cookie: str = "", **query: str) -> Answer:
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        address = self.server.make_url(path).with_query(query)
        async with self.session.get(address, headers=headers, allow_redirects=False) as response:
            given = SimpleCookie(response.headers.get("Set-Cookie", "")).get(COOKIE)
            kept = given.value if given else ""
            return Answer(response.status, response.headers, Page(await response.text()), kept)

    async def begin(self) -> str:
        """Give the state, which is also the browser's cookie."""
        return (await self.get(INSTALL_PATH)).cookie

    async def install(self, code: str = "good-code") -> Answer:
        state = await self.begin()
        return await self.get(REDIRECT_PATH, state, state=state, code=code)

    async def kept(self) -> list[Installation]:
        async with self.store.reading() as tx:
            return await tx.installations.all()


@pytest.fixture
async def store(migrated_file: Path, tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    yield store
    await store.close()


def stores(store: SqlStore, clock: SetClock, *keys: str) -> SlackInstallations:
    return SlackInstallations(store, FernetSecrets(SecretStr(",".join(keys))), clock)


@pytest.fixture
async def site(store: SqlStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Site]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    clock = SetClock()
    installations = stores(store, clock, OLD_KEY)
    states = SlackStates(FernetSecrets(SecretStr(OLD_KEY)), clock)
    settings = oauth_settings(CLIENT_ID, CLIENT_SECRET, SCOPES, installations, states)
    async with SlackServer() as slack, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        client = AsyncWebClient(base_url=slack.base_url)
        app = AsyncApp(client=client, signing_secret=SIGNING_SECRET, oauth_flow=oauth_flow(client, settings))
        async with TestServer(app.web_app()) as server:
            slack.request_url = str(server.make_url("/slack/events"))
            yield Site(slack, store, clock, app, installations, session, server)
    assert not (tmp_path / "home").exists()


async def test_beginning_leads_to_slack_with_a_state_that_the_browser_keeps(site: Site) -> None:
    answer = await site.get(INSTALL_PATH)
    assert answer.status == 302
    address = urlsplit(answer.headers["Location"])
    assert address[:3] == ("https", "slack.com", "/oauth/v2/authorize")
    assert dict(parse_qsl(address.query, keep_blank_values=True)) == {
        "state": answer.cookie,
        "client_id": CLIENT_ID,
        "scope": "chat:write,commands",
        "user_scope": "",
    }
    assert len(answer.cookie) >= 43
    assert {"Secure", "HttpOnly", "Max-Age=600"} <= set(answer.headers["Set-Cookie"].split("; "))
    assert (await site.get(INSTALL_PATH)).cookie != answer.cookie


async def test_a_workspace_installs_the_bot(site: Site) -> None:
    answer = await site.install()
    assert (answer.status, answer.page.tags[0]) == (200, ("html", {"lang": "en"}))
    assert "Paperclub is installed in Example" in answer.said
    assert "/invite @paperclub" in answer.said
    assert "/papers subscribe" in answer.said
    assert answer.page.links == [f"https://slack.com/app_redirect?app={APP}&team={TEAM}"]
    assert answer.cookie == "deleted"
    (kept,) = await site.kept()
    scopes = tuple(sorted(site.slack.world.tokens["xoxb-bot"].scopes))
    assert replace(kept, token=None) == Installation(
        SLACK, TEAM, "Example", APP, BOT, BOT_USER, scopes, "U1ADA", NOW, None
    )
    assert b"xoxb-bot" not in (kept.token or b"")
    assert await site.installations.token(TEAM) == "xoxb-bot"


async def test_pages_let_in_nothing_from_elsewhere_and_tell_nobody_their_address(site: Site) -> None:
    for answer in (await site.install(), await site.install("wrong")):
        assert answer.headers["Content-Type"] == "text/html"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        tags = [tag for tag, _ in answer.page.tags]
        assert (tags.count("h1"), tags.count("title"), tags.count("main")) == (1, 1, 1)
        assert "script" not in tags


async def refused(site: Site, answer: Answer, status: int, words: str) -> None:
    assert (answer.status, answer.cookie) == (status, "deleted")
    assert "Paperclub was not installed" in answer.said
    assert words in answer.said
    assert answer.page.links == [INSTALL_PATH]
    assert await site.kept() == []


async def test_a_state_of_another_browser_is_refused(site: Site) -> None:
    state, other = await site.begin(), await site.begin()
    for cookie in ("", other):
        answer = await site.get(REDIRECT_PATH, cookie, state=state, code="good-code")
        await refused(site, answer, 400, "in the browser that it was begun in")
    answer = await site.get(REDIRECT_PATH, state, code="good-code")
    await refused(site, answer, 400, "in the browser that it was begun in")
    assert site.slack.calls == []


async def test_a_state_that_was_never_issued_is_refused(site: Site) -> None:
    await refused(site, await site.get(REDIRECT_PATH, "x", state="x", code="good-code"), 401, "too long ago")
    assert site.slack.calls == []


async def test_bad_codes_leave_nothing_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    await refused(site, await site.install("wrong-and-secret"), 401, "confirmation")
    assert caplog.messages == []


async def test_a_state_is_good_once_as_its_browser_forgets_it(site: Site) -> None:
    state = await site.begin()
    first = await site.get(REDIRECT_PATH, state, state=state, code="wrong")
    await refused(site, first, 401, "confirmation")
    again = await site.get(REDIRECT_PATH, first.cookie, state=state, code="good-code")
    await refused(site, again, 400, "in the browser that it was begun in, and only once")


async def test_a_state_that_was_changed_or_made_by_another_key_is_refused(site: Site) -> None:
    state = await site.begin()
    other = SlackStates(FernetSecrets(SecretStr(NEW_KEY)), site.clock)
    kept = FernetSecrets(SecretStr(OLD_KEY)).encrypt("xoxb-1").decode().rstrip("=")
    for forged in (state[:-1], f"{state}A", state.swapcase(), await other.async_issue(), kept, "A" * 5000):
        answer = await site.get(REDIRECT_PATH, forged, state=forged, code="good-code")
        await refused(site, answer, 401, "too long ago")
    assert site.slack.calls == []


async def test_beginning_writes_nothing(site: Site) -> None:
    async def rows() -> list[Any]:
        return [row async for row in site.store.export()]

    before = await rows()
    for _ in range(20):
        assert (await site.get(INSTALL_PATH)).status == 302
    assert await rows() == before
    async with site.store.reading() as tx:
        tables = (await tx._connection.run(text("SELECT name FROM sqlite_master"))).scalars().all()
    assert "oauth_states" not in tables


async def test_a_state_expires(site: Site) -> None:
    state = await site.begin()
    site.clock.time += STATE_LIFETIME + timedelta(seconds=1)
    await refused(
        site, await site.get(REDIRECT_PATH, state, state=state, code="good-code"), 401, "too long ago"
    )


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"error": "access_denied"}, 200, "It was called off"),
        ({"error": "invalid_scope"}, 200, "Slack says: invalid_scope."),
        ({"error": "<script>alert(1)</script>"}, 200, "Slack says: no reason given."),
        ({"error": "Call 555-0100 now"}, 200, "Slack says: no reason given."),
        ({}, 401, "Slack sent no confirmation."),
        ({"code": "wrong"}, 401, "Slack did not stand by its confirmation"),
    ],
)
async def test_what_slack_does_not_confirm_is_not_installed(
    site: Site, query: dict[str, str], status: int, words: str
) -> None:
    state = await site.begin()
    await refused(site, await site.get(REDIRECT_PATH, state, state=state, **query), status, words)


async def test_an_app_with_token_rotation_is_refused(site: Site) -> None:
    site.slack.world.tokens["xoxb-bot"].rotates = True
    await refused(site, await site.install(), 500, "Token rotation is on in this Slack app")


async def test_each_workspace_has_its_own_token(site: Site) -> None:
    await site.install()
    await site.install(site.slack.world.agree("T9OTHER", "E1"))
    tokens = [await site.installations.token(workspace) for workspace in (TEAM, "T9OTHER")]
    assert tokens[0] == "xoxb-bot"
    assert site.slack.world.tokens[tokens[1]].team == "T9OTHER"
    bot = await site.installations.async_find_bot(enterprise_id="E1", team_id="T9OTHER")
    assert bot is not None
    assert (bot.bot_token, bot.team_id, bot.enterprise_id) == (tokens[1], "T9OTHER", "E1")
    assert (bot.bot_id, bot.is_enterprise_install, bot.bot_refresh_token) == (BOT, False, None)


async def test_an_organisation_is_installed_for_all_its_workspaces(site: Site) -> None:
    answer = await site.install(site.slack.world.agree(None, "E1"))
    assert "Paperclub is installed in Examples" in answer.said
    assert answer.page.links == [f"https://app.slack.com/manage/E1/integrations/profile/{APP}/workspaces/add"]
    find = site.installations.async_find_installation
    for team in (None, "T1", "T2"):
        found = await find(enterprise_id="E1", team_id=team, is_enterprise_install=True)
        assert found is not None
        assert (found.is_enterprise_install, found.enterprise_id, found.team_id) == (True, "E1", None)
        assert found.bot_token == await site.installations.token("E1")
    assert await find(enterprise_id="E1", team_id="T1", is_enterprise_install=False) is None
    assert await find(enterprise_id=None, team_id=None) is None
    await site.installations.async_delete_all(enterprise_id="E1", team_id=None)
    assert await find(enterprise_id="E1", team_id=None, is_enterprise_install=True) is None


async def test_installing_again_replaces_the_token(site: Site) -> None:
    await site.install()
    site.clock.time += timedelta(days=1)
    await site.install(site.slack.world.agree())
    (kept,) = await site.kept()
    assert kept.installed_at == NOW + timedelta(days=1)
    assert await site.installations.token(TEAM) != "xoxb-bot"


async def test_a_page_holds_no_markup_of_a_workspaces_name(site: Site) -> None:
    exchanged = SlackInstallation(
        app_id=APP, team_id=TEAM, team_name="<b>&{0}", bot_token="xoxb-1", user_id="U1ADA"
    )

    async def exchange(_code: str) -> SlackInstallation:
        return exchanged

    flow = site.app.oauth_flow
    assert flow is not None
    flow.run_installation = exchange
    answer = await site.install()
    assert "Paperclub is installed in <b>&{0}" in answer.said
    assert "b" not in [tag for tag, _ in answer.page.tags]


@pytest.mark.parametrize("lost", [{"bot_token": None}, {"team_id": None}])
async def test_an_installation_without_a_bot_is_not_kept(site: Site, lost: dict[str, None]) -> None:
    given = {"team_id": TEAM, "bot_token": "xoxb-1", "user_id": "U1ADA"} | lost
    with pytest.raises(BoltError):
        await site.installations.async_save(SlackInstallation(**given))
    assert await site.kept() == []


async def heard(site: Site) -> list[str]:
    """Which bot tokens events are dealt with under, from now on."""
    tokens: list[str] = []

    async def listen(context: Any) -> None:
        tokens.append(context.bot_token)

    site.app.event("message")(listen)
    return tokens


async def test_events_are_dealt_with_under_their_workspaces_token(site: Site) -> None:
    tokens = await heard(site)
    await site.install()
    before = len(site.slack.calls_of("auth.test"))
    for _ in range(3):
        await site.slack.say("U1ADA", "C1PAPERS", "hello")
    await site.slack.until(lambda: tokens == ["xoxb-bot"] * 3)
    assert len(site.slack.calls_of("auth.test")) == before + 1


async def test_who_leaves_is_forgotten_at_once_and_may_come_back(site: Site) -> None:
    tokens = await heard(site)
    site.app.enable_token_revocation_listeners()
    await site.install()
    await site.slack.say("U1ADA", "C1PAPERS", "hello")
    await site.slack.until(lambda: tokens == ["xoxb-bot"])
    site.clock.time += timedelta(days=1)
    await site.slack.uninstall()

    async def is_forgotten() -> bool:
        return (await site.kept())[0].token is None

    await eventually(is_forgotten)
    (mark,) = await site.kept()
    assert (mark.revoked_at, mark.installed_at, mark.name) == (site.clock.time, NOW, "Example")
    with pytest.raises(PermanentFailure, match=TEAM):
        await site.installations.token(TEAM)
    await site.slack.say("U1ADA", "C1PAPERS", "hello")
    assert len(tokens) == 1
    site.clock.time += timedelta(days=1)
    await site.install(site.slack.world.agree())
    await site.slack.say("U1ADA", "C1PAPERS", "hello")
    await site.slack.until(lambda: len(tokens) == 2)


async def test_a_persons_own_token_that_is_revoked_is_not_the_bots(site: Site) -> None:
    await site.install()
    await site.installations.async_delete_installation(enterprise_id=None, team_id=TEAM, user_id="U1ADA")
    assert await site.installations.token(TEAM) == "xoxb-bot"
    find = site.installations.async_find_installation
    assert await find(enterprise_id=None, team_id=TEAM, user_id="U1ADA") is None
    await site.installations.async_delete_installation(enterprise_id=None, team_id=TEAM)
    assert await find(enterprise_id=None, team_id=TEAM) is None


async def test_keys_change_and_a_token_that_none_opens_is_told(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await site.install()
    assert await stores(site.store, site.clock, NEW_KEY, OLD_KEY).token(TEAM) == "xoxb-bot"
    without = stores(site.store, site.clock, NEW_KEY)
    with pytest.raises(NotSent, match=rf"{TEAM}.*install Paperclub there again") as caught:
        await without.token(TEAM)
    assert not isinstance(caught.value, PermanentFailure)
    assert await without.async_find_bot(enterprise_id=None, team_id=TEAM) is None
    assert f"opens the token of the workspace {TEAM}" in caplog.text
    assert "xoxb" not in caplog.text
    assert OLD_KEY not in caplog.text


async def test_a_trouble_with_the_database_is_no_missing_installation(site: Site) -> None:
    await site.install()
    async with site.store.writing() as tx:
        await tx._connection.run(text("ALTER TABLE installations RENAME TO elsewhere"))
    payload = await site.slack.command("U1ADA", "C1PAPERS", "/papers", "help")
    assert payload.status == 500


async def test_slack_out_of_order_stores_nothing(site: Site) -> None:
    site.slack.faults.next("oauth.v2.access", refusing("internal_error"))
    await refused(site, await site.install(), 401, "Slack did not stand by its confirmation")
