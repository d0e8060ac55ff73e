"""Discord's ids carry the time at which they were made: https://docs.discord.com/developers/reference#snowflakes."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


def moment(message: str) -> datetime:
    """Give the time at which something with this id was made."""
    return _EPOCH + timedelta(milliseconds=int(message) >> 22)


def id_at(time: datetime) -> str:
    """Give an id that is lower than all that are made from this time on."""
    return str(max(0, int((time - _EPOCH) / timedelta(milliseconds=1))) << 22)
