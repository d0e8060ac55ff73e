"""Discord's ids carry the time at which they were made: https://docs.discord.com/developers/reference#snowflakes."""

from datetime import UTC, datetime, timedelta

from discord.utils import snowflake_time

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
_TIME_SHIFT = 22


def created_at(snowflake: str) -> datetime:
    """Return the time at which this id was made, exact to the millisecond."""
    return snowflake_time(int(snowflake))


def lowest_id(time: datetime) -> str:
    """Return the lowest id that can be made from `time` on, for use as a bound in queries."""
    # discord.utils.time_snowflake goes through a float, so it is a millisecond early for some times.
    milliseconds = (time - _EPOCH) // timedelta(milliseconds=1)
    return str(max(0, milliseconds) << _TIME_SHIFT)
