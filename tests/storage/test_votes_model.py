import pytest

from storage.sql.store import SqlStore
from tests.storage.making import NOW, draft, put_paper
from tests.storage.vote_sequences import play, race

SEQUENCES = 100
"""`benchmarks/votes.py` plays as many as one wants."""
PAIRS = 300


@pytest.mark.parametrize("first", [0, pytest.param(SEQUENCES, marks=pytest.mark.long)])
async def test_random_sequences_end_as_the_platform_has_it(store: SqlStore, first: int) -> None:
    async with store.writing() as tx:
        paper, _ = await put_paper(tx, draft("One"), NOW)
    assert await play(store, paper, range(first, first + SEQUENCES)) == []


async def test_a_reaction_that_is_added_and_taken_away_at_once_leaves_no_vote(store: SqlStore) -> None:
    async with store.writing() as tx:
        paper, _ = await put_paper(tx, draft("One"), NOW)
    assert await race(store, paper, PAIRS) == 0
