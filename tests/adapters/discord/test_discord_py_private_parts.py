"""What we use of discord.py that its documentation doesn't promise.

discord.py may change any of it in a release. The requirement in pyproject.toml allows bug fixes only, and
these tests say which part of ours breaks, before anybody meets it in a guild.
"""

import asyncio
import inspect
import tomllib
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, MultipartParameters, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from tests.servers.discord import faults
from tests.servers.discord.state import BOT, OWNER, PAPERS

REST = "adapters/discord/outbound/client.py"
GATEWAY = "adapters/discord/inbound/gateway.py"
ROOT = Path(__file__).parents[3]
CREATE = "POST /channels/{channel_id}/messages"


def require(condition, part, user):
    """Fail with the name of the part that is gone, and of the file that needs it."""
    assert condition, f"discord.py {discord.__version__}: {part} is not as {user} needs it"


def require_parameters(function, names, user):
    missing = names - set(inspect.signature(function).parameters)
    require(not missing, f"{function.__qualname__}, which lacks {sorted(missing)},", user)


@pytest.fixture
async def http(server):
    made = HTTPClient(asyncio.get_running_loop())
    await made.static_login(server.token)
    yield made
    await made.close()


def test_only_bug_fixes_of_discord_py_are_let_in():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (requirement,) = [each for each in project["dependencies"] if each.startswith("discord.py")]
    assert requirement == "discord.py~=2.7.1"
    assert discord.version_info[:2] == (2, 7)


def test_one_address_of_the_api_holds_for_all_routes(monkeypatch):
    require(isinstance(Route.BASE, str), "http.Route.BASE", REST)
    monkeypatch.setattr(Route, "BASE", "http://elsewhere/api/v10")
    route = Route("GET", "/channels/{channel_id}/reactions/{emoji}", channel_id="7", emoji="👍")
    expected = "http://elsewhere/api/v10/channels/7/reactions/%F0%9F%91%8D"
    require(route.url == expected, "http.Route.url", REST)


def test_rest_client_takes_what_we_give_it():
    require_parameters(HTTPClient.__init__, {"loop", "max_ratelimit_timeout", "http_trace"}, REST)
    require_parameters(HTTPClient.request, {"route", "kwargs"}, REST)
    for name in ("static_login", "close"):
        require(inspect.iscoroutinefunction(getattr(HTTPClient, name, None)), f"HTTPClient.{name}", REST)


async def test_a_login_gives_the_bots_user(server):
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=30.0)
    try:
        user = await http.static_login(server.token)
    finally:
        await http.close()
    require(str(user["id"]) == str(BOT), "HTTPClient.static_login", REST)


async def test_rest_client_names_itself_as_told(server):
    http = HTTPClient(asyncio.get_running_loop())
    http.user_agent = "Kettle"
    server.agents.others.add("Kettle")
    try:
        await http.static_login(server.token)
        require("Kettle" in server.agents.heard, "HTTPClient.user_agent", REST)
    finally:
        await http.close()


async def test_a_request_passes_its_body_and_query_on(http):
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=str(PAPERS))
    posted = await http.request(route, params={}, json={"content": "hello"})
    require(posted["content"] == "hello", "HTTPClient.request(json=)", REST)
    route = Route("GET", "/channels/{channel_id}/messages", channel_id=str(PAPERS))
    messages = await http.request(route, params={"limit": 1})
    require(len(messages) == 1, "HTTPClient.request(params=)", REST)


async def test_an_error_raised_by_a_trace_ends_the_request(server):
    """Without this discord.py would repeat a post that Discord may have taken."""

    class Stopped(Exception):
        pass

    async def stop(_session, _context, request_end):
        if request_end.response.status >= 500:
            request_end.response.close()
            raise Stopped

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(stop)
    http = HTTPClient(asyncio.get_running_loop(), http_trace=trace)
    server.faults.next(CREATE, faults.broken(500))
    try:
        await http.static_login(server.token)
        with pytest.raises(Stopped):
            await http.request(
                Route("POST", "/channels/{channel_id}/messages", channel_id=str(PAPERS)),
                json={"content": "x"},
            )
    finally:
        await http.close()
    statuses = [call.status for call in server.calls_of(CREATE)]
    require(statuses == [500], "HTTPClient(http_trace=)", REST)


def test_a_refusal_keeps_what_discord_finds_wrong():
    errors = {"content": {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "This field is required"}]}}
    response = SimpleNamespace(status=400, reason="Bad Request")
    refusal = discord.HTTPException(response, {"code": 50035, "message": "Invalid", "errors": errors})
    require(getattr(refusal, "_errors", None) == errors, "HTTPException._errors", REST)


def test_webhook_adapter_takes_what_we_give_it():
    adapter = AsyncWebhookAdapter()
    require_parameters(adapter.create_interaction_response, {"session", "params"}, REST)
    require_parameters(adapter.execute_webhook, {"session", "payload", "wait", "with_components"}, REST)
    require_parameters(adapter.edit_original_interaction_response, {"session", "payload"}, REST)
    require_parameters(adapter.delete_original_interaction_response, {"session"}, REST)
    expected = ("payload", "multipart", "files")
    require(set(MultipartParameters._fields) == set(expected), "http.MultipartParameters", REST)


async def test_webhook_adapter_makes_the_calls_that_we_expect(monkeypatch):
    calls = []

    async def request(_adapter, route, session, *, payload=None, params=None, **_):
        calls.append((route.method, route.url.removeprefix(Route.BASE), session, payload, params))

    monkeypatch.setattr(AsyncWebhookAdapter, "request", request)
    adapter, session, body = AsyncWebhookAdapter(), object(), {"content": "x"}
    response = MultipartParameters(payload={"type": 5}, multipart=None, files=None)
    await adapter.create_interaction_response(1, "t", session=session, params=response)
    await adapter.execute_webhook(2, "t", session=session, payload=body, wait=True, with_components=True)
    await adapter.edit_original_interaction_response(2, "t", session=session, payload=body)
    await adapter.delete_original_interaction_response(2, "t", session=session)
    original = "/webhooks/2/t/messages/@original"
    expected = [
        ("POST", "/interactions/1/t/callback", session, {"type": 5}, {"with_response": "1"}),
        ("POST", "/webhooks/2/t", session, body, {"wait": 1, "with_components": 1}),
        ("PATCH", original, session, body, None),
        ("DELETE", original, session, None, None),
    ]
    require(calls == expected, "webhook.async_.AsyncWebhookAdapter", REST)


class Hearing:
    """Notes what reaches discord.py's own parsers, and what is handed on as it came."""

    def __init__(self, **options):
        super().__init__(enable_debug_events=True, **options)
        self.raw, self.parsed = [], []
        parsers = self._connection.parsers
        for event in [*parsers]:
            if event.startswith("MESSAGE_"):
                del parsers[event]
        parsers["CHANNEL_UPDATE"] = self.parsed.append

    async def on_socket_raw_receive(self, text):
        self.raw.append(text)


def test_client_has_a_parser_for_each_event_that_we_keep():
    parsers = discord.AutoShardedClient(intents=discord.Intents.none())._connection.parsers
    require(isinstance(parsers, dict), "ConnectionState.parsers", GATEWAY)
    kept = {
        "READY",
        "RESUMED",
        "GUILD_CREATE",
        "GUILD_UPDATE",
        "GUILD_DELETE",
        "GUILD_ROLE_UPDATE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "THREAD_CREATE",
        "USER_UPDATE",
    }
    missing = kept - set(parsers)
    require(not missing, f"ConnectionState.parsers, which lacks {sorted(missing)},", GATEWAY)
    require(all(map(callable, parsers.values())), "ConnectionState.parsers", GATEWAY)


async def test_parsers_can_be_taken_away_and_replaced(server, connect, stock_shards):
    client = await connect(type("HearingClient", (Hearing, stock_shards), {})())
    message = await server.say(OWNER, PAPERS, "kettle")
    await server.heard()
    raw = "".join(client.raw)
    require(str(message.id) in raw, "on_socket_raw_receive", GATEWAY)
    require(client.events("message") == [], "ConnectionState.parsers, where removal has no effect,", GATEWAY)
    await server.rename(PAPERS, "kettles")
    await server.heard()
    names = [each["name"] for each in client.parsed]
    require(names == ["kettles"], "ConnectionState.parsers, where replacing has no effect,", GATEWAY)


async def test_a_start_makes_two_calls_and_goes_to_the_default_gateway(server, connect, stock_shards):
    """We pay for these calls from our own limits before, because they aren't made through our client."""
    require(isinstance(DiscordWebSocket.DEFAULT_GATEWAY, yarl.URL), "DEFAULT_GATEWAY", REST)
    server.calls.clear()
    await connect(stock_shards(shard_count=1, shard_ids=[0]))
    routes = [call.route for call in server.calls]
    require(
        routes == ["GET /users/@me", "GET /oauth2/applications/@me"],
        f"Client.start, which calls {routes},",
        GATEWAY,
    )


async def test_gateway_connections_carry_the_clients_name(server, connect, stock):
    client = stock()
    client.http.user_agent = "Kettle"
    server.agents.others.add("Kettle")
    await connect(client)
    require("Kettle" in server.agents.heard, "Client.http.user_agent", GATEWAY)


def test_voice_warnings_can_be_turned_off(caplog, monkeypatch):
    for name in ("warn_nacl", "warn_dave"):
        require(isinstance(getattr(discord.VoiceClient, name, None), bool), f"VoiceClient.{name}", GATEWAY)
        monkeypatch.setattr(discord.VoiceClient, name, False)
    discord.Client(intents=discord.Intents.default())
    require(caplog.records == [], "VoiceClient, whose warnings come all the same,", GATEWAY)


def test_everything_that_discord_py_logs_is_under_one_name():
    """At DEBUG it writes tokens down, so the level of this one logger has to hold for all of them."""
    for module in (discord.http, discord.gateway, discord.webhook.async_, discord.client, discord.state):
        require(module._log.name.startswith("discord."), f"the logger of {module.__name__}", GATEWAY)
