import asyncio
import contextlib
import functools
import json
import time

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands

from tests.servers.discord.limits import limit
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import TOKEN

PRESENCES = discord.Intents(presences=True).value
INTENTS = discord.Intents._from_value(discord.Intents.all().value & ~PRESENCES)


class Recorder:
    """What a stock client remembers of what it heard."""

    def __init__(self, *, intents=INTENTS, **options):
        super().__init__(intents=intents, guild_ready_timeout=0.02, **options)
        self.tree = app_commands.CommandTree(self)
        self.dispatched = []
        self.started = asyncio.Event()

    def dispatch(self, event, /, *arguments, **named):
        self.dispatched.append((event, arguments))
        super().dispatch(event, *arguments, **named)

    async def on_ready(self):
        self.started.set()

    async def before_identify_hook(self, _shard, *, initial=False):
        """Waits for nothing; discord.py leaves five seconds between two sessions."""

    def events(self, name):
        return [arguments[0] if arguments else None for event, arguments in self.dispatched if event == name]


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
    # discord.py's own names, with which Discord lets it in: that of its client, and none for webhooks.
    stock = discord.Client(intents=INTENTS).http.user_agent
    server.agents.others = {stock, aiohttp.http.SERVER_SOFTWARE}
    # Stock clients wait for limits in real time, and most tests ask far more often than any app.
    server.rates.on = False
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


class Socket:
    """A connection that speaks the gateway's language, and no more."""

    def __init__(self, web):
        self.web = web
        self.seen = 0

    async def send(self, opcode, data=None):
        await self.web.send_json({"op": opcode, "d": data})

    async def receive(self):
        payload = await self.web.receive_json(timeout=10)
        self.seen = payload.get("s") or self.seen
        return payload

    async def event(self, name):
        """The next event of this name; what comes before it is dropped."""
        while True:
            payload = await self.receive()
            if payload["op"] == 0 and payload["t"] == name:
                return payload["d"]

    async def events_until(self, name):
        """The names of all events up to this one."""
        names = []
        while not names or names[-1] != name:
            payload = await self.receive()
            names += [payload["t"]] if payload["op"] == 0 else []
        return names

    async def identify(self, intents=INTENTS.value, **more):
        properties = {"os": "linux", "browser": "kettle", "device": "kettle"}
        await self.send(2, {"token": TOKEN, "intents": intents, "properties": properties, **more})

    async def resume(self, session, sequence):
        await self.send(6, {"token": TOKEN, "session_id": session, "seq": sequence})

    async def closed(self):
        """The code with which the server ends the connection."""
        while not self.web.closed:
            await self.web.receive(timeout=10)
        return self.web.close_code


@pytest.fixture
def socket_of():
    """Makes one of a plain WebSocket."""
    return Socket


@pytest.fixture
def connection(server):
    """Opens connections to the gateway by hand."""
    return functools.partial(connected_to, server)


@contextlib.asynccontextmanager
async def connected_to(server, query="?v=10&encoding=json"):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + query) as web,
    ):
        socket = Socket(web)
        assert (await socket.receive())["d"]["heartbeat_interval"] == limit("gateway.heartbeat")
        yield socket


@pytest.fixture
async def socket(connection):
    async with connection() as made:
        yield made


@pytest.fixture
async def ready(socket):
    await socket.identify()
    await socket.event("GUILD_CREATE")
    return socket
