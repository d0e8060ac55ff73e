"""Three walks through the program, traced: `make walk` prints them, `--write` puts them into docs/design.md.

A search from Slack, a vote from Discord and a digest run on the test servers. Each walk lists the rooms in
the order in which it first entered them, and the files of each. Storage is given as transactions.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from discord.http import Ratelimit

from adapters.slack.manifest import manifest
from app.settings import Settings
from papers.embedding import MiniLM
from storage.sql.migrations import migrate
from tests.e2e import discord_guild, slack_workspace
from tests.e2e.conftest import DRAFTS, SOURCE_URLS, SetClock
from tests.e2e.discord_guild import allow_exactly, guild_of, unhurried
from tests.e2e.slack_workspace import workspace_of
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import GUILD
from tests.servers.slack.server import SlackServer

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/design.md"
BEGIN = "<!-- made by `make walk ARGS=--write` -->\n"
END = "<!-- end of what is made -->\n"
PACKAGES = ("adapters", "app", "bot", "papers", "storage")
TOLD_APART = ("storage", "bot/domain", "bot/protocol")
"""Rooms whose files are not counted: tables and queries, and the words that everything else speaks."""
CORE = "bot/conversation/dispatcher.py"
STORE = "storage/sql/store.py"


@dataclass
class Walk:
    """Where one event went."""

    name: str
    files: dict[str, list[str]] = field(default_factory=dict)
    """By room, its files, both in the order in which they were entered."""
    core_calls: int = 0
    """How often something outside the core's dispatcher called one of its public methods."""
    reading: int = 0
    writing: int = 0

    @property
    def counted(self) -> int:
        """How many files it went through, beside those of `TOLD_APART`."""
        return sum(len(files) for room, files in self.files.items() if not room.startswith(TOLD_APART))

    def lines(self) -> Iterator[str]:
        """Write it down in Markdown."""
        calls = "one call" if self.core_calls == 1 else f"{self.core_calls} calls"
        yield f"### {self.name}"
        yield ""
        yield (
            f"{calls} into the core, {self.reading} reading and {self.writing} writing transactions, "
            f"{self.counted} files beside storage, domain and protocol."
        )
        yield ""
        yield "| room | files, in their order |"
        yield "| --- | --- |"
        for room, files in self.files.items():
            if not room.startswith("storage"):
                yield f"| `{room}` | {', '.join(files)} |"
        yield ""


@contextmanager
def traced(walk: Walk) -> Iterator[None]:
    """Note each file of the program that runs code in this thread."""
    frames: dict[int, FrameType] = {}  # kept, so that no two have the same id

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = frame.f_code.co_filename
        if event != "call" or not path.startswith(str(ROOT)) or id(frame) in frames:
            return
        file = Path(path).relative_to(ROOT)
        if file.parts[0] not in PACKAGES:
            return
        frames[id(frame)] = frame
        _enter(walk, file, frame)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


def _enter(walk: Walk, file: Path, frame: FrameType) -> None:
    room = "app" if file.parts[0] == "app" else str(file.parent)
    files = walk.files.setdefault(room, [])
    if file.name not in files:
        files.append(file.name)
    name, caller = frame.f_code.co_qualname, frame.f_back
    if str(file) == CORE and name.startswith("Bot.") and not name.startswith("Bot._"):
        walk.core_calls += caller is None or not caller.f_code.co_filename.endswith(CORE)
    if str(file) == STORE and name in {"SqlStore.reading", "SqlStore.writing"}:
        walk.reading += name == "SqlStore.reading"
        walk.writing += name == "SqlStore.writing"


async def walks(folder: Path, embedder: MiniLM) -> list[Walk]:
    """Take the three walks."""
    return [
        await _search_in_slack(folder / "slack", embedder),
        await _vote_in_discord(folder / "discord", embedder),
        await _digest_in_slack(folder / "digest", embedder),
    ]


async def _search_in_slack(folder: Path, embedder: MiniLM) -> Walk:
    walk = Walk("`/papers search mixture of experts` in Slack")
    async with _workspace(folder, embedder) as workspace:
        await workspace.says("search bridges")  # names and channels are known then
        with traced(walk):
            await workspace.says("search mixture of experts")
    return walk


async def _vote_in_discord(folder: Path, embedder: MiniLM) -> Walk:
    walk = Walk("👍 on a card in Discord")
    clock = SetClock()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Ratelimit, "update", unhurried)
        async with DiscordServer(clock=clock.timestamp) as server:
            allow_exactly(
                server.world.guilds[GUILD], server.world.guilds[GUILD].roles[server.bot_role(GUILD)]
            )
            settings = discord_guild.at_server(await _settings(folder), server)
            async with guild_of(settings, server, clock, embedder) as guild:
                await guild.parts.library.add(DRAFTS)
                card = await guild.says("show #1")
                with traced(walk):
                    await guild.reacts(card, "👍")
    return walk


async def _digest_in_slack(folder: Path, embedder: MiniLM) -> Walk:
    walk = Walk("The daily post in Slack")
    async with _workspace(folder, embedder) as workspace:
        await workspace.says("subscribe mixture of experts at:09:00 tz:UTC")
        workspace.parts.clock.forward(hours=3)
        with traced(walk):
            await workspace.parts.worker.work_off()
    return walk


@asynccontextmanager
async def _workspace(folder: Path, embedder: MiniLM) -> AsyncIterator[Any]:
    clock = SetClock()
    async with SlackServer(clock=clock.timestamp) as server:
        server.create_app(manifest())
        settings = slack_workspace.at_server(await _settings(folder), server)
        async with workspace_of(settings, server, clock, embedder) as workspace:
            await workspace.parts.library.add(DRAFTS)
            yield workspace


async def _settings(folder: Path) -> Settings:
    folder.mkdir(parents=True)
    database = f"sqlite:///{folder / 'paperclub.db'}"
    await migrate(database)
    nowhere = dict.fromkeys(SOURCE_URLS, "http://127.0.0.1:9")
    return Settings(data_dir=folder, database_url=database, **nowhere)


def section(taken: list[Walk]) -> str:
    """Write the walks down as they stand in docs/design.md."""
    return "\n".join(line for walk in taken for line in walk.lines())


def written(page: str, text: str) -> str:
    """Put the walks into the page."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}{text}{END}{rest.partition(END)[2]}"


async def main(arguments: list[str]) -> None:
    """Print the walks, or write them into the page."""
    folder = Path(tempfile.mkdtemp())
    embedder = MiniLM()
    try:
        text = section(await walks(folder, embedder))
    finally:
        embedder.close()
        shutil.rmtree(folder)
    if arguments == ["--write"]:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
