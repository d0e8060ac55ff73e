import asyncio
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.index.vectors import VectorIndex

DIMENSIONS = 8


def vectors(count: int, seed: int = 1) -> list[bytes]:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype("<f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [row.tobytes() for row in rows.astype("<f2").astype("<f4")]


def keep(
    index: VectorIndex, rows: dict[int, bytes], details: bytes = b"", team_id: int | None = None
) -> None:
    texts = {paper_id: f"{vector.hex()} {details.hex()}" for paper_id, vector in rows.items()}
    index.add({texts[paper_id]: (vector, details) for paper_id, vector in rows.items()})
    index.put(texts, team_id)


def filled(count: int) -> VectorIndex:
    index = VectorIndex(DIMENSIONS)
    texts = {10 * number: str(number) for number in range(count)}
    index.add({text: (row, text.encode()) for text, row in zip(texts.values(), vectors(count), strict=True)})
    index.put(texts)
    return index


def by_hand(query: bytes, kept: dict[int, bytes], limit: int) -> list[int]:
    scores = {
        key: float(np.frombuffer(value, "<f4") @ np.frombuffer(query, "<f4")) for key, value in kept.items()
    }
    return sorted(scores, key=lambda key: -scores[key])[:limit]


@given(
    steps=st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=80),
    allowed=st.none() | st.frozensets(st.integers(0, 35)),
    limit=st.integers(1, 12),
)
def test_nearest_agrees_with_a_count_by_hand(
    steps: list[tuple[int, bool]], allowed: frozenset[int] | None, limit: int
) -> None:
    index, kept = VectorIndex(DIMENSIONS), dict[int, bytes]()
    for seed, (paper_id, put) in enumerate(steps):
        if put:
            (kept[paper_id],) = vectors(1, seed)
            keep(index, {paper_id: kept[paper_id]})
        else:
            kept.pop(paper_id, None)
            index.remove([paper_id])
    wanted = {key: value for key, value in kept.items() if allowed is None or key in allowed}
    (query,) = vectors(1, 12345)
    found = asyncio.run(index.nearest(query, limit, allowed))
    assert [paper_id for paper_id, _ in found] == by_hand(query, wanted, limit)


async def test_growing_keeps_everything() -> None:
    index = filled(3000)
    for number, vector in enumerate(vectors(3000)):
        assert index.vector(10 * number) == vector
    assert index.details([10, 29990, 7]) == [b"1", b"2999", b""]
    assert index.vector(7) is None


@pytest.mark.parametrize("share", [3, 100, 2500])
async def test_filters_of_any_size_fill_the_list(share: int) -> None:
    index = filled(3000)
    allowed = frozenset(range(0, 10 * share, 10))
    found = await index.nearest(vectors(1, 9)[0], 50, allowed)
    assert len(found) == min(50, share)
    assert allowed.issuperset(paper_id for paper_id, _ in found)


@pytest.mark.parametrize(
    "allowed", [None, range(0, 200_000, 20), range(0, 200_000, 500), range(199_000, 200_000)]
)
async def test_shares_of_a_large_index_agree_with_a_count_by_hand(allowed: range | None) -> None:
    index, kept = filled(20_000), dict(zip(range(0, 200_000, 10), vectors(20_000), strict=True))
    gone = range(0, 200_000, 300)
    index.remove(gone)
    wanted = {key: kept[key] for key in kept if key not in gone and (allowed is None or key in allowed)}
    queries = vectors(6, seed=7)
    found = await asyncio.gather(
        *(index.nearest(query, 40, allowed and frozenset(allowed)) for query in queries)
    )
    for query, hits in zip(queries, found, strict=True):
        assert [paper_id for paper_id, _ in hits] == by_hand(query, wanted, 40)


async def test_an_empty_index_finds_nothing() -> None:
    index = VectorIndex(DIMENSIONS)
    assert await index.nearest(vectors(1)[0], 5) == []
    assert index.scores(vectors(1)[0], [1, 2]) == []


async def test_searches_at_the_same_time_get_their_own_answers() -> None:
    index = filled(100)
    found = await asyncio.gather(*(index.nearest(vector, 1) for vector in vectors(100)))
    assert [each[0][0] for each in found] == [10 * number for number in range(100)]


async def test_scores_leave_out_what_is_not_there() -> None:
    index = filled(5)
    query = vectors(5)[3]
    scores = dict(index.scores(query, [30, 40, 41]))
    assert scores.keys() == {30, 40}
    assert scores[30] == pytest.approx(1, abs=1e-3)


async def test_a_search_under_way_sees_the_papers_as_they_were() -> None:
    index = filled(50)
    asked = vectors(50)
    searches = [asyncio.ensure_future(index.nearest(vector, 1)) for vector in asked]
    for _ in range(3):
        await asyncio.sleep(0)
    keep(index, {10 * number: other for number, other in enumerate(vectors(50, seed=8))})
    index.remove([0, 10])
    assert [found[0][0] for found in await asyncio.gather(*searches)] == [10 * n for n in range(50)]
    assert all(found not in {0, 10} for found, _ in await index.nearest(asked[0], 50))


def test_texts_taken_in_again_have_one_row() -> None:
    index = filled(1000)
    for _ in range(3):
        for number, vector in enumerate(vectors(1000)):
            keep(index, {10 * number: vector}, b"again")
    assert index._shared.rows == 2000
    assert len(index) == 1000
    assert index.details([0, 9990]) == [b"again"] * 2


def test_a_paper_cannot_be_put_before_its_text() -> None:
    index = filled(1)
    with pytest.raises(KeyError, match="not held"):
        index.put({5: "another text"})
    assert index.vector(5) is None


async def test_a_team_is_near_to_open_papers_and_its_own() -> None:
    index, rows = VectorIndex(DIMENSIONS), vectors(30)
    for number, vector in enumerate(rows):
        keep(index, {number: vector}, team_id=(None, 7, 8)[number % 3])
    for team_id in (None, 7, 8):
        readable = {number for number in range(30) if (None, 7, 8)[number % 3] in {None, team_id}}
        for allowed in (None, frozenset(range(10))):
            found = await index.nearest(rows[1], 30, allowed, team_id)
            assert {number for number, _ in found} == readable & (allowed or readable)
        assert {number for number in range(30) if index.vector(number, team_id)} == readable


async def test_papers_with_one_text_are_each_found_by_those_who_may() -> None:
    index, (row,) = VectorIndex(DIMENSIONS), vectors(1)
    owners = {1: 7, 2: 8, 3: None, 4: 7}
    for paper_id, team_id in owners.items():
        keep(index, {paper_id: row}, team_id=team_id)
    assert index._shared.rows == 1

    async def found(team_id: int | None, allowed: frozenset[int] | None = None) -> list[int]:
        return [paper_id for paper_id, _ in await index.nearest(row, 9, allowed, team_id)]

    assert [await found(team_id) for team_id in (None, 7, 8, 9)] == [[3], [1, 3, 4], [2, 3], [3]]
    assert await found(7, frozenset({2, 4})) == [4]
    index.remove([1, 3])
    assert [await found(team_id) for team_id in (None, 7, 8)] == [[], [4], [2]]
    assert [index.vector(2, team_id) for team_id in (None, 7, 8)] == [None, None, row]
    keep(index, {2: row})
    assert [await found(team_id) for team_id in (None, 7)] == [[2], [2, 4]]


@pytest.mark.parametrize("limit", [1, 10, 200])
async def test_vectors_closer_than_8_bits_can_tell_are_told_apart(limit: int) -> None:
    dimensions = 384
    random = np.random.default_rng(5)
    centre = random.normal(size=dimensions)
    rows = centre + 0.01 * random.normal(size=(9000, dimensions))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2").astype("<f4")
    index = VectorIndex(dimensions)
    keep(index, dict(enumerate(row.tobytes() for row in rows)))
    query = rows[77] + np.float32(0.001) * random.normal(size=dimensions).astype("<f4")
    found = await index.nearest(query.tobytes(), limit)
    exact = rows.astype(np.float64) @ query
    best = np.sort(exact)[::-1][:limit]
    assert exact[[paper_id for paper_id, _ in found]] == pytest.approx(best, abs=1e-6)


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from([None, 7, 8]), st.booleans()),
        max_size=60,
    ),
    allowed=st.none() | st.frozensets(st.integers(0, 9)),
    team_id=st.sampled_from([None, 7, 8, 9]),
)
def test_papers_that_share_texts_agree_with_a_count_by_hand(
    steps: list[tuple[int, int, int | None, bool]], allowed: frozenset[int] | None, team_id: int | None
) -> None:
    index, rows = VectorIndex(DIMENSIONS), vectors(4)
    index.add({str(text): (row, b"") for text, row in enumerate(rows)})
    kept = dict[int, tuple[int, int | None]]()
    for paper_id, text, owner, put in steps:
        if put:
            index.put({paper_id: str(text)}, owner)
            kept[paper_id] = text, owner
        else:
            index.remove([paper_id])
            kept.pop(paper_id, None)
    (query,) = vectors(1, 12345)
    readable = {each: rows[text] for each, (text, owner) in kept.items() if owner in {None, team_id}}
    wanted = {each: row for each, row in readable.items() if allowed is None or each in allowed}
    found = [paper_id for paper_id, _ in asyncio.run(index.nearest(query, 5, allowed, team_id))]
    assert found == by_hand(query, dict(sorted(wanted.items())), 5)
    assert len(index) == len(kept)
    assert {each for each in range(10) if index.vector(each, team_id)} == readable.keys()


async def test_an_index_that_nobody_has_any_longer_keeps_no_file_open() -> None:
    files = Path("/proc/self/fd")
    before = len(list(files.iterdir()))
    index = filled(5)
    assert len(await index.nearest(vectors(1)[0], 3)) == 3
    del index
    assert len(list(files.iterdir())) <= before
