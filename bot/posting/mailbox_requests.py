"""Asks the owners of mail addresses to confirm what somebody has asked for."""

import logging
import secrets

from bot.domain.channel import Origin, Platform
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure
from bot.domain.mailbox import MailboxRequest
from bot.ports.clock import Clock
from bot.ports.coordination import Wakeup
from bot.ports.mailboxes import Mailboxes
from bot.ports.store.store import Store

UNCONFIRMED = "unconfirmed"
"""The workspace in which requests wait: an address has no place of its own before its owner confirms it."""
_log = logging.getLogger(__name__)


class MailboxRequests:
    """Sends requests at once. What the mail server does not take goes through the outbox."""

    def __init__(self, store: Store, mailboxes: Mailboxes, clock: Clock, wakeup: Wakeup) -> None:
        self._store = store
        self._mailboxes = mailboxes
        self._clock = clock
        self._wakeup = wakeup

    @property
    def platform(self) -> Platform:
        """The platform of mailboxes."""
        return self._mailboxes.platform

    async def ask(self, request: MailboxRequest) -> bool:
        """Mail the link to confirm with. False: the mail server didn't take it, so it is tried again.

        Raises:
            UserError: the address got too many of these today.
            PermanentFailure: the mail server will never take it.

        """
        token = secrets.token_urlsafe(18)
        try:
            await self._mailboxes.ask(request, token)
        except PermanentFailure:
            raise
        except (NotSent, DeliveryUnknown) as failure:
            _log.warning("A confirmation is tried again: %s", failure)
            await self._plan(request, token, maybe_sent=isinstance(failure, DeliveryUnknown))
            return False
        return True

    async def _plan(self, request: MailboxRequest, token: str, *, maybe_sent: bool) -> None:
        address, now = request.address, self._clock.now()
        origin = Origin(
            self.platform, UNCONFIRMED, address, address, address, channel_name=address, direct=True
        )
        async with self._store.writing() as tx:
            place = await tx.directory.resolve(origin, now)
            await tx.outbox.plan_request(place, request, token, now, maybe_sent=maybe_sent)
        await self._wakeup.wake()
