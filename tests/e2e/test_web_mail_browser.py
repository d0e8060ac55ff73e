"""A real browser at signing in by mail and at unlinking, in light and dark, on a phone and on a desk."""

from dataclasses import dataclass

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from app.doors import web_page
from app.http.server import served
from tests.e2e.web_browser import CHROMIUM, MISSING, SCHEMES, WIDTHS, launched, opened
from tests.e2e.web_world import THEIRS, Member, Pages, open_pages

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING),
]
ADA = "ada@example.org"
ADDRESS = "/sign-in/mail/sealed"


@dataclass
class OneLink:
    """A link to one account, as if its mail were read already."""

    account_id: int
    asked: str = ""

    def start(self, address: str, page: str) -> None:
        assert page.endswith("/sign-in/mail/")
        self.asked = address

    async def owner_of(self, seal: str) -> str:
        assert seal == "sealed"
        return ADA

    async def account_by(self, seal: str) -> int:
        assert seal == "sealed"
        return self.account_id


async def linked_account(pages: Pages) -> int:
    """Have somebody be one person in two workspaces."""
    here, there = Member("ada", "#nlp"), Member("ada-there-with-a-rather-long-name", "#ml", workspace=THEIRS)
    code, other = await pages.code(here), await pages.code(there)
    account_id = await pages.parts.accounts.account_by(code)
    async with pages.parts.store.reading() as tx:
        [own] = await tx.accounts.identities(account_id)
    return await pages.parts.accounts.redeem(other, own)


async def look_at(page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


async def test_signing_in_by_mail_and_unlinking(settings, clock, embedder):
    async with open_pages(settings, clock, embedder) as pages, launched() as browser:
        for scheme, width in [(scheme, width) for scheme in SCHEMES for width in WIDTHS]:
            links = OneLink(await linked_account(pages))
            routes = web_page(
                pages.settings.model_copy(update={"public_url": ""}), pages.parts, sign_in_links=links
            )
            async with (
                served("127.0.0.1", 0, routes) as port,
                opened(browser, f"http://127.0.0.1:{port}", scheme, width) as page,
            ):
                await page.goto("/sign-in")
                await look_at(page)
                await page.get_by_label("Mail address").fill(ADA)
                await page.keyboard.press("Enter")
                await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
                assert links.asked == ADA
                await look_at(page)
                await page.goto(ADDRESS)
                await look_at(page)
                await page.get_by_role("main").get_by_role("button", name="Sign in").click()
                await page.wait_for_url("**/")
                await page.goto("/me")
                await look_at(page)
                await page.get_by_role("button", name="Unlink ada-there").click()
                await expect(page.get_by_role("alert")).to_contain_text("is no longer linked with you.")
                await look_at(page)
                await page.goto("/me")
                await page.wait_for_url("**/sign-in?next=/me")
