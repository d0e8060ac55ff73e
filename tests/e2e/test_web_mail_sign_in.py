"""Signing in to the page by a link in a mail, with a real mail server."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from adapters.email import EMAIL
from adapters.email.limits import CONFIRMATIONS_AT_ONCE, SIGN_IN_LASTS
from app.doors import doors
from bot.domain.account import Identity
from tests.e2e.post_office import ADA, PUBLIC_URL, PostOffice, open_post_office
from tests.e2e.post_office import link as confirmation
from tests.servers.mail.server import Mail, MailServer

SENT = "a mail with a link is on its way to it"
GONE = "This link has served already, or a later one took its place."
LINK = re.compile(rf"{PUBLIC_URL}/sign-in/mail/\S+")


@pytest.fixture
async def server():
    async with MailServer() as opened:
        yield opened


@pytest.fixture
async def office(settings, clock, embedder, drafts, server):
    async with open_post_office(settings, clock, embedder, server) as opened:
        await opened.parts.library.add(drafts)
        yield opened


@dataclass
class Visitor:
    """A browser with the page of one office."""

    office: PostOffice
    client: httpx.AsyncClient

    async def token(self, path: str = "/sign-in") -> str:
        found = re.search(r'form_token" value="([^"]+)"', (await self.client.get(path)).text)
        assert found is not None
        return found[1]

    async def post(self, path: str, *, token: str, origin: str = PUBLIC_URL, **fields: str) -> httpx.Response:
        form = {"form_token": token, **fields}
        return await self.client.post(path, data=form, headers={"Origin": origin})

    async def asks(self, address: str) -> tuple[httpx.Response, list[Mail]]:
        """Ask for a link; return the answer, and the mails that come of it."""
        before = len(self.office.mails)
        page = await self.post("/sign-in/mail", token=await self.token(), address=address)
        await self.office.settle()
        return page, self.office.mails[before:]

    async def link(self) -> str:
        _, [mail] = await self.asks(ADA)
        return link(mail)

    async def presses(self, address: str) -> httpx.Response:
        return await self.post(address, token=await self.token(address))

    async def is_signed_in(self) -> bool:
        return (await self.client.get("/me")).status_code == 200


def link(mail: Mail) -> str:
    found = LINK.search(mail.text)
    assert found is not None
    return found[0]


@asynccontextmanager
async def visiting(office: PostOffice) -> AsyncIterator[Visitor]:
    application = Starlette(routes=doors(office.settings, office.parts, [office.adapter]))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield Visitor(office, client)


@pytest.fixture
async def visitor(office):
    async with visiting(office) as opened:
        yield opened


async def test_the_owner_of_a_confirmed_address_signs_in_by_its_link(office, visitor):
    await office.confirmed()
    page, [mail] = await visitor.asks(" Ada@Example.org ")
    assert SENT in page.text
    assert (mail.recipient, mail.message["Subject"]) == (ADA, "Sign in to Paperclub")
    assert not [name for name in mail.message if name.startswith("List-")]
    assert not await visitor.is_signed_in()
    done = await visitor.presses(link(mail))
    assert (done.status_code, done.headers["location"]) == (303, "/")
    me = (await visitor.client.get("/me")).text
    assert f"{ADA} on Email" in me
    assert "ann on Console" in me, "it is the account of whoever confirmed the address"


async def test_a_link_may_be_opened_in_another_browser(office, visitor):
    await office.confirmed()
    address = await visitor.link()
    async with visiting(office) as phone:
        await phone.presses(address)
        assert await phone.is_signed_in()
    assert not await visitor.is_signed_in()


async def test_a_scanner_that_follows_the_link_changes_nothing(office, visitor):
    await office.confirmed()
    address = await visitor.link()
    for _ in range(2):
        page = await visitor.client.get(address)
        assert f"You sign in as {ADA}." in page.text
        assert page.headers["cache-control"] == "no-store"
    assert (await visitor.client.head(address)).status_code == 200
    assert not await visitor.is_signed_in()
    assert (await visitor.presses(address)).status_code == 303


async def test_a_link_serves_once(office, visitor):
    await office.confirmed()
    address = await visitor.link()
    async with visiting(office) as other:
        kept = await other.token(address)
        await visitor.presses(address)
        for page in (await other.client.get(address), await other.post(address, token=kept)):
            assert page.status_code == 410
            assert GONE in page.text
        assert not await other.is_signed_in()


async def test_a_later_link_takes_the_place_of_an_earlier_one(office, visitor):
    await office.confirmed()
    first, second = await visitor.link(), await visitor.link()
    assert (await visitor.post(first, token=await visitor.token())).status_code == 410
    assert (await visitor.presses(second)).status_code == 303


async def test_a_link_ends_after_its_time(office, visitor):
    await office.confirmed()
    address = await visitor.link()
    kept = await visitor.token(address)
    office.clock.forward(seconds=SIGN_IN_LASTS.total_seconds() + 1)
    page = await visitor.post(address, token=kept)
    assert page.status_code == 410
    assert "This link has expired. Ask for a new one." in page.text
    assert not await visitor.is_signed_in()


@pytest.mark.parametrize("changed", ["", "x", "{}x", "x{}"])
async def test_a_link_that_we_did_not_make_signs_nobody_in(office, visitor, changed):
    await office.confirmed()
    begin, _, seal = (await visitor.link()).rpartition("/")
    page = await visitor.post(f"{begin}/{changed.format(seal)}", token=await visitor.token())
    assert page.status_code in {404, 405, 410}
    assert not await visitor.is_signed_in()


async def test_the_link_of_another_mail_signs_nobody_in(office, visitor):
    await office.confirmed()
    [digest] = await office.mailed()
    found = re.search(r"/mail/stop/(\S+)", digest.text)
    assert found is not None
    page = await visitor.post(f"/sign-in/mail/{found[1]}", token=await visitor.token())
    assert page.status_code == 410


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_another_site_cannot_press_the_button(office, visitor, origin):
    await office.confirmed()
    address = await visitor.link()
    token = await visitor.token(address)
    assert (await visitor.post(address, token=token, origin=origin)).status_code == 403
    assert (await visitor.post(address, token="x")).status_code == 403
    assert not await visitor.is_signed_in()
    assert (await visitor.presses(address)).status_code == 303, "the link has not been used up"


async def test_the_form_tells_nobody_which_addresses_are_known(office, visitor):
    await office.confirmed()
    known, [_] = await visitor.asks(ADA)
    for other in ("eve@example.org", "bob@example.org"):
        unknown, mails = await visitor.asks(other)
        assert mails == []
        assert unknown.status_code == known.status_code
        assert unknown.text.replace(other, ADA) == known.text
        assert unknown.headers.keys() == known.headers.keys()
    async with office.parts.store.reading() as tx:
        assert await tx.accounts.find(Identity(EMAIL, "", "eve@example.org")) is None


async def test_an_answer_does_not_wait_for_the_mail(office, visitor, server):
    """A server that refuses, or an address that had its mails, changes nothing of the answer."""
    await office.confirmed()
    first, _ = await visitor.asks(ADA)
    server.on_rcpt = lambda _: "550 5.1.1 Nobody"
    refused, mails = await visitor.asks(ADA)
    assert mails == []
    assert refused.text == first.text


async def test_an_address_that_no_account_has_confirmed_gets_no_link(office, visitor):
    """Papers asked for on the page are a mailbox alone: no account, so nothing to sign in to."""
    await office.post("/subscribe", address=ADA, topic="vision")
    await office.settle()
    [mail] = office.mails
    assert (await visitor.asks(ADA))[1] == []
    assert (await office.post(confirmation(mail, "confirm"))).status_code == 200
    assert (await visitor.asks(ADA))[1] == []


async def test_an_address_gets_only_a_few_links_a_day(office, visitor):
    await office.confirmed()
    answers = [await visitor.asks(ADA) for _ in range(CONFIRMATIONS_AT_ONCE + 3)]
    assert [len(mails) for _, mails in answers] == [1] * (CONFIRMATIONS_AT_ONCE + 1) + [0, 0]
    assert len({page.text for page, _ in answers}) == 1
    # The last one that came still works: what was refused replaced nothing.
    [mail] = answers[CONFIRMATIONS_AT_ONCE][1]
    assert (await visitor.presses(link(mail))).status_code == 303


async def test_links_are_counted_apart_from_confirmations(office, visitor):
    """Else who asks for both could tell that sign-in had known the address."""
    await office.confirmed()
    for _ in range(CONFIRMATIONS_AT_ONCE + 2):
        await visitor.asks(ADA)
    before = len(office.mails)
    await office.confirmed(topic="vision")
    assert office.mails[before:][0].message["Subject"] == "Confirm that you want papers by mail"


async def test_an_address_that_was_unlinked_signs_nobody_in(office, visitor):
    await office.confirmed()
    address = await visitor.link()
    async with office.parts.store.writing() as tx:
        assert await tx.accounts.unlink(Identity(EMAIL, "", ADA))
    page = await visitor.presses(address)
    assert page.status_code == 410
    assert not await visitor.is_signed_in()
    _, mails = await visitor.asks(ADA)
    assert mails == []


async def test_what_is_no_address_is_said_at_its_field(visitor):
    page, mails = await visitor.asks("ada at example")
    assert page.status_code == 400
    assert "That is no mail address." in page.text
    assert re.search(r'id="address"[^>]* value="ada at example"[^>]*aria-invalid="true"', page.text)
    assert mails == []


async def test_there_is_no_form_where_no_mail_is_set_up(office):
    application = Starlette(routes=doors(office.settings, office.parts))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        visitor = Visitor(office, client)
        token = await visitor.token()
        assert "/sign-in/mail" not in (await client.get("/sign-in")).text
        for path in ("/sign-in/mail", "/sign-in/mail/x"):
            assert (await visitor.post(path, token=token, address=ADA)).status_code == 404
        assert (await client.get("/sign-in/mail/x")).status_code == 404
