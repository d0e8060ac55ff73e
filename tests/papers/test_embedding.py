import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.embedding import MiniLM
from papers.text import sentences
from papers.vectors import Floats, nearest_sentences, normalised, pack, unpack, word_scores

PAPERS = (
    (
        "Keeping fewer experts in memory",
        "Sparse models need much memory. A small router predicts which experts come next. Answers stay.",
    ),
    ("Cracks", "Drones photograph bridges."),
    ("A long paper", " ".join(f"Sentence number {number} says a little more." for number in range(60))),
    ("No abstract", ""),
    ("", ""),
)


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> Iterator[MiniLM]:
    model = MiniLM()
    model.warm()
    yield model
    model.close()


def row(vector: bytes) -> Floats:
    return np.frombuffer(vector, "<f4")


async def test_title_and_sentences_have_their_own_parts(model: MiniLM) -> None:
    packed = await model.papers(PAPERS)
    parts = [unpack(each, model.dimensions, model.word_dimensions).details for each in packed]
    rows = [int.from_bytes(each[:2], "little") for each in parts]
    assert rows[:2] == [4, 2]
    assert 1 < rows[2] < 61
    assert rows[3:] == [1, 0]
    queries = await model.queries(["a router foresees experts", "how much memory sparse models need"])
    assert [nearest_sentences(parts[:1], query.vector) for query in queries] == [[1], [0]]
    assert "router" in sentences(PAPERS[0][1])[1]


async def test_the_order_of_papers_does_not_matter(model: MiniLM) -> None:
    forth = await model.papers(PAPERS)
    back = await model.papers(PAPERS[::-1])
    for first, second in zip(forth, back[::-1], strict=True):
        ours, theirs = (
            row(unpack(each, model.dimensions, model.word_dimensions).vector) for each in (first, second)
        )
        assert np.allclose(ours, theirs, atol=1e-3)


async def test_waiting_queries_are_one_batch_and_papers_do_not_hold_them_up(model: MiniLM) -> None:
    await model._loaded_graph()
    papers = asyncio.create_task(model.papers(PAPERS * 20))
    found = await asyncio.gather(*(model.queries([f"query {number}"]) for number in range(40)))
    assert not papers.done()
    alone = [(await MiniLMWithoutCache.of(model).queries([f"query {number}"]))[0] for number in (0, 39)]
    assert np.allclose(row(found[0][0].vector), row(alone[0].vector), atol=5e-3)
    assert np.allclose(row(found[39][0].vector), row(alone[1].vector), atol=5e-3)
    assert len(await papers) == 20 * len(PAPERS)


class MiniLMWithoutCache(MiniLM):
    """The same loaded model, its cache off."""

    @classmethod
    def of(cls, model: MiniLM) -> "MiniLMWithoutCache":
        other = cls(cached_queries=0)
        other._graph = model._graph
        return other


async def test_asked_again_a_query_is_not_encoded_again(model: MiniLM) -> None:
    first, *_ = await model.queries(["asked twice"])
    assert (await model.queries(["asked twice"]))[0] is first
    without = MiniLMWithoutCache.of(model)
    assert (await without.queries(["asked twice"]))[0] is not (await without.queries(["asked twice"]))[0]
    without.close()


async def test_the_loop_turns_while_the_model_works(model: MiniLM) -> None:
    papers = asyncio.create_task(model.papers(PAPERS * 4))
    turns = 0
    while not papers.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 50


@pytest.mark.parametrize("words", [None, 0, 5])
def test_packing_loses_little(words: int | None) -> None:
    rows = normalised(np.random.default_rng(3).normal(size=(9, 384)).astype(np.float32))
    packed = pack(rows[0], rows, None if words is None else rows[:words, :64])
    document, details = unpack(packed, 384, 0 if words is None else 64)
    assert np.allclose(row(document), rows[0], atol=1e-4)
    for number, each in enumerate(rows[1:]):
        assert nearest_sentences([details], each.tobytes()) == [number]


def test_a_part_of_zeros_is_kept() -> None:
    rows = np.zeros((2, 384), np.float32)
    details = unpack(pack(rows[0], rows, None), 384, 0).details
    assert nearest_sentences([details, b""], np.ones(384, "<f4").tobytes()) == [0, None]
    title_alone = unpack(pack(rows[0], rows[:1], None), 384, 0).details
    assert nearest_sentences([title_alone], np.ones(384, "<f4").tobytes()) == [None]


@given(
    counts=st.lists(st.integers(0, 12), min_size=1, max_size=6),
    asked=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_words_are_compared_as_if_they_were_not_packed(counts: list[int], asked: int, seed: int) -> None:
    dice = np.random.default_rng(seed)
    title = np.ones((1, 384), np.float32)
    papers = [normalised(dice.normal(size=(count, 64)).astype(np.float32)) for count in counts]
    query = normalised(dice.normal(size=(asked, 64)).astype(np.float32))
    details = [unpack(pack(title[0], title, each), 384, 64).details for each in papers]
    for words, score in zip(papers, word_scores([*details, b""], query, 384), strict=False):
        if len(words):
            assert abs(score - (words @ query.T).max(axis=0).mean()) < 0.08
        else:
            assert np.isnan(score)


def test_a_query_without_words_is_near_to_no_word() -> None:
    title = np.ones((1, 384), np.float32)
    details = unpack(pack(title[0], title, normalised(np.ones((2, 64), np.float32))), 384, 64).details
    assert word_scores([details], np.zeros((0, 64), np.float32), 384).tolist() == [0]
