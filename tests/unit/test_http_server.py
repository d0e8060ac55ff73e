"""What callers of the one HTTP server may take, over real connections to 127.0.0.1."""

import asyncio
import contextlib
import logging
import socket
from dataclasses import replace

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.http.limits import Limits
from app.http.protocol import BoundedProtocol
from app.http.server import served
from bot.domain.errors import UserError

PATIENT = Limits(head_seconds=60, body_seconds=60, report_seconds=60, idle_seconds=60)
HASTY = replace(PATIENT, head_seconds=0.3, body_seconds=0.3, body_bytes=1000, bodies_bytes=3000)
GOOD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
HALF_HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"


async def echo(request):
    return PlainTextResponse(await request.body())


async def fail(_request):
    raise RuntimeError("a fault of ours")


ROUTES = [Route("/", echo, methods=["POST"]), Route("/fail", fail)]


def server(limits=PATIENT):
    return served("127.0.0.1", 0, ROUTES, limits)


async def send(port, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    return reader, writer


async def answer(port, data=GOOD):
    """All that comes until the server closes the connection."""
    reader, writer = await send(port, data)
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_an_answer_does_not_wait_for_the_caller_to_confirm_its_first_part(monkeypatch):
    made, options = BoundedProtocol.connection_made, []

    def looked_at(protocol, transport):
        connection = transport.get_extra_info("socket")
        options.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(protocol, transport)

    monkeypatch.setattr(BoundedProtocol, "connection_made", looked_at)
    async with server() as port:
        assert b"hi" in await answer(port)
    assert options == [1]


async def closed(reader):
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 30)


async def trickle(writer):
    """A byte now and then, for as long as the connection stands."""
    while not writer.is_closing():
        writer.write(b"a")
        await asyncio.sleep(0.05)


async def test_900_half_sent_requests_are_closed_and_whole_ones_answered(caplog):
    async with asyncio.timeout(60), server(HASTY) as port:
        halves = [HALF_HEAD if number % 2 else b"" for number in range(900)]
        opened = await asyncio.gather(*(send(port, half) for half in halves))
        trickling = [asyncio.create_task(trickle(writer)) for _, writer in opened[::30]]
        assert (await answer(port)).endswith(b"hi")
        await asyncio.gather(*(closed(reader) for reader, _ in opened))
        assert (await answer(port)).endswith(b"hi")
        for task in trickling:
            task.cancel()
        for _, writer in opened:
            writer.close()
    lines = [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert [record.getMessage() for record in lines] == [
        "HTTP requests turned away in the last minute: 900 (sent no whole request)"
    ]


async def test_a_body_that_does_not_come_is_answered_408():
    async with asyncio.timeout(60), server(HASTY) as port:
        assert (await answer(port, HALF_BODY)).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_trickles_is_answered_408():
    async with asyncio.timeout(60), server(HASTY) as port:
        reader, writer = await send(port, HALF_BODY)
        task = asyncio.create_task(trickle(writer))
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        task.cancel()
        writer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"a" * 1001 + b"\r\n",
    ],
)
async def test_a_body_that_is_too_large_is_answered_413(data):
    async with asyncio.timeout(60), server(HASTY) as port:
        assert (await answer(port, data)).startswith(b"HTTP/1.1 413 ")


async def test_all_bodies_together_are_bounded():
    limits = replace(HASTY, body_seconds=60, bodies_bytes=1500)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    async with asyncio.timeout(60), server(limits) as port:
        _, held = await send(port, head + b"a" * 999)
        begun = asyncio.get_running_loop().time()
        while not (told := await answer(port, head + b"a" * 999)).startswith(b"HTTP/1.1 503 "):
            assert asyncio.get_running_loop().time() < begun + 30, told
        held.close()


async def test_who_waits_longest_gives_way_when_there_are_too_many():
    async with asyncio.timeout(60), server(replace(PATIENT, connections=10)) as port:
        opened = [await send(port, HALF_HEAD) for _ in range(10)]
        assert (await answer(port)).endswith(b"hi")
        await closed(opened[0][0])
        assert not opened[9][0].at_eof()
        for _, writer in opened:
            writer.close()


async def test_nobody_fills_the_log(caplog):
    async with asyncio.timeout(60), server(PATIENT) as port:
        for data in (b"\x16\x03\x01\r\n\r\n", b"GET /none HTTP/1.0\r\n\r\n", b"GET /fail HTTP/1.0\r\n\r\n"):
            for _ in range(20):
                await answer(port, data)
        assert [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG] == [
            "A request over HTTP failed"
        ]
    assert caplog.records[-1].getMessage() == (
        "HTTP requests turned away in the last minute: 20 (404), 20 (500), 20 (no HTTP)"
    )


@pytest.mark.parametrize("half", [b"", HALF_HEAD, HALF_BODY])
async def test_half_a_request_does_not_keep_a_process_that_stops(monkeypatch, half):
    monkeypatch.setattr("app.http.server.REQUEST_SECONDS", 1)
    async with asyncio.timeout(20):
        async with server() as port:
            _, writer = await send(port, half)
            assert (await answer(port)).endswith(b"hi")
    writer.close()


async def test_an_address_that_is_taken_or_unknown_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"127\.0\.0\.1:{port} \("):
            async with served("127.0.0.1", port, []):
                pass
