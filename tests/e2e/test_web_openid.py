"""Signing in by Slack and Discord, at servers that refuse what the platforms refuse."""

import base64
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.http.server import served
from bot.domain.account import Identity
from bot.domain.channel import Platform
from tests.e2e.web_world import HOST, Browser, LinkedSurface, Pages, open_pages

SLACK, DISCORD = Platform("slack"), Platform("discord")
CLIENT, SECRET = "client-1", "hush"
USERS = {
    SLACK: {
        "ok": True,
        "sub": "U1",
        "https://slack.com/user_id": "U1",
        "https://slack.com/team_id": "T1",
        "name": "Ada Lund",
    },
    DISCORD: {"id": "4711", "username": "ada", "global_name": "Ada Lund"},
}
IDENTITIES = {
    SLACK: Identity(SLACK, "T1", "U1", "Ada Lund"),
    DISCORD: Identity(DISCORD, "", "4711", "Ada Lund"),
}


class SlackSurface(LinkedSurface):
    platform = SLACK


class DiscordSurface(LinkedSurface):
    platform = DISCORD
    shared_ids = True


@dataclass
class Server:
    """A platform: it gives a code for what the browser asked, and tells who it is for that code once."""

    platform: Platform
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    user: dict[str, object] = field(default_factory=dict)
    claims: dict[str, object] = field(default_factory=dict)

    def agree(self, address: str) -> str:
        """Have somebody say yes on the platform's page; return the code that the browser brings back."""
        asked = dict(parse_qsl(urlsplit(address).query, strict_parsing=True))
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == f"{HOST}/sign-in/{self.platform}/back"
        assert len(asked["state"]) >= 32
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    async def token(self, request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode(), strict_parsing=True))
        asked = self.codes.pop(form.get("code", ""), None)
        right = (
            asked is not None
            and {
                "grant_type": "authorization_code",
                "client_id": CLIENT,
                "client_secret": SECRET,
                "redirect_uri": asked["redirect_uri"],
            }.items()
            <= form.items()
        )
        if not right or not self._proved(asked, form):
            return self._refusal()
        self.tokens.add("access-1")
        claims = {"aud": CLIENT, "sub": self.user["sub"], "nonce": asked["nonce"]} if "nonce" in asked else {}
        body = base64.urlsafe_b64encode(json.dumps(claims | self.claims).encode()).rstrip(b"=").decode()
        answer = {"ok": True, "access_token": "access-1", "id_token": f"e30.{body}.x"}
        return JSONResponse(answer if self.platform == SLACK else {"access_token": "access-1"})

    async def me(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != "Bearer access-1" or not self.tokens:
            return self._refusal()
        return JSONResponse(self.user)

    def _proved(self, asked: dict[str, str], form: dict[str, str]) -> bool:
        if self.platform == SLACK:
            return True
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        return asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _refusal(self) -> JSONResponse:
        if self.platform == SLACK:
            return JSONResponse({"ok": False, "error": "invalid_code"})
        return JSONResponse({"error": "invalid_grant"}, 400)

    @property
    def routes(self) -> list[Route]:
        token, user = {
            SLACK: ("/api/openid.connect.token", "/api/openid.connect.userInfo"),
            DISCORD: ("/api/oauth2/token", "/api/users/@me"),
        }[self.platform]
        return [Route(token, self.token, methods=["POST"]), Route(user, self.me)]


@pytest.fixture(params=[SLACK, DISCORD])
def server(request):
    return Server(request.param, user=dict(USERS[request.param]))


@pytest.fixture
async def pages(settings, clock, embedder, server):
    async with (
        served("127.0.0.1", 0, server.routes) as port,
        open_pages(settings, clock, embedder, SlackSurface, DiscordSurface) as opened,
    ):
        name = server.platform
        opened.settings = opened.settings.model_copy(
            update={
                f"web_{name}_client_id": CLIENT,
                f"web_{name}_client_secret": type(settings.secret_key)(SECRET),
                f"web_{name}_url": f"http://127.0.0.1:{port}",
            }
        )
        yield opened


@asynccontextmanager
async def two_browsers(pages: Pages):
    application = pages.application
    async with pages.browser(application) as one, pages.browser(application) as two:
        yield one, two


@pytest.fixture
async def browser(pages: Pages):
    async with pages.browser() as opened:
        yield opened


async def leave(browser: Browser, server: Server, then: str = "/trending") -> httpx.Response:
    return await browser.client.get(f"/sign-in/{server.platform}", params={"next": then})


async def back(browser: Browser, server: Server, left: httpx.Response, **changed: str) -> httpx.Response:
    """Come back from the platform with a code, and what else is changed on the way."""
    address = left.headers["location"]
    state = dict(parse_qsl(urlsplit(address).query))["state"]
    given = {"code": server.agree(address), "state": state, **changed}
    return await browser.client.get(f"/sign-in/{server.platform}/back", params=given)


async def signed_in(browser: Browser) -> bool:
    return (await browser.get("/me")).url.path == "/me"


async def test_one_signs_in_by_the_platform(pages: Pages, browser: Browser, server: Server):
    form = (await browser.get("/sign-in?next=/trending")).text
    assert f'href="/sign-in/{server.platform}?next=%2Ftrending"' in form
    left = await leave(browser, server)
    assert left.headers["location"].startswith(getattr(pages.settings, f"web_{server.platform}_url"))
    assert {"HttpOnly", "SameSite=lax"} <= set(left.headers["set-cookie"].split("; "))
    returned = await back(browser, server, left)
    assert (returned.status_code, returned.headers["location"]) == (303, "/trending")
    assert await signed_in(browser)
    async with pages.parts.store.reading() as tx:
        account = await tx.accounts.find(IDENTITIES[server.platform])
        assert account is not None
        assert list(await tx.accounts.identities(account)) == [IDENTITIES[server.platform]]


async def test_a_sign_in_ends_in_the_browser_that_began_it_and_once(pages: Pages, server: Server):
    async with two_browsers(pages) as (victim, eve):
        left = await leave(eve, server)
        assert (await back(victim, server, left)).status_code == 400
        assert not await signed_in(victim)
        own = await leave(victim, server)
        assert (await back(victim, server, own, state="0" * 64)).status_code == 400
        assert (await back(victim, server, own, state="")).status_code == 400
        assert (await back(victim, server, own)).status_code == 303
        assert (await back(victim, server, own)).status_code == 400


async def test_the_cookie_of_a_sign_in_is_this_hosts_alone_over_https(pages: Pages, server: Server):
    pages.settings = pages.settings.model_copy(update={"public_url": "https://papers.test"})
    async with pages.browser() as browser:
        left = await leave(browser, server)
        cookie = left.headers["set-cookie"]
        assert cookie.startswith(f"__Host-paperclub_openid_{server.platform}=")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        state = dict(parse_qsl(urlsplit(left.headers["location"]).query))["state"]
        returned = await browser.client.get(
            f"/sign-in/{server.platform}/back",
            params={"code": "forged", "state": state},
            headers={"Cookie": cookie.partition(";")[0]},
        )
        # The cookie was found: it is the platform that refuses.
        assert "has to end in the browser" not in returned.text
        # A browser takes the end of such a cookie, too, only with these.
        ended = set(returned.headers["set-cookie"].split("; "))
        assert {f'__Host-paperclub_openid_{server.platform}=""', "Secure", "Path=/", "Max-Age=0"} <= ended


async def test_a_code_that_the_platform_does_not_confirm_signs_nobody_in(
    browser: Browser, server: Server, caplog
):
    for changed in ({"code": "forged"}, {"code": ""}, {"code": "", "error": "access_denied"}):
        page = await back(browser, server, await leave(browser, server), **changed)
        assert page.status_code == 400
        assert re.search("didn&#39;t (confirm who you are|sign you in)", page.text)
        assert not await signed_in(browser)
    assert SECRET not in caplog.text
    assert "forged" not in caplog.text


@pytest.mark.parametrize("server", [SLACK], indirect=True)
@pytest.mark.parametrize("claims", [{"nonce": "other"}, {"aud": "other-app"}, {"sub": "U2"}, {"aud": ["x"]}])
async def test_an_id_token_of_another_sign_in_app_or_person_is_refused(
    browser: Browser, server: Server, claims
):
    server.claims = claims
    assert (await back(browser, server, await leave(browser, server))).status_code == 400
    assert not await signed_in(browser)


async def test_an_answer_without_ids_signs_nobody_in(browser: Browser, server: Server):
    for broken in ({"sub": "U1"}, {"ok": False}, {"id": 4711, "sub": "U1"}, {"id": "", "sub": "U1"}):
        server.user = broken if server.platform == DISCORD or "sub" in broken else {**broken, "sub": "U1"}
        assert (await back(browser, server, await leave(browser, server))).status_code == 400
    assert not await signed_in(browser)


async def test_a_platform_that_is_not_set_up_is_not_there(pages: Pages, browser: Browser, server: Server):
    other = DISCORD if server.platform == SLACK else SLACK
    for path in (f"/sign-in/{other}", f"/sign-in/{other}/back", "/sign-in/email"):
        assert (await browser.get(path)).status_code == 404
    pages.settings = pages.settings.model_copy(update={"public_url": ""})
    async with pages.browser() as without_address:
        assert (await without_address.get(f"/sign-in/{server.platform}")).status_code == 404


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example"])
async def test_coming_back_leads_nowhere_else(browser: Browser, server: Server, then):
    returned = await back(browser, server, await leave(browser, server, then))
    assert (returned.status_code, returned.headers["location"]) == (303, "/")
