from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.document import Span
from papers.marking import BESIDE, NEAR, NEAR_IF_SURE, SURE, joined, marks
from papers.vectors import Floats

TEXT = "ships send messages, and boats (many) sink"
WORDS = [Span(0, 5), Span(6, 10), Span(11, 19), Span(25, 30)]


def cosines(*columns: tuple[float, ...]) -> Floats:
    """Return a row for each word, with a column for each word of the query."""
    return np.array(columns, np.float32).T


def said(spans: tuple[Span, ...]) -> list[str]:
    return [TEXT[start:end] for start, end in spans]


def test_each_word_of_a_query_marks_the_nearest_one() -> None:
    near = cosines((0.4, 0.0, 0.3, 0.1), (0.1, 0.2, 0.1, NEAR + 0.01))
    assert said(marks(TEXT, WORDS, near, [])) == ["ships", "boats"]


def test_a_sentence_about_the_query_marks_words_that_are_less_near() -> None:
    less = cosines((0.4, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, NEAR_IF_SURE + 0.01))
    assert said(marks(TEXT, WORDS, less, [])) == []
    assert said(marks(TEXT, WORDS, less, [WORDS[0]])) == ["ships", "boats"]
    sure = cosines((SURE + 0.01, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, NEAR_IF_SURE + 0.01))
    assert said(marks(TEXT, WORDS, sure, [])) == ["ships", "boats"]
    nothing = cosines((SURE + 0.01, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, NEAR_IF_SURE - 0.01))
    assert said(marks(TEXT, WORDS, nothing, [])) == ["ships"]


def test_a_mark_grows_by_the_words_beside_it_and_not_over_a_clause() -> None:
    beside = cosines((SURE + 0.01, BESIDE + 0.01, BESIDE + 0.02, BESIDE + 0.01))
    assert said(marks(TEXT, WORDS, beside, [])) == ["ships send messages"]
    assert said(marks(TEXT, WORDS, beside, [WORDS[0]])) == ["ships"], "the query's own words are enough"
    far = cosines((SURE + 0.01, BESIDE - 0.01, BESIDE + 0.02, 0.0))
    assert said(marks(TEXT, WORDS, far, [])) == ["ships"]


@pytest.mark.parametrize(("best", "shown"), [(SURE - 0.01, []), (SURE + 0.01, ["messages"])])
def test_one_word_is_marked_alone_only_if_it_is_really_near(best: float, shown: list[str]) -> None:
    assert said(marks(TEXT, WORDS, cosines((0.0, 0.0, best, 0.0)), [])) == shown


def test_a_stray_word_stays_beside_a_shared_one() -> None:
    near = cosines((0.0, 0.0, 0.0, NEAR + 0.01))
    assert said(marks(TEXT, WORDS, near, [WORDS[0]])) == ["ships", "boats"]


def test_neighbours_are_one_mark_and_clauses_stay_apart() -> None:
    assert said(joined(TEXT, [WORDS[0], WORDS[2], WORDS[3], Span(38, 42)])) == [
        "ships send messages",
        "boats",
        "sink",
    ]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (4, 0)])
def test_nothing_to_compare_marks_nothing(shape: tuple[int, int]) -> None:
    assert marks(TEXT, WORDS[: shape[0]], np.zeros(shape, np.float32), []) == ()


@given(st.lists(st.tuples(st.integers(0, 41), st.integers(1, 9)).map(lambda each: Span(each[0], sum(each)))))
def test_joined_spans_are_in_order_apart_and_cover_what_was_given(found: list[Span]) -> None:
    spans = joined(TEXT, sorted(found))
    assert list(spans) == sorted(spans)
    assert all(before.end < behind.start for before, behind in pairwise(spans))
    covered = {place for start, end in spans for place in range(start, end)}
    assert covered.issuperset(place for start, end in found for place in range(start, end))
