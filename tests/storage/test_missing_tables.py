"""A database that lacks tables is told of in a sentence."""

import pytest
from sqlalchemy import text

from storage.sql.engine import failure
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore


async def test_a_table_that_is_not_there(empty_database):
    await migrate(empty_database)
    store = SqlStore(empty_database)
    async with store._engine.begin() as connection:
        await connection.execute(text("DROP TABLE saved"))
    with pytest.raises(Exception, match="saved") as raised:
        async with store.writing() as tx:
            await tx.paper_admin.remove(1)
    assert "PAPERCLUB_DATABASE_URL" in (failure(raised.value) or "")
    await store.close()
