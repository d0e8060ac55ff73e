"""A mail server that dies between DATA and its answer: no mail is lost without a word, and copies are few."""

import base64
import random
import shutil
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest
from pydantic import SecretStr

from adapters.common.setup import SurfaceServices
from adapters.email import EMAIL
from adapters.email.inbound.mailboxes import origin_of
from adapters.email.limits import MAX_RESENDS
from adapters.email.settings import Security
from adapters.email.setup import InstalledEmail
from app.secrets import FernetSecrets
from app.settings import Settings
from bot.domain.post import DigestKind, DigestPlan, PostState
from bot.domain.subscription import Slot, SubscriptionSpec
from bot.posting.clocks import Clocks
from storage.shared.rate_limits import LocalRateLimiter
from storage.sql.store import SqlStore
from tests.delivering import delivery_over
from tests.servers.mail.server import OK, Dies, MailServer

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
SLOT = Slot(time(9), "UTC")
KEY = SecretStr(base64.urlsafe_b64encode(b"k" * 32).decode())


class StillClock:
    """Stands still until somebody sleeps."""

    def __init__(self):
        self.time = NOW

    def now(self):
        return self.time

    def elapsed(self):
        return self.time.timestamp()

    async def sleep(self, seconds):
        self.time += timedelta(seconds=seconds)


class Moody:
    """Takes a mail, delivers it and dies, dies without it, or asks to wait, as chance has it."""

    def __init__(self, seed):
        self._chance = random.Random(seed)
        self.deaths = Counter()

    def __call__(self, mail):
        if "Papers for" not in mail.message["Subject"]:
            return OK
        fate = self._chance.random()
        if fate < 0.5:
            keeps = fate < 0.25
            self.deaths[keeps] += 1
            raise Dies(keeps=keeps)
        return "451 4.3.2 Later, please" if fate < 0.6 else OK


async def plan(store, count):
    """Plan a mail for each of many mailboxes, every one a team of its own."""
    plans = []
    async with store.writing() as tx:
        for number in range(count):
            address = f"reader{number}@example.org"
            context = await tx.directory.resolve(origin_of(address, address), NOW)
            await tx.subscriptions.put(context, SubscriptionSpec("experts", SLOT), NOW)
            plans.append(
                DigestPlan(context.channel, SLOT, date(2026, 11, 25), DigestKind.NOTHING_NEW, single=True)
            )
        assert all(await tx.digests.plan(plans, NOW))
    return [plan.channel for plan in plans]


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.long)])
@pytest.mark.timeout(600)
async def test_no_mail_is_lost_unreported_and_copies_keep_their_name(count, tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "paperclub.db")
    clock, moody = StillClock(), Moody(count)
    async with MailServer(on_data=moody) as server:
        settings = Settings(
            data_dir=tmp_path,
            database_url="",
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_security=Security.NONE,
            mail_from="papers@example.org",
            public_url="https://papers.example.org",
            secret_key=KEY,
        )
        store = SqlStore(settings.database)
        services = SurfaceServices(store, LocalRateLimiter(), clock, lambda: FernetSecrets(KEY))
        surfaces = {EMAIL: InstalledEmail(settings, services).surface}
        channels = await plan(store, count)
        delivery = delivery_over(store, surfaces, Clocks(clock, surfaces), "one")
        await delivery.deliver()
        while (pause := await delivery.seconds_until_due()) is not None:
            await clock.sleep(pause)
            await delivery.deliver()
        async with store.reading() as tx:
            troubles = await tx.outbox.list_troubles(NOW - timedelta(days=1))
        await store.close()

    copies, notices = defaultdict(list), Counter()
    for mail in server.mails:
        if "Papers for" in mail.message["Subject"]:
            copies[mail.recipient].append(mail)
        else:
            notices[mail.recipient] += 1
    doubtful = {each.post.channel.external_id for each in troubles}
    answered = {name for name, mails in copies.items() if any(each.answered for each in mails)}
    assert moody.deaths[True] > count / 4, "there was something to get wrong"
    assert moody.deaths[False] > count / 4
    # Each mailbox has its mail, or somebody was told that it may not.
    assert answered | doubtful == {channel.external_id for channel in channels}
    assert not answered & doubtful
    assert all(each.post.state is PostState.FAILED for each in troubles)
    assert all(f"sent {MAX_RESENDS + 1} times without an answer" in each.detail for each in troubles)
    assert notices == Counter(doubtful)
    # No more copies than were given without an answer, and the last one.
    assert sum(map(len, copies.values())) == moody.deaths[True] + len(answered)
    assert max(map(len, copies.values())) <= MAX_RESENDS + 1
    names = {name: {each.message["Message-ID"] for each in mails} for name, mails in copies.items()}
    assert all(len(each) == 1 for each in names.values())
    assert len(set.union(*names.values())) == len(names)
