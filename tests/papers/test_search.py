import asyncio

import pytest
from word_vectors import WordVectors

from bot.ports.search import WordEvidence
from papers.generations import Generation, Generations
from papers.relevance import THRESHOLD, relevance
from papers.search import HybridSearch
from papers.text import sentences
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex

PAPERS = {
    1: (
        "Sparse experts",
        "Large models are slow. A router sends each token to a few experts. We release the code.",
    ),
    2: ("Cracks in bridges", "Drones photograph bridges. A transformer finds the cracks."),
    3: ("Protein folding", "Folding needs many structures. Experts label them by hand."),
    4: ("Expert systems", "Rules of experts were written down."),
}


@pytest.fixture
async def search() -> HybridSearch:
    embedder, full_text, vectors = WordVectors(), FullTextIndex(), VectorIndex(WordVectors.dimensions)
    await full_text.put((paper_id, *text) for paper_id, text in PAPERS.items())
    for paper_id, packed in zip(PAPERS, await embedder.papers(list(PAPERS.values())), strict=True):
        vectors.put(paper_id, *unpack(packed, embedder.dimensions, embedder.word_dimensions))
    return HybridSearch(Generations(Generation(embedder, vectors)), full_text)


async def test_the_best_paper_comes_first_with_the_sentence_that_matched(search: HybridSearch) -> None:
    best, *_ = await search.search("a router sends a token to experts", 3)
    assert best.paper_id == 1
    assert best.sentence is not None
    assert sentences(PAPERS[1][1])[best.sentence] == "A router sends each token to a few experts."


async def test_a_sentence_is_shown_also_where_the_title_matches_best(search: HybridSearch) -> None:
    best, *_ = await search.search("protein folding", 1)
    assert (best.paper_id, best.sentence) == (3, 0)


async def test_filters_and_limits_hold(search: HybridSearch) -> None:
    found = await search.search("experts", 5, frozenset({1, 3, 77}))
    assert {match.paper_id for match in found} == {1, 3}
    assert len(await search.search("experts", 2)) == 2
    assert await search.search("experts", 5, frozenset()) == []


async def test_what_has_nothing_to_do_with_the_query_is_not_found(search: HybridSearch) -> None:
    assert await search.search("quantum chromodynamics", 5) == []


async def test_scores_fall_and_stay_between_0_and_1(search: HybridSearch) -> None:
    scores = [match.score for match in await search.search("experts label cracks", 5)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


async def test_a_paper_without_vectors_is_found_by_its_words(search: HybridSearch) -> None:
    await search._full_text.put([(9, "Quokkas", "Small animals.")])
    found = {match.paper_id: match for match in await search.search("quokka", 5)}
    assert 0 < found[9].score <= 1
    assert found[9].sentence is None


async def test_related_papers_leave_the_paper_itself_out(search: HybridSearch) -> None:
    found = [match.paper_id for match in await search.related(4, 2)]
    assert len(found) == 2
    assert 4 not in found
    assert await search.related(99, 2) == []


async def test_titled_papers(search: HybridSearch) -> None:
    assert [match.paper_id for match in await search.search_titles("expert sy", 5)] == [4]


async def test_topics_take_what_is_about_them_among_what_is_asked(search: HybridSearch) -> None:
    everything = frozenset(PAPERS)
    matches = await search.match_topic("protein folding", everything)
    assert [match.paper_id for match in matches] == [3]
    assert THRESHOLD <= matches[0].score <= 1
    assert await search.match_topic("protein folding", everything - {3}) == []


@pytest.mark.parametrize("topic", ["gardening", "football results", "", "the", "!"])
async def test_topics_that_no_paper_is_about_take_nothing(search: HybridSearch, topic: str) -> None:
    assert await search.match_topic(topic, frozenset(PAPERS)) == []


async def test_searches_at_the_same_time_get_their_own_answers(search: HybridSearch) -> None:
    queries = ["protein folding", "bridges", "router"] * 10
    found = await asyncio.gather(*(search.search(query, 1) for query in queries))
    assert [matches[0].paper_id for matches in found] == [3, 2, 1] * 10


def test_nearness_alone_is_not_enough() -> None:
    bare, worded = relevance([(0.6, WordEvidence()), (0.6, WordEvidence(0.5, 1.0, adjacent=True))])
    assert bare < THRESHOLD < worded
