import base64

import pytest
from pydantic import SecretStr

from adapters.email.limits import ALL_CONFIRMATIONS_AT_ONCE, ALL_CONFIRMATIONS_SECONDS, CONFIRMATIONS_AT_ONCE
from adapters.email.links import Links
from adapters.email.outbound.confirmation import Confirmations
from app.clock import SystemClock
from app.secrets import FernetSecrets
from bot.domain.errors import UserError
from bot.domain.mailbox import MailboxRequest
from storage.shared.rate_limits import LocalRateLimiter


async def test_whoever_waits_for_others_loses_no_turn_of_their_own():
    time = 0.0
    secrets = FernetSecrets(SecretStr(base64.urlsafe_b64encode(b"k" * 32).decode()))
    limiter = LocalRateLimiter(clock=lambda: time)
    confirmations = Confirmations(Links("https://papers.example.org", secrets, SystemClock()), limiter)

    async def ask(address):
        await confirmations.content(MailboxRequest(address, ("experts",)))

    for number in range(ALL_CONFIRMATIONS_AT_ONCE + 1):
        await ask(f"a{number}@example.org")
    for _ in range(CONFIRMATIONS_AT_ONCE + 1):
        with pytest.raises(UserError, match="too many of these mails just now"):
            await ask("ada@example.org")
    for _ in range(CONFIRMATIONS_AT_ONCE + 1):
        time += ALL_CONFIRMATIONS_SECONDS
        await ask("ada@example.org")
    time += ALL_CONFIRMATIONS_SECONDS
    with pytest.raises(UserError, match="enough of these mails today"):
        await ask("ada@example.org")
