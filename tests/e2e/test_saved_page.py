"""The page that it all began with: titles alone, which find their identifiers once sources are reached."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from adapters.common.findings import Health
from app.doctor import examine
from app.intake import import_file
from app.settings import Settings
from app.wiring import assembled
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper
from papers.embedding import MiniLM
from storage.sql.migrations import migrate
from tests.e2e.conftest import SOURCE_URLS, SetClock
from tests.servers.sources.everywhere import Everywhere
from tests.servers.sources.huggingface import daily_entry
from tests.servers.sources.works import crossref_work

ABSTRACT = (
    "What stands here is long enough to be the abstract of a paper about vessels in which water is brought "
    "to the boil, and says so at some length. We boil water in a hundred of them, and pour it out again. "
)
TITLES = ("Kettle number 1", "Cups in a wrapped title", "Plates of a Thousand Years", "Nobody Has This One")
ABOVE = ("Get trending papers in your email inbox!", "Subscribe", "byAK and the research community", "Apr 17")
PAGE = "\n\n".join([*ABOVE, *(f"{title}\n\n{ABSTRACT}It is one about {title}." for title in TITLES), ""])


@pytest.fixture(params=["sqlite", "postgresql"])
async def settings(request: pytest.FixtureRequest, at_hand: Settings) -> AsyncIterator[Settings]:
    if request.param == "sqlite":
        yield at_hand
        return
    async with request.getfixturevalue("postgres").database(migrate) as url:
        yield at_hand.model_copy(update={"database_url": url})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.txt"
    file.write_text(PAGE, encoding="utf-8")
    return file


def stock(everywhere: Everywhere) -> None:
    """Each source has another of the papers."""
    everywhere.huggingface.days["2024-06-04"] = [daily_entry(1)]
    everywhere.arxiv.papers = [{"id": "2406.00003", "title": "Cups"}]
    everywhere.crossref.works["10.1145/1.3"] = crossref_work("10.1145/1.3", title=[TITLES[2]])


async def by_title(parts) -> dict[str, Paper]:
    async with parts.store.reading() as tx:
        return {paper.title: paper for _, paper in await tx.papers.changed_since(0, 99)}


async def test_an_imported_pages_titles_find_their_identifiers(
    settings: Settings, everywhere: Everywhere, page: Path, clock: SetClock, embedder: MiniLM
) -> None:
    stock(everywhere)
    async with assembled(settings, {}, clock, embedder) as parts:
        report = await import_file(parts, page, Console(quiet=True))
        assert report.text == "4 papers: 4 new, 0 updated, 0 known already"
        assert not any(paper.identifiers for paper in (await by_title(parts)).values())
        assert {paper.listed for paper in (await by_title(parts)).values()} == {date(2026, 4, 17)}
        await parts.ingest.round()
        found = await by_title(parts)
        assert {title: sorted(map(str, paper.identifiers)) for title, paper in found.items()} == {
            TITLES[0]: [str(Identifier(Scheme.ARXIV, "2406.00001"))],
            TITLES[1]: [str(Identifier(Scheme.ARXIV, "2406.00003"))],
            TITLES[2]: [str(Identifier(Scheme.DOI, "10.1145/1.3"))],
            TITLES[3]: [],
        }
        assert found[TITLES[1]].source == "arxiv"
        assert "about vessels" not in found[TITLES[1]].abstract, "the record is the source's"
        assert "about vessels" in found[TITLES[3]].abstract
        again = await import_file(parts, page, Console(quiet=True))
        assert again.text.startswith("4 papers: 0 new")
        assert {t: p.identifiers for t, p in (await by_title(parts)).items()} == {
            t: p.identifiers for t, p in found.items()
        }
        asked = len(everywhere.crossref.asked)
        clock.forward(hours=1)
        await parts.ingest.round()
        assert len(everywhere.crossref.asked) == asked, "a title is asked for once"
    findings = {each.name: each async for each in examine(settings, clock, quick=True)}
    assert findings["titles without identifiers"].health is Health.GOOD


async def test_where_no_source_is_reached_the_page_is_there_all_the_same(
    settings: Settings, page: Path, clock: SetClock, embedder: MiniLM, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = settings.model_copy(update=dict.fromkeys(SOURCE_URLS, "http://127.0.0.1:9"))
    async with assembled(nowhere, {}, clock, embedder) as parts:
        await import_file(parts, page, Console(quiet=True))
        before = await by_title(parts)
        await parts.ingest.round()
        assert await by_title(parts) == before
    said = [record.message for record in caplog.records if record.name == "bot.intake.titles"]
    assert said[0].startswith("Looking up titles: ")
    findings = {each.name: each async for each in examine(nowhere, clock, quick=True)}
    trouble = findings["titles without identifiers"]
    assert trouble.health is Health.WARNING
    assert "arXiv" in trouble.text
