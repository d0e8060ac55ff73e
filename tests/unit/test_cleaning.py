"""Foreign text is cleaned on its way in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.channel import Origin
from bot.domain.cleaning import DEEPEST, clean, clean_text
from bot.domain.errors import SourceUnavailable, UserError
from bot.domain.identifiers import parse
from bot.domain.message import MessageRef
from bot.domain.paper import PaperDraft
from bot.protocol.actions import Save
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import ActionPressed, CommandInvoked, SuggestionsRequested, Uninstalled

SEEN_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Signs that Unicode counts among format characters, and fonts draw."""


@pytest.mark.parametrize(
    ("raw", "clean_"),
    [
        ("a\0b\x07\x9bc", "abc"),
        ("half \ud800 pair", "half  pair"),
        ("\x1b]0;title\x07\x1b[2J", "]0;title[2J"),
        ("abc\u202edef\u2066ghi\u200f", "abcdefghi"),
        ("gra\u200bph\ufeff\u00ad\u2060", "graph"),
        ("pay\u200dpal", "paypal"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d🔬 👍\ufe0f 👍🏽", "👩\u200d🔬 👍\ufe0f 👍🏽"),
        ("one\r\ntwo\rthree\u2028four\x85five\x0bsix", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("keeps\ttabs and  spaces ", "keeps\ttabs and  spaces "),
        ("👍\U000e0041\U000e0042", "👍"),
        ("\uffff\ufdd0\U0001fffe", ""),
        (SEEN_FORMATS, SEEN_FORMATS),
    ],
)
def test_what_nobody_sees_is_left_out(raw, clean_):
    assert clean_text(raw) == clean_


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Cf"])))
def test_clean_text_stays_clean_and_can_be_written_down(raw):
    text = clean_text(raw)
    assert clean_text(text) == text
    text.encode()
    assert not any(
        unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in text if each not in "\n\t"
    )


def test_every_part_of_an_event_is_cleaned():
    origin = Origin(SLACK, "T\0", "C\0", "U\0", "An\u202en", "#pa\x1bpers")
    clean_origin = Origin(SLACK, "T", "C", "U", "Ann", "#papers")
    named = CommandInvoked(
        origin=origin, name="sub\0scribe", arguments={"top\0ic": "exp\ud800erts"}, event_id="E\0"
    )
    assert clean(named) == CommandInvoked(
        origin=clean_origin, name="subscribe", arguments={"topic": "experts"}, event_id="E"
    )
    typed = SuggestionsRequested(origin=origin, kind=SuggestionKind.TOPIC, prefix="a\0")
    assert clean(typed) == SuggestionsRequested(origin=clean_origin, kind=SuggestionKind.TOPIC, prefix="a")
    pressed = ActionPressed(origin=clean_origin, action=Save(1))
    assert clean(pressed) is pressed, "what is clean stays as it is"


def test_every_part_of_a_paper_is_cleaned():
    draft = PaperDraft("Ti\0tle", "", "file", authors=("A\ud800nn",), links=("https://a.example/\0b",))
    assert clean(draft) == PaperDraft("Title", "", "file", authors=("Ann",), links=("https://a.example/b",))


def test_payloads_are_cleaned_as_far_as_they_are_nested():
    assert clean({"a\0": ["\0b", 1, None, True, {"c": "\0"}]}) == {"a": ["b", 1, None, True, {"c": ""}]}
    deep = []
    for _ in range(5000):
        deep = [deep]
    cleaned, depth = clean(deep), 0
    while cleaned:
        (cleaned,), depth = cleaned, depth + 1
    assert depth == DEEPEST


def test_errors_quote_others_without_what_nobody_sees():
    assert str(UserError("“\x1b[2J” means nothing here.")) == "“[2J” means nothing here."
    failure = SourceUnavailable("arxiv", "it says \0no")
    assert (failure.detail, str(failure)) == ("it says no", "arxiv: it says no")


def test_a_link_hides_nothing_in_a_doi():
    assert str(parse("https://doi.org/10.1000/x%00y")) == "doi:10.1000/xy"
    assert str(parse("https://doi.org/10.1000/x%E2%80%AEy")) == "doi:10.1000/xy"


@pytest.mark.parametrize("odd", [None, 5, {}, ["U1"]])
def test_ids_that_are_no_texts_are_refused_where_they_come_in(odd):
    with pytest.raises(TypeError):
        Origin(SLACK, "T1", "C1", odd)
    with pytest.raises(TypeError):
        MessageRef("C1", odd)
    with pytest.raises(TypeError):
        Uninstalled(platform=DISCORD, workspace=odd)
