"""Count wrong votes: `python benchmarks/votes.py [SEQUENCES]`, on SQLite and PostgreSQL.

Each sequence is one of tests/storage/vote_sequences.py: reactions in two tones, votes by button, downtime,
duplicates, late and reordered events, counts that are overtaken, two gateways with clocks that are hours
apart. It is wrong where anything else stands in the end than on the platform, which keeps its own account.
Then 300 people add a reaction and take it away again, and both are heard at once.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from tests.servers.databases import postgres_server
from tests.storage.making import NOW, draft
from tests.storage.vote_sequences import play, race

SEQUENCES = 10_000
PAIRS = 300


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlStore]:
    """Open a new database."""
    await migrate(url)
    store = SqlStore(url)
    try:
        yield store
    finally:
        await store.close()


async def measure(name: str, url: str, sequences: int) -> None:
    """Play on one database, and print its lines of the table."""
    async with opened(url) as store:
        async with store.writing() as tx:
            paper, _ = await tx.papers.put(draft("One"), NOW)
        began = time.perf_counter()
        wrong = await play(store, paper, range(sequences))
        seconds = time.perf_counter() - began
        print(f"{name:12}{sequences:12,}{len(wrong):8}{seconds:10.0f}", flush=True)
        began = time.perf_counter()
        left = await race(store, paper, PAIRS)
        print(f"{name:12}{PAIRS:6} pairs{left:8}{time.perf_counter() - began:10.1f}", flush=True)
        for each in wrong:
            print(each)


async def main(sequences: int) -> None:
    """Measure both databases."""
    print(f"{'database':12}{'sequences':>12}{'wrong':>8}{'seconds':>10}")
    with tempfile.TemporaryDirectory() as folder:
        await measure("SQLite", f"sqlite:///{Path(folder)}/votes.db", sequences)
    with postgres_server() as server:
        async with server.empty_database() as url:
            await measure("PostgreSQL", url, sequences)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEQUENCES))
