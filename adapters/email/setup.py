"""Makes the surface of mail and its adapter from the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

from adapters.common.findings import Finding
from adapters.common.setup import SurfaceServices, TokenSecrets
from adapters.common.tokens import TokenRefused, Unreachable
from adapters.email import EMAIL
from adapters.email.adapter import EmailAdapter
from adapters.email.addresses import sender_of
from adapters.email.checks import findings
from adapters.email.links import Links
from adapters.email.outbound.client import LoginRefused, Mailer, Server
from adapters.email.outbound.confirmation import Confirmations
from adapters.email.outbound.surface import EmailSurface
from adapters.email.outbound.turns import Turns
from adapters.email.settings import EmailSettings, Security
from bot.conversation.dispatcher import Bot
from bot.domain.errors import NotSent, UserError
from bot.ports.clock import Clock
from bot.posting.pacing import Pacer

HOST, SENDER = "PAPERCLUB_SMTP_HOST", "PAPERCLUB_MAIL_FROM"


class InstalledEmail:
    """Mail's surface, and the adapter with its pages."""

    def __init__(self, settings: EmailSettings, services: SurfaceServices) -> None:
        secrets = services.secrets()
        self._services = services
        self._links = Links(settings.public_url, secrets, services.clock)
        self.surface = EmailSurface(
            mailer_of(settings, services),
            sender_of(settings.mail_from, settings.mail_bounces),
            self._links,
            token_secrets=secrets,
            confirmations=Confirmations(self._links, services.limiter),
            clock=services.clock,
        )

    def adapter(self, bot: Bot, clock: Clock) -> EmailAdapter:
        """Return the adapter, whose pages are what mails link to."""
        # Counted apart from confirmations: their refusal would tell that sign-in knows an address.
        turns = Turns(self._services.limiter, "sign-in")
        return EmailAdapter(
            bot,
            self.surface,
            self._links,
            turns=turns,
            store=self._services.store,
            clock=clock,
            limiter=self._services.limiter,
        )


class EmailSetup:
    """Mail's entry in the program's registry of surfaces."""

    platform = EMAIL
    label = "mail"
    setting = HOST

    def is_set_up(
        self,
        settings: EmailSettings,
        secrets: Callable[[], TokenSecrets],
        *,
        listens: bool = False,  # noqa: ARG002 - links need the same settings wherever mails are made
    ) -> bool:
        """Whether mail is configured.

        Raises:
            UserError: settings are missing, or contradict each other.

        """
        if not settings.smtp_host:
            _check_nothing_else(settings)
            return False
        if not settings.mail_from:
            raise UserError(f"{SENDER} is missing beside {HOST}.")
        sender_of(settings.mail_from, settings.mail_bounces)
        _check_public_url(settings.public_url)
        _check_login(settings)
        secrets()
        _server(settings).tls()
        return True

    @asynccontextmanager
    async def opened(
        self, settings: EmailSettings, services: SurfaceServices
    ) -> AsyncIterator[InstalledEmail]:
        """Make the surface. It connects for each mail, so there is nothing to close."""
        yield InstalledEmail(settings, services)

    async def check_tokens(
        self,
        settings: EmailSettings,
        services: SurfaceServices,
        *,
        listens: bool,  # noqa: ARG002 - whoever listens sends confirmations
    ) -> None:
        """Connect and log in.

        Raises:
            TokenRefused: the server refuses the login.
            Unreachable: it cannot be reached.

        """
        try:
            async with mailer_of(settings, services).connected():
                return
        except LoginRefused as failure:
            raise TokenRefused(f"{failure} Check PAPERCLUB_SMTP_USER and PAPERCLUB_SMTP_PASSWORD.") from None
        except NotSent as failure:
            raise Unreachable(f"{failure} Check {HOST}, PAPERCLUB_SMTP_PORT and _SECURITY.") from None

    def findings(
        self,
        settings: EmailSettings,
        services: SurfaceServices,
        *,
        readable: bool,  # noqa: ARG002 - nothing of it is in the database
    ) -> AsyncIterator[Finding]:
        """Connect and log in, for `paperclub doctor`."""
        mailer = mailer_of(settings, services)
        return findings(mailer, settings.smtp_security, logs_in=bool(settings.smtp_user))


SETUP = EmailSetup()


def mailer_of(settings: EmailSettings, services: SurfaceServices) -> Mailer:
    """Return what hands mails to the server."""
    return Mailer(_server(settings), Pacer("Mail", services.limiter))


def _server(settings: EmailSettings) -> Server:
    return Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
    )


def _check_nothing_else(settings: EmailSettings) -> None:
    beside = {
        SENDER: settings.mail_from,
        "PAPERCLUB_SMTP_USER": settings.smtp_user,
        "PAPERCLUB_SMTP_PASSWORD": settings.smtp_password.get_secret_value(),
    }
    if found := next((name for name, value in beside.items() if value), None):
        raise UserError(f"{HOST} is missing beside {found}.")


def _check_public_url(address: str) -> None:
    parts = urlsplit(address)
    if not address or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UserError(
            "PAPERCLUB_PUBLIC_URL is missing or no address. Mails need it for their links: set the https "
            "address under which people reach this server, such as https://papers.example.org."
        )
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise UserError("PAPERCLUB_PUBLIC_URL has to begin with https:// for the links in mails.")


def _check_login(settings: EmailSettings) -> None:
    if settings.smtp_password.get_secret_value() and not settings.smtp_user:
        raise UserError("PAPERCLUB_SMTP_USER is missing beside PAPERCLUB_SMTP_PASSWORD.")
    unprotected = settings.smtp_security is Security.NONE and not _is_here(settings.smtp_host)
    if settings.smtp_user and unprotected:
        raise UserError(
            "PAPERCLUB_SMTP_SECURITY is none, and the password would be sent for everybody to read. "
            "Set it to starttls or tls."
        )


def _is_here(host: str) -> bool:
    """Whether a host is this computer."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
