"""A new surface is one folder and one line: here the folder is this file, the line is the `toy` fixture."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from adapters.common.findings import Finding, Health
from adapters.common.setup import SurfaceServices, TokenSecrets
from app import surfaces
from app.doctor import examine
from app.health import health
from app.roles import Role
from app.settings import Settings
from app.surfaces import opening, surfaces_set_up
from app.wiring import assembled
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Channel, Origin, Platform
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.arguments import split_command
from bot.protocol.events import CommandInvoked
from bot.protocol.replies import Digest, Notice, Reply, SearchResults, Subscribed

TOY = Platform("toy")


@dataclass
class ToySurface:
    """Keeps what is posted, by its token."""

    platform: Platform = TOY
    own_clock: None = None
    post_interval: timedelta = timedelta()
    single_posts: bool = False
    max_resends: None = None
    shared_ids: bool = True
    posted: dict[str, Reply] = field(default_factory=dict)

    async def ping(self) -> None:
        pass

    async def is_member(self, workspace: str, person: str) -> bool:
        raise AssertionError(f"nobody asks whether {person} is in {workspace}")

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:
        raise AssertionError(f"nobody asks what {person} may read in {workspace}")

    async def message_link(self, _channel: Channel, message: MessageRef) -> str:
        raise AssertionError(f"nobody asks for a link to {message}")

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        self.posted[token] = reply
        return MessageRef(channel.external_id, token, thread.message if thread else None)

    async def find(self, channel: Channel, token: str, *_: Any) -> MessageRef | None:
        return MessageRef(channel.external_id, token) if token in self.posted else None

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        raise AssertionError(f"nothing went wrong in {workspace} for {person}: {reply}")

    async def replace(self, _channel: Channel, message: MessageRef, reply: Reply) -> None:
        self.posted[message.message] = reply


@dataclass
class ToyConversation:
    """Keeps what is answered."""

    replies: list[Reply] = field(default_factory=list)

    async def ack(self) -> None:
        pass

    async def working(self, text: str) -> None:
        pass

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - all see all
        self.replies.append(reply)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        self.replies.append(reply)


class ToyAdapter:
    """Somebody types, and hears the answer."""

    routes = ()

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._events = itertools.count()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        yield

    async def state(self) -> str:
        return "connected"

    async def settle(self) -> None:
        pass

    async def says(self, line: str) -> Reply:
        name, arguments = split_command(line)
        origin = Origin(TOY, "den", "yard", "ann", person_name="Ann", channel_name="yard")
        conversation = ToyConversation()
        event = CommandInvoked(
            origin=origin, name=name, arguments=arguments, event_id=str(next(self._events))
        )
        await self._bot.receive(event, conversation)
        return conversation.replies[-1]


class ToyInstalled:
    def __init__(self) -> None:
        self.surface = ToySurface()

    def adapter(self, bot: Bot, clock: object) -> ToyAdapter:  # noqa: ARG002 - nothing is timed
        return ToyAdapter(bot)


class ToySetup:
    """All that the program knows of the surface."""

    platform = TOY
    label = "Toy"
    setting = "PAPERCLUB_TOY"

    def is_set_up(
        self, settings: Settings, secrets: Callable[[], TokenSecrets], *, listens: bool = False
    ) -> bool:
        del settings, secrets, listens
        return True

    @asynccontextmanager
    async def opened(self, settings: Settings, services: SurfaceServices) -> AsyncIterator[ToyInstalled]:
        del settings, services
        yield ToyInstalled()

    async def check_tokens(self, settings: Settings, services: SurfaceServices, *, listens: bool) -> None:
        del settings, services, listens

    async def findings(
        self, settings: Settings, services: SurfaceServices, *, readable: bool
    ) -> AsyncIterator[Finding]:
        del settings, services, readable
        yield Finding("Toy", Health.GOOD, "squeaks")


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr(surfaces, "SURFACES", (*surfaces.SURFACES, ToySetup()))


@pytest.mark.usefixtures("toy")
async def test_a_surface_is_its_folder_and_one_line(settings, clock, embedder, drafts):
    set_up = surfaces_set_up(settings)
    assert [each.label for each in set_up] == ["Toy"]
    async with assembled(settings, {}, clock, embedder, opening=opening(set_up, settings)) as parts:
        await parts.library.add(drafts)
        adapter = parts.adapters()[TOY]
        assert isinstance(await adapter.says("search mixture of experts"), SearchResults)
        assert isinstance(await adapter.says("nonsense"), Notice)
        subscribed = await adapter.says("subscribe mixture of experts at:09:00 tz:UTC")
        assert isinstance(subscribed, Subscribed)
        clock.forward(hours=3)
        await parts.worker.work_off()
        posted = parts.installed[TOY].surface.posted
        assert sum(isinstance(reply, Digest) for reply in posted.values()) == 1
        assert len(posted) > 1, "its papers follow"
        routes = health(Role.ALL, parts, parts.adapters(), fetches=False)
        assert [route.path for route in routes] == ["/healthz", "/readyz"]
    found = [finding async for finding in examine(settings, clock, quick=True)]
    assert ("Toy", "squeaks") in [(each.name, each.text) for each in found]
