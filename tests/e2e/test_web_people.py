import re
from html import unescape

import httpx
import pytest

from bot.conversation.accounts import CODE_LIFETIME
from tests.e2e.web_world import HOST, OURS, THEIRS, Browser, Member, Pages, open_pages, talk

ADA = Member("ada", "#nlp")


@pytest.fixture
async def pages(settings, clock, embedder):
    async with open_pages(settings, clock, embedder) as opened:
        yield opened


@pytest.fixture
async def browser(pages: Pages):
    async with pages.browser() as opened:
        yield opened


async def signed_in(browser: Browser) -> bool:
    return (await browser.get("/me")).url.path == "/me"


async def test_one_signs_in_by_the_code_that_chat_shows(pages: Pages, browser: Browser):
    reply, _ = await pages.says(ADA, "link")
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", reply.text)
    assert code is not None
    assert not await signed_in(browser)
    token = await browser.token("/sign-in?next=/trending")
    page = await browser.post(
        "/sign-in", token=token, code=code[0].lower().replace("-", " "), next="/trending"
    )
    assert page.url.path == "/trending"
    assert ">ada</a>" in page.text
    cookie = next(each for each in browser.client.cookies.jar if each.name == "paperclub_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert await signed_in(browser)
    # It served once.
    async with pages.browser() as other:
        again = await other.post("/sign-in", token=await other.token("/sign-in"), code=code[0])
        assert again.status_code == 400
        assert "I don't know that code".replace("'", "&#39;") in again.text
        assert not await signed_in(other)


async def test_cookies_are_for_https_alone_where_the_page_is(pages: Pages):
    pages.settings = pages.settings.model_copy(update={"public_url": "https://papers.test"})
    async with pages.browser() as browser:
        form = await browser.get("/sign-in")
        cookie = form.headers["set-cookie"]
        token = re.search(r'form_token" value="([^"]+)"', form.text)
        assert token is not None
        assert cookie.startswith("__Host-paperclub_form=")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        response = await browser.client.post(
            "/sign-in",
            data={"form_token": token[1], "code": await pages.code(ADA)},
            headers={"Origin": "https://papers.test", "Cookie": cookie.partition(";")[0]},
        )
        assert response.status_code == 303
        session = response.headers.get_list("set-cookie")[0]
        assert session.startswith("__Host-paperclub_session=")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(session.split("; "))


async def test_no_link_brings_a_code_along(pages: Pages, browser: Browser):
    """Else one press would sign somebody in as whoever has sent them the link."""
    code = await pages.code(ADA)
    form = await browser.get(f"/sign-in?code={code}&next=/trending")
    assert form.status_code == 200
    assert 'name="code" value=""' in form.text
    assert code not in form.text.replace(f"/sign-in?code={code}", "")


async def test_a_code_ends_after_its_time_and_a_session_after_its_own(pages: Pages, browser: Browser):
    code = await pages.code(ADA)
    pages.clock.forward(seconds=CODE_LIFETIME.total_seconds() + 1)
    late = await browser.post("/sign-in", token=await browser.token("/sign-in"), code=code)
    assert late.status_code == 400
    await browser.sign_in(ADA)
    assert await signed_in(browser)
    pages.clock.forward(days=31)
    assert not await signed_in(browser)


async def test_wrong_codes_are_counted(pages: Pages, browser: Browser):
    token = await browser.token("/sign-in")
    for _ in range(20):
        assert (
            "I don&#39;t know that code" in (await browser.post("/sign-in", token=token, code="WRONG")).text
        )
    right = await pages.code(ADA)
    assert "too many wrong codes" in (await browser.post("/sign-in", token=token, code=right)).text
    pages.clock.forward(seconds=61)
    assert (await browser.post("/sign-in", token=token, code=right)).status_code == 200
    assert await signed_in(browser)


async def test_wrong_codes_behind_a_proxy_block_their_own_network_alone(pages: Pages, browser: Browser):
    token, right = await browser.token("/sign-in"), await pages.code(ADA)

    async def enter(network: str, host: int, code: str) -> httpx.Response:
        browser.client.headers["X-Forwarded-For"] = f"203.0.113.{host}, {network}{host:x}"
        return await browser.post("/sign-in", token=token, code=code)

    for number in range(20):
        assert "I don&#39;t know that code" in (await enter("2001:db8:0:1::", number, "WRONG")).text
    assert "too many wrong codes" in (await enter("2001:db8:0:1::", 99, right)).text
    assert (await enter("2001:db8:0:2::", 1, right)).status_code == 200
    assert await signed_in(browser)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", f"{HOST}.evil.example"])
async def test_a_form_of_another_site_changes_nothing(pages: Pages, browser: Browser, origin):
    await talk(pages)
    await browser.sign_in(ADA)
    token, paper = await browser.token("/me"), pages.numbers[4]
    for path in (
        f"/papers/{paper}/vote",
        f"/papers/{paper}/save",
        "/sign-out",
        "/me/code",
        "/me/link",
        "/me/team",
        "/me/unlink",
    ):
        fields = {"value": "up", "switch": "on", "everywhere": "yes", "code": "x"}
        page = await browser.post(path, origin=origin, token=token, **fields)
        assert page.status_code == 403, path
    assert await signed_in(browser)
    assert 'aria-pressed="true"' not in (await browser.get(f"/papers/{paper}")).text


async def test_a_form_needs_the_token_of_its_own_session(pages: Pages, browser: Browser):
    await talk(pages)
    await browser.sign_in(ADA)
    async with pages.browser() as eve:
        await eve.sign_in(Member("eve", "#nlp"))
        stolen = await eve.token("/me")
    for token in ("", "x", stolen):
        page = await browser.post(f"/papers/{pages.numbers[0]}/save", token=token, switch="off")
        assert page.status_code == 403
    async with pages.browser() as fresh:
        page = await fresh.post("/sign-in", token="", code=await pages.code(ADA))
        assert page.status_code == 403


async def test_nothing_changes_on_get(pages: Pages, browser: Browser):
    await talk(pages)
    await browser.sign_in(ADA)
    for path in (f"/papers/{pages.numbers[4]}/vote?value=up", "/sign-out", "/me/code"):
        assert (await browser.client.get(path)).status_code in {404, 405}
    assert await signed_in(browser)


async def test_one_signs_out_here_or_everywhere(pages: Pages, browser: Browser):
    await browser.sign_in(ADA)
    async with pages.browser() as second, pages.browser() as third:
        await second.sign_in(ADA)
        await third.sign_in(ADA)
        signed_out = await browser.post("/sign-out")
        assert signed_out.history[0].headers["clear-site-data"] == '"cache"'
        assert [await signed_in(each) for each in (browser, second, third)] == [False, True, True]
        await second.post("/sign-out", everywhere="yes")
        assert [await signed_in(each) for each in (browser, second, third)] == [False, False, False]


async def test_one_links_from_either_side(pages: Pages, browser: Browser):
    """A code of the page is entered in chat, and one of chat on the page."""
    there = Member("ada-there", "#ml", workspace=THEIRS)
    await browser.sign_in(ADA)
    shown = await browser.post("/me/code")
    code = re.search(r"<strong>([A-Z2-9]{4}-[A-Z2-9]{4})</strong>", shown.text)
    assert code is not None
    assert "no-store" in shown.headers["cache-control"]
    await pages.says(there, f"link {code[1]} confirm:yes")
    me = await browser.get("/me")
    assert "ada on Console" in me.text
    assert "ada-there on Console" in me.text
    third = Member("ada-third", "#x", workspace="third")
    given = await pages.code(third)
    asked = await browser.post("/me/link", code=given)
    assert "This is the code of ada-third on Console." in asked.text
    assert "ada-third on Console</span>" not in (await browser.get("/me")).text
    await browser.post("/me/link", code=given, confirm="yes")
    assert "ada-third on Console</span>" in (await browser.get("/me")).text
    assert (await browser.post("/me/link", code="WRONG")).status_code == 400
    await pages.says(third, "unlink")
    assert not await signed_in(browser)


async def test_who_is_in_two_teams_reads_as_one_at_a_time(pages: Pages, browser: Browser):
    ours, theirs = await talk(pages), await talk(pages, THEIRS, "x")
    await browser.sign_in(ours)
    code = await pages.code(theirs)
    await browser.post("/me/link", code=code, confirm="yes")
    channels = (await browser.get("/channels")).text
    assert "#nlp</a>" in channels
    assert "#nlpx</a>" in channels
    me = (await browser.get("/me")).text
    [second] = re.findall(r'name="team" value="(\d+)" aria-pressed="false"', me)
    assert "<h1>ada</h1>" in me
    assert "<h1>adax</h1>" in (await browser.post("/me/team", team=second)).text
    assert (await browser.post("/me/team", team="999999")).status_code == 404


async def test_who_leaves_a_workspace_reads_nothing_of_its_team(pages: Pages, browser: Browser):
    ours, theirs = await talk(pages), await talk(pages, THEIRS, "x")
    await browser.sign_in(ours)
    vote, token = f"/papers/{pages.numbers[3]}/vote", await browser.token("/me")
    saved = (await browser.get("/me")).text
    assert "Cheaper Experts at Serving Time" in saved
    for gone, back in (
        (lambda: pages.surface.silent.add(OURS), pages.surface.silent.clear),
        (lambda: pages.surface.left.add((OURS, "ada")), pages.surface.left.clear),
    ):
        gone()
        pages.clock.forward(minutes=2)
        me = (await browser.get("/me")).text
        assert "I share no team with you now." in me
        silent = "I couldn't ask Console which teams you are in." in unescape(me)
        assert silent is bool(pages.surface.silent)
        assert "Cheaper Experts at Serving Time" not in me
        assert "#nlp" not in (await browser.get("/channels")).text
        assert (await browser.post(vote, token=token, value="up")).status_code == 403
        back()
        pages.clock.forward(minutes=2)
        assert (await browser.get("/me")).text == saved
    await browser.post("/me/link", code=await pages.code(theirs), confirm="yes")
    pages.surface.left.add((OURS, "ada"))
    pages.clock.forward(minutes=2)
    assert "<h1>adax</h1>" in (await browser.get("/me")).text
    assert "#nlpx</a>" in (await browser.get("/channels")).text
    assert "#nlp</a>" not in (await browser.get("/channels")).text


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/\t/x"]
)
async def test_signing_in_leads_nowhere_else(pages: Pages, browser: Browser, path):
    token = await browser.token("/sign-in")
    response = await browser.client.post(
        "/sign-in",
        data={"form_token": token, "code": await pages.code(ADA), "next": path},
        headers={"Origin": HOST},
    )
    assert (response.status_code, response.headers["location"]) == (303, "/")


async def test_a_visitor_cannot_act(pages: Pages, browser: Browser):
    token = await browser.token("/sign-in")
    for path in (f"/papers/{pages.numbers[0]}/vote", f"/papers/{pages.numbers[0]}/save"):
        page = await browser.post(path, token=token, value="up", switch="on")
        assert page.url.path == "/sign-in"
    for path in ("/me/code", "/me/link", "/me/team", "/me/unlink"):
        assert (await browser.post(path, token=token)).status_code == 404
    assert OURS not in (await browser.get("/")).text


IDENTITY = re.compile(
    "".join(rf'name="{each}" value="(.*?)".*?' for each in ("platform", "workspace", "person")), re.DOTALL
)


async def linked(pages: Pages, browser: Browser) -> list[dict[str, str]]:
    """Sign in as somebody who is linked in both workspaces; return what their buttons send."""
    await browser.sign_in(ADA)
    there = Member("ada-there", "#ml", workspace=THEIRS)
    await browser.post("/me/link", code=await pages.code(there), confirm="yes")
    found = IDENTITY.findall((await browser.get("/me")).text)
    return [dict(zip(("platform", "workspace", "person"), each, strict=True)) for each in found]


async def test_one_unlinks_on_the_page_and_is_signed_out_everywhere(pages: Pages, browser: Browser):
    here, there = await linked(pages, browser)
    async with pages.browser() as second:
        await second.sign_in(ADA)
        page = await browser.post("/me/unlink", **there)
        assert page.status_code == 200
        assert "<h1>Sign in</h1>" in page.text
        assert "ada-there on Console is no longer linked with you." in page.text
        assert "You are signed out of the page everywhere." in page.text
        assert page.headers["clear-site-data"] == '"cache"'
        assert [await signed_in(each) for each in (browser, second)] == [False, False]
    await browser.sign_in(ADA)
    me = (await browser.get("/me")).text
    assert "ada on Console" in me
    assert "ada-there" not in me
    assert "/me/unlink" not in me, "nobody can take out the last one"
    assert (await browser.post("/me/unlink", **here)).status_code == 404
    assert await signed_in(browser)


async def test_the_page_after_unlinking_signs_in_again(pages: Pages, browser: Browser):
    _, there = await linked(pages, browser)
    page = await browser.post("/me/unlink", **there)
    token = re.search(r'form_token" value="([^"]+)"', page.text)
    assert token is not None
    await browser.post("/sign-in", token=token[1], code=await pages.code(ADA))
    assert await signed_in(browser)


async def test_nobody_unlinks_somebody_else(pages: Pages, browser: Browser):
    here, there = await linked(pages, browser)
    async with pages.browser() as eve:
        await eve.sign_in(Member("eve", "#nlp"))
        await eve.post(
            "/me/link", code=await pages.code(Member("eve-2", "#ml", workspace=THEIRS)), confirm="yes"
        )
        for each in (here, there, {**here, "workspace": THEIRS}, {}):
            assert (await eve.post("/me/unlink", **each)).status_code == 404
        assert await signed_in(eve)
    assert await signed_in(browser)
    assert "ada-there on Console" in (await browser.get("/me")).text
