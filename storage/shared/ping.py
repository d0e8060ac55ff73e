"""Checks whether a Redis server answers."""

from storage.shared.redis_health import ANSWER_SECONDS, REDIS_ERRORS, fail_fast_client


async def ping(url: str, answer_seconds: float = ANSWER_SECONDS) -> str | None:
    """Return the name of the error if a server does not answer, None if it does."""
    try:
        async with fail_fast_client(url, answer_seconds) as client:
            await client.ping()
    except (*REDIS_ERRORS, ValueError) as error:
        return type(error).__name__
    return None
