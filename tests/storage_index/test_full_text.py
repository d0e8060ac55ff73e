import asyncio

import pytest

from bot.ports.search import WordEvidence
from storage.index.full_text import MAX_IDS_IN_QUERY, FullTextIndex

PAPERS = (
    (1, "Mixtures of Experts", "We route tokens to sparse experts."),
    (2, "Pretraining Vision Transformers", "Images are cut into patches. Experts agree."),
    (3, "A Naïve Bayes Filter", "It sorts mail."),
)


@pytest.fixture
async def index() -> FullTextIndex:
    index = FullTextIndex()
    await index.put(PAPERS)
    return index


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [paper_id for paper_id, _ in found]


async def test_any_word_finds_and_the_title_counts_more(index: FullTextIndex) -> None:
    assert ids(await index.search("sparse expert patches", 5)) == [1, 2]
    assert ids(await index.search("expert", 5)) == [1, 2]


@pytest.mark.parametrize("query", ["EXPERTS", "expert's", "(experts)", "experts AND", 'expert"'])
async def test_queries_are_words_and_nothing_else(index: FullTextIndex, query: str) -> None:
    assert ids(await index.search(query, 1)) == [1]


@pytest.mark.parametrize("query", ["", "  ", "the of and", "?!", "gardening", "\N{BICYCLE}"])
async def test_queries_that_hold_nothing_find_nothing(index: FullTextIndex, query: str) -> None:
    assert await index.search(query, 5) == []


async def test_accents_may_be_left_out(index: FullTextIndex) -> None:
    assert ids(await index.search("naive", 5)) == ids(await index.search("naïve", 5)) == [3]


async def test_only_allowed_papers_are_found(index: FullTextIndex) -> None:
    assert ids(await index.search("experts", 5, frozenset({2, 3}))) == [2]
    assert await index.search("experts", 5, frozenset()) == []


async def test_many_allowed_papers_fill_the_list() -> None:
    index = FullTextIndex()
    count = 4 * MAX_IDS_IN_QUERY
    await index.put(
        (number, f"Paper {number}", "about experts " * (1 + number % 5)) for number in range(count)
    )
    allowed = frozenset(number for number in range(count) if number % 5 < 2)
    assert len(allowed) > MAX_IDS_IN_QUERY
    found = ids(await index.search("experts", 50, allowed))
    assert len(found) == 50
    assert allowed.issuperset(found)


async def test_a_paper_that_is_put_again_is_replaced(index: FullTextIndex) -> None:
    await index.put([(1, "Gardening", "Roses.")])
    assert ids(await index.search("experts", 5)) == [2]
    assert ids(await index.search("rose", 5)) == [1]


async def test_removed_papers_are_gone(index: FullTextIndex) -> None:
    await index.remove([1, 99])
    assert ids(await index.search("experts", 5)) == [2]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("vision transformers", [2]),
        ("transf", [2]),
        ("mixtures of exp", [1]),
        ("experts", [1]),
        ("vision experts", []),
        (".*", []),
        ("", []),
    ],
)
async def test_titles_hold_all_words_the_last_maybe_begun(
    index: FullTextIndex, words: str, found: list[int]
) -> None:
    assert ids(await index.search_titles(words, 5)) == found


async def test_evidence_tells_share_title_and_order(index: FullTextIndex) -> None:
    (held,) = await index.evidence(["mixture of experts"], frozenset({1, 2, 3}))
    assert held.keys() == {1, 2}
    assert held[1] == WordEvidence(held[1].share, 1, 1, 1, 1, several=True)
    assert held[2] == WordEvidence(held[2].share, 0, 0.5, 0, 0, several=True)
    assert 0 < held[2].share < held[1].share < 1


CJK = (
    (1, "混合专家模型的高效推理", "我们提出一种稀疏路由方法。用于大型语言模型的高效推理。"),
    (2, "大規模言語モデルの推論を速くする", "本研究では、量子化と枝刈りを組み合わせて推論を高速化する。"),
    (3, "한국어 음성 인식을 위한 변환기", "우리는 한국어 음성 인식 모형을 제안한다."),
    (4, "การรู้จำเสียงพูดภาษาไทย", "เราเสนอวิธีรู้จำเสียงพูดภาษาไทย"),
    (5, "A plain kettle", "Nothing but water and steam, and one 猫."),
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("专家模型", [1]),
        ("推論", [2]),
        ("推理 方法", [1]),
        ("モデル", [2]),
        ("음성", [3]),
        ("변환기", [3]),
        ("专", [1]),
        ("猫", [5]),
        ("kettle 推論", [5, 2]),
        ("料理", []),
    ],
)
async def test_chinese_japanese_and_korean_are_found_by_word(query: str, found: list[int]) -> None:
    index = FullTextIndex()
    await index.put(CJK)
    assert set(ids(await index.search(query, 5))) == set(found)


async def test_titles_and_evidence_in_chinese() -> None:
    index = FullTextIndex()
    await index.put(CJK)
    assert ids(await index.search_titles("专家模型", 5)) == [1]
    assert ids(await index.search_titles("专家型", 5)) == []
    (held,) = await index.evidence(["专家模型"], frozenset({1, 2, 3}))
    assert held.keys() == {1}
    assert (held[1].title_share, held[1].titled_phrases) == (1, 1)


async def test_evidence_of_nothing_is_nothing(index: FullTextIndex) -> None:
    assert await index.evidence(["the", "", "gardening"], frozenset({1, 2, 3})) == [{}, {}, {}]
    assert await index.evidence(["experts"], frozenset({3})) == [{}]
    assert await index.evidence(["experts"], frozenset()) == [{}]


async def test_evidence_among_the_same_papers_follows_their_texts(index: FullTextIndex) -> None:
    among = frozenset({1, 2, 3})
    (before,) = await index.evidence(["roses"], among)
    await index.put([(3, "Roses", "How they grow.")])
    (after,) = await index.evidence(["roses"], among)
    await index.remove([3])
    assert (before, after.keys(), await index.evidence(["roses"], among)) == ({}, {3}, [{}])


async def test_words_asked_for_twice_are_one_piece_of_evidence(index: FullTextIndex) -> None:
    once, twice = await index.evidence(["expert", "expert experts"], frozenset({1, 2, 3}))
    assert {paper_id: each.share for paper_id, each in once.items()} == {
        paper_id: each.share for paper_id, each in twice.items()
    }


async def test_searches_at_the_same_time_get_their_own_answers(index: FullTextIndex) -> None:
    found = await asyncio.gather(*(index.search(word, 5) for word in ("sparse", "patches", "mail") * 20))
    assert [ids(each) for each in found] == [[1], [2], [3]] * 20


async def test_a_team_finds_open_papers_and_its_own(index: FullTextIndex) -> None:
    await index.put([(number, "Experts experts", "Experts.") for number in range(10, 20)], 7)
    for team_id, found in ((None, [1, 2]), (8, [1, 2]), (7, [*range(10, 20), 1, 2])):
        assert ids(await index.search("experts", 20, None, team_id)) == found
        assert ids(await index.search("experts", 2, None, team_id)) == found[:2]
        assert sorted(ids(await index.search("experts", 20, frozenset(range(20)), team_id))) == sorted(found)
        many = frozenset(range(MAX_IDS_IN_QUERY + 9))
        assert sorted(ids(await index.search("experts", 20, many, team_id))) == sorted(found)
    assert ids(await index.search_titles("expert", 1)) == [1]
    assert ids(await index.search_titles("expert", 1, 7)) != [1]
    await index.put([(10, "Open now", "Experts.")])
    assert ids(await index.search("experts", 20)) == [1, 10, 2]


@pytest.mark.parametrize(
    ("query", "text", "shared"),
    [
        ("routing the expert", "We route tokens to sparse Experts.", ["route", "Experts"]),
        ("naive", "A Naïve filter 😀 is naive", ["Naïve", "naive"]),
        ("of the", "All of the tokens", []),
        ("", "Tokens", []),
        ("专家模型", "混合专家 models", ["专家"]),
        ("家", "混合专家", ["家"]),
    ],
)
def test_words_by_which_a_text_is_found(query: str, text: str, shared: list[str]) -> None:
    assert [text[start:end] for start, end in FullTextIndex().words_found(query, text)] == shared
