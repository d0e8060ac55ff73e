"""Signing in by a link in a mail."""

import logging
import secrets

from adapters.common.tasks import TaskTracker
from adapters.email import EMAIL
from adapters.email.limits import SIGN_IN_LASTS
from adapters.email.links import Links, Purpose
from adapters.email.outbound.surface import EmailSurface
from adapters.email.outbound.turns import Turns
from bot.conversation.accounts import hash_of
from bot.domain.account import Identity
from bot.domain.errors import DeliveryError, UserError
from bot.domain.mailbox import mail_address
from bot.ports.clock import Clock
from bot.ports.store.store import Store

_SERVED = "This link has served already, or a later one took its place. Ask for a new one."
_log = logging.getLogger(__name__)


class MailSignIn:
    """Mails sign-in links. A link has a code inside it, which is stored as a hash until it has served."""

    def __init__(
        self,
        surface: EmailSurface,
        links: Links,
        turns: Turns,
        *,
        store: Store,
        clock: Clock,
        tasks: TaskTracker,
    ) -> None:
        self._surface = surface
        self._links = links
        self._turns = turns
        self._store = store
        self._clock = clock
        self._tasks = tasks

    def start(self, address: str, page: str) -> None:
        """Begin to mail a link. See `SignInLinks`."""
        try:
            known_form = mail_address(address)
        except ValueError:
            raise UserError("That is no mail address. I need one such as ada@example.org.") from None
        # Not awaited: how long it takes would tell whether an account has the address.
        self._tasks.start(self._send(known_form, page))

    async def owner_of(self, seal: str) -> str:
        """Return the address that a link was mailed to. See `SignInLinks`."""
        content = self._links.read(Purpose.SIGN_IN, seal)
        async with self._store.reading() as tx:
            if await tx.accounts.find_code(hash_of(content["code"]), self._clock.now()) is None:
                raise UserError(_SERVED)
        return content["address"]

    async def account_by(self, seal: str) -> int:
        """Return the account of a link's owner, and use the link up. See `SignInLinks`."""
        content = self._links.read(Purpose.SIGN_IN, seal)
        async with self._store.writing() as tx:
            owner = await tx.accounts.take_code(hash_of(content["code"]), self._clock.now())
            # The address may have been unlinked since. Then it is nobody's, and gets no account of its own.
            account_id = None if owner is None else await tx.accounts.find(owner)
        if account_id is None:
            raise UserError(_SERVED)
        return account_id

    async def _send(self, address: str, page: str) -> None:
        mailbox = Identity(EMAIL, "", address, address)
        async with self._store.reading() as tx:
            if await tx.accounts.find(mailbox) is None:
                return
        try:
            await self._turns.take(address)
            await self._surface.send_sign_in(address, page + await self._new_seal(mailbox))
        except UserError:
            _log.debug("A sign-in was asked for too often")
        except DeliveryError as failure:
            _log.warning("A sign-in link was not sent: %s", failure)

    async def _new_seal(self, mailbox: Identity) -> str:
        # Longer than the codes of `link`, and with small letters, so it cannot be typed in place of one.
        code = secrets.token_urlsafe(32)
        async with self._store.writing() as tx:
            await tx.accounts.put_code(hash_of(code), mailbox, self._clock.now() + SIGN_IN_LASTS)
        return self._links.seal(Purpose.SIGN_IN, {"address": mailbox.external_id, "code": code})
