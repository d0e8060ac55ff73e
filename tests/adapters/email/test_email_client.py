"""What the mail client makes of servers that answer as they should not, or not at all."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from adapters.email.outbound import client
from adapters.email.outbound.client import Mailer, Server
from adapters.email.settings import Security
from bot.commands.email import ADDRESS, EMAIL
from bot.domain.errors import ChannelUnavailable, DeliveryUnknown, NotSent, PermanentFailure
from bot.posting.pacing import Deadline, Pacer, start_before
from storage.shared.rate_limits import LocalRateLimiter

GOOD = {
    "": "220 mail.example ESMTP",
    "EHLO": "250 mail.example",
    "MAIL": "250 2.1.0 Sender taken",
    "RCPT": "250 2.1.5 Recipient taken",
    "DATA": "354 Go on",
    ".": "250 2.0.0 Taken",
    "QUIT": "221 Bye",
}
SILENT, CUT = "silent", "cut"


@asynccontextmanager
async def serving(**changed):
    """A server that speaks by rote. A reply of its may be silence, or the end of the connection."""
    steps = {"END": ".", "GREETING": ""}
    replies = GOOD | {steps.get(name, name): text for name, text in changed.items()}
    heard, writers = [], []

    async def answer(writer, name):
        reply = replies[name]
        if reply is CUT:
            writer.close()
        elif reply is not SILENT:
            writer.write(f"{reply}\r\n".encode())

    async def talk(reader, writer):
        writers.append(writer)
        await answer(writer, "")
        in_mail = False
        while line := await reader.readline():
            text = line.decode().strip()
            if in_mail and text != ".":
                continue
            in_mail = text.upper() == "DATA" and replies["DATA"].startswith("354")
            name = text if text == "." else text.split(" ")[0].upper()
            heard.append(name)
            await answer(writer, name)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mailer = Mailer(Server("127.0.0.1", port, Security.NONE), Pacer("Mail", LocalRateLimiter()))
    try:
        yield mailer, heard
    finally:
        server.close()
        for each in writers:
            each.transport.abort()
        await asyncio.sleep(0)


async def send(mailer):
    await mailer.send("bounces@example.org", "ada@example.org", b"Subject: x\r\n\r\nPapers\r\n")


@pytest.fixture
def impatient(monkeypatch):
    for name in ("COMMAND_SECONDS", "DATA_SECONDS"):
        monkeypatch.setattr(client, name, 0.2)


async def test_a_mail_is_handed_over():
    async with serving() as (mailer, heard):
        await send(mailer)
    assert heard == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("reply", [SILENT, CUT])
@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT"])
async def test_without_an_answer_before_data_nothing_was_sent(step, reply):
    async with serving(**{step: reply}) as (mailer, heard):
        with pytest.raises(NotSent) as caught:
            await send(mailer)
    assert not isinstance(caught.value, PermanentFailure)
    assert "DATA" not in heard


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("reply", [SILENT, CUT, "what?", "999 what?"])
async def test_without_an_answer_after_data_nobody_knows(reply):
    async with serving(END=reply) as (mailer, heard):
        with pytest.raises(DeliveryUnknown):
            await send(mailer)
    assert "." in heard


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"GREETING": "421 4.3.2 Too busy"}, NotSent),
        ({"MAIL": "451 4.3.0 Later"}, NotSent),
        ({"MAIL": "550 5.7.1 Not you"}, PermanentFailure),
        ({"RCPT": "450 4.2.0 Greylisted"}, NotSent),
        ({"RCPT": "550 5.1.1 Nobody"}, ChannelUnavailable),
        ({"RCPT": "553 Nobody"}, ChannelUnavailable),
        ({"RCPT": "550 5.7.1 Spam"}, PermanentFailure),
        ({"RCPT": "552 5.2.2 Full"}, PermanentFailure),
        ({"DATA": "451 4.3.0 Later"}, NotSent),
        ({"DATA": "554 5.6.0 No"}, PermanentFailure),
        ({"END": "452 4.3.1 Full disk"}, NotSent),
        ({"END": "554 5.7.1 Spam"}, PermanentFailure),
    ],
)
async def test_an_answer_says_what_became_of_it(changed, error):
    async with serving(**changed) as (mailer, _):
        with pytest.raises(NotSent) as caught:
            await send(mailer)
    assert type(caught.value) is error
    assert next(iter(changed.values())) in str(caught.value)


async def test_a_failing_goodbye_costs_nothing():
    async with serving(QUIT=CUT) as (mailer, _):
        await send(mailer)


async def test_no_mail_is_given_away_after_its_posts_time():
    class Later:
        asked = 0

        def elapsed(self):
            self.asked += 1
            return 0.0 if self.asked <= 2 else 100.0

        def now(self):
            return datetime(2026, 11, 25, tzinfo=UTC)

    # The first time when the deadline is set, the second when the post is begun.
    async with serving() as (mailer, heard):
        with pytest.raises(NotSent, match="too late"), start_before(Deadline(Later(), 30)):
            await send(mailer)
    assert "DATA" not in heard


@pytest.mark.parametrize("written", ["ada@b.org", "<mailto:ada@b.org|ada@b.org>", "<mailto:ada@b.org>"])
def test_an_address_is_read_as_slack_writes_it(written):
    assert EMAIL.read(written).get(ADDRESS) == "ada@b.org"
