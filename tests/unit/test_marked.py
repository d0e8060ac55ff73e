from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.document import Span
from bot.protocol.marked import Piece, clean_pieces, pieces, quote
from bot.protocol.wording import cleaned, quoted, shortened

SENTENCES = st.text(st.sampled_from("ab .,\u200b\u200d\xad\x07\n\u0e01*<é") | st.characters(), max_size=40)
MARKS = st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)).map(lambda each: Span(*each)), max_size=6)


def joined(found: list[Piece]) -> str:
    return "".join(piece.text for piece in found)


@given(SENTENCES, MARKS)
def test_pieces_together_are_the_text_and_none_is_empty(text, marks):
    found = pieces(text, marks)
    assert joined(found) == text
    assert all(piece.text for piece in found)
    assert all(before.marked != behind.marked for before, behind in pairwise(found))


@given(SENTENCES, MARKS)
def test_what_a_mark_covers_is_marked_and_nothing_else(text, marks):
    covered = {place for start, end in marks for place in range(start, min(end, len(text)))}
    drawn = [piece.marked for piece in pieces(text, marks) for _ in piece.text]
    assert {place for place, is_marked in enumerate(drawn) if is_marked} == covered


@given(SENTENCES, MARKS, st.none() | st.integers(20, 60))
def test_a_quote_says_what_the_sentence_says(sentence, marks, length):
    whole = quoted(cleaned(sentence))
    found = quote(sentence, marks, length)
    assert joined(found) == (whole if length is None else shortened(whole, length))
    assert all(piece.text for piece in found)
    assert joined(clean_pieces(sentence, marks)) == cleaned(sentence)


@pytest.mark.parametrize(
    "sentence", ["a \u200b  routed\xad token", " a\x00 routed token", "a\nrouted  token"]
)
@pytest.mark.parametrize("word", ["routed", "token"])
def test_cleaning_moves_the_marks_with_their_words(sentence, word):
    start = sentence.index(word)
    marked = [piece.text for piece in quote(sentence, [Span(start, start + len(word))]) if piece.marked]
    assert marked == [word]


def test_shortening_cuts_the_last_mark_and_leaves_the_ellipsis_unmarked():
    sentence = "many experts are routed by what their tokens mean"
    found = quote(sentence, [Span(5, 12), Span(17, 34), Span(38, 44)], 30)
    assert found == [
        Piece("“many "),
        Piece("experts", marked=True),
        Piece(" are "),
        Piece("routed by", marked=True),
        Piece("…"),
    ]
