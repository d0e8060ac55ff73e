"""PostgreSQL with pgvector answers as this index does: it holds the same numbers, and compares them all."""

import asyncpg
import numpy as np
import pytest

from storage.index.vectors import VectorIndex
from tests.servers.databases import PostgresServer

DIMENSIONS = 384
PAPERS = 3000
TEAMS = (None, None, None, 7, 8)
NEAREST = """
SELECT id, -(embedding <#> $1::text::halfvec) AS score
FROM papers
WHERE (team_id IS NULL OR team_id = $2) AND ($3::bigint[] IS NULL OR id = ANY($3))
ORDER BY embedding <#> $1::text::halfvec, id
LIMIT $4
"""


def unit_rows(count: int, seed: int) -> np.ndarray:
    """Some rows are near to each other, as papers on one topic are."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, DIMENSIONS))
    rows += 3 * np.random.default_rng(0).normal(size=(20, DIMENSIONS))[random.integers(20, size=count)]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2").astype("<f4")


def literal(row: np.ndarray) -> str:
    return f"[{','.join(map(str, row.tolist()))}]"


@pytest.mark.slow
async def test_pgvector_finds_the_same_papers_for_the_same_team(postgres: PostgresServer) -> None:
    rows, index = unit_rows(PAPERS, 1), VectorIndex(DIMENSIONS)
    owners = [TEAMS[number % len(TEAMS)] for number in range(PAPERS)]
    index.add({str(number): (row.tobytes(), b"") for number, row in enumerate(rows)})
    for team_id in set(owners):
        index.put({n: str(n) for n in range(PAPERS) if owners[n] == team_id}, team_id)
    gone = range(0, PAPERS, 50)
    index.remove(gone)
    async with postgres.empty_database() as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            await connection.execute("CREATE EXTENSION vector")
            await connection.execute(
                f"CREATE TABLE papers (id bigint, team_id bigint, embedding halfvec({DIMENSIONS}))"
            )
            await connection.executemany(
                "INSERT INTO papers VALUES ($1, $2, $3::text::halfvec)",
                [(n, owners[n], literal(rows[n])) for n in range(PAPERS) if n not in gone],
            )
            for number, query in enumerate(unit_rows(12, 2)):
                team_id = (None, 7, 8, 9)[number % 4]
                allowed = (None, range(0, PAPERS, 2), range(1, PAPERS, 60))[number % 3]
                found = await index.nearest(
                    query.tobytes(), 100, None if allowed is None else frozenset(allowed), team_id
                )
                kept = None if allowed is None else list(allowed)
                expected = await connection.fetch(NEAREST, literal(query), team_id, kept, 100)
                assert {paper_id for paper_id, _ in found} == {record["id"] for record in expected}
                scores = [record["score"] for record in expected]
                assert [score for _, score in found] == pytest.approx(scores, abs=1e-6)
        finally:
            await connection.close()
