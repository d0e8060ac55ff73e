"""`paperclub doctor` on a database in which earlier versions have made different papers one."""

from pathlib import Path

from sqlalchemy import Connection, text

from adapters.common.findings import Finding, Health
from app.clock import SystemClock
from app.doctor import examine
from app.settings import Settings
from storage.sql.migrations import migrate
from storage.sql.migrations.history import upgrade
from tests.storage.test_migrations import on

_MOMENT = "2026-09-21 08:00:00+00:00"
PAPERS = {
    "Kettles": ["doi:10.1175/1520-0469(1963)020"],
    "Cups": ["openreview:NeurIPS"],
    "Pots": ["arxiv:2406.01234", "doi:10.1145/1.2"],
    "Lids": ["doi:10.1145/2.1", "doi:10.1145/2.2", "arxiv:2406.01235"],
}


def _fill(connection: Connection) -> None:
    for number, (title, names) in enumerate(PAPERS.items(), start=1):
        row = {
            "id": number,
            "title": title,
            "title_key": title.lower(),
            "text_hash": title,
            "abstract": "",
            "source": "bibtex",
            "authors": "[]",
            "links": "[]",
            "sequence": number,
            "upvotes": 0,
            "added": _MOMENT,
            "added_on": "2026-09-21",
        }
        values = ", ".join(f"'{value}'" for value in row.values())
        connection.execute(text(f"INSERT INTO papers ({', '.join(row)}) VALUES ({values})"))
        for name in names:
            scheme, value = name.split(":", 1)
            insert = (
                "INSERT INTO paper_identifiers (scheme, value, paper_id) VALUES (:scheme, :value, :paper)"
            )
            connection.execute(text(insert), {"scheme": scheme, "value": value, "paper": number})


async def found(url: str, folder: Path) -> Finding:
    settings = Settings(database_url=url, data_dir=folder)
    async for finding in examine(settings, SystemClock(), quick=False):
        if finding.name == "identifiers":
            return finding
    raise AssertionError


async def test_wrong_merges_are_told_as_far_as_they_show(empty_database: str, tmp_path: Path) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0009"))
    await on(empty_database, _fill)
    await migrate(empty_database)
    told = await found(empty_database, tmp_path)
    assert told.health is Health.WARNING
    assert told.text.splitlines() == [
        "#1 “Kettles”: doi:10.1175/1520-0469(1963)020 is cut",
        "#2 “Cups”: openreview:NeurIPS is a venue's name",
        "#4 “Lids”: doi:10.1145/2.1 and doi:10.1145/2.2 name different papers",
    ]
    assert "paperclub papers split" in told.advice


async def test_good_identifiers_are_not_told(database: str, tmp_path: Path) -> None:
    assert (await found(database, tmp_path)).health is Health.GOOD
