import asyncio

import aiohttp
import pytest

from tests.servers.discord import faults
from tests.servers.discord.faults import Bucket
from tests.servers.discord.limits import limit
from tests.servers.discord.samples import command
from tests.servers.discord.state import ADA, APP, HIDDEN, PAPERS, READING, TOKEN

CREATE = "POST /channels/{channel_id}/messages"
MESSAGES = f"/channels/{PAPERS}/messages"
BODY = {"content": "x"}


@pytest.fixture
async def ask(server):
    """Asks by plain HTTP and gives the whole answer with its text read."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as session:

        async def call(method, path, **sending):
            async with session.request(method, server.api + path, **sending) as response:
                await response.read()
                return response

        yield call


async def test_every_answer_tells_of_its_bucket(ask):
    first, second = [await ask("POST", MESSAGES, json=BODY) for _ in range(2)]
    other = await ask("POST", f"/channels/{READING}/messages", json=BODY)
    read = await ask("GET", MESSAGES)
    assert (first.headers["X-RateLimit-Limit"], second.headers["X-RateLimit-Remaining"]) == ("5", "5")
    assert first.headers["X-RateLimit-Bucket"] == other.headers["X-RateLimit-Bucket"]
    assert first.headers["X-RateLimit-Bucket"] != read.headers["X-RateLimit-Bucket"]
    assert float(first.headers["X-RateLimit-Reset-After"]) == 5.0


async def test_so_many_posts_in_a_channel_by_the_servers_clock(server, ask):
    server.rates.on = True
    left = [(await ask("POST", MESSAGES, json=BODY)).headers["X-RateLimit-Remaining"] for _ in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    refused = await ask("POST", MESSAGES, json=BODY)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["Via"]
    assert await refused.json() == {
        "message": "You are being rate limited.",
        "retry_after": 5.0,
        "global": False,
    }
    assert (await ask("POST", f"/channels/{READING}/messages", json=BODY)).status == 200
    assert len(server.messages(PAPERS)) == 5
    server.clock.advance(5)
    assert (await ask("POST", MESSAGES, json=BODY)).status == 200


async def test_fifty_a_second_over_all_but_interactions(server, ask):
    await ask("POST", f"/applications/{APP}/commands", json=command())
    used = await server.command(ADA, PAPERS, "boil")
    server.rates.on = True
    for _ in range(limit("rate.global") // 2):
        await ask("GET", "/users/@me")
        await ask("GET", f"/channels/{PAPERS}")
    refused = await ask("GET", "/users/@me")
    assert (refused.status, refused.headers["X-RateLimit-Global"]) == (429, "true")
    assert (await refused.json())["global"] is True
    callback = f"/interactions/{used.id}/{used.token}/callback"
    assert (await ask("POST", callback, json={"type": 5})).status == 204
    assert (await ask("POST", f"/webhooks/{APP}/{used.token}", json=BODY)).status == 200
    server.clock.advance(1)
    assert (await ask("GET", "/users/@me")).status == 200


async def test_too_many_invalid_requests_block_the_address(server, ask):
    server.rates.on, server.rates.invalid_most = True, 3
    for _ in range(3):
        assert (await ask("GET", f"/channels/{HIDDEN}")).status == 403
    blocked = await ask("GET", "/users/@me")
    assert (blocked.status, "Via" in blocked.headers) == (429, False)
    assert not (await blocked.text()).startswith("{")
    server.clock.advance(limit("rate.invalid.seconds"))
    assert (await ask("GET", "/users/@me")).status == 200


async def test_a_limit_of_a_tests_own(server, ask):
    server.rates.on = True
    server.rates.buckets[CREATE] = Bucket(1, 0.5)
    assert (await ask("POST", MESSAGES, json=BODY)).status == 200
    assert (await (await ask("POST", MESSAGES, json=BODY)).json())["retry_after"] == 0.5


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
async def test_a_scripted_limit(server, ask, scope):
    server.faults.next(CREATE, faults.rate_limited(0.25, scope))
    refused = await ask("POST", MESSAGES, json=BODY)
    assert (refused.status, refused.headers["X-RateLimit-Scope"]) == (429, scope)
    assert (await refused.json())["retry_after"] == 0.25
    assert server.messages(PAPERS) == []
    assert (await ask("POST", MESSAGES, json=BODY)).status == 200
    assert len(server.rates.invalid) == (scope != "shared")


async def test_a_broken_server_has_no_json(server, ask):
    server.faults.next(faults.ANY, faults.broken(503), times=2)
    for _ in range(2):
        answer = await ask("GET", "/users/@me")
        assert (answer.status, answer.content_type) == (503, "text/plain")
    assert (await ask("GET", "/users/@me")).status == 200


async def test_a_scripted_refusal(server, ask):
    server.faults.next(CREATE, faults.refusing(403, 50013, "Missing Permissions"))
    answer = await ask("POST", MESSAGES, json=BODY)
    assert (answer.status, (await answer.json())["code"]) == (403, 50013)
    assert [(one.status, one.error) for one in server.calls_of(CREATE)] == [(403, 50013)]


@pytest.mark.parametrize(("fault", "kept"), [(faults.DROPPED, 0), (faults.ACCEPTED_THEN_DROPPED, 1)])
async def test_a_connection_is_cut_and_the_record_tells_what_was_done(server, ask, fault, kept):
    server.faults.next(CREATE, fault)
    with pytest.raises(aiohttp.ClientError):
        await ask("POST", MESSAGES, json=BODY)
    assert len(server.messages(PAPERS)) == kept
    assert len(server.calls_of(CREATE)) == 1


@pytest.mark.parametrize(("fault", "kept"), [(faults.SILENT, 0), (faults.ACCEPTED_THEN_SILENT, 1)])
async def test_no_answer_comes_and_the_record_tells_what_was_done(server, ask, fault, kept):
    server.faults.next(CREATE, fault)
    asking = asyncio.create_task(ask("POST", MESSAGES, json=BODY))
    await server.until(lambda: bool(server.calls_of(CREATE)) and len(server.messages(PAPERS)) == kept)
    assert not asking.done()
    asking.cancel()


async def test_what_was_done_can_look_broken(server, ask):
    server.faults.next(CREATE, faults.ACCEPTED_THEN_BROKEN)
    assert (await ask("POST", MESSAGES, json=BODY)).status == 502
    assert len(server.messages(PAPERS)) == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("DiscordBot (https://example.org/kettle, 1.2.0)", 200),
        ("DiscordBot (https://example.org/kettle, 1.2.0) More/3", 200),
        ("DiscordBot (https://example.org/kettle 1.2.0)", 403),
        ("DiscordBot (kettle, 1.2.0)", 403),
        ("DiscordBot", 403),
        ("Mozilla/5.0", 403),
        ("", 403),
    ],
)
async def test_who_does_not_say_who_calls_is_blocked(server, ask, name, status):
    answer = await ask("GET", "/users/@me", headers={"User-Agent": name})
    assert (answer.status, "Via" in answer.headers) == (status, False)
    assert len(server.calls) == (status == 200)
