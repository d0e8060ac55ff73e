"""Count wrong votes: `python benchmarks/votes.py [SEQUENCES]`, on SQLite and PostgreSQL.

Each sequence is one of tests/storage/vote_sequences.py: reactions in two tones, votes by button, downtime,
duplicates, late and reordered events, recounts that are overtaken, and two gateways whose clocks are hours
apart. It is wrong if the final votes differ from the platform's own. Then 300 people add a reaction and
remove it again, and both events are handled at once: by the store alone, and by the whole bot in Slack and
in Discord on the test servers. Votes that differ from the platform's are wrong there too.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from app.settings import Settings
from papers.embedding import MiniLM
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from tests.e2e import discord_guild, slack_workspace
from tests.e2e.conftest import DRAFTS, SOURCE_URLS, SetClock
from tests.e2e.pairs import race_in_discord, race_in_slack
from tests.servers.databases import postgres_server
from tests.servers.discord.server import DiscordServer
from tests.servers.slack.server import SlackServer
from tests.storage.making import NOW, draft, put_paper
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
            paper, _ = await put_paper(tx, draft("One"), NOW)
        began = time.perf_counter()
        wrong = await play(store, paper, range(sequences))
        seconds = time.perf_counter() - began
        print(f"{name:12}{sequences:20,}{len(wrong):8}{seconds:10.0f}", flush=True)
        began = time.perf_counter()
        left = await race(store, paper, PAIRS)
        print_pairs(name, "store", left, time.perf_counter() - began)
        for each in wrong:
            print(each)


def print_pairs(name: str, where: str, wrong: int, seconds: float) -> None:
    """Print a line of the table about pairs."""
    print(f"{name:12}{f'{PAIRS} pairs, {where}':>20}{wrong:8}{seconds:10.1f}", flush=True)


async def in_slack(name: str, settings: Settings, embedder: MiniLM) -> None:
    """Measure pairs through Slack's adapter, and print its line."""
    clock = SetClock()
    async with SlackServer(clock=clock.timestamp) as slack:
        slack.rates.on = False  # Slack's pace is not what is measured.
        over = slack_workspace.at_server(settings, slack)
        async with slack_workspace.workspace_of(over, slack, clock, embedder) as workspace:
            await workspace.parts.library.add(DRAFTS)
            began = time.perf_counter()
            wrong = await race_in_slack(workspace, PAIRS)
            print_pairs(name, "Slack", len(wrong), time.perf_counter() - began)


async def in_discord(name: str, settings: Settings, embedder: MiniLM) -> None:
    """Measure pairs through Discord's adapter, and print its line."""
    clock = SetClock()
    async with DiscordServer(clock=clock.timestamp) as discord:
        discord.rates.on = False  # discord.py would wait for them in real time, which is not what is measured
        over = discord_guild.at_server(settings, discord)
        async with discord_guild.guild_of(over, discord, clock, embedder) as guild:
            await guild.parts.library.add(DRAFTS)
            began = time.perf_counter()
            wrong = await race_in_discord(guild, PAIRS)
            print_pairs(name, "Discord", len(wrong), time.perf_counter() - began)


async def measure_all(name: str, urls: Sequence[str], sequences: int) -> None:
    """Measure one kind of database, of which there are three that are empty."""
    alone, *others = urls
    await measure(name, alone, sequences)
    embedder = MiniLM()
    for url, through in zip(others, (in_slack, in_discord), strict=True):
        await migrate(url)
        with tempfile.TemporaryDirectory() as folder:
            nowhere = dict.fromkeys(SOURCE_URLS, "http://127.0.0.1:9")
            settings = Settings(data_dir=Path(folder), database_url=url, **nowhere)
            await through(name, settings, embedder)
    embedder.close()


async def main(sequences: int) -> None:
    """Measure both databases."""
    print(f"{'database':12}{'sequences':>20}{'wrong':>8}{'seconds':>10}")
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder)}/votes{number}.db" for number in range(3)]
        await measure_all("SQLite", urls, sequences)
    with postgres_server() as server:
        async with AsyncExitStack() as stack:
            urls = [await stack.enter_async_context(server.empty_database()) for _ in range(3)]
            await measure_all("PostgreSQL", urls, sequences)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEQUENCES))
