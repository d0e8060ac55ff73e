import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from adapters.email.addresses import Sender
from adapters.email.outbound.message import Envelope, mail
from adapters.email.render.parts import as_text, mail_page
from adapters.email.render.replies import render
from bot.protocol.replies import Digest, DigestSection, Notice, PaperCard
from tests.reply_samples import BARE, HITS, MARKED_RESULTS, PAPER, REPLIES, SAID, poisoned

SENDER = Sender("Paperclub", "papers@example.org", "bounces@example.org")
AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
NOT_IN_MAIL = {
    "Each paper follows in this message's thread, to vote on.",
    "in the thread of the day's first message (threaded)",
}
"""What other surfaces say of their threads."""
POISON = "</td><script>alert(1)</script>\r\nBcc: eve@example.org\r\n\r\n\u202eevil"


def parsed(reply, stop="https://papers.example.org/mail/stop/x"):
    raw = mail(render(reply), Envelope("ada@example.org", "token-1", AT, stop), SENDER)
    return message_from_bytes(raw, policy=policy.default)


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", REPLIES)
def test_every_meaning_says_what_it_says_elsewhere(name):
    content = render(REPLIES[name])
    text = flat(as_text(content.parts))
    shown = flat(HTMLParser(mail_page(content.subject, content.parts)).text())
    for said in SAID[name]:
        if said in NOT_IN_MAIL:
            continue
        for word in said.replace("…", "").split(" "):
            assert word.strip("`") in text.replace("`", ""), f"{said} in the text"
            assert word.strip("`") in shown.replace("`", ""), f"{said} in the HTML"


@pytest.mark.parametrize("name", REPLIES)
def test_foreign_text_is_escaped_and_makes_no_header(name):
    message = parsed(poisoned(REPLIES[name], POISON))
    assert sorted(set(message.keys())) == sorted(set(parsed(REPLIES[name]).keys()))
    assert "Bcc" not in message
    shown = message.get_body(("html",)).get_content()
    assert "<script" not in shown
    assert "\u202e" not in shown
    assert HTMLParser(shown).css("script") == []
    addresses = [each.attributes.get("href") for each in HTMLParser(shown).css("a")]
    assert all(each.startswith("https://") for each in addresses)


def test_a_digest_is_one_mail_with_its_papers_and_their_abstracts():
    message = parsed(REPLIES["digest"])
    assert message["Subject"] == "Papers for Wed 25 Nov 2026 · 3 papers"
    text = flat(message.get_body(("plain",)).get_content())
    shown = message.get_body(("html",)).get_content()
    for each in (PAPER, BARE):
        assert flat(each.title) in text
        assert html.escape(each.title) in shown
    assert PAPER.link in text
    assert f'href="{PAPER.link}"' in shown


def test_what_mail_programs_need_is_there():
    message = parsed(REPLIES["digest"])
    assert message["Message-ID"] == "<token-1@example.org>"
    assert message["List-Unsubscribe"] == "<https://papers.example.org/mail/stop/x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<papers.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["From"].addresses[0].addr_spec == "papers@example.org"
    assert message["To"].addresses[0].addr_spec == "ada@example.org"
    assert message["Date"].datetime == AT
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_mail_that_was_asked_for_by_itself_is_no_list():
    message = parsed(REPLIES["done"], stop="")
    assert not [name for name in message if name.startswith("List-")]


def test_a_long_link_to_unsubscribe_stays_on_its_line():
    stop = f"https://papers.example.org/mail/stop/{'x' * 600}"
    raw = mail(render(REPLIES["digest"]), Envelope("ada@example.org", "t", AT, stop), SENDER)
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in raw


@pytest.mark.parametrize(
    "title", ["x" * 3000, "Ж" * 400, "深層学習 " * 100, "a\nb\rc\x00d\u2028e", "👍" * 90]
)
def test_odd_titles_make_a_good_mail(title):
    card = PaperCard(replace(PAPER, title=title))
    raw = mail(render(card), Envelope("ada@example.org", "t", AT), replace(SENDER, name="Zoë Ж"))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = message_from_bytes(raw, policy=policy.default)
    assert message.defects == []
    assert 0 < len(message["Subject"]) <= 120
    assert message["From"].addresses[0].display_name == "Zoë Ж"


def test_the_html_is_narrow_and_loads_nothing():
    shown = parsed(REPLIES["digest"]).get_body(("html",)).get_content()
    assert "max-width:600px" in shown
    assert not re.search(r"<img|<link|<script|url\(|background", shown)
    assert '<meta name="color-scheme" content="light dark">' in shown


def test_a_papers_link_that_is_no_web_address_is_left_out():
    card = PaperCard(replace(BARE, links=("javascript:alert(1)",)))
    assert "javascript" not in parsed(card).as_string()


def test_an_empty_notice_has_a_subject():
    assert render(Notice(" ")).subject == "Paperclub"


def test_a_digest_without_links_of_a_mailbox_offers_no_votes():
    content = render(Digest(AT.date(), (DigestSection("experts", HITS),)))
    assert "Up-vote" not in as_text(content.parts)


def test_words_that_answer_stand_out_in_html_alone():
    content = render(MARKED_RESULTS)
    shown = mail_page(content.subject, content.parts)
    assert "“How <strong>low</strong>-rank &lt;<strong>experts</strong>&gt; are *routed*.”" in shown
    assert "“How low-rank <experts> are *routed*.”" in as_text(content.parts)
