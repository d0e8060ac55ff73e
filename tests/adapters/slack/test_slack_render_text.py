import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.limits import ADDRESS_LINKED
from adapters.slack.render.text import (
    code,
    command,
    escaped,
    fitted,
    inert,
    linked,
    matched,
    prose,
    unmarked,
    web_address,
)
from bot.domain.document import Span
from bot.protocol.wording import cleaned
from tests.reply_samples import MARKED_HIT

PIECES = [*"*_~`|:@<>& aé", "```", "&lt;", "<!channel>", "<@U1>"]
NASTY = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)
MARKS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda each: Span(*each)), max_size=4)
LIKES = str.maketrans("\u2217\u223c\u02cb\u2223\u02cd", "*~`|_", "\u200b")


@given(NASTY)
def test_inert_text_holds_nothing_that_slack_reads(raw):
    text = inert(raw)
    assert not set("*~`|<>") & set(text)
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert not re.search(r"(?<![0-9A-Za-z])_", text)
    assert not re.search(r":[^\s:]+:", text.replace("\u200b", " "))
    assert not re.search(r"(?<!\w)@\w", text)
    assert not text.startswith("&gt;")


@given(NASTY)
def test_inert_text_reads_as_before(raw):
    assert unescape(inert(raw)).translate(LIKES) == cleaned(raw).translate(LIKES)
    assert unescape(escaped(raw)) == cleaned(raw)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Attention Is All You Need", "Attention Is All You Need"),
        ("Q&A <b>", "Q&amp;A &lt;b&gt;"),
        ("<!channel> <@U123|ada>", "&lt;!channel&gt; &lt;@\u200bU123\u2223ada&gt;"),
        ("@here, ada@example.org", "@\u200bhere, ada@example.org"),
        ("*bold* _slanted_ ~gone~", "\u2217bold\u2217 \u02cdslanted_ \u223cgone\u223c"),
        ("snake_case", "snake_case"),
        ("a :tada: at 10:30", "a :\u200btada: at 10:30"),
        ("> quoted", "\u200b&gt; quoted"),
    ],
)
def test_what_becomes_of_signs(raw, shown):
    assert inert(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("See all with `help`.", "See all with `/papers help`."),
        ("Or `search a & b`, or `add LINK`", "Or `/papers search a &amp; b`, or `/papers add LINK`"),
        ("`min:` needs a value.", "`min:` needs a value."),
        ("Type `/invite @paperclub`.", "Type `/invite @paperclub`."),
        ("an open ` tick", "an open \u02cb tick"),
        ("a`*b*`c", "a\u02cb\u2217b\u2217\u02cbc"),
        ("` `", "\u02cb \u02cb"),
        ("`<!here>`", "`&lt;!here&gt;`"),
        ("*x* `y` *z*", "\u2217x\u2217 `y` \u2217z\u2217"),
    ],
)
def test_what_can_be_typed_is_code_and_reads_right_for_slack(raw, shown):
    assert prose(raw) == shown


@given(NASTY)
def test_prose_holds_no_marks_but_code(raw):
    around = re.sub(r"`[^`]+`", "", prose(raw))
    assert not set("*~`|<>") & set(around)
    assert "<" not in prose(raw)


@given(NASTY, st.integers(20, 60), st.sampled_from([inert, escaped, prose, code, command]))
def test_fitted_text_has_room_for_its_escapes(raw, length, how):
    assert len(fitted(raw, length, how)) <= length


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://arxiv.org/abs/2401.00001", "https://arxiv.org/abs/2401.00001"),
        ("http://example.org/a?b=1&c=2", "http://example.org/a?b=1&amp;c=2"),
        ("https://example.org/a|b>c*d e", "https://example.org/a%7Cb%3Ec%2Ad%20e"),
        ("https://example.org/%7Cé", "https://example.org/%7C%C3%A9"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("slack://open", None),
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
    assert linked("label", address) == (f"<{target}|label>" if target else "label")


def test_unmarked_text_says_the_same():
    assert unmarked("1. *<https://x.org|A &amp; B>*\n>“so” `code`") == "1. A &amp; B\n“so” code"


def test_words_that_answer_are_bold_at_the_edge_of_a_word():
    shown = matched(MARKED_HIT, 100)
    assert shown == ("“How *low*\u200b-rank &lt;\u200b*experts*\u200b\u200b&gt; are \u2217routed\u2217.”")


@given(NASTY, MARKS, st.integers(20, 60))
def test_a_marked_sentence_fits_and_reads_as_before(raw, marks, length):
    hit = replace(MARKED_HIT, sentence=raw, marks=tuple(marks))
    shown = matched(hit, length)
    assert len(shown) <= length
    assert "*" not in re.sub(r"(?<![^\W_])\*[^*\s](?:[^*]*[^*\s])?\*(?![^\W_])", "", shown)
    whole = matched(hit, 10_000)
    plain = unescape(re.sub(r"[*\u200b]", "", whole)).translate(LIKES)
    assert plain == (f"“{cleaned(raw)}”" if raw else "").translate(LIKES)
