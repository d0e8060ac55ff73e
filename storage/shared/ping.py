"""Whether a Redis server answers."""

from storage.shared.redis_health import ANSWER_SECONDS, LOST, impatient


async def ping(url: str, answer_seconds: float = ANSWER_SECONDS) -> str | None:
    """What keeps a server from answering, in a word; None where it answers."""
    try:
        async with impatient(url, answer_seconds) as client:
            await client.ping()
    except (*LOST, ValueError) as error:
        return type(error).__name__
    return None
