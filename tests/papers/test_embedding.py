import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from papers.embedding import MiniLM
from papers.text import sentences
from papers.vectors import Floats, nearest_sentences, normalised, pack, unpack

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
    parts = [unpack(each, model.dimensions)[1] for each in packed]
    rows = [len(each) // (model.dimensions + 2) for each in parts]
    assert rows[:2] == [4, 2]
    assert 1 < rows[2] < 61
    assert rows[3:] == [1, 0]
    queries = await model.queries(["a router foresees experts", "keeping fewer experts in memory"])
    assert [nearest_sentences(parts[:1], query) for query in queries] == [[1], [0]]
    assert "router" in sentences(PAPERS[0][1])[1]


async def test_the_order_of_papers_does_not_matter(model: MiniLM) -> None:
    forth = await model.papers(PAPERS)
    back = await model.papers(PAPERS[::-1])
    for first, second in zip(forth, back[::-1], strict=True):
        ours, theirs = (row(unpack(each, model.dimensions)[0]) for each in (first, second))
        assert np.allclose(ours, theirs, atol=1e-3)


async def test_waiting_queries_are_one_batch_and_papers_do_not_hold_them_up(model: MiniLM) -> None:
    await model._loaded_graph()
    papers = asyncio.create_task(model.papers(PAPERS * 20))
    found = await asyncio.gather(*(model.queries([f"query {number}"]) for number in range(40)))
    assert not papers.done()
    alone = [(await MiniLMWithoutCache.of(model).queries([f"query {number}"]))[0] for number in (0, 39)]
    assert np.allclose(row(found[0][0]), row(alone[0]), atol=5e-3)
    assert np.allclose(row(found[39][0]), row(alone[1]), atol=5e-3)
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


def test_packing_loses_little() -> None:
    rows = normalised(np.random.default_rng(3).normal(size=(9, 384)).astype(np.float32))
    document, parts = unpack(pack(rows[0], rows), 384)
    assert np.allclose(row(document), rows[0], atol=1e-4)
    assert len(parts) == 9 * 386
    for number, each in enumerate(rows[1:]):
        assert nearest_sentences([parts], each.tobytes()) == [number]


def test_a_part_of_zeros_is_kept() -> None:
    rows = np.zeros((2, 384), np.float32)
    _, parts = unpack(pack(rows[0], rows), 384)
    assert nearest_sentences([parts, b""], np.ones(384, "<f4").tobytes()) == [0, None]
    _, title_alone = unpack(pack(rows[0], rows[:1]), 384)
    assert nearest_sentences([title_alone], np.ones(384, "<f4").tobytes()) == [None]
