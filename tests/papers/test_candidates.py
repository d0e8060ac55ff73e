import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.ranking import COSINE, DEPTH, NEAR, RERANKED_COSINE, WORDS, Candidates

COSINES = st.floats(-1, 1, width=32)


def test_shares_of_the_best_and_cosines_are_added_up() -> None:
    found = Candidates({1: 20.0, 2: 10.0}, {1: 0.2, 2: 0.8, 3: 0.4}).ranked(None)
    assert [paper_id for paper_id, _ in found] == [2, 1, 3]
    assert [score for _, score in found] == pytest.approx(
        [(0.5 + COSINE * 0.8) / (1 + COSINE), (1 + COSINE * 0.2) / (1 + COSINE), COSINE * 0.4 / (1 + COSINE)]
    )


def test_words_rank_once_more() -> None:
    found = Candidates({1: 20.0, 2: 20.0}, {1: 0.5, 2: 0.4}).ranked(lambda _: np.array([0.2, 0.9]))
    whole = 1 + RERANKED_COSINE + WORDS
    assert [paper_id for paper_id, _ in found] == [2, 1]
    assert found[0][1] == pytest.approx((1 + RERANKED_COSINE * 0.4 + WORDS * 0.9) / whole)


def test_a_paper_without_vectors_counts_as_near_as_the_others() -> None:
    found = Candidates({1: 9.0, 2: 10.0, 3: 1.0}, {1: 0.5, 3: 0.5}).ranked(
        lambda paper_ids: np.array([np.nan if each == 2 else 0.6 for each in paper_ids], np.float32)
    )
    assert [paper_id for paper_id, _ in found] == [2, 1, 3]
    assert Candidates({7: 3.0}, {}).ranked(lambda _: np.array([np.nan], np.float32))[0][1] > 0


def test_in_unknown_letters_words_count_and_cosines_order_equals() -> None:
    found = Candidates({1: 5.0, 2: 5.0, 3: 4.0}, {1: 0.1, 2: 0.3, 3: 0.9, 4: 0.95}).by_words()
    assert [paper_id for paper_id, _ in found] == [2, 1, 3, 4]


def test_what_is_only_a_little_near_and_has_none_of_the_words_is_left_out() -> None:
    found = Candidates({1: 1.0}, {1: 0.0, 2: NEAR - 0.01, 3: NEAR}).ranked(None)
    assert {paper_id for paper_id, _ in found} == {1, 3}
    assert Candidates({}, {2: NEAR - 0.01}).ranked(None) == []


@given(
    words=st.dictionaries(st.integers(0, 300), st.floats(0, 50), max_size=150),
    cosines=st.dictionaries(st.integers(0, 300), COSINES, max_size=300),
    compared=st.none() | st.integers(0, 1000),
)
def test_all_are_ranked_once_and_scores_fall_from_1_to_0(
    words: dict[int, float], cosines: dict[int, float], compared: int | None
) -> None:
    def word_scores(paper_ids: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        assert len(paper_ids) <= DEPTH
        return np.random.default_rng(compared).uniform(-1, 1, len(paper_ids)).astype(np.float32)

    found = Candidates(words, cosines).ranked(None if compared is None else word_scores)
    near = {paper_id for paper_id, cosine in cosines.items() if cosine >= NEAR}
    assert sorted(paper_id for paper_id, _ in found) == sorted(words.keys() | near)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
