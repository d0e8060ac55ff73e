"""Whether a Redis server answers."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError


async def ping(url: str, answer_seconds: float = 5.0) -> str | None:
    """What keeps a server from answering, in a word; None where it answers."""
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=answer_seconds,
            socket_timeout=answer_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        async with client:
            await client.ping()
    except (RedisError, OSError, ValueError) as error:
        return type(error).__name__
    return None
