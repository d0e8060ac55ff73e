"""Draws the pictures in docs/pages/: `python -m tests.e2e.web_screenshots docs/pages`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from app.settings import Settings
from papers.embedding import MiniLM
from tests.e2e.conftest import SetClock
from tests.e2e.web_browser import launched, opened, serving, sign_in
from tests.e2e.web_world import open_pages, talk

PICTURES = (
    ("day", "/", "light", 1280),
    ("paper", "/papers/1", "light", 1280),
    ("search-dark", "/search?q=mixture of experts", "dark", 1280),
    ("paper-phone-dark", "/papers/1", "dark", 360),
)


async def draw(folder: Path, pictures: tuple[tuple[str, str, str, int], ...] = PICTURES) -> None:
    """Write the pictures into a folder."""
    with tempfile.TemporaryDirectory() as data:
        model = MiniLM()
        settings = Settings(data_dir=Path(data), database_url="")
        async with open_pages(settings, SetClock(), model) as pages, launched() as browser:
            ada = await talk(pages)
            async with serving(pages) as base:
                for name, path, scheme, width in pictures:
                    async with opened(browser, base, scheme, width) as page:
                        await sign_in(page, await pages.code(ada))
                        await page.goto(path)
                        await page.screenshot(path=folder / f"{name}.png")
        model.close()


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
