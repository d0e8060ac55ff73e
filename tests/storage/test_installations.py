import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.channel import Platform
from bot.domain.installation import Installation
from storage.sql.store import SqlStore
from storage.sql.tables import InstallationRow
from tests.storage.making import NOW, arrive, later, papers

LAB = Installation(
    SLACK,
    workspace="T1LAB",
    name="Lab «ü»",
    app="A1",
    bot="B1",
    bot_user="U1",
    scopes=("chat:write", "commands"),
    installed_by="U2ADA",
    installed_at=NOW,
    token=b"\x00cipher\xff",
)
ORGANISATION = replace(LAB, workspace="E1", enterprise="E1", token=b"another", scopes=())


async def find(store: SqlStore, workspace: str = "T1LAB", platform: Platform = SLACK):
    async with store.reading() as tx:
        return await tx.installations.find(platform, workspace)


async def revoke(store: SqlStore, at=NOW, workspace: str = "T1LAB") -> bool:
    async with store.writing() as tx:
        return await tx.installations.revoke(SLACK, workspace, at)


async def put(store: SqlStore, *installations: Installation) -> None:
    async with store.writing() as tx:
        for each in installations:
            await tx.installations.put(each)


async def test_an_installation_comes_back_as_it_was_put(store: SqlStore) -> None:
    of_organisation = replace(LAB, workspace="T2", enterprise="E1")
    await put(store, LAB, ORGANISATION, of_organisation)
    assert await find(store) == LAB
    assert await find(store, "E1") == ORGANISATION
    assert [each.org_wide for each in (LAB, ORGANISATION, of_organisation)] == [False, True, False]
    assert await find(store, "T3") is None
    assert await find(store, platform=DISCORD) is None
    async with store.reading() as tx:
        assert await tx.installations.all() == [ORGANISATION, LAB, of_organisation]


async def test_installing_again_replaces_the_token_and_nothing_of_the_workspace(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, workspace="T1LAB")
        [paper] = await papers(tx, "One")
        await tx.saved.put(context, paper, NOW)
    before = [row async for row in store.export()]
    again = replace(LAB, token=b"new", scopes=("commands",), installed_by="U3BEN", installed_at=later(days=1))
    await put(store, LAB, replace(LAB, platform=DISCORD), again)
    assert await find(store) == again
    assert await find(store, platform=DISCORD) == replace(LAB, platform=DISCORD)
    assert [row async for row in store.export() if row[0] != "installations"] == before


async def test_revoking_purges_the_token_and_keeps_the_mark(store: SqlStore) -> None:
    await put(store, LAB, ORGANISATION)
    assert await revoke(store, later(hours=1))
    assert await find(store) == replace(LAB, token=None, revoked_at=later(hours=1))
    assert not await revoke(store, later(hours=2))
    assert (await find(store)).revoked_at == later(hours=1)
    assert not await revoke(store, workspace="T9")
    assert await find(store, "E1") == ORGANISATION
    again = replace(LAB, installed_at=later(hours=3))
    await put(store, again)
    assert await find(store) == again


async def test_a_revocation_that_comes_late_leaves_a_later_installation_alone(store: SqlStore) -> None:
    await put(store, replace(LAB, installed_at=later(hours=1)))
    assert not await revoke(store, later(minutes=59))
    assert (await find(store)).token == LAB.token


async def test_a_revocation_shows_at_once_among_many(store: SqlStore) -> None:
    await put(store, LAB)
    assert sorted(await asyncio.gather(*(revoke(store) for _ in range(5)))) == [False] * 4 + [True]


async def test_no_reader_writes(store: SqlStore) -> None:
    async with store.reading() as tx:
        with pytest.raises(RuntimeError):
            await tx.installations.put(LAB)


async def test_a_token_is_in_no_repr() -> None:
    assert "cipher" not in repr(LAB)


LIES = [
    ("token = NULL", "token_until_revoked"),
    ("revoked_at = installed_at", "token_until_revoked"),
    ("workspace = ''", "ck_installations_workspace"),
]


async def test_the_database_takes_no_installation_that_cannot_be(
    store: SqlStore, subtests: pytest.Subtests
) -> None:
    await put(store, LAB)
    for change, why in LIES:
        with subtests.test(change), pytest.raises(IntegrityError, match=why):
            async with store.writing() as tx:
                await tx._connection.run(text(f"UPDATE installations SET {change}"))
    columns = {"platform", "workspace", "name", "app", "bot", "bot_user", "installed_by"}
    values = {name: getattr(LAB, name) for name in columns | {"installed_at", "token"}}
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        async with store.writing() as tx:
            await tx._connection.run(insert(InstallationRow).values(**values, scopes=[]))


async def test_no_secret_is_exported(store: SqlStore) -> None:
    await put(store, LAB, ORGANISATION)
    rows = [(kind, row) async for kind, row in store.export()]
    assert {kind for kind, _ in rows} == {"installations"}
    assert json.loads(json.dumps(rows))[1][1] == {
        "platform": "slack",
        "workspace": "T1LAB",
        "enterprise": None,
        "name": "Lab «ü»",
        "app": "A1",
        "bot": "B1",
        "bot_user": "U1",
        "scopes": ["chat:write", "commands"],
        "installed_by": "U2ADA",
        "installed_at": "2026-09-21T08:00:00+00:00",
        "revoked_at": None,
    }
