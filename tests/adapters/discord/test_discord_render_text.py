import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.discord.limits import ADDRESS_LINKED
from adapters.discord.render.text import (
    code,
    command,
    fitted,
    inert,
    link_label,
    linked,
    matched,
    permalink,
    prose,
    web_address,
)
from bot.domain.document import Span
from bot.domain.message import MessageRef
from bot.protocol.wording import cleaned
from tests.reply_samples import MARKED_HIT

PIECES = [*"\\*_~`|<>[]()#+-:@& aé1.", "```", "@everyone", "<@1>", "https://x.org", ":tada:"]
NASTY = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)
MARKS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda each: Span(*each)), max_size=4)
LIKES = str.maketrans("\u29f5\u2217\u223c\u02cb\u2223\u2039\u203a\uff3b\uff3d\u02cd", "\\*~`|<>[]_")


def unescaped(text):
    return re.sub(r"\\(.)", r"\1", text).replace("\u200b", "")


@given(NASTY)
def test_inert_text_reads_as_before(raw):
    assert unescaped(inert(raw)) == cleaned(raw).replace("\u200b", "")


@given(NASTY)
@example("_@everyone")
@example("a@everyone")
@example("@\\a")
def test_inert_text_holds_nothing_that_discord_reads(raw):
    bare = re.sub(r"\\.", "\0", inert(raw))
    assert not set("*_~`|<>[]") & set(bare)
    assert not re.search(r"(?<!\w)@\w", bare)
    assert "://" not in bare
    assert not re.search(r":[^\s:\u200b]+:", bare)
    assert not re.match(r"[#+-]|\d+\.", inert(raw))


@given(NASTY)
def test_a_links_label_holds_no_sign_and_no_backslash(raw):
    text = link_label(raw)
    assert not set("\\*~`|<>[]") & set(text)
    assert not re.search(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])", text)
    assert "://" not in text
    assert text.translate(LIKES).replace("\u200b", "") == cleaned(raw).translate(LIKES).replace("\u200b", "")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Attention Is All You Need", "Attention Is All You Need"),
        ("Q&A <b>", "Q&A \\<b\\>"),
        ("@everyone, ada@example.org", "@\u200beveryone, ada@example.org"),
        ("<@123> <#5>", "\\<@\u200b123\\> \\<#5\\>"),
        ("*bold* snake_case", "\\*bold\\* snake\\_case"),
        ("a :tada: at 10:30", "a :\u200btada: at 10:30"),
        ("# no heading", "\\# no heading"),
        ("-# nor small", "\\-# nor small"),
        ("1. nor a list", "1\\. nor a list"),
        ("> quoted", "\\> quoted"),
        ("see https://x.org/a", "see https:\u200b//x.org/a"),
        ("[x](y)", "\\[x\\](y)"),
    ],
)
def test_what_becomes_of_signs(raw, shown):
    assert inert(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("See all with `help`.", "See all with `/papers help`."),
        ("Or `search a & b`, or `add LINK`", "Or `/papers search query:a & b`, or `/papers add link:LINK`"),
        ("`vote PAPER [up|down|none]`", "`/papers vote paper:PAPER [value:up|down|none]`"),
        ("`vote #57 down`", "`/papers vote paper:#57 value:down`"),
        ('`discuss #57 say:"Is it so?"`', "`/papers discuss paper:#57 say:Is it so?`"),
        ("`subscribe deep cats at:09:00`", "`/papers subscribe topic:deep cats at:09:00`"),
        ("`subscribe TOPIC [at:09:00]`", "`/papers subscribe topic:TOPIC [at:09:00]`"),
        ('`search "top:3" cats`', "`/papers search query:top:3 cats`"),
        ("`saved page:2`", "`/papers saved page:2`"),
        ("`min:` needs a value.", "`min:` needs a value."),
        ("an open ` tick", "an open \\` tick"),
        ("`<@1>`", "`<@1>`"),
        ("*x* `y` *z*", "\\*x\\* `y` \\*z\\*"),
    ],
)
def test_what_can_be_typed_is_code_and_reads_right_for_discord(raw, shown):
    assert prose(raw) == shown


@given(NASTY, st.integers(20, 60), st.sampled_from([inert, link_label, prose, code, command]))
def test_fitted_text_has_room_for_its_escapes(raw, length, how):
    assert len(fitted(raw, length, how)) <= length


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://arxiv.org/abs/2401.00001", "https://arxiv.org/abs/2401.00001"),
        ("http://example.org/a?b=1&c=2", "http://example.org/a?b=1&c=2"),
        ("https://example.org/a(b)[c]<d> e", "https://example.org/a%28b%29%5Bc%5D%3Cd%3E%20e"),
        ("javascript:alert(1)", None),
        ("discord://x", None),
        ("https://", None),
        ("http://[", None),
        ("no address", None),
        ("", None),
        (None, None),
        ("https://example.org/" + "x" * ADDRESS_LINKED, None),
    ],
)
def test_only_the_web_is_linked(address, target):
    assert web_address(address) == target
    assert linked("a_b_", 50, address) == (f"[a_b\u02cd]({target})" if target else "a\\_b\\_")


def test_messages_are_linked_to_where_they_stand():
    assert permalink("1", MessageRef("2", "3")) == "https://discord.com/channels/1/2/3"
    assert permalink("1", MessageRef("2", "3", "4")) == "https://discord.com/channels/1/4/3"
    assert permalink("", MessageRef("2", "3")) is None
    assert permalink("1", None) is None


def test_words_that_answer_are_bold():
    assert matched(MARKED_HIT, 100) == r"“How **low**\-rank \<**experts**\> are \*routed\*.”"


@given(NASTY, MARKS, st.integers(20, 60))
def test_a_marked_sentence_fits_and_reads_as_before(raw, marks, length):
    hit = replace(MARKED_HIT, sentence=raw, marks=tuple(marks))
    assert len(matched(hit, length)) <= length
    bare = re.sub(r"\\.", "\0", matched(hit, length))
    assert "*" not in re.sub(r"\*\*[^*\s](?:[^*]*[^*\s])?\*\*", "", bare)
    whole = re.sub(r"\\(.)|\*\*|\u200b", r"\1", matched(hit, 10_000))
    assert whole == (f"“{cleaned(raw)}”" if raw else "").replace("\u200b", "")
