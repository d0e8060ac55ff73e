"""The bot with a real mail server, and somebody at the console who asks for papers by mail."""

import base64
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from adapters.console import CONSOLE
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.user import ConsoleUser
from adapters.email import EMAIL
from adapters.email.settings import Security
from app.settings import Settings
from app.surface_setup import Adapter
from app.surfaces import opening, surfaces_set_up
from app.wiring import Parts, assembled, console_record
from bot.domain.channel import Channel
from tests.servers.mail.server import Mail, MailServer

PUBLIC_URL = "https://papers.example.org"
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
ADA = "ada@example.org"
_LINK = re.compile(rf"{PUBLIC_URL}/mail/(\w+)/\S+")


@dataclass
class PostOffice:
    """The bot, the server, and the pages."""

    settings: Settings
    parts: Parts
    surface: ConsoleSurface
    clock: object
    server: MailServer
    pages: httpx.AsyncClient
    settle: Callable[[], Awaitable[None]]
    """Waits until what the pages have begun is done."""
    adapter: Adapter
    events: int = 0

    @property
    def mails(self) -> list[Mail]:
        return self.server.mails

    async def confirmed(
        self, address: str = ADA, topic: str = "mixture of experts", **options: str
    ) -> Channel:
        """Subscribe an address at the console, and confirm it. Return the mailbox."""
        from tests.e2e.conftest import Player  # noqa: PLC0415 - conftest imports what this file is made with

        person = Player(self, ConsoleUser("ann", "#general"))
        written = " ".join(f"{name}:{value}" for name, value in options.items())
        await person.says(f'email {address} topic:"{topic}" at:09:00 tz:UTC {written}')
        response = await self.post(link(self.mails[-1], "confirm"))
        assert response.status_code == 200, response.text
        return await self.mailbox(self.mails[-1].recipient)

    async def mailbox(self, address: str = ADA) -> Channel:
        """Return the channel of an address."""
        async with self.parts.store.reading() as tx:
            [slot] = [each for each in await tx.schedule.all(EMAIL) if each.channel.external_id == address]
        return slot.channel

    async def mailed(self, hours: float = 3) -> list[Mail]:
        """Let time pass and the bot work. Return the mails that were sent."""
        before = len(self.mails)
        self.clock.forward(hours=hours)
        await self.parts.worker.work_off()
        return self.mails[before:]

    async def get(self, page: str, /) -> httpx.Response:
        return await self.pages.get(page)

    async def post(self, page: str, /, **values: str) -> httpx.Response:
        return await self.pages.post(page, data=values)

    async def topics(self, channel: Channel) -> list[str]:
        async with self.parts.store.reading() as tx:
            return [each.spec.topic for each in await tx.subscriptions.of_channel(channel.id)]


def link(mail: Mail, purpose: str, number: int = 0) -> str:
    """Return a link of a mail, as its text has it."""
    return [found[0] for found in _LINK.finditer(mail.text) if found[1] == purpose][number]


def mail_settings(settings: Settings, server: MailServer, **others: object) -> Settings:
    return settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": Security.NONE,
            "mail_from": "Paperclub <papers@example.org>",
            "mail_bounces": "bounces@example.org",
            "public_url": PUBLIC_URL,
            "secret_key": SecretStr(KEY),
            **others,
        }
    )


@asynccontextmanager
async def open_post_office(settings, clock, embedder, server: MailServer) -> AsyncIterator[PostOffice]:
    configured = mail_settings(settings, server)
    set_up = surfaces_set_up(configured, listens=True)
    console = ConsoleSurface(History(console_record(configured)), Screen(recorder()), clock)
    surfaces = {CONSOLE: console}
    async with assembled(configured, surfaces, clock, embedder, opening=opening(set_up, configured)) as parts:
        adapter = parts.adapters()[EMAIL]
        transport = httpx.ASGITransport(app=Starlette(routes=list(adapter.routes)))
        async with adapter.listening(), httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as pages:
            yield PostOffice(configured, parts, console, clock, server, pages, adapter.settle, adapter)
            await parts.tally_updates.settle()
