"""Checks of the mail server, for `run` and for `doctor`."""

from collections.abc import AsyncIterator

from adapters.common.findings import Finding, Health
from adapters.email.outbound.client import Mailer
from adapters.email.settings import Security
from bot.domain.errors import NotSent

_SECURED = {
    Security.STARTTLS: "takes STARTTLS with a certificate that is trusted",
    Security.TLS: "takes TLS with a certificate that is trusted",
    Security.NONE: "is reached without TLS",
}
_DKIM = (
    "Mails are signed (DKIM) by your relay, not by Paperclub. Whether SPF and DMARC fit is not checked, "
    "as that needs DNS: send a mail to yourself, and read its Authentication-Results."
)


async def findings(mailer: Mailer, security: Security, *, logs_in: bool) -> AsyncIterator[Finding]:
    """Connect as for a mail, and say how that went."""
    try:
        async with mailer.connected():
            pass
    except NotSent as failure:
        advice = "Check PAPERCLUB_SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD. Mails wait for a day."
        yield Finding("Mail", Health.BAD, str(failure).rstrip("."), advice)
        return
    yield Finding("Mail", Health.GOOD, "the server answers")
    secured = Health.WARNING if security is Security.NONE and logs_in else Health.GOOD
    yield Finding("Mail security", secured, f"it {_SECURED[security]}")
    text = "the login is accepted" if logs_in else "no login is set, and none is asked for"
    yield Finding("Mail login", Health.GOOD, text)
    yield Finding("Mail signatures", Health.GOOD, _DKIM)
