import asyncio

from storage.sql.store import SqlStore
from tests.storage.making import draft, later
from tests.storage.vote_sequences import Sequence

NOW_AND_THEN = 300
"""How many sequences are played here; `benchmarks/votes.py` plays as many as one wants."""
AT_ONCE = 5


async def test_random_sequences_end_as_the_platform_has_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        paper, _ = await tx.papers.put(draft("One"), later())
    seeds = iter(range(NOW_AND_THEN))
    wrong: list[str] = []

    async def play() -> None:
        for seed in seeds:
            if told := await Sequence(store, paper, seed).wrong():
                wrong.append(told)

    await asyncio.gather(*(play() for _ in range(AT_ONCE)))
    assert wrong == []
