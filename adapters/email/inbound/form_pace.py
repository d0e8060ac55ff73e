"""How often the form on the web may send mails. Whoever fills it in needs no account."""

from starlette.requests import Request

from adapters.common.addresses import address_of, network_of
from adapters.email.limits import ALL_FORMS_AT_ONCE, ALL_FORMS_SECONDS, FORM_SECONDS, FORMS_AT_ONCE
from bot.ports.coordination import Pace, RateLimiter

_EACH = Pace(FORM_SECONDS, burst=FORMS_AT_ONCE)
_ALL = Pace(ALL_FORMS_SECONDS, burst=ALL_FORMS_AT_ONCE)


class FormPace:
    """Counts forms by the network that they come from, and all together.

    All together they get a part of the confirmations alone, so that the web cannot stop those of chat.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    async def take_turn(self, request: Request) -> None:
        """Count one form.

        Raises:
            TooBusy: this network sent too many, or all networks together did.

        """
        peer = request.client.host if request.client else ""
        network = network_of(address_of(peer, request.headers.getlist("x-forwarded-for")))
        async with (
            self._limiter.turn(f"mail form:{network}", _EACH, 0.0),
            self._limiter.turn("mail form", _ALL, 0.0),
        ):
            pass
