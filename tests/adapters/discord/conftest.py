import asyncio
import json
import time

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import TOKEN

PRESENCES = discord.Intents(presences=True).value
INTENTS = discord.Intents._from_value(discord.Intents.all().value & ~PRESENCES)


class Recorder:
    """What a stock client remembers of what it heard."""

    def __init__(self, *, intents=INTENTS, **options):
        super().__init__(intents=intents, guild_ready_timeout=0.02, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard = []
        self.started = asyncio.Event()

    def dispatch(self, event, /, *arguments, **named):
        self.heard.append((event, arguments))
        super().dispatch(event, *arguments, **named)

    async def on_ready(self):
        self.started.set()

    async def before_identify_hook(self, _shard, *, initial=False):
        """Waits for nothing; discord.py leaves five seconds between two sessions."""

    def events(self, name):
        return [arguments[0] if arguments else None for event, arguments in self.heard if event == name]


class StockClient(Recorder, discord.Client):
    """discord.py as it comes, but ready at once."""


class StockShards(Recorder, discord.AutoShardedClient):
    """The same with shards."""


@pytest.fixture
def stock():
    return StockClient


@pytest.fixture
def stock_shards():
    return StockShards


@pytest.fixture
async def server(monkeypatch):
    async with DiscordServer() as made:
        point_to(made, monkeypatch)
        yield made


@pytest.fixture
async def timely_server(monkeypatch):
    """A server whose clock runs."""
    async with DiscordServer(clock=time.time) as made:
        point_to(made, monkeypatch)
        yield made


def point_to(server, monkeypatch):
    monkeypatch.setattr(discord.http.Route, "BASE", server.api)
    gateway = yarl.URL(server.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)


async def run(client):
    """Start a client; what ends it before it is ready is raised here."""
    running = asyncio.create_task(client.start(TOKEN))
    ready = asyncio.create_task(client.started.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if running.done():
        await client.close()
        await running
    return running


@pytest.fixture
async def connect():
    """Connects stock clients to the server that the test started before, and ends them with the test."""
    clients = []

    async def connected(client=None):
        made = client or StockClient()
        clients.append((made, await run(made)))
        return made

    yield connected
    for client, running in clients:
        await client.close()
        await running


@pytest.fixture
async def client(server, connect):
    del server
    return await connect()


@pytest.fixture
async def api(server):
    """Asks the server by plain HTTP: `await api(method, path, json=…)` gives the status and the body."""
    async with aiohttp.ClientSession() as session:

        async def ask(method, path, *, token=TOKEN, **sending):
            headers = {"Authorization": f"Bot {token}"} if token else {}
            async with session.request(method, server.api + path, headers=headers, **sending) as response:
                text = await response.text()
                return response.status, json.loads(text) if text else None

        yield ask


@pytest.fixture
async def refused(api):
    """Asks for what is refused and gives the code, and the errors as pairs of a path and a code."""

    async def ask(method, path, **sending):
        status, body = await api(method, path, **sending)
        assert status >= 400, body
        return body["code"], sorted(flat(body.get("errors", {})))

    return ask


def flat(errors, path=""):
    for name, inside in errors.items():
        if name == "_errors":
            yield from ((path, each["code"]) for each in inside)
        else:
            yield from flat(inside, f"{path}.{name}".lstrip("."))
