"""A real browser for the tests of the page: Debian's Chromium, by playwright."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from app.http.server import served
from tests.e2e.web_world import Pages

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
MISSING = f"there is no Chromium at {CHROMIUM}: apt-get install chromium"
SCHEMES = ("light", "dark")
WIDTHS = {360: 780, 1280: 860}
"""By width: the window's height."""


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Start the browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def serving(pages: Pages) -> AsyncIterator[str]:
    """Serve the page on a port of this computer; give its address."""
    pages.settings = pages.settings.model_copy(update={"public_url": ""})
    async with served("127.0.0.1", 0, pages.application.routes) as port:
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def opened(
    browser: Browser, base: str, scheme: str = "light", width: int = 1280, *, script: bool = True
) -> AsyncIterator[Page]:
    """Open a window that reaches nothing but the page itself."""
    context = await browser.new_context(
        base_url=base,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": WIDTHS[width]},
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    errors: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
    page.on("request", lambda each: None if each.url.startswith(base) else errors.append(each.url))
    yield page
    await context.close()
    assert not errors, errors


async def sign_in(page: Page, code: str) -> None:
    """Type a code, as people do."""
    await page.goto("/sign-in")
    await page.get_by_label("Code").fill(code)
    await page.get_by_role("main").get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda address: "/sign-in" not in address)
    await asyncio.sleep(0)


def _is_error(message: ConsoleMessage) -> bool:
    """Whether the browser complains of more than a page that is meant to be missing."""
    return message.type == "error" and "status of 40" not in message.text
