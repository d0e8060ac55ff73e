"""How often an address gets a mail that anybody may ask for."""

from adapters.email.limits import (
    ALL_CONFIRMATIONS_AT_ONCE,
    ALL_CONFIRMATIONS_SECONDS,
    CONFIRMATION_SECONDS,
    CONFIRMATIONS_AT_ONCE,
)
from bot.domain.errors import TooBusy, UserError
from bot.ports.coordination import Pace, RateLimiter

_EACH = Pace(CONFIRMATION_SECONDS, burst=CONFIRMATIONS_AT_ONCE)
_ALL = Pace(ALL_CONFIRMATIONS_SECONDS, burst=ALL_CONFIRMATIONS_AT_ONCE)


class Turns:
    """Lets each address get a few mails of a kind a day, so that nobody's mailbox is filled with them."""

    def __init__(self, limiter: RateLimiter, kind: str) -> None:
        self._limiter = limiter
        self._kind = kind

    async def take(self, address: str) -> None:
        """Count one mail.

        Raises:
            UserError: there were too many of these today for the address, or just now for all.

        """
        # All addresses' turn comes first: whoever gets none now has lost none of their own three a day.
        try:
            async with self._limiter.turn(f"mail {self._kind}", _ALL, 0.0):
                pass
        except TooBusy:
            raise UserError("I'm sending too many of these mails just now. Try again in a minute.") from None
        try:
            async with self._limiter.turn(f"mail {self._kind}:{address}", _EACH, 0.0):
                pass
        except TooBusy:
            raise UserError(
                "I've sent that address enough of these mails today. Look into its junk mail, "
                "or try again tomorrow."
            ) from None
