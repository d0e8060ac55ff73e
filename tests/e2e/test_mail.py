"""Papers by mail, with a real mail server and the links of its mails."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from adapters.common.findings import Health
from adapters.console import CONSOLE
from adapters.console.user import ConsoleUser
from adapters.email import EMAIL
from adapters.email.limits import ALL_CONFIRMATIONS_AT_ONCE, CONFIRM_LASTS, FORMS
from adapters.email.settings import Security
from app.mail_in import take_in
from app.surfaces import check_tokens, findings, services_for_checks, surfaces_set_up
from bot.domain.account import Identity
from bot.domain.errors import UserError
from bot.domain.paper import PaperDraft
from bot.domain.post import PostState
from bot.protocol.replies import Notice, Tone
from tests.adapters.email.bounces import bounce, complaint
from tests.e2e.conftest import Player
from tests.e2e.post_office import ADA, link, mail_settings, open_post_office
from tests.e2e.program_teams import no_answer, nobody
from tests.servers.mail.server import OK, PASSWORD, USER, Dies, MailServer, self_made

DRAFT = PaperDraft(
    "Experts That Mix Well", "A mixture of experts mixes well when its experts differ.", "test"
)


@pytest.fixture
async def server():
    async with MailServer() as opened:
        yield opened


@pytest.fixture
async def office(settings, clock, embedder, drafts, server):
    async with open_post_office(settings, clock, embedder, server) as opened:
        await opened.parts.library.add(drafts)
        yield opened


def at_console(office, name="ann", channel="#general"):
    return Player(office, ConsoleUser(name, channel))


def at_console_shown(office):
    return " ".join(" ".join(each.draft.text for each in office.surface.history.latest()).split())


async def test_a_digest_is_one_mail_with_all_its_papers(office):
    await office.confirmed()
    [mail] = await office.mailed()
    assert mail.recipient == ADA
    assert mail.message["Subject"] == "Papers for Mon 23 Nov 2026 · 2 papers"
    for title in ("Cheaper Experts at Serving Time", "Routing Tokens to Experts Evenly"):
        assert title in mail.text
        assert title in mail.html
    assert await office.mailed(hours=24) == [], "no paper comes twice"


async def test_its_papers_count_as_posted_there(office):
    mailbox = await office.confirmed()
    await office.mailed()
    async with office.parts.store.reading() as tx:
        papers = await tx.papers.posted({mailbox.id}, office.clock.now().date() - timedelta(days=7))
        status = await tx.paper_statuses.get(mailbox.id, papers[mailbox.id])
    assert len(status) == 2
    assert all(each.posted for each in status.values())
    reply = await acting(office, mailbox, "history")
    assert {tuple(row.activities) for row in reply.rows} == {("posted",)}


async def acting(office, mailbox, command, **arguments):
    from adapters.email.inbound.mailboxes import MailboxDesk  # noqa: PLC0415 - used here alone

    desk = MailboxDesk(office.parts.store, office.clock)
    owner = {"workspace": mailbox.workspace, "address": mailbox.external_id}
    return await desk.act(office.parts.bot, owner, command, **arguments)


async def test_what_trends_comes_below_the_topics(office):
    await at_console(office).says("vote #4 up")
    await office.confirmed(trending="yes")
    [mail] = await office.mailed()
    assert mail.message["Subject"] == "Papers for Mon 23 Nov 2026 · 4 papers"
    topic, _, trending = mail.text.partition("Trending · 2 papers")
    assert "mixture of experts · 2 papers" in topic
    assert "Cheaper Experts" in topic
    assert trending.index("Protein Folding") < trending.index("Seeing Cracks"), "the one with a vote is first"
    assert await office.mailed(hours=24) == []


async def test_a_channel_follows_what_trends_too(office):
    await at_console(office).says("vote #3 up")
    reply = await at_console(office).says("subscribe what we like trending:yes top:2")
    assert reply.subscription.spec.trending
    assert reply.preview[0].paper.id == 3
    assert len(reply.preview) == 2
    listed = await at_console(office).says("subscriptions")
    assert listed.rows[0].subscription.spec.trending
    changed = await at_console(office).says("subscribe what we like trending:no")
    assert not changed.subscription.spec.trending


async def test_nothing_is_sent_before_the_owner_confirms(office):
    reply = await at_console(office).says(f'email {ADA} topic:"mixture of experts" at:09:00 tz:UTC')
    assert isinstance(reply, Notice)
    assert reply.tone is Tone.DONE
    [mail] = office.mails
    assert "ann on Console" in mail.text
    assert not [name for name in mail.message if name.startswith("List-")]
    page = await office.get(link(mail, "confirm"))
    assert "Confirm only if you are ann on Console" in page.text
    assert "mixture of experts" in page.text
    assert await office.mailed(hours=30) == [], "a scanner that follows the link changes nothing"
    async with office.parts.store.reading() as tx:
        assert await tx.schedule.all(EMAIL) == []
        assert await tx.accounts.find(Identity(EMAIL, "", ADA)) is None
    page = await office.post(link(mail, "confirm"))
    assert "Subscribed to “mixture of experts”" in page.text


async def test_papers_of_a_team_are_not_mailed_to_somebody_who_is_not_in_it(office, monkeypatch):
    await at_console(office).says(f'email {ADA} topic:"mixture of experts" at:09:00 tz:UTC')
    await office.settle()
    monkeypatch.setattr(office.surface, "is_member", nobody)
    page = await office.post(link(office.mails[-1], "confirm"))
    assert "in the team whose papers these are, so I can" in page.text
    assert await office.mailed(hours=24) == []


async def test_whoever_confirms_is_linked_with_whoever_asked_and_is_of_their_team(office):
    mailbox = await office.confirmed()
    person = at_console(office)
    async with office.parts.store.reading() as tx:
        [context] = await tx.directory.find_contexts([person.user.origin])
        asker = office.parts.bot._services.accounts.identity_of(context)
        account = await tx.accounts.find(asker)
        assert account == await tx.accounts.find(Identity(EMAIL, "", ADA))
        memberships = await tx.accounts.memberships(account)
    assert mailbox.team_id == context.team_id
    assert mailbox.workspace == f"team-{context.team_id}"
    assert mailbox.direct
    assert {each.team_id for each in memberships} == {context.team_id}


async def test_a_mailbox_alone_keeps_nobody_in_a_team(office, monkeypatch):
    mailbox = await office.confirmed()
    accounts = office.parts.services.accounts
    async with office.parts.store.reading() as tx:
        account = await tx.accounts.find(Identity(EMAIL, "", ADA))
    present = await accounts.current_memberships(account)
    assert {each.platform for each in present.memberships} == {CONSOLE, EMAIL}
    monkeypatch.setattr(office.surface, "is_member", nobody)
    office.clock.time += timedelta(minutes=2)
    assert (await accounts.current_memberships(account)).memberships == []
    mails = office.parts.installed[EMAIL].surface
    assert not await mails.is_member(mailbox.workspace, ADA)
    assert await mails.is_member(ADA, ADA)


async def test_the_mails_of_a_team_end_once_their_reader_has_left_its_chat(office, monkeypatch):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    monkeypatch.setattr(office.surface, "is_member", nobody)
    await office.parts.library.add([replace(DRAFT, listed=(office.clock.now() + timedelta(days=1)).date())])
    [notice] = await office.mailed(hours=24)
    assert "I no longer see you in the team" in " ".join(notice.text.split())
    assert DRAFT.title not in notice.text
    assert await office.topics(mailbox) == []
    assert [each for days in range(3) for each in await office.mailed(hours=24)] == []
    for purpose in ("vote", "save"):
        for page in (await office.get(link(mail, purpose)), await office.post(link(mail, purpose))):
            assert page.status_code == 410
            assert "no longer in the workspace of the team" in page.text
            assert "Experts" not in page.text, "not even a title"
    monkeypatch.undo()
    assert "👍 1" in (await office.post(link(mail, "vote"))).text


async def test_while_a_chat_does_not_answer_mails_wait_and_links_say_so(office, monkeypatch):
    await office.confirmed()
    [mail] = await office.mailed()
    await office.parts.library.add([replace(DRAFT, listed=(office.clock.now() + timedelta(days=1)).date())])
    monkeypatch.setattr(office.surface, "is_member", no_answer)
    assert await office.mailed(hours=24) == []
    page = await office.post(link(mail, "vote"))
    assert page.status_code == 503
    assert "Try again in a minute" in page.text
    monkeypatch.undo()
    [late] = await office.mailed(hours=0.2)
    assert DRAFT.title in late.text


async def test_an_address_is_unlinked_from_the_mail_itself(office):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    mailed = Identity(EMAIL, "", ADA)
    unlink = link(mail, "unlink")
    page = await office.get(unlink)
    assert "ada@example.org is linked with ann on Console." in page.text
    assert "<button" in page.text
    async with office.parts.store.reading() as tx:
        linked = await tx.accounts.find(mailed)
        assert len(await tx.accounts.identities(linked)) == 2, (
            "a scanner that follows the link changes nothing"
        )
    assert "no longer linked with anybody" in (await office.post(unlink)).text
    async with office.parts.store.reading() as tx:
        assert await tx.accounts.find(mailed) is None
        assert len(await tx.accounts.identities(linked)) == 1
    assert await office.topics(mailbox) == []
    for page in (await office.get(unlink), await office.post(unlink)):
        assert "ada@example.org is linked with nobody." in page.text


async def test_a_mailbox_of_its_own_keeps_its_mails_when_it_is_unlinked(office):
    await office.post("/subscribe", **form_for(ADA))
    await office.settle()
    await office.post(link(office.mails[-1], "confirm"))
    own = await office.mailbox()
    [mail] = await office.mailed()
    assert "is linked with nobody" in (await office.post(link(mail, "unlink"))).text
    async with office.parts.store.writing() as tx:
        here = Identity(CONSOLE, "", "ann", "ann")
        await tx.accounts.link(here, Identity(EMAIL, "", ADA), office.clock.now())
    assert "no longer linked" in (await office.post(link(mail, "unlink"))).text
    assert await office.topics(own) == ["experts"]


@pytest.mark.parametrize("answer", ["451 4.3.0 Later, please", Dies(), Dies(keeps=False)])
async def test_a_confirmation_that_the_server_did_not_take_is_tried_again(office, answer):
    fates = iter([answer, answer])

    def fail(_):
        fate = next(fates, OK)
        if isinstance(fate, Dies):
            raise fate
        return fate

    office.server.on_data = fail
    reply = await at_console(office).says(f'email {ADA} topic:"mixture of experts" at:09:00 tz:UTC')
    assert reply.tone is Tone.WARNING
    assert "I'll try again for a day" in reply.text
    await office.parts.worker.work_off()
    for _ in range(4):
        await office.mailed(hours=0.1)
    assert [mail.answered for mail in office.mails].count(True) == 1
    assert len({mail.message["Message-ID"] for mail in office.mails}) == 1, "copies are one mail"
    async with office.parts.store.reading() as tx:
        assert await tx.outbox.list_troubles(office.clock.now() - timedelta(days=1)) == []
        assert await tx.schedule.all(EMAIL) == []
    page = await office.post(link(office.mails[-1], "confirm"))
    assert "Subscribed to “mixture of experts”" in page.text
    assert (await office.mailbox()).workspace.startswith("team-")


async def test_a_confirmation_is_given_up_after_a_day_and_tells_nobody_else(office):
    office.server.on_rcpt = lambda _: "451 4.3.0 Later, please"
    await office.post("/subscribe", **form_for(ADA))
    await office.settle()
    for hours in (*[0.3] * 12, 24, 1):
        assert await office.mailed(hours) == []
    async with office.parts.store.reading() as tx:
        [trouble] = await tx.outbox.list_troubles(office.clock.now() - timedelta(days=7))
    assert (trouble.post.state, trouble.post.request.address) == (PostState.FAILED, ADA)
    office.server.on_rcpt = lambda _: OK
    assert await office.mailed(hours=24) == []


async def test_an_address_that_the_server_refuses_for_good_is_not_tried_again(office):
    office.server.on_rcpt = lambda _: "550 5.1.1 No such user"
    reply = await at_console(office).says(f'email {ADA} topic:"mixture of experts" at:09:00 tz:UTC')
    assert reply.tone is Tone.ERROR
    assert "I can't send mails to ada@example.org." in reply.text
    office.server.on_rcpt = lambda _: OK
    assert await office.mailed(hours=2) == []


async def test_an_address_that_is_somebody_elses_is_not_linked_anew(office):
    await office.confirmed()
    stranger = at_console(office, "eve", "#other")
    await stranger.says(f'email {ADA} topic:"vision" at:10:00 tz:UTC')
    page = await office.post(link(office.mails[-1], "confirm"))
    assert "linked with somebody else already" in page.text
    accounts = office.parts.bot._services.accounts
    async with office.parts.store.reading() as tx:
        contexts = await tx.directory.find_contexts([stranger.user.origin, at_console(office).user.origin])
        eve, ann = [await tx.accounts.find(accounts.identity_of(each)) for each in contexts]
        assert await tx.accounts.find(Identity(EMAIL, "", ADA)) == ann
    assert eve is None


async def test_a_link_that_is_old_or_changed_confirms_nothing(office):
    await at_console(office).says(f'email {ADA} topic:"mixture of experts"')
    confirm = link(office.mails[0], "confirm")
    assert (await office.post(f"{confirm}x")).status_code == 410
    assert (await office.post(confirm.replace("/confirm/", "/stop/"))).status_code == 410
    office.clock.time += CONFIRM_LASTS + timedelta(seconds=1)
    for page in (await office.get(confirm), await office.post(confirm)):
        assert page.status_code == 410
        assert "has expired" in page.text
    async with office.parts.store.reading() as tx:
        assert await tx.schedule.all(EMAIL) == []


async def test_one_click_ends_the_mails_and_a_look_does_not(office):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    stop = mail.message["List-Unsubscribe"].strip("<>")
    assert stop == link(mail, "stop")
    page = await office.get(stop)
    assert "<button" in page.text
    assert await office.topics(mailbox) == ["mixture of experts"]
    answer = await office.pages.post(stop, content="List-Unsubscribe=One-Click")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert await office.topics(mailbox) == []
    assert (await office.post(stop)).status_code == 200, "a second click is no error"


async def test_whoever_asked_can_end_the_mails_in_chat(office):
    mailbox = await office.confirmed()
    reply = await at_console(office).says("email off")
    assert reply.tone is Tone.DONE
    assert await office.topics(mailbox) == []
    assert "no papers by mail" in (await at_console(office).says("email off")).text


async def test_a_vote_by_mail_counts_once_and_never_on_a_look(office):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    up = link(mail, "vote")
    page = await office.get(up)
    assert "<h1" in page.text
    assert "Up-vote" in page.text

    paper = int(re.search(r"Up-vote #(\d+)", page.text)[1])

    async def tally():
        async with office.parts.store.reading() as tx:
            status = await tx.paper_statuses.get(mailbox.id, [paper])
        return status[paper].tally.up

    assert await tally() == 0
    assert "👍 1" in (await office.post(up)).text
    assert "👍 1" in (await office.post(up)).text, "a second time it is the same vote"
    assert await tally() == 1
    down = link(mail, "vote", 1)
    assert "👎 1" in (await office.post(down)).text
    assert await tally() == 0


async def test_a_paper_is_saved_by_mail(office):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    assert "Save" in (await office.get(link(mail, "save"))).text
    assert isinstance(await acting(office, mailbox, "saved"), Notice), "the list is empty"
    assert "on your reading list" in (await office.post(link(mail, "save"))).text
    assert len((await acting(office, mailbox, "saved")).rows) == 1


async def test_the_page_subscribes_an_address_alone_to_a_team_of_its_own(office):
    form = await office.get("/subscribe")
    assert '<input type="email" name="address"' in form.text
    values = {"address": "Bob@Example.ORG", "topic": "mixture of experts", "every": "weekly", "at": "09:00"}
    page = await office.post("/subscribe", **values, tz="UTC")
    await office.settle()
    assert "bob@example.org" in page.text
    [mail] = office.mails
    assert mail.recipient == "bob@example.org"
    assert "mixture" not in mail.text, "a stranger's words are mailed to nobody"
    assert "mixture of experts" in (await office.get(link(mail, "confirm"))).text
    await office.post(link(mail, "confirm"))
    mailbox = await office.mailbox("bob@example.org")
    assert mailbox.workspace == "bob@example.org"
    async with office.parts.store.reading() as tx:
        [context] = await tx.directory.find_contexts([at_console(office).user.origin])
        [subscription] = await tx.subscriptions.of_channel(mailbox.id)
    assert context is None or context.team_id != mailbox.team_id
    assert {day.name for day in subscription.spec.days} == {"MON"}


async def test_the_page_says_the_same_of_every_address_and_sends_few_mails(office):
    await office.confirmed()
    before = len(office.mails)
    pages = []
    for address in [ADA, "new@example.org"] * 5:
        values = {"address": address, "topic": "experts", "at": "09:00", "tz": "UTC"}
        page = await office.post("/subscribe", **values)
        await office.settle()
        pages.append((page.status_code, page.text.replace(address, "")))
    assert len(set(pages)) == 1
    sent = [mail.recipient for mail in office.mails[before:]]
    assert 1 <= sent.count(ADA) <= 3
    assert 1 <= sent.count("new@example.org") <= 3


async def test_a_form_whose_mail_was_not_taken_says_that_it_is_tried_again(office):
    office.server.on_rcpt = lambda _: "451 4.3.0 Later, please"
    page = await office.post("/subscribe", **form_for(ADA))
    await office.settle()
    assert office.mails == []
    assert "If the mail server doesn&#x27;t take it, I try again for a day." in page.text
    office.server.on_rcpt = lambda _: OK
    assert [mail.recipient for mail in await office.mailed(hours=0.1)] == [ADA]


def form_for(address):
    return {"address": address, "topic": "experts", "at": "09:00", "tz": "UTC"}


async def test_one_network_gets_few_mails_for_strangers_from_the_page(office):
    # The last line is the proxy's. Those before it are the caller's, who would like to be counted as others.
    for number in range(FORMS.each.burst + 1):
        lines = [("X-Forwarded-For", f"203.0.113.{number}"), ("X-Forwarded-For", f"2001:db8::{number}")]
        page = await office.pages.post("/subscribe", data=form_for(f"a{number}@example.org"), headers=lines)
        assert page.status_code == 200
    refused = await office.pages.post("/subscribe", data=form_for("more@example.org"), headers=lines)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= FORMS.each.interval
    assert "Try again in 5 minutes" in refused.text
    assert "more@example.org" in refused.text, "nothing has to be typed again"
    other = {"X-Forwarded-For": "2001:db8:0:1::1"}
    page = await office.pages.post("/subscribe", data=form_for("b@example.org"), headers=other)
    assert page.status_code == 200
    await office.settle()
    assert len(office.mails) == FORMS.each.burst + 2


async def test_all_networks_together_leave_chat_its_confirmations(office):
    codes = []
    for number in range(ALL_CONFIRMATIONS_AT_ONCE + 1):
        other = {"X-Forwarded-For": f"198.51.100.{number}"}
        page = await office.pages.post("/subscribe", data=form_for(f"a{number}@example.org"), headers=other)
        codes.append(page.status_code)
    await office.settle()
    assert codes[: FORMS.together.burst + 1] == [200] * (FORMS.together.burst + 1)
    assert codes[-1] == 429
    reply = await at_console(office).says(f'email {ADA} topic:"mixture of experts" at:09:00 tz:UTC')
    assert reply.tone is Tone.DONE


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"address": "nobody", "topic": "experts"}, "“nobody” isn&#x27;t a mail address"),
        ({"address": ADA, "topic": ""}, "Name a topic"),
        ({"address": ADA, "topic": "experts", "at": "25:00"}, "25:00"),
        ({"address": f"{ADA}\r\nBcc: eve@example.org", "topic": "experts"}, "isn&#x27;t a mail address"),
        ({"address": "жук@example.org", "topic": "experts"}, "isn&#x27;t a mail address"),
        ({}, "isn&#x27;t a mail address"),
        ({"address": ADA, "topic": "experts"} | {f"more{n}": "x" for n in range(20)}, "more than I can read"),
    ],
)
async def test_a_form_that_does_not_fit_is_shown_again(office, values, said):
    page = await office.post("/subscribe", **values)
    await office.settle()
    assert page.status_code == 400
    assert said in page.text
    assert office.mails == []


async def test_an_address_in_letters_of_another_script_gets_its_mail(office):
    await office.confirmed("ada@bücher.example")
    assert office.mails[0].recipient == "ada@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("answer", "later"),
    [("451 4.3.0 Later, please", 1), ("552 5.3.4 Too large", 0), ("554 5.7.1 Not from you", 0)],
)
async def test_what_the_server_refuses_is_tried_again_or_given_up(office, answer, later):
    mailbox = await office.confirmed()
    office.server.on_data = lambda _: answer
    assert await office.mailed() == []
    office.server.on_data = lambda _: OK
    mails = await office.mailed(hours=0.2)
    papers = [mail for mail in mails if "Cheaper Experts" in mail.text]
    assert len(papers) == later
    assert await office.topics(mailbox) == ["mixture of experts"]
    if not later:
        [tomorrow] = [
            each for each in await office.mailed(hours=24) if "Papers for" in each.message["Subject"]
        ]
        assert "Cheaper Experts" in tomorrow.text, "what was given up comes again"


@pytest.mark.parametrize(
    ("answer", "stops"),
    [("550 5.1.1 No such user", True), ("550 No such user", True), ("554 5.7.1 Relay access denied", False)],
)
async def test_a_mailbox_that_is_refused_is_stopped_with_its_reason(office, answer, stops):
    mailbox = await office.confirmed()
    office.server.on_rcpt = lambda _: answer
    await office.mailed()
    async with office.parts.store.reading() as tx:
        [subscription] = await tx.subscriptions.of_channel(mailbox.id)
        [trouble] = await tx.outbox.list_troubles(office.clock.now() - timedelta(days=1))
    assert subscription.paused is stops
    assert answer in trouble.detail
    reason = (
        "I can no longer post in ada@example.org" if stops else "I could not send a post to ada@example.org"
    )
    assert reason in at_console_shown(office), "whoever asked hears of it where they asked"


async def test_a_mail_without_an_answer_is_sent_again_under_its_name(office):
    await office.confirmed()
    answers = iter([Dies(), Dies(keeps=False)])

    def die(_):
        if (death := next(answers, None)) is not None:
            raise death
        return OK

    office.server.on_data = die
    mails = [mail for hours in (3, 0.1, 0.1, 0.1, 0.1) for mail in await office.mailed(hours)]
    assert [mail.answered for mail in mails] == [False, True]
    assert len({mail.message["Message-ID"] for mail in mails}) == 1
    async with office.parts.store.reading() as tx:
        assert await tx.outbox.list_troubles(office.clock.now() - timedelta(days=1)) == []


async def test_a_server_that_never_answers_gets_it_a_set_number_of_times_and_then_it_is_doubtful(office):
    mailbox = await office.confirmed()

    def die(mail):
        if "Papers for" in mail.message["Subject"]:
            raise Dies
        return OK

    office.server.on_data = die
    mails = [mail for hours in (3, *[0.3] * 12) for mail in await office.mailed(hours)]
    copies = [mail for mail in mails if not mail.answered]
    assert len(copies) == office.parts.installed[EMAIL].surface.max_resends + 1
    assert len({mail.message["Message-ID"] for mail in copies}) == 1
    [notice] = [mail for mail in mails if mail.answered]
    assert "cannot tell whether my last post stands" in " ".join(notice.text.split())
    async with office.parts.store.reading() as tx:
        [trouble] = await tx.outbox.list_troubles(office.clock.now() - timedelta(days=1))
    assert trouble.post.state is PostState.FAILED
    assert "sent 5 times without an answer" in trouble.detail
    office.server.on_data = lambda _: OK
    assert not [each for each in await office.mailed(hours=24) if "Cheaper" in each.text], "it may be there"
    assert await office.topics(mailbox) == ["mixture of experts"]


async def test_a_topic_that_ended_leaves_the_mail_that_is_planned(office):
    mailbox = await office.confirmed()
    await acting(office, mailbox, "subscribe", topic="vision transformers", at="09:00", tz="UTC")
    office.clock.forward(hours=3)
    await office.parts.planner.plan_due()
    await acting(office, mailbox, "unsubscribe", topic="vision transformers")
    mail = (await office.mailed(hours=0))[-1]
    assert "Cheaper Experts" in mail.text
    assert "Seeing Cracks" not in mail.text


async def test_tls_and_a_login_with_a_certificate_of_ones_own(settings, tmp_path):
    context, trusted = self_made(tmp_path)
    for security, first_byte in ((Security.STARTTLS, False), (Security.TLS, True)):
        async with MailServer(
            tls=context, from_the_first_byte=first_byte, needs_login=not first_byte
        ) as server:
            given = {
                "smtp_security": security,
                "smtp_ca_file": str(trusted),
                "smtp_user": "" if first_byte else USER,
                "smtp_password": SecretStr("" if first_byte else PASSWORD),
            }
            right = mail_settings(settings, server, **given)
            assert await health(right) == {
                "Mail": Health.GOOD,
                "Mail security": Health.GOOD,
                "Mail login": Health.GOOD,
                "Mail signatures": Health.GOOD,
            }
            strange = right.model_copy(update={"smtp_ca_file": ""})
            assert await health(strange) == {"Mail": Health.BAD}
            if not first_byte:
                assert server.logins == {True: 1}
                wrong = right.model_copy(update={"smtp_password": SecretStr("wrong")})
                assert await health(wrong) == {"Mail": Health.BAD}
                with pytest.raises(UserError, match="PAPERCLUB_SMTP_PASSWORD"):
                    await check_tokens(surfaces_set_up(wrong), wrong, listens=True)


async def health(settings):
    async with services_for_checks(settings) as services:
        found = findings(surfaces_set_up(settings), settings, services, readable=False)
        return {each.name: each.health async for each in found}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mail_from": ""}, "PAPERCLUB_MAIL_FROM is missing beside PAPERCLUB_SMTP_HOST"),
        ({"mail_from": "nobody"}, "PAPERCLUB_MAIL_FROM is no mail address"),
        ({"mail_bounces": "nobody"}, "PAPERCLUB_MAIL_BOUNCES is no mail address"),
        ({"public_url": ""}, "PAPERCLUB_PUBLIC_URL is missing"),
        ({"public_url": "http://papers.example.org"}, "has to begin with https"),
        ({"secret_key": SecretStr("")}, "PAPERCLUB_SECRET_KEY is empty"),
        ({"smtp_host": ""}, "PAPERCLUB_SMTP_HOST is missing beside PAPERCLUB_MAIL_FROM"),
        ({"smtp_password": SecretStr("x")}, "PAPERCLUB_SMTP_USER is missing"),
        ({"smtp_host": "mail.example.org", "smtp_user": "x"}, "would be sent for everybody to read"),
        (
            {"smtp_security": Security.TLS, "smtp_ca_file": "/nowhere"},
            "PAPERCLUB_SMTP_CA_FILE cannot be read",
        ),
    ],
)
def test_settings_that_do_not_fit_are_named(settings, changed, said):
    server = MailServer(port=25)
    with pytest.raises(UserError, match=said):
        surfaces_set_up(mail_settings(settings, server, **changed))


async def test_a_mail_that_comes_back_stops_its_mailbox(office):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    said = await take_in(office.settings, io.BytesIO(bounce(mail.sender)), "")
    assert f"channel {mailbox.id}" in said
    assert await office.topics(mailbox) == []
    assert await office.mailed(hours=48) == []


async def test_the_message_id_is_the_name_by_which_a_report_finds_the_mailbox(office):
    mailbox = await office.confirmed()
    [mail] = await office.mailed()
    token = mail.message["Message-ID"].strip("<>").partition("@")[0]
    await take_in(office.settings, io.BytesIO(complaint(token=token)), "")
    assert await office.topics(mailbox) == []
