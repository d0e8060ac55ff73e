import asyncio
from datetime import UTC, datetime

import pytest
from word_vectors import WordVectors

from bot.domain.document import Span
from bot.domain.paper import Paper
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
        vectors.add({str(paper_id): unpack(packed, embedder.dimensions, embedder.word_dimensions)})
        vectors.put({paper_id: str(paper_id)})
    return HybridSearch(Generations(Generation(embedder, vectors)), full_text)


async def test_the_best_paper_comes_first_with_the_sentence_that_matched(search: HybridSearch) -> None:
    best, *_ = await search.search("a router sends a token to experts", 3)
    assert best.paper_id == 1
    assert best.sentence is not None
    assert sentences(PAPERS[1][1])[best.sentence] == "A router sends each token to a few experts."


async def test_a_sentence_is_shown_also_where_the_title_matches_best(search: HybridSearch) -> None:
    best, *_ = await search.search("protein folding", 1)
    assert (best.paper_id, best.sentence) == (3, 0)


async def marked(
    search: HybridSearch, query: str, paper_id: int, place: int, abstract: str = ""
) -> list[str]:
    """Return the words of a paper's sentence that are marked for a query."""
    title, indexed = PAPERS[paper_id]
    paper = Paper(paper_id, title, abstract or indexed, "test", datetime(2026, 11, 25, tzinfo=UTC))
    [(text, spans)] = await search.quotes(query, [(paper, place)])
    assert text == sentences(paper.abstract)[place]
    return [text[start:end] for start, end in spans]


async def test_words_that_a_query_has_or_means_are_marked(search: HybridSearch) -> None:
    assert await marked(search, "routers and tokens", 1, 1) == ["router", "token"]
    assert await marked(search, "what finds cracks?", 2, 1) == ["finds the cracks"]
    assert await marked(search, "released code", 1, 2) == ["release the code"]


async def test_words_near_in_meaning_are_marked_without_a_shared_stem(
    search: HybridSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_shared(_index: FullTextIndex, _query: str, _text: str) -> list[Span]:
        return []

    monkeypatch.setattr(FullTextIndex, "words_found", none_shared)
    assert await marked(search, "router experts", 1, 1) == ["router", "experts"]


async def test_nothing_is_marked_for_a_query_about_something_else(search: HybridSearch) -> None:
    assert await marked(search, "gardening", 1, 1) == []
    assert await marked(search, "?!", 1, 1) == []
    assert await marked(search, "", 1, 1) == []


async def test_nothing_is_marked_once_the_text_has_changed(search: HybridSearch) -> None:
    assert await marked(search, "router", 1, 1, "Models are slow now. A router sends each token on.") == []


async def test_there_is_no_sentence_behind_the_abstracts_last(search: HybridSearch) -> None:
    paper = Paper(1, *PAPERS[1], "test", datetime(2026, 11, 25, tzinfo=UTC))
    other = Paper(9, "Quokkas", "Small animals.", "test", datetime(2026, 11, 25, tzinfo=UTC))
    assert await search.quotes("router", [(paper, 3), (other, 0)]) == [(None, ()), ("Small animals.", ())]


async def test_filters_and_limits_hold(search: HybridSearch) -> None:
    found = await search.search("experts", 5, frozenset({1, 3, 77}))
    assert {match.paper_id for match in found} == {1, 3}
    assert len(await search.search("experts", 2)) == 2
    assert await search.search("experts", 5, frozenset()) == []


async def test_a_word_counts_for_a_paper_below_the_best_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest paper says the word too, and is not among the two papers that say it most."""
    monkeypatch.setattr("papers.search.DEPTH", 1)
    embedder, full_text, vectors = WordVectors(), FullTextIndex(), VectorIndex(WordVectors.dimensions)
    texts = {
        1: ("Kettle", ""),
        2: ("Kettle kettle", ""),
        3: ("Pots", "Of tea, and one kettle among many cups."),
    }
    await full_text.put((paper_id, *text) for paper_id, text in texts.items())
    meant = [("Iron", "Iron."), ("Iron", "Iron."), ("Kettle", "Kettle.")]
    for paper_id, packed in zip(texts, await embedder.papers(meant), strict=True):
        vectors.add({str(paper_id): unpack(packed, embedder.dimensions, embedder.word_dimensions)})
        vectors.put({paper_id: str(paper_id)})
    search = HybridSearch(Generations(Generation(embedder, vectors)), full_text)
    [best] = await search.search("kettle", 1)
    whole = await search.search("kettle", 3)
    assert best.paper_id == whole[0].paper_id == 3
    assert best.score == pytest.approx(whole[0].score)


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
    bare, worded = relevance([(0.6, WordEvidence()), (0.6, WordEvidence(0.5, 1.0, 1.0, 1, 1))])
    assert bare < THRESHOLD < worded


def test_a_topic_that_a_title_names_is_what_the_paper_is_about() -> None:
    far = 0.1
    once, twice, titled, word = relevance(
        [
            (far, WordEvidence(0.4, 0.0, 1.0, 1, 0, several=True)),
            (far, WordEvidence(0.5, 0.0, 1.0, 2, 0, several=True)),
            (far, WordEvidence(0.5, 1.0, 1.0, 1, 1, several=True)),
            (far, WordEvidence(0.5, 0.0, 1.0, 3, 0)),
        ]
    )
    assert max(once, word) < THRESHOLD < min(twice, titled)


async def test_an_acronym_finds_what_spells_it_out_and_the_other_way_round(search: HybridSearch) -> None:
    papers = {
        21: ("Quiet kettle boiling", "Quiet kettle boiling (QKB) is slow."),
        22: ("QKB at home", "We do QKB with less steam."),
    }
    await put(search, papers)
    everything = frozenset({*PAPERS, *papers})
    for topic in ("QKB", "quiet kettle boiling"):
        assert {match.paper_id for match in await search.match_topic(topic, everything)} == {21, 22}


async def test_many_topics_at_once_get_what_each_gets_by_itself(search: HybridSearch) -> None:
    topics = ["protein folding", "gardening", "", "expert systems", "protein folding", "the"]
    everything = frozenset(PAPERS)
    assert await search.match_topics(topics, everything) == [
        await search.match_topic(topic, everything) for topic in topics
    ]
    assert await search.match_topics([], everything) == []
    assert await search.match_topics(topics, frozenset()) == [[] for _ in topics]


async def test_related_papers_count_by_words_as_well(search: HybridSearch) -> None:
    (first, *_) = await search.related(3, 3)
    assert first.paper_id in {1, 4}
    await search._full_text.put([(50, "Protein folding", "No vector yet.")])
    assert 50 not in {match.paper_id for match in await search.related(3, 9)}


async def test_papers_like_another_are_sought_among_some_and_for_one_team() -> None:
    index = FullTextIndex()
    await index.put((number, "Kettles", f"They whistle {number} times.") for number in (1, 2, 3))
    await index.put([(4, "Kettles", "They whistle.")], team_id=7)

    async def like(*allowed: int, team_id: int | None = None) -> set[int]:
        found = await index.like(1, 9, frozenset(allowed) if allowed else None, team_id)
        return {paper_id for paper_id, _ in found}

    assert await like() == {2, 3}
    assert await like(team_id=7) == {2, 3, 4}
    assert await like(1, 3, 4) == {3}
    assert await like(1, 3, 4, team_id=7) == {3, 4}
    assert dict(await index.like(1, 9, frozenset({3}))) == {3: dict(await index.like(1, 9))[3]}
    assert await index.like(99, 9) == []


async def test_near_copies_are_found_with_their_cosine(search: HybridSearch) -> None:
    await put(search, {31: PAPERS[2]})
    assert await search.near_copies({2}, {1, 2, 3, 31, 99}, 0.98) == [(2, 31, pytest.approx(1, abs=1e-3))]
    assert await search.near_copies({99}, {1, 2}, 0.5) == await search.near_copies({1}, set(), 0.5) == []


async def put(search: HybridSearch, papers: dict[int, tuple[str, str]]) -> None:
    embedder = WordVectors()
    await search._full_text.put((paper_id, *text) for paper_id, text in papers.items())
    for paper_id, packed in zip(papers, await embedder.papers(list(papers.values())), strict=True):
        serving = search._generations.serving
        serving.vectors.add({str(paper_id): unpack(packed, embedder.dimensions, embedder.word_dimensions)})
        serving.vectors.put({paper_id: str(paper_id)})
