"""All sources over loopback, or none, asked as often as one likes."""

from collections.abc import AsyncIterator

import pytest
from tenacity import wait_none

from app.settings import Settings
from bot.ports.coordination import Pace
from tests.servers.sources.everywhere import Everywhere

PACED = ("huggingface", "arxiv", "semanticscholar", "openalex", "crossref", "pages")


def ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sources be asked, and asked again, without a pause."""
    for source in PACED:
        monkeypatch.setattr(f"papers.sources.{source}.PACE", Pace(0.0))
    monkeypatch.setattr("papers.sources.fetching.client.wait_random_exponential", lambda **_: wait_none())


@pytest.fixture
async def everywhere() -> AsyncIterator[Everywhere]:
    async with Everywhere().running() as running:
        yield running


@pytest.fixture
def at_hand(settings: Settings, everywhere: Everywhere) -> Settings:
    """Settings with which the sources are found."""
    return settings.model_copy(update=everywhere.settings)
