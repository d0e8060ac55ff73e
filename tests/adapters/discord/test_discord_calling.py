"""Calls to Discord's REST API, and what is said of those that fail."""

import asyncio

import aiohttp
import pytest
from aiohttp.client_reqrep import ClientResponse

from adapters.discord.outbound import client as calling
from adapters.discord.outbound.pacing import wait_seconds
from adapters.discord.outbound.problems import HIDDEN, MESSAGE_LENGTH, MOST, problems
from adapters.discord.render import commands
from app.clock import SystemClock
from bot.domain.errors import ChannelUnavailable, DeliveryError, DeliveryUnknown, NotSent, PermanentFailure
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from storage.shared.rate_limits import LocalRateLimiter
from tests.servers.clock import ManualClock
from tests.servers.discord import faults
from tests.servers.discord.faults import Bucket
from tests.servers.discord.samples import command, layout, parameter, section, text
from tests.servers.discord.state import ADA, APP, PAPERS

CREATE = "POST /channels/{channel_id}/messages"
READ = "GET /channels/{channel_id}"
HELLO = {"content": "hello"}


def pacer() -> Pacer:
    """One that waits for nothing, so that discord.py's own waiting is seen."""
    clock = ManualClock()
    return Pacer("Discord", LocalRateLimiter(pause=clock.sleep, clock=clock))


@pytest.fixture
async def rest(server):
    async with calling.Rest(
        server.token, server.api, server.gateway_url, pacer(), PlatformClock("Discord", SystemClock())
    ) as made:
        yield made


async def posted(rest):
    return await rest.call("POST", "/channels/{channel_id}/messages", channel_id=str(PAPERS), body=HELLO)


async def read(rest):
    return await rest.call("GET", "/channels/{channel_id}", channel_id=str(PAPERS))


def statuses(server, route=CREATE):
    return [call.status for call in server.calls_of(route)]


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_limit_is_waited_for(server, rest, scope):
    server.faults.next(CREATE, faults.rate_limited(0.02, scope))
    await posted(rest)
    assert statuses(server) == [429, 200]
    assert len(server.messages(PAPERS)) == 1


async def test_while_everything_is_limited_nothing_else_is_asked(server, rest, api, monkeypatch):
    waiting, over = asyncio.Event(), asyncio.Event()

    async def wait(*_):
        waiting.set()
        await over.wait()

    await rest.bot_user()
    monkeypatch.setattr("discord.http.asyncio.sleep", wait)
    server.faults.next(CREATE, faults.rate_limited(10, "global"))
    posting = asyncio.create_task(posted(rest))
    await waiting.wait()
    reading = asyncio.create_task(read(rest))
    await api("GET", "/gateway")
    assert server.calls_of(READ) == []
    over.set()
    await asyncio.gather(posting, reading)
    assert statuses(server) == [429, 200]


@pytest.mark.parametrize("fault", [faults.rate_limited(31), faults.blocked(600)])
async def test_a_wait_that_is_long_is_left_to_whoever_calls(server, rest, fault):
    server.faults.next(CREATE, fault)
    with pytest.raises(NotSent) as caught:
        await posted(rest)
    assert caught.value.retry_after == fault.retry_after
    assert statuses(server) == [429]


async def test_buckets_are_kept_to_as_the_headers_tell(timely_server):
    timely_server.rates.on = True
    timely_server.rates.buckets[CREATE] = Bucket(2, 0.2)
    async with calling.Rest(
        timely_server.token,
        timely_server.api,
        timely_server.gateway_url,
        pacer(),
        PlatformClock("Discord", SystemClock()),
    ) as rest:
        for _ in range(5):
            await posted(rest)
    assert statuses(timely_server) == [200] * 5


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_post_that_met_an_error_of_discords_is_a_doubt(server, rest, status):
    server.faults.next(CREATE, faults.broken(status))
    with pytest.raises(DeliveryUnknown):
        await posted(rest)
    assert statuses(server) == [status], "nobody repeats it by themselves"


async def test_what_only_reads_is_asked_again(server, rest, monkeypatch):
    pauses = []

    async def at_once(seconds, *_):
        pauses.append(seconds)

    await rest.bot_user()
    monkeypatch.setattr("discord.http.asyncio.sleep", at_once)
    server.faults.next(READ, faults.broken(502))
    assert (await read(rest))["name"] == "papers"
    assert statuses(server, READ) == [502, 200]
    assert pauses


@pytest.mark.parametrize("number", [54, 104, 10054])
async def test_a_post_whose_connection_ends_is_a_doubt_on_every_system(server, rest, monkeypatch, number):
    """The numbers are those of macOS, Linux and Windows; for two of them discord.py would post once more."""
    await rest.bot_user()

    started = ClientResponse.start

    async def reset(response, connection):
        await started(response, connection)
        raise aiohttp.ClientOSError(number, "Connection reset by peer")

    monkeypatch.setattr(ClientResponse, "start", reset)
    with pytest.raises(DeliveryUnknown):
        await posted(rest)
    assert len(server.calls_of(CREATE)) == len(server.messages(PAPERS)) == 1


@pytest.mark.parametrize("fault", [faults.DROPPED, faults.ACCEPTED_THEN_DROPPED])
async def test_a_connection_that_is_cut_is_a_doubt(server, rest, fault):
    server.faults.next(CREATE, fault)
    with pytest.raises(DeliveryUnknown):
        await posted(rest)
    assert len(server.calls_of(CREATE)) == 1


async def test_silence_is_a_doubt(server, rest, monkeypatch):
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 0.1)
    server.faults.next(CREATE, faults.ACCEPTED_THEN_SILENT)
    with pytest.raises(DeliveryUnknown, match="did not come"):
        await posted(rest)


async def test_where_nobody_answers_nothing_was_sent(server, unused_tcp_port):
    async with calling.Rest(
        server.token,
        f"http://127.0.0.1:{unused_tcp_port}",
        server.gateway_url,
        pacer(),
        PlatformClock("Discord", SystemClock()),
    ) as rest:
        with pytest.raises(NotSent, match="could not be reached"):
            await posted(rest)


@pytest.mark.parametrize(
    ("refusal", "kind", "why"),
    [
        ((404, 10003), ChannelUnavailable, "it was deleted"),
        ((404, 10004), ChannelUnavailable, "I was taken out of the server"),
        ((403, 50001), ChannelUnavailable, "I lack the permission View Channel"),
        ((403, 50007), ChannelUnavailable, "you take no direct messages from me"),
        ((403, 50278), ChannelUnavailable, "we have no server in common"),
        ((400, 50035), PermanentFailure, "Discord answered 400 50035."),
        ((400, 130000), NotSent, "Discord answered 130000."),
        ((401, 0), NotSent, "Discord does not take the bot's token."),
    ],
)
async def test_what_is_said_of_a_refusal(server, rest, refusal, kind, why):
    await rest.bot_user()
    server.faults.next(CREATE, faults.refusing(*refusal, "no"))
    with pytest.raises(DeliveryError) as caught:
        await posted(rest)
    assert (type(caught.value), str(caught.value)) == (kind, why)
    assert calling.code_of(caught.value) == refusal[1]


async def test_a_token_that_is_not_taken_is_not_kept(server, rest):
    server.world.token = "another"
    with pytest.raises(NotSent, match="does not take the bot's token") as caught:
        await posted(rest)
    assert server.token not in str(caught.value)
    server.world.token = server.token
    assert (await posted(rest))["content"] == "hello"


async def test_which_parts_of_a_message_are_refused_is_in_the_log(rest, caplog):
    body = layout(text("x"), section(text(""), text("y" * 5000)))
    with pytest.raises(PermanentFailure):
        await rest.call("POST", "/channels/{channel_id}/messages", channel_id=str(PAPERS), body=body)
    logged = [each.message for each in caplog.records if each.name == calling.__name__]
    assert len(logged) == 1
    assert logged[0].startswith("Discord refused POST /channels/{channel_id}/messages: components.1.")
    assert "components.1.components.0.content: This field is required" in logged[0]
    assert "y" * 100 not in logged[0]


async def test_which_field_of_which_command_is_refused_is_in_the_log(rest, caplog):
    wrong = command(parameter(1, "brew", options=[parameter(3, "leaf", description="x" * 101)]))
    await rest.bot_user()
    with pytest.raises(PermanentFailure):
        await rest.call(
            "PUT", "/applications/{application_id}/commands", body=[wrong], application_id=str(APP)
        )
    field = "0[boil].options.0[brew].options.0[leaf].description: Must be between 1 and 100 in length."
    assert f"Discord refused PUT /applications/{{application_id}}/commands: {field}" in caplog.text


async def test_what_is_wrong_with_an_answer_is_in_the_log_without_its_token(server, rest, caplog):
    await rest.call(
        "PUT", "/applications/{application_id}/commands", body=commands.definitions(), application_id=str(APP)
    )
    used = await server.command(ADA, PAPERS, "papers help")
    with pytest.raises(PermanentFailure):
        await rest.respond(str(used.id), used.token, 4, {"content": "x" * 2001})
    with pytest.raises(PermanentFailure):
        await rest.respond(str(used.id), used.token, 4, {"flags": used.token})
    assert "the answer to an interaction: data.content: Must be 2000 or fewer in length." in caplog.text
    assert f'data.flags: Value "{HIDDEN}" is not int.' in caplog.text
    assert used.token not in caplog.text


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2.5", 2.5),
        ("0", 0.0),
        (None, 7.0),
        ("", 7.0),
        ("soon", 7.0),
        ("-1", 7.0),
        ("inf", 7.0),
        ("nan", 7.0),
    ],
)
def test_how_long_an_answer_asks_to_wait(header, seconds):
    assert wait_seconds(header, 7.0) == seconds


def error(message):
    return {"_errors": [{"code": "X", "message": message}]}


@pytest.mark.parametrize(
    ("errors", "lines"),
    [
        (None, []),
        ([], []),
        ("odd", []),
        ({"_errors": "odd", "content": 3}, []),
        ({"_errors": ["odd", {"message": "wrong"}]}, ["the body: odd", "the body: wrong"]),
        ({"a": {**error("outside"), "b": error("inside")}}, ["a: outside", "a.b: inside"]),
        ({"a": error("two\nlines \x1b[31m of token-7")}, ["a: two lines [31m of …"]),
        ({"token-7": error("x")}, ["…: x"]),
    ],
)
def test_what_discord_finds_wrong_is_told_by_its_path(errors, lines):
    assert problems(errors, None, ("token-7",)) == lines


def test_little_is_quoted_of_what_discord_finds_wrong():
    deep = error("x")
    for _ in range(2000):
        deep = {"a": deep}
    assert problems(deep) == []
    many = problems({str(each): error("long " * 200) for each in range(50)})
    assert (len(many), many[-1]) == (MOST + 1, "and more")
    assert max(map(len, many)) <= MESSAGE_LENGTH + len("10: ")
