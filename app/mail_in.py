"""`paperclub mail-in`: takes a mail that came back, and stops a mailbox that bounces or complains."""

from typing import BinaryIO

from adapters.email import EMAIL
from adapters.email.addresses import returned_for
from adapters.email.inbound.mailboxes import MailboxDesk
from adapters.email.inbound.returned import Kind, Returned, read_returned
from adapters.email.limits import RETURNED_BYTES
from app.clock import SystemClock
from app.secrets import FernetSecrets
from app.settings import Settings
from app.wiring import wake_others
from bot.domain.channel import Channel
from bot.ports.store.store import Transaction
from storage.sql.store import SqlStore

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the relay keeps the mail and hands it over again later."""


async def take_in(settings: Settings, mail: BinaryIO, recipient: str) -> str:
    """Read one mail and act on it. Return what was done."""
    raw = mail.read(RETURNED_BYTES)
    # The relay must not fail to write the rest of a long mail.
    while mail.read(RETURNED_BYTES):
        pass
    returned = read_returned(raw, recipient)
    if returned.kind is Kind.OTHER:
        return "That is no report that ends mails. Nothing is changed."
    store = SqlStore(settings.database)
    try:
        async with store.reading() as tx:
            channel = await _mailbox(tx, returned, FernetSecrets(settings.secret_key))
        if channel is None:
            return "That report names no mail of ours. Nothing is changed."
        stopped = await MailboxDesk(store, SystemClock()).stop_returned(channel, returned.why)
    finally:
        await store.close()
    if not stopped:
        return "Nothing was sent to that mailbox any more."
    await wake_others(settings)
    return f"No more mails are sent to channel {channel.id}: {returned.why}."


async def _mailbox(tx: Transaction, returned: Returned, secrets: FernetSecrets) -> Channel | None:
    """Return the mailbox that a report proves to be about; None where it proves nothing."""
    for recipient in returned.recipients:
        channel_id = returned_for(recipient, secrets)
        if channel_id is not None:
            return _of_mail(await tx.directory.find_channel(channel_id))
    for token in returned.tokens:
        if (channel := _of_mail(await tx.outbox.channel_by_token(token))) is not None:
            return channel
    return None


def _of_mail(channel: Channel | None) -> Channel | None:
    return channel if channel is not None and channel.platform == EMAIL else None
