"""Measure the database's work for each post: `python benchmarks/outbox.py`, on SQLite and PostgreSQL.

Digests of four posts are planned. Workers claim and confirm them without a platform in between, so that only
the database is measured. All workers share one process, whose CPU time is reported. The bytes are the growth
of the database's files for one post, with its share of the digest, its item and what it shows.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from adapters.console import CONSOLE
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from storage.sql.engine import make_engine
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from tests.servers.databases import postgres_server
from tests.storage.making import NOW, TODAY, arrive, papers, plan

DIGESTS = 200
POSTS = 4
AT_ONCE = 10
WORKERS = (1, 2, 4)


async def _planned(store: SqlStore, day: int) -> float:
    """Plan a day's digests; how many seconds that took."""
    start = time.perf_counter()
    for first in range(0, DIGESTS, 50):
        async with store.writing() as tx:
            ids = await papers(tx, *(f"Paper {day}-{number}" for number in range(POSTS - 1)))
            for number in range(first, first + 50):
                context = await arrive(tx, channel=f"channel-{number}")
                date = TODAY + timedelta(days=day)
                assert await plan(tx, context, *ids, local_date=date)
    return time.perf_counter() - start


async def _work(store: SqlStore, worker: str) -> int:
    """Claim and confirm until nothing is left; how many posts that were."""
    done, now = 0, NOW
    while True:
        async with store.writing() as tx:
            posts = await tx.outbox.claim([CONSOLE], worker, now, 180, AT_ONCE)
        if not posts:
            return done
        for post in posts:
            message = MessageRef("channel", post.token)
            async with store.writing() as tx:
                await tx.outbox.mark_sent(post, message, now, found=False)
                shown = ShownMessage(post.channel.id, 1, message, MessageKind.CARD)
                await tx.messages.record(post.channel, [shown], now)
        done += len(posts)


async def _size(url: str) -> int:
    engine = make_engine(url)
    sqlite = engine.dialect.name == "sqlite"
    question = (
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        if sqlite
        else "SELECT pg_database_size(current_database())"
    )
    async with engine.connect() as connection:
        size = (await connection.execute(text(question))).scalar_one()
    await engine.dispose()
    return int(size)


@asynccontextmanager
async def _databases() -> AsyncIterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        async with server.empty_database() as url:
            yield {"SQLite": f"sqlite:///{Path(folder) / 'outbox.db'}", "PostgreSQL": url}


async def _measure(name: str, url: str) -> None:
    await migrate(url)
    rates: dict[int, float] = {}
    for day, workers in enumerate(WORKERS):
        stores = [SqlStore(url) for _ in range(workers)]
        before = await _size(url)
        await _planned(stores[0], day)
        start, busy = time.perf_counter(), time.process_time()
        done = sum(await asyncio.gather(*(_work(each, f"{number}") for number, each in enumerate(stores))))
        rates[workers] = done / (time.perf_counter() - start)
        busy = 1000 * (time.process_time() - busy) / done
        assert done == DIGESTS * POSTS
        grown = (await _size(url) - before) / done
        for each in stores:
            await each.close()
        ratio = rates[workers] / rates[1]
        print(
            f"| {name} | {workers} | {rates[workers]:.0f} | {ratio:.1f} | {busy:.1f} | {grown:,.0f} |",
            flush=True,
        )


async def main() -> None:
    """Print the table."""
    print("| database | workers | posts a second | to one worker | processor, ms a post | bytes a post |")
    print("| --- | --- | --- | --- | --- | --- |")
    async with _databases() as databases:
        for name, url in databases.items():
            await _measure(name, url)


if __name__ == "__main__":
    asyncio.run(main())
