"""The whole bot at a console whose clock the test sets, over a file that can be opened again."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapters.console import CONSOLE
from adapters.console.outbound.conversation import ConsoleConversation
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.user import ConsoleUser
from app.settings import Settings
from app.wiring import Parts, assembled, console_record
from bot.domain.message import Ephemeral, MessageRef
from bot.domain.paper import PaperDraft
from bot.domain.vote import Reaction, Vote
from bot.posting import tally_updates
from bot.protocol.actions import Action
from bot.protocol.arguments import split_command
from bot.protocol.events import ActionPressed, CommandInvoked, MessagePosted, ReactionChanged
from bot.protocol.replies import Reply
from papers.embedding import MiniLM
from tests.e2e.all_sources import ask_at_once, at_hand, everywhere
from tests.e2e.discord_guild import discord, discord_settings, guild, open_guild, published
from tests.e2e.slack_workspace import (
    following,
    many_papers,
    open_workspace,
    over_http,
    slack,
    slack_settings,
    workspace,
)

__all__ = [
    "at_hand",
    "discord",
    "discord_settings",
    "everywhere",
    "following",
    "guild",
    "many_papers",
    "open_guild",
    "open_workspace",
    "over_http",
    "published",
    "slack",
    "slack_settings",
    "workspace",
]
"""Fixtures of another file."""

SOURCE_URLS = (
    "huggingface_url",
    "arxiv_url",
    "arxiv_rss_url",
    "arxiv_site_url",
    "openreview_url",
    "semanticscholar_url",
    "openalex_url",
    "crossref_url",
)
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DRAFTS = (
    PaperDraft(
        "Cheaper Experts at Serving Time",
        "Mixture-of-experts models waste memory when they are served. "
        "We keep only the experts in memory that a router is about to ask for. "
        "Serving a mixture of experts becomes three times cheaper with the same answers.",
        "test",
        links=("https://example.org/experts",),
    ),
    PaperDraft(
        "Routing Tokens to Experts Evenly",
        "Routers in mixture-of-experts language models send most tokens to a few experts. "
        "A small penalty balances the load. Training a mixture of experts then takes fewer steps.",
        "test",
    ),
    PaperDraft(
        "Seeing Cracks in Bridges",
        "Drones photograph bridges, and a vision transformer marks the cracks. "
        "The transformer is pretrained on images without labels. Inspectors find more cracks in less time.",
        "test",
        categories=("cs.CV",),
    ),
    PaperDraft(
        "Protein Folding with Fewer Samples",
        "Predicting how proteins fold needs many known structures. "
        "A language model over amino acids learns folding from a tenth of them.",
        "test",
        categories=("q-bio.BM",),
    ),
)


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is moved."""

    time: datetime = MONDAY

    def now(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        return self.time.timestamp()

    def timestamp(self) -> float:
        return self.time.timestamp()

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)

    async def sleep(self, seconds: float) -> None:
        self.forward(seconds=seconds)


class Listening(ConsoleConversation):
    """A console's conversation that also keeps the replies as they were meant."""

    def __init__(self, surface: ConsoleSurface, user: ConsoleUser) -> None:
        super().__init__(surface, user)
        self.heard: list[Reply] = []
        self.messages: list[MessageRef | Ephemeral] = []

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        self.heard.append(reply)
        self.messages.append(await super().reply(reply, private=private))
        return self.messages[-1]

    async def replace(self, reply: Reply) -> None:
        self.heard.append(reply)


@dataclass(slots=True)
class World:
    """The bot, its screen and its clock."""

    parts: Parts
    surface: ConsoleSurface
    clock: SetClock
    events: int = field(default=0)

    def person(self, name: str, channel: str = "#general", *, admin: bool = False) -> "Player":
        return Player(self, ConsoleUser(name, channel, admin))

    @property
    def shown(self) -> str:
        """All messages of the record, as they stand."""
        return "\n".join(message.draft.text for message in self.surface.history.latest())


@dataclass(slots=True)
class Player:
    """Somebody who talks with the bot."""

    world: World
    user: ConsoleUser
    last: MessageRef | Ephemeral | None = None

    async def says(self, line: str) -> Reply:
        """Give a command and return the reply."""
        name, arguments = split_command(line)
        return await self._told(CommandInvoked(origin=self.user.origin, name=name, arguments=arguments))

    async def presses(self, action: Action) -> Reply:
        return await self._told(ActionPressed(origin=self.user.origin, action=action))

    async def reacts(self, message: MessageRef, value: Vote, *, added: bool = True) -> None:
        event = ReactionChanged(
            origin=self.user.origin,
            message=message,
            reaction=Reaction(value.name, value),
            added=added,
            at=self.world.clock.now(),
        )
        await self._receive(event)

    async def writes(self, below: MessageRef, number: str) -> None:
        message = MessageRef(self.user.channel, number, below.message)
        event = MessagePosted(origin=self.user.origin, message=message, at=self.world.clock.now())
        await self._receive(event)

    async def _told(self, event: CommandInvoked | ActionPressed) -> Reply:
        conversation = await self._receive(event)
        self.last = conversation.messages[-1] if conversation.messages else None
        return conversation.heard[-1]

    async def _receive(self, event: object) -> Listening:
        conversation = Listening(self.world.surface, self.user)
        await self.world.parts.bot.receive(event, conversation)
        return conversation


def pytest_terminal_summary(terminalreporter):
    """Print which commands were seen to work on which surfaces."""
    seen = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if cell := dict(getattr(report, "user_properties", ())).get("surface"):
                seen[tuple(cell)] = outcome
    if not seen:
        return
    surfaces = sorted({surface for _, surface in seen})
    terminalreporter.section("commands by surface")
    for command in dict.fromkeys(command for command, _ in seen):
        cells = (f"{surface} {seen.get((command, surface), '-')}" for surface in surfaces)
        terminalreporter.line(f"{command:15}" + "   ".join(cells))


class Remembering(MiniLM):
    """The model, which encodes each paper once for all tests: most of them have the same four papers."""

    _encoded: ClassVar[dict[tuple[str, str], bytes]] = {}

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        new = [each for each in dict.fromkeys(texts) if each not in self._encoded]
        if new:
            self._encoded.update(zip(new, await super().papers(new), strict=True))
        return [self._encoded[each] for each in texts]


@pytest.fixture(scope="session", autouse=True)
def redrawn_soon():
    """Let no test wait long for votes that do not come. Processes of their own wait as ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally_updates, "PAUSE", 0.02)
        yield


@pytest.fixture(scope="session")
def embedder():
    model = Remembering()
    yield model
    model.close()


def data_in(folder: Path, migrated_file: Path) -> Settings:
    folder.mkdir(mode=0o700)
    shutil.copy(migrated_file, folder / "paperclub.db")
    return Settings(data_dir=folder, database_url="", **dict.fromkeys(SOURCE_URLS, "http://127.0.0.1:9"))


@pytest.fixture
def settings(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A folder of the test's own with a database without rows, and sources that are not there.

    A source that is not there would be asked three times, after seconds of real time.
    """
    ask_at_once(monkeypatch)
    return data_in(tmp_path / "data", migrated_file)


@pytest.fixture
def drafts() -> tuple[PaperDraft, ...]:
    return DRAFTS


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def open_world(settings, clock, embedder):
    """Open the bot over the test's own file; to do so again is a restart."""

    return lambda: world_over(settings, clock, embedder)


@asynccontextmanager
async def world_over(settings: Settings, clock: SetClock, embedder: MiniLM) -> AsyncIterator[World]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    surface = ConsoleSurface(History(console_record(settings)), Screen(recorder()), clock)
    async with assembled(settings, {CONSOLE: surface}, clock, embedder) as parts:
        await parts.library.refresh()
        yield World(parts, surface, clock)
        await parts.tally_updates.settle()


@pytest.fixture(scope="session")
def scene(tmp_path_factory, migrated_file, embedder):
    """Two teams' world as they left it, in a folder to be copied."""
    from tests.e2e.program_teams import PUBLIC_URL, play  # noqa: PLC0415 - it imports this file

    async def played():
        async with world_over(settings, SetClock(), embedder) as world:
            await world.parts.library.add(DRAFTS)
            return await play(world, settings.data_dir)

    with pytest.MonkeyPatch.context() as patched:
        ask_at_once(patched)
        settings = data_in(tmp_path_factory.mktemp("scene") / "data", migrated_file)
        settings = settings.model_copy(update={"public_url": PUBLIC_URL})
        return asyncio.run(played())


@pytest.fixture
async def world(open_world, drafts):
    async with open_world() as opened:
        await opened.parts.library.add(drafts)
        yield opened


@pytest.fixture
def process(tmp_path):
    """Run a command line in a process of its own, which ends with the test at the latest."""
    environment = os.environ | {"PAPERCLUB_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "120"}
    with contextlib.ExitStack() as stack:

        def start(*arguments: object, **settings: str) -> subprocess.Popen[str]:
            started = subprocess.Popen(
                [sys.executable, "-m", "app.start", *map(str, arguments)],
                env=environment | settings,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(started.communicate)
            stack.callback(started.kill)
            return started

        yield start
