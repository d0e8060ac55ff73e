import asyncio
import json

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import TOKEN


class StockClient(discord.Client):
    """discord.py as it comes, ready at once; it remembers what it heard."""

    def __init__(self, intents=None, **options):
        wanted = intents or discord.Intents(
            discord.Intents.all().value & ~discord.Intents(presences=True).value
        )
        super().__init__(intents=wanted, guild_ready_timeout=0.02, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard = []
        self.started = asyncio.Event()

    def dispatch(self, event, /, *arguments, **named):
        self.heard.append((event, arguments))
        super().dispatch(event, *arguments, **named)

    async def on_ready(self):
        self.started.set()

    def events(self, name):
        return [arguments[0] for event, arguments in self.heard if event == name]


@pytest.fixture
async def server(monkeypatch):
    async with DiscordServer() as made:
        monkeypatch.setattr(discord.http.Route, "BASE", made.api)
        gateway = yarl.URL(made.gateway_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield made


async def run(client):
    """Start a client; what ends it before it is ready is raised here."""
    running = asyncio.create_task(client.start(TOKEN))
    ready = asyncio.create_task(client.started.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if running.done():
        await running
    return running


@pytest.fixture
async def connect(server):
    """Connects stock clients, and ends them with the test."""
    del server
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
async def client(connect):
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
