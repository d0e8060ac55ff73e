"""A real mail server on 127.0.0.1, which keeps what it is given and fails as it is told."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = "250 2.0.0 Taken"
USER, PASSWORD = "paperclub", "correct horse"


@dataclass(frozen=True)
class Mail:
    """A mail that was taken, or that was given without an answer."""

    sender: str
    recipient: str
    raw: bytes
    answered: bool = True

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content()

    @property
    def html(self) -> str:
        return self.message.get_body(("html",)).get_content()


class Dies(Exception):
    """The server dies after DATA, before its answer. `keeps`: it delivers the mail all the same."""

    def __init__(self, *, keeps: bool = True) -> None:
        super().__init__()
        self.keeps = keeps


Verdict = Callable[[Mail], str]


@dataclass
class MailServer:
    """Takes mails. `on_rcpt` and `on_data` may answer otherwise, or raise Dies."""

    tls: ssl.SSLContext | None = None
    from_the_first_byte: bool = False
    needs_login: bool = False
    on_rcpt: Callable[[str], str] = lambda _: OK
    on_data: Verdict = lambda _: OK
    mails: list[Mail] = field(default_factory=list)
    port: int = 0
    logins: Counter = field(default_factory=Counter)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        over_tls = self.tls if self.from_the_first_byte else None
        self._protocols: list[SMTP] = []
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0, ssl=over_tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for each in self._protocols:
            if each.transport is not None:
                each.transport.abort()
        await asyncio.sleep(0)

    def _protocol(self) -> SMTP:
        starts_tls = self.tls is not None and not self.from_the_first_byte
        protocol = SMTP(
            self,
            hostname="mail.example",
            tls_context=self.tls if starts_tls else None,
            require_starttls=starts_tls,
            auth_required=self.needs_login,
            auth_require_tls=self.tls is not None and starts_tls,
            authenticator=self._log_in,
            auth_exclude_mechanism=["LOGIN"],
            loop=asyncio.get_running_loop(),
        )
        self._protocols.append(protocol)
        return protocol

    def _log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        self.logins[known] += 1
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(self, _server, _session, envelope: Envelope, address: str, _options) -> str:  # noqa: N802 - aiosmtpd's
        answer = self.on_rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        mail = Mail(envelope.mail_from, envelope.rcpt_tos[0], envelope.content)
        try:
            answer = self.on_data(mail)
        except Dies as death:
            if death.keeps:
                self.mails.append(Mail(mail.sender, mail.recipient, mail.raw, answered=False))
            server.transport.abort()
            return OK
        if answer.startswith("250"):
            self.mails.append(mail)
        return answer


def self_made(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context with a certificate of its own, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    own, trusted = folder / "server.pem", folder / "trusted.pem"
    written = certificate.public_bytes(serialization.Encoding.PEM)
    trusted.write_bytes(written)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own.write_bytes(private + written)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    return context, trusted
