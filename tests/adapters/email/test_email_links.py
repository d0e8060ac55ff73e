import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.email.links import _LASTS, Links, MailboxLinks, Purpose
from adapters.email.outbound.confirmation import from_content, to_content
from app.secrets import FernetSecrets
from bot.domain.account import Identity
from bot.domain.channel import Platform
from bot.domain.errors import UserError
from bot.domain.mailbox import MailboxRequest, mail_address
from bot.domain.vote import Vote

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
OWNER = {"workspace": "team-1", "address": "ada@example.org"}


class Clock:
    def __init__(self):
        self.time = NOW

    def now(self):
        return self.time


def links(letter=b"k", clock=None):
    secrets = FernetSecrets(SecretStr(base64.urlsafe_b64encode(letter * 32).decode()))
    return Links("https://papers.example.org/", secrets, clock or Clock())


LINKS = links()
SEAL = LINKS.seal(Purpose.VOTE, OWNER | {"paper": "57", "value": "up"})


@given(st.sampled_from(Purpose), st.dictionaries(st.text(max_size=8), st.text(max_size=40), max_size=6))
def test_a_link_is_read_as_it_was_made(purpose, content):
    assert LINKS.read(purpose, LINKS.seal(purpose, content)) == content


@given(st.integers(0, len(SEAL) - 1), st.characters() | st.sampled_from(ALPHABET))
def test_a_link_with_any_sign_changed_is_refused(at, character):
    changed = SEAL[:at] + character + SEAL[at + 1 :]
    if changed != SEAL:
        with pytest.raises(UserError):
            LINKS.read(Purpose.VOTE, changed)


@pytest.mark.parametrize("at", range(len(SEAL)))
def test_no_sign_of_a_link_has_a_spare_bit(at):
    for character in ALPHABET:
        changed = SEAL[:at] + character + SEAL[at + 1 :]
        if changed != SEAL:
            with pytest.raises(UserError):
                LINKS.read(Purpose.VOTE, changed)


@given(st.integers(0, len(SEAL)), st.text(max_size=4))
def test_a_link_that_was_cut_or_grown_is_refused(at, more):
    for changed in (SEAL[:at], SEAL[:at] + more + SEAL[at:], SEAL + more):
        if changed != SEAL:
            with pytest.raises(UserError):
                LINKS.read(Purpose.VOTE, changed)


@given(st.text(max_size=400))
def test_no_other_text_is_a_link(text):
    for purpose in Purpose:
        with pytest.raises(UserError):
            LINKS.read(purpose, text)


@given(st.sampled_from(Purpose), st.sampled_from(Purpose))
def test_a_link_is_good_for_its_purpose_alone(one, other):
    seal = LINKS.seal(one, OWNER)
    if one is other:
        assert LINKS.read(one, seal) == OWNER
    else:
        with pytest.raises(UserError):
            LINKS.read(other, seal)


@given(st.sampled_from(Purpose), st.integers(0, 400_000_000))
def test_a_link_ends_when_its_time_is_over(purpose, seconds):
    clock = Clock()
    made = links(clock=clock)
    seal = made.seal(purpose, OWNER)
    clock.time = NOW + timedelta(seconds=seconds)
    if timedelta(seconds=seconds) <= _LASTS[purpose]:
        assert made.read(purpose, seal) == OWNER
    else:
        with pytest.raises(UserError, match="expired"):
            made.read(purpose, seal)


def test_what_another_key_or_another_use_of_ours_made_is_no_link():
    secrets = FernetSecrets(SecretStr(base64.urlsafe_b64encode(b"k" * 32).decode()))
    for foreign in (
        links(b"n").seal(Purpose.STOP, OWNER),
        secrets.sign("stop", NOW),
        secrets.encrypt('{"purpose": "stop"}').decode().rstrip("="),
    ):
        with pytest.raises(UserError):
            LINKS.read(Purpose.STOP, foreign)


def test_a_link_hides_whose_it_is():
    address = MailboxLinks(LINKS, "team-1", "ada@example.org").vote(57, Vote.UP)
    assert address.startswith("https://papers.example.org/mail/vote/")
    assert "ada" not in address


def test_one_mailboxs_link_acts_for_no_other():
    one, other = (MailboxLinks(LINKS, "team-1", f"{name}@example.org") for name in ("ada", "bob"))
    contents = [LINKS.read(Purpose.STOP, each.stop.rpartition("/")[2]) for each in (one, other)]
    assert [each["address"] for each in contents] == ["ada@example.org", "bob@example.org"]


@pytest.mark.parametrize("asker", [None, Identity(Platform("slack"), "T1", "U1", "Zoë")])
def test_a_request_survives_its_link(asker):
    request = MailboxRequest("a@b.org", ("one, two", "Ж"), {"at": "09:00"}, asker is None, asker and 3, asker)
    seal = LINKS.seal(Purpose.CONFIRM, to_content(request))
    assert from_content(LINKS.read(Purpose.CONFIRM, seal)) == request


@given(st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=120), min_size=1, max_size=5))
@example(["专家混合模型" * 20] * 5)
@example(["Ж" * 300] * 5)
def test_a_request_in_any_script_gets_a_link_that_works(topics):
    asker = Identity(Platform("slack"), "T1", "U1", "李明")
    request = MailboxRequest("a@b.org", tuple(topics), {"at": "09:00"}, team_id=3, asked_by=asker)
    seal = LINKS.seal(Purpose.CONFIRM, to_content(request))
    assert from_content(LINKS.read(Purpose.CONFIRM, seal)) == request


@given(st.integers(0, 8000), st.sampled_from("aЖ专\n"))
@example(4000, "a")
@example(5000, "a")
def test_a_link_is_refused_when_it_is_made_or_it_works(length, letter):
    content = OWNER | {"more": letter * length}
    try:
        seal = LINKS.seal(Purpose.CONFIRM, content)
    except UserError:
        assert length > 700
    else:
        assert LINKS.read(Purpose.CONFIRM, seal) == content


@pytest.mark.parametrize("letter", "aЖ专")
def test_whoever_asks_for_too_much_hears_what_to_do(letter):
    with pytest.raises(UserError, match="too long for the link of a mail"):
        LINKS.seal(Purpose.CONFIRM, OWNER | {"more": letter * 5000})


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("a+b@bücher.example", "a+b@xn--bcher-kva.example"),
        ("o'neil@x.org", "o'neil@x.org"),
    ],
)
def test_an_address_has_one_form(given_as, kept):
    assert mail_address(given_as) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "a@",
        "@b.org",
        "a@b",
        "a b@c.org",
        "a@b..org",
        "a@-b.org",
        ".a@b.org",
        "a..b@c.org",
        '"a b"@c.org',
        "жук@b.org",
        "a@b.org\nBcc: c@d.org",
        "a@b.org,c@d.org",
        f"{'a' * 65}@b.org",
        f"a@{'b.' * 130}org",
        "a@b_c.org",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="no mail address"):
        mail_address(text)


@given(st.text(max_size=80))
def test_an_address_never_has_what_a_header_or_a_server_obeys(text):
    try:
        address = mail_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert not set(address) & set(' \r\n\t<>,;:"()[]\\\0')
    assert mail_address(address) == address
