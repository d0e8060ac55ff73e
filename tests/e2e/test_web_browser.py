"""A real browser walks the page: every page in light and dark, on a phone and on a desk."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.web_browser import CHROMIUM, MISSING, SCHEMES, WIDTHS, launched, opened, serving, sign_in
from tests.e2e.web_world import Member, Pages, open_pages, talk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING),
]
OPEN = (
    "/",
    "/2026-11-27",
    "/week/2026-W48",
    "/month/2026-11",
    "/trending",
    "/papers/1",
    "/sign-in",
    "/nothing",
)
SIGNED_IN = ("/", "/trending", "/search?q=experts", "/search", "/papers/1", "/channels", "/me", "/2026-12-01")
OF_CHANNEL = ("", "/top", "/topics")


@pytest.fixture
async def pages(settings, clock, embedder):
    async with open_pages(settings, clock, embedder) as opened_pages:
        yield opened_pages


@pytest.fixture
async def ada(pages: Pages) -> Member:
    return await talk(pages)


@pytest.fixture
async def base(pages: Pages, ada: Member):
    assert ada.person, "the team has voted and talked before anybody looks"
    async with serving(pages) as address:
        yield address


@pytest.fixture
async def chromium():
    async with launched() as browser:
        yield browser


async def look_at(page, path: str) -> None:
    """Open a page, and have axe and a ruler judge it."""
    await page.goto(path)
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, f"{path} is wider than the window"


@pytest.mark.parametrize("window", [(scheme, width) for scheme in SCHEMES for width in WIDTHS])
async def test_every_page_is_accessible(pages, ada, base, chromium, window):
    async with opened(chromium, base, *window) as page:
        for path in OPEN:
            await look_at(page, path)
        await sign_in(page, await pages.code(ada))
        channel = await pages.channel(ada)
        for path in (*SIGNED_IN, *(f"/channels/{channel}{part}" for part in OF_CHANNEL)):
            await look_at(page, path)
        await page.goto("/me")
        await page.get_by_role("button", name="Show a code").click()
        await expect(page.locator("#code")).to_be_visible()
        assert (await Axe().run(page)).violations_count == 0


async def test_search_answers_while_one_types(base, chromium):
    async with opened(chromium, base) as page:
        await page.goto("/")
        await page.get_by_label("Search papers").fill("drones")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Seeing Cracks in Bridges")).to_be_visible()
        field = page.get_by_label("What are you looking for?")
        await field.fill("")
        await field.press_sequentially("proteins fold")
        await expect(page.get_by_role("heading", name="Protein Folding with Fewer Samples")).to_be_visible()
        await expect(page.locator("mark").first).to_contain_text("proteins fold")
        await expect(page.locator("#status")).to_contain_text("paper")
        await expect(field).to_be_focused()
        assert page.url.endswith("/search?q=proteins+fold")


async def test_a_vote_is_pressed_and_stays(pages, ada, base, chromium):
    async with opened(chromium, base) as page:
        await sign_in(page, await pages.code(ada))
        await page.goto("/2026-11-26")
        vote = page.get_by_role("button", name="What Long Contexts Forget in the Middle")
        await expect(vote).to_have_attribute("aria-pressed", "false")
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "true")
        await expect(vote).to_contain_text("64")
        await expect(vote).to_be_focused()
        await page.reload()
        await expect(vote).to_have_attribute("aria-pressed", "true")
        await page.goto("/papers/5")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("button", name="Saved")).to_be_visible()
        await page.goto("/me")
        await expect(page.get_by_role("heading", name="What Long Contexts")).to_be_visible()
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


async def test_all_of_it_works_without_script(pages, ada, base, chromium):
    async with opened(chromium, base, script=False) as page:
        await sign_in(page, await pages.code(ada))
        await page.goto("/papers/4")
        await page.get_by_role("button", name="Vote for").click()
        assert page.url.endswith("/papers/4")
        await expect(page.get_by_role("button", name="Vote for")).to_have_attribute("aria-pressed", "true")
        await page.get_by_label("Search papers").fill("drones")
        await page.get_by_label("Search papers").press("Enter")
        await expect(page.get_by_role("heading", name="Seeing Cracks in Bridges")).to_be_visible()


async def test_the_keyboard_is_enough(pages, ada, base, chromium):
    async with opened(chromium, base, width=360) as page:
        await sign_in(page, await pages.code(ada))
        await page.goto("/2026-11-26")
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the papers")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
        reached = []
        for _ in range(12):
            await page.keyboard.press("Tab")
            now = page.locator(":focus")
            reached.append((await now.inner_text()).strip())
            if "64" in reached[-1] or "63" in reached[-1]:
                await page.keyboard.press("Enter")
                await expect(now).to_have_attribute("aria-pressed", "true")
                break
            outline = await now.evaluate("each => getComputedStyle(each).outlineStyle")
            assert outline == "solid", reached[-1]
        assert reached[:3] == ["Day", "Week", "Month"]
        assert "64" in await page.locator(":focus").inner_text()


async def test_bibtex_is_copied(base, chromium):
    async with opened(chromium, base) as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
        await page.goto("/papers/1")
        await page.get_by_role("button", name="Copy").click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert (await page.evaluate("navigator.clipboard.readText()")).startswith("@misc{lund2026cheaper,")
