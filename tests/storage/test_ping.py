import asyncio

from storage.shared.ping import ping
from tests.servers.databases import redis_server


async def test_a_server_answers_until_it_is_stopped() -> None:
    with redis_server() as server:
        assert await ping(server.url) is None
        server.stop()
        assert await ping(server.url) == "ConnectionError"
        server.start()
        assert await ping(server.url) is None


async def test_what_is_no_address_is_told() -> None:
    assert await ping("paperclub") == "ValueError"


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await ping(f"redis://127.0.0.1:{port}", answer_seconds=0.05) == "TimeoutError"
