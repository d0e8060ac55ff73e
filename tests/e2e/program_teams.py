"""Two teams whose papers, votes and talk carry marks, and programs that call for them."""

import dataclasses
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from adapters.console.user import ConsoleUser
from app.doors import doors
from app.settings import Settings
from bot.domain.channel import Origin
from bot.domain.errors import DeliveryUnknown
from bot.domain.paper import PaperDraft
from tests.e2e.conftest import Player, SetClock, World

PUBLIC_URL = "https://papers.example.org"
OURS, THEIRS = "xyzzy", "plugh"
"""The marks of the two teams: no open paper has these words."""
TOKEN = re.compile(r"pc_[\w-]+")
ADDRESS = re.compile(rf"{PUBLIC_URL}(/feeds/\S+)")


@dataclass(frozen=True, slots=True)
class Rival(ConsoleUser):
    """A user in another workspace, which another team owns."""

    @property
    def origin(self) -> Origin:
        return dataclasses.replace(ConsoleUser.origin.fget(self), workspace="rival")


class Unlimited:
    """Gives every turn at once."""

    @asynccontextmanager
    async def turn(self, _name: str, _pace: Any, _patience: float) -> AsyncIterator[None]:
        yield

    async def hold(self, _name: str, _seconds: float) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class Team:
    """A team's person in their channel, their token and feeds, and the paper that only they can see."""

    mark: str
    player: Player
    paper: int
    token: str
    reading_token: str
    feeds: list[str]

    @property
    def channel(self) -> str:
        return self.player.user.channel


@dataclass(slots=True)
class Teams:
    """Both, in one world."""

    world: World
    ours: Team
    theirs: Team
    app: Starlette

    def client(self, team: Team | None = None, token: str = "", **headers: str) -> httpx.AsyncClient:
        """A client of the app in this process, with a team's token or without one."""
        given = token or (team.token if team else "")
        if given:
            headers["Authorization"] = f"Bearer {given}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=PUBLIC_URL, headers=headers
        )


async def nobody(_workspace: str, _person: str) -> bool:
    """In place of a surface's `is_member`: everybody has left."""
    return False


async def no_answer(_workspace: str, _person: str) -> bool:
    """In place of a surface's `is_member`: the platform is down."""
    raise DeliveryUnknown("no answer")


OpenWorld = Callable[[], AbstractAsyncContextManager[World]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What both teams did, in a folder from which each test gets a copy."""

    folder: Path
    time: datetime
    ours: Team
    theirs: Team

    @asynccontextmanager
    async def again(
        self, settings: Settings, clock: SetClock, open_world: OpenWorld, limiter: Any = None
    ) -> AsyncIterator[Teams]:
        """Go on from here in a world of one's own, with its `settings` and its `clock`."""
        shutil.copytree(self.folder, settings.data_dir, dirs_exist_ok=True)
        clock.time = self.time
        async with open_world() as world:
            parts = dataclasses.replace(world.parts, limiter=limiter or Unlimited())
            ours, theirs = (
                dataclasses.replace(each, player=Player(world, each.player.user))
                for each in (self.ours, self.theirs)
            )
            yield Teams(world, ours, theirs, Starlette(routes=doors(settings, parts)))


async def play(world: World, folder: Path) -> Scene:
    """Let two teams do something of everything, in a world over a folder."""
    ours = await _team(world, OURS, Player(world, ConsoleUser("ada", f"#{OURS}-room")))
    theirs = await _team(world, THEIRS, Player(world, Rival("eve", f"#{THEIRS}-room")))
    world.clock.forward(days=1, hours=4)
    await world.parts.worker.work_off()
    return Scene(folder, world.clock.time, ours, theirs)


async def _team(world: World, mark: str, player: Player) -> Team:
    await player.says("show #1")
    async with world.parts.store.reading() as tx:
        [context] = await tx.directory.find_contexts([player.user.origin])
    own = PaperDraft(
        f"Secret zebra routing of {mark}",
        f"The {mark} sees zebras. A mixture of experts routes their stripes. It is {mark} alone who knows.",
        "people",
        links=(f"https://example.org/{mark}.pdf",),
    )
    report = await world.parts.library.add([own], team_id=context.team_id)
    [(paper, _)] = report.stored
    for line in (
        f"vote #{paper} up",
        f"save #{paper}",
        "save #2",
        f"discuss #{paper} say:{mark}",
        f"discuss #1 say:{mark}",
        "vote #1 up",
        f"subscribe {mark} zebra routing at:09:00",
        "subscribe mixture of experts at:09:00",
    ):
        await player.says(line)
    token = TOKEN.search((await player.says("token laptop scopes:read,write")).text)[0]
    reading = TOKEN.search((await player.says("token reader")).text)[0]
    feeds = ADDRESS.findall((await player.says("feed")).text)
    return Team(mark, player, paper, token, reading, feeds)
