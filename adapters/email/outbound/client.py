"""Hands mails to the mail server, and says of each what became of it."""

import asyncio
import contextlib
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from adapters.email.addresses import is_no_mailbox
from adapters.email.limits import COMMAND_SECONDS, CONNECTIONS, DATA_SECONDS, PREPARE_SECONDS
from adapters.email.settings import Security
from bot.domain.errors import ChannelUnavailable, DeliveryUnknown, NotSent, PermanentFailure, UserError
from bot.posting.pacing import Pacer

_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_ENHANCED = re.compile(r"5\.\d{1,3}\.\d{1,3}")
_PLAIN_NO_MAILBOX = {550, 551, 553}
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def real_port(self) -> int:
        """The port; where none is set, the one that belongs to the kind of security."""
        return self.port or _PORTS[self.security]

    def tls(self) -> ssl.SSLContext | None:
        """Return what the server's certificate is checked with; None without TLS.

        Raises:
            UserError: the file with certificates cannot be read.

        """
        if self.security is Security.NONE:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except OSError as error:
            raise UserError(
                f"PAPERCLUB_SMTP_CA_FILE cannot be read ({error.strerror or 'it holds no certificate'})."
            ) from None


class LoginRefused(NotSent):
    """The server does not take the name or its password."""


class Mailer:
    """Sends mails, a connection each, so that none waits for another's answer."""

    def __init__(self, server: Server, pacer: Pacer) -> None:
        self._server = server
        self._tls = server.tls()
        self._pacer = pacer
        self._connections = asyncio.Semaphore(CONNECTIONS)

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand a mail to the server.

        Raises:
            NotSent: the server did not take it, and may later.
            PermanentFailure: it will never take this mail.
            ChannelUnavailable: it says that there is no such mailbox.
            DeliveryUnknown: it was given the mail, and did not answer.

        """
        async with contextlib.AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(PREPARE_SECONDS):
                    await stack.enter_async_context(self._connections)
                    smtp = await stack.enter_async_context(self.connected())
                    await _envelope(smtp, sender, recipient)
            except TimeoutError:
                raise NotSent("The mail server is too slow.") from None
            # The lease of a post ends some time after its claim: no mail is given away after that.
            await self._pacer.wait("mail", 0.0, 0.0)
            await _data(smtp, message)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[SMTP]:
        """Connect and log in.

        Raises:
            NotSent: that failed, so nothing was sent.

        """
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.real_port,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            username=server.user or None,
            password=server.password if server.user else None,
            tls_context=self._tls,
            timeout=COMMAND_SECONDS,
        )
        try:
            await smtp.connect()
        except SMTPAuthenticationError as error:
            raise LoginRefused(f"The mail server refuses the login: {_said(error)}.") from error
        except SMTPResponseException as error:
            raise NotSent(f"The mail server does not let me in: {_said(error)}") from error
        except (SMTPException, OSError, ValueError) as error:
            raise NotSent(f"The mail server cannot be reached: {_reason(error)}.") from error
        try:
            yield smtp
        finally:
            with contextlib.suppress(SMTPException, OSError):
                await smtp.quit(timeout=1.0)
            smtp.close()


async def _envelope(smtp: SMTP, sender: str, recipient: str) -> None:
    """Name the sender and the recipient. Nothing is sent before the server has taken both."""
    try:
        await smtp.mail(sender)
        await smtp.rcpt(recipient)
    except SMTPRecipientRefused as error:
        if _is_gone(error):
            raise ChannelUnavailable(f"the mail server refuses the address ({_said(error)})") from error
        raise _refusal(error) from error
    except SMTPResponseException as error:
        raise _refusal(error) from error
    except (SMTPException, OSError) as error:
        raise NotSent(f"The mail server ended the connection: {_shown(str(error))}") from error


async def _data(smtp: SMTP, message: bytes) -> None:
    try:
        await smtp.data(message, timeout=DATA_SECONDS)
    except SMTPDataError as error:
        if not 400 <= error.code < 600:
            raise DeliveryUnknown(f"The mail server's answer was no answer: {_said(error)}") from error
        raise _refusal(error) from error
    except (SMTPException, OSError) as error:
        # Also where the connection ended before the server asked for the mail: better one copy too many.
        raise DeliveryUnknown(f"The mail server did not answer: {_shown(str(error))}") from error


def _refusal(error: SMTPResponseException) -> NotSent:
    text = f"The mail server refuses it: {_said(error)}"
    return PermanentFailure(text) if 500 <= error.code < 600 else NotSent(text)


def _is_gone(error: SMTPRecipientRefused) -> bool:
    """Whether the mailbox is not there. A policy that refuses all mail of ours must not end every mailbox."""
    enhanced = _ENHANCED.search(error.message)
    if enhanced is not None:
        return is_no_mailbox(enhanced[0])
    return error.code in _PLAIN_NO_MAILBOX


def _reason(error: BaseException) -> str:
    """Say in a few words why there is no connection. The library wraps what the system says."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({_shown(cause.verify_message)})"
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno).lower()
    return _shown(str(error)).rstrip(".") or type(cause).__name__


def _said(error: SMTPResponseException) -> str:
    return _shown(f"{error.code} {error.message}")


def _shown(text: str) -> str:
    return " ".join(text.encode(errors="replace").decode().split())[:_SHOWN]
