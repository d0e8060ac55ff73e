import asyncio
import base64
import io
import shutil
import subprocess
import sys
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.email import EMAIL
from adapters.email.addresses import Sender, returned_for
from adapters.email.inbound.mailboxes import origin_of
from adapters.email.inbound.returned import Kind, read_returned
from app.mail_in import TRY_AGAIN, take_in
from app.secrets import FernetSecrets
from app.settings import Settings
from bot.domain.channel import Origin, Platform
from bot.domain.post import DigestKind, DigestPlan
from bot.domain.subscription import Slot, SubscriptionSpec
from storage.sql.store import SqlStore
from tests.adapters.email.bounces import bounce, complaint

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
SLOT = Slot(time(9), "UTC")
SENDER = Sender("Paperclub", "papers@example.org", "bounces@example.org")


def key(letter):
    return SecretStr(base64.urlsafe_b64encode(letter * 32).decode())


SECRETS = FernetSecrets(key(b"k"))


def test_a_bounce_says_why_and_which_mail():
    returned = read_returned(bounce("bounces+1-abc@example.org", token="tok_-1"))
    assert returned.kind is Kind.BOUNCE
    assert "bounces+1-abc@example.org" in returned.recipients
    assert returned.tokens == ("tok_-1",)
    assert "550 5.1.1" in returned.why
    assert "User unknown" in returned.why


@pytest.mark.parametrize(
    "status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "  5.1.1 (no such user)"]
)
def test_a_mailbox_that_is_not_there_is_a_bounce(status):
    assert read_returned(bounce(status=status)).kind is Kind.BOUNCE


def test_a_complaint_says_which_mail():
    returned = read_returned(complaint(token="tok"))
    assert (returned.kind, returned.tokens) == (Kind.COMPLAINT, ("tok",))
    assert "abuse" in returned.why


@pytest.mark.parametrize(
    "raw",
    [
        bounce(action="delayed", status="4.4.1"),
        bounce(action="delivered", status="2.0.0"),
        bounce(action="failed", status="4.2.2"),
        bounce(action="failed", status="5.7.1 (blocked)"),
        *(bounce(status=each) for each in ("5.0.0", "5.2.2", "5.3.4", "5.4.1", "5.7.1", "5.7.26", "5.1.8")),
        complaint(feedback="not-spam"),
        b"From: ada@example.org\r\nSubject: Re: Papers\r\n\r\nI'm on holiday.",
        b"",
        bounce().replace(b"multipart/report", b"multipart/mixed"),
    ],
)
def test_what_is_no_report_of_a_failure_is_other(raw):
    assert read_returned(raw).kind is Kind.OTHER


@given(st.binary(max_size=3000) | st.integers(0, len(bounce())).map(lambda end: bounce()[:end]))
def test_no_mail_is_too_odd_to_read(raw):
    assert read_returned(raw).kind in Kind


@given(st.data())
def test_a_damaged_report_is_read_all_the_same(data):
    raw = bytearray(data.draw(st.sampled_from([bounce(token="t"), complaint(token="t")])))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=20)):
        raw[at] = data.draw(st.integers(0, 255))
    assert read_returned(bytes(raw)).kind in Kind


def test_a_thousand_mails_in_each_other_end_nothing():
    part = b'Content-Type: multipart/report; report-type=delivery-status; boundary="%d"\n\n--%d\n'
    raw = b"".join(part % (number, number) for number in range(5000))
    assert read_returned(raw).kind is Kind.OTHER


def test_the_return_path_names_its_mailbox_and_cannot_be_made_up():
    path = SENDER.return_path(57, SECRETS)
    assert path.startswith("bounces+57-")
    assert len(path.partition("@")[0]) <= 64
    assert returned_for(path, SECRETS) == 57
    assert returned_for(path.upper(), SECRETS) == 57, "some servers change the case"
    assert returned_for(path, FernetSecrets(key(b"n"))) is None
    both = FernetSecrets(SecretStr(f"{key(b'n').get_secret_value()},{key(b'k').get_secret_value()}"))
    assert returned_for(path, both) == 57, "an old key still counts"


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_a_return_path_that_was_changed_is_nobodys(at, character):
    path = SENDER.return_path(57, SECRETS)
    tag = path.partition("@")[0].removeprefix("bounces+")
    at %= len(tag)
    changed = tag[:at] + character + tag[at + 1 :]
    if changed.lower() != tag:
        assert returned_for(f"bounces+{changed}@example.org", SECRETS) is None


@pytest.fixture
def settings(tmp_path, migrated_file):
    shutil.copy(migrated_file, tmp_path / "paperclub.db")
    return Settings(data_dir=tmp_path, database_url="", secret_key=key(b"k"))


async def mailbox(store):
    """Put a mailbox with a topic and a planned mail into the database. Return it with the mail's token."""
    spec = SubscriptionSpec("experts", SLOT)
    async with store.writing() as tx:
        team = (await tx.directory.resolve(Origin(Platform("slack"), "T1", "C1", "U1"), NOW)).team_id
        assert await tx.directory.join_team(EMAIL, f"team-{team}", team)
        context = await tx.directory.resolve(origin_of(f"team-{team}", "ada@example.org"), NOW)
        await tx.subscriptions.put(context, spec, NOW)
        plan = DigestPlan(context.channel, SLOT, NOW.date(), DigestKind.NOTHING_NEW, single=True)
        assert await tx.digests.plan([plan], NOW) == [True]
        [post] = await tx.outbox.claim([EMAIL], "one", NOW, 60, 10)
    assert context.team_id == team
    return context.channel, post.token


async def topics(store, channel):
    async with store.reading() as tx:
        return [each.spec.topic for each in await tx.subscriptions.of_channel(channel.id)]


@pytest.mark.parametrize("make", [bounce, complaint])
@pytest.mark.parametrize("by", ["address", "header", "token"])
async def test_a_report_stops_its_mailbox_once(settings, make, by):
    store = SqlStore(settings.database)
    channel, token = await mailbox(store)
    path = SENDER.return_path(channel.id, SECRETS)
    raw = {"address": make(), "header": make(path), "token": make(token=token)}[by]
    said = await take_in(settings, io.BytesIO(raw), path if by == "address" else "")
    assert f"No more mails are sent to channel {channel.id}" in said
    assert await topics(store, channel) == []
    again = await take_in(settings, io.BytesIO(raw), path if by == "address" else "")
    assert again == "Nothing was sent to that mailbox any more."
    await store.close()


async def test_a_report_that_proves_nothing_changes_nothing(settings):
    store = SqlStore(settings.database)
    channel, token = await mailbox(store)
    forged = SENDER.return_path(channel.id, FernetSecrets(key(b"n")))
    for raw in (
        bounce(),
        bounce(forged),
        bounce(f"bounces+{channel.id}-{'a' * 16}@example.org"),
        bounce(token=token[:-1]),
        complaint(token=f"{token}x"),
        bounce(SENDER.return_path(channel.id + 999, SECRETS)),
        bounce(token=token, action="delayed"),
    ):
        assert "Nothing is changed." in await take_in(settings, io.BytesIO(raw), "")
    assert await topics(store, channel) == ["experts"]
    await store.close()


async def test_of_a_huge_mail_the_beginning_is_read_and_the_rest_swallowed(settings):
    store = SqlStore(settings.database)
    channel, token = await mailbox(store)
    stream = io.BytesIO(bounce(token=token) + b"x" * 5_000_000)
    assert "No more mails" in await take_in(settings, stream, "")
    assert stream.read() == b""
    assert await topics(store, channel) == []
    await store.close()


@pytest.mark.slow
@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, TRY_AGAIN)])
async def test_the_relay_understands_how_it_went(settings, broken, code):
    store = SqlStore(settings.database)
    channel, token = await mailbox(store)
    await store.close()
    environment = {
        "PAPERCLUB_DATA_DIR": str(settings.data_dir / "nowhere" if broken else settings.data_dir),
        "PAPERCLUB_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PATH": "",
    }
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "app.start", "mail-in"],
        input=bounce(token=token),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert (f"channel {channel.id}" in run.stdout.decode()) is not broken
