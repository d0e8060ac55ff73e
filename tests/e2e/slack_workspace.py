"""The whole bot in a workspace of the strict Slack server, with a clock that the test sets."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from yarl import URL

from adapters.slack import SLACK
from adapters.slack.adapter import SlackAdapter
from adapters.slack.manifest import manifest
from adapters.slack.setup import SETUP
from app.http.server import served
from app.settings import Settings
from app.surfaces import opening
from app.wiring import Parts, assembled
from bot.domain.channel import Origin
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, TEAM, Message, Person
from tests.turns import by_clock

ADA, BEN, EVE = "U1ADA", "U2BEN", "U3EVE"
PAPERS, OTHERS, CLOSED, HIDDEN = "C1PAPERS", "C2OTHERS", "G1CLOSED", "G2HIDDEN"


@dataclass(slots=True)
class Workspace:
    """The bot, and the Slack that it is in."""

    parts: Parts
    adapter: SlackAdapter
    slack: SlackServer

    async def says(self, line: str, *, person: str = ADA, channel: str = PAPERS) -> Message:
        """Type a slash command and give the latest answer to it."""
        before = self._heard(person, channel)
        sent = await self.slack.command(person, channel, "/papers", line)
        await sent.acked()
        await self.adapter.settle()
        new = [message for message in self._heard(person, channel) if message not in before]
        assert new, f"no answer to {line!r}"
        return max(new, key=lambda message: message.ts)

    async def presses(
        self, message: Message, verb: str, *, person: str = ADA, value: str | None = None
    ) -> None:
        """Press a button, and wait until all that comes of it has come."""
        sent = await self.slack.press(person, message, f"paperclub.{verb}", value=value)
        await sent.acked()
        await self.settle()

    async def reacts(self, message: Message, name: str, *, person: str = ADA) -> None:
        await self.slack.react(person, message, name)
        await self.settle()

    async def unreacts(self, message: Message, name: str, *, person: str = ADA) -> None:
        await self.slack.unreact(person, message, name)
        await self.settle()

    async def settle(self) -> None:
        """Wait until the bot has dealt with all that was sent to it."""
        await self.slack.until(lambda: all(each.acks for each in self.slack.deliveries))
        await self.adapter.settle()
        await self.parts.tally_updates.settle()

    async def channel_id(self, channel: str) -> int:
        """The number of a channel's row."""
        origin = Origin(SLACK, TEAM, channel, ADA)
        async with self.parts.store.writing() as tx:
            return (await tx.directory.resolve(origin, self.parts.clock.now())).channel.id

    def latest(self, channel: str = PAPERS) -> Message:
        return self.slack.messages(channel)[-1]

    def _heard(self, person: str, channel: str) -> list[Message]:
        return [*self.slack.messages(channel), *self.slack.ephemerals(person)]


def said(message: Message) -> str:
    """All words of a message, as its blocks hold them."""
    return words(message.blocks) or message.text


def words(blocks: object) -> str:
    """All words of blocks."""
    texts: list[str] = []

    def collect(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            for each in part.values():
                collect(each)
        elif isinstance(part, list):
            for each in part:
                collect(each)

    collect(blocks)
    return re.sub("[\u200b\u2060]", "", "\n".join(texts))


@pytest.fixture
async def slack(clock):
    async with SlackServer(clock=clock.timestamp) as server:
        server.create_app(manifest())
        server.world.people[EVE] = Person(EVE, "eve")
        server.world.channels[PAPERS].members.add(EVE)
        yield server
        assert server.violations == []


@pytest.fixture
def slack_settings(settings, slack) -> Settings:
    return at_server(settings, slack)


def at_server(settings: Settings, slack: SlackServer) -> Settings:
    """Settings with which the bot is in that Slack."""
    return settings.model_copy(
        update={
            "slack_bot_token": SecretStr(slack.bot_token),
            "slack_app_token": SecretStr(slack.app_token),
            "slack_api_url": slack.base_url,
        }
    )


@asynccontextmanager
async def workspace_of(
    settings: Settings, slack: SlackServer, clock: Any, embedder: Any
) -> AsyncIterator[Workspace]:
    """Start the bot, and end it."""
    surfaces = opening([SETUP], settings)
    async with assembled(settings, {}, clock, embedder, by_clock(clock), opening=surfaces) as parts:
        await parts.library.refresh()
        await parts.clocks.sync()
        adapter = parts.adapters()[SLACK]
        async with adapter.listening():
            await adapter.connected.wait()
            workspace = Workspace(parts, adapter, slack)
            yield workspace
            await workspace.settle()


@pytest.fixture
def open_workspace(slack_settings, slack, clock, embedder):
    """Start the bot over the test's own file, or another database; to do so again is a restart."""

    def opened(database_url: str = "") -> AbstractAsyncContextManager[Workspace]:
        over = slack_settings.model_copy(update={"database_url": database_url})
        return workspace_of(over, slack, clock, embedder)

    return opened


@pytest.fixture
async def workspace(open_workspace, drafts):
    async with open_workspace() as opened:
        await opened.parts.library.add(drafts)
        yield opened


@pytest.fixture
def many_papers() -> tuple[PaperDraft, ...]:
    return tuple(
        PaperDraft(f"Fish of River {number}", f"We count the fish of river {number}. They are many.", "test")
        for number in range(12)
    )


@pytest.fixture
async def over_http(slack_settings, slack, clock, embedder, drafts):
    """The same bot behind a request URL, which many workspaces install by OAuth."""
    clock.time = datetime.now(UTC)  # Bolt holds signatures against the real time
    many = slack_settings.model_copy(
        update={
            "slack_bot_token": SecretStr(""),
            "slack_app_token": SecretStr(""),
            "slack_signing_secret": SecretStr(SIGNING_SECRET),
            "slack_client_id": CLIENT_ID,
            "slack_client_secret": SecretStr(CLIENT_SECRET),
            "secret_key": SecretStr(Fernet.generate_key().decode()),
        }
    )
    surfaces = opening([SETUP], many)
    async with assembled(many, {}, clock, embedder, by_clock(clock), opening=surfaces) as parts:
        await parts.library.add(drafts)
        await parts.clocks.sync()
        adapter = parts.adapters()[SLACK]
        async with adapter.listening(), served("127.0.0.1", 0, adapter.routes) as port:
            address = URL(f"http://127.0.0.1:{port}")
            slack.request_url = str(address / "slack/events")
            yield Workspace(parts, adapter, slack), address


async def installed(slack, address) -> str:
    """Go through an installation as a browser does, and give the last page."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(address / "slack/install", allow_redirects=False) as asked:
            assert asked.status == HTTPStatus.FOUND
            state = parse_qs(urlsplit(asked.headers["Location"]).query)["state"][0]
            cookie = {"Cookie": asked.headers["Set-Cookie"].partition(";")[0]}
        back = (address / "slack/oauth_redirect").with_query(code=slack.world.agree(), state=state)
        async with browser.get(back, headers=cookie) as page:
            return await page.text()


@pytest.fixture
async def following(workspace):
    """A workspace whose channel wants links followed, and that knows a paper on arXiv."""
    known = PaperDraft(
        "Known Routers",
        "Routers are known. They route.",
        "test",
        identifiers=frozenset({Identifier(Scheme.ARXIV, "2401.00001")}),
    )
    await workspace.parts.library.add([known])
    await workspace.says("settings links:on")
    return workspace
