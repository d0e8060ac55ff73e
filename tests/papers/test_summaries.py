import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.paper import Paper
from papers.summaries import ExtractiveSummarizer, features, score
from papers.text import sentences

ROOT = Path(__file__).parents[2]
SCITLDR = ROOT.parent / "shared/data/scitldr/dev.jsonl"

TITLE = "Counting Cranes from Drones"
OPENING = "Wetlands are hard to walk through."
PROPOSAL = "We propose DroneCount, a way of counting cranes from drones at dusk."
ASIDE = "Weather was fair on most evenings, as it often is there."
RESULT = "We find that counts differ by two percent from those of experts."
ABSTRACT = f"{OPENING} {PROPOSAL} {ASIDE} {RESULT}"


def paper(abstract: str, title: str = TITLE) -> Paper:
    return Paper(id=1, title=title, abstract=abstract, source="test", added=datetime(2026, 1, 1, tzinfo=UTC))


async def test_one_sentence_is_the_one_that_says_what_is_proposed() -> None:
    (quote,) = await ExtractiveSummarizer().summarize(paper(ABSTRACT), 1)
    assert (quote.text, quote.number, quote.of) == (PROPOSAL, 2, 4)


async def test_several_sentences_keep_the_abstracts_order() -> None:
    backwards = f"{RESULT} {ASIDE} {PROPOSAL} {OPENING}"
    quotes = await ExtractiveSummarizer().summarize(paper(backwards), 2)
    assert [(quote.text, quote.number) for quote in quotes] == [(RESULT, 1), (PROPOSAL, 3)]


async def test_asking_for_more_than_there_is_gives_all() -> None:
    quotes = await ExtractiveSummarizer().summarize(paper(ABSTRACT), 9)
    assert [quote.text for quote in quotes] == [OPENING, PROPOSAL, ASIDE, RESULT]


async def test_a_lone_sentence_is_its_own_summary() -> None:
    (quote,) = await ExtractiveSummarizer().summarize(paper(ASIDE), 3)
    assert (quote.text, quote.number, quote.of) == (ASIDE, 1, 1)


@pytest.mark.parametrize("abstract", ["", "  \n "])
async def test_no_abstract_gives_no_quotes(abstract: str) -> None:
    assert await ExtractiveSummarizer().summarize(paper(abstract), 3) == ()


async def test_a_repeated_sentence_is_quoted_once_at_its_first_place() -> None:
    quotes = await ExtractiveSummarizer().summarize(paper(f"{ABSTRACT} {ABSTRACT}"), 8)
    assert [quote.number for quote in quotes] == [1, 2, 3, 4]
    assert {quote.of for quote in quotes} == {8}


async def test_equal_sentences_are_taken_from_the_front() -> None:
    quotes = await ExtractiveSummarizer().summarize(paper("Reeds grow. Ducks swim. Frogs leap.", ""), 2)
    assert [quote.number for quote in quotes] == [1, 2]


def test_the_words_of_the_title_draw_a_sentence() -> None:
    found = ("Cranes rest in shallow water.", "Pumps move the river water.")
    for title, place in (("Resting cranes", 0), ("Moving rivers by pumps", 1)):
        scores = [score(each) for each in features(found, title)]
        assert scores.index(max(scores)) == place


def test_only_the_first_proposal_counts_as_one() -> None:
    found = (OPENING, PROPOSAL, "This paper also presents a map of nests.")
    assert [each.proposes for each in features(found, TITLE)] == [0, 1, 0]


async def test_each_quote_tells_its_place_in_the_abstract() -> None:
    for quote in await ExtractiveSummarizer().summarize(paper(ABSTRACT), 4):
        assert sentences(ABSTRACT)[quote.number - 1] == quote.text


@given(
    st.text(alphabet=st.sampled_from("aWe 1.,?!\n(é漢"), max_size=200),
    st.text(max_size=20),
    st.integers(0, 5),
)
async def test_nothing_is_invented(abstract: str, title: str, wanted: int) -> None:
    quotes = await ExtractiveSummarizer().summarize(paper(abstract, title), wanted)
    found = sentences(abstract)
    assert len(quotes) == min(wanted, len(set(found)))
    assert [quote.number for quote in quotes] == sorted({quote.number for quote in quotes})
    for quote in quotes:
        assert quote.text == found[quote.number - 1]
        assert quote.text in abstract
        assert quote.of == len(found)


def test_scores_are_the_same_in_every_process() -> None:
    program = (
        "from papers.summaries import features\n"
        "found = [' '.join(f'word{each}' for each in range(size)) for size in (2, 3, 5, 7, 11)]\n"
        "print(features(found, 'word2'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


@pytest.mark.skipif(not SCITLDR.exists(), reason="SciTLDR's abstracts are not beside the repository")
async def test_one_sentence_says_more_than_the_title_does() -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rouge1"], use_stemmer=True)
    rows = [json.loads(line) for line in SCITLDR.read_text(encoding="utf-8").splitlines()[::2]]

    def rouge(row: dict[str, list[str]], text: str) -> float:
        return max(scorer.score(target, text)["rouge1"].fmeasure for target in row["target"])

    summarizer = ExtractiveSummarizer()
    ours = titles = 0.0
    for row in rows:
        (quote,) = await summarizer.summarize(paper(" ".join(row["source"]), row["title"]), 1)
        ours += rouge(row, quote.text)
        titles += rouge(row, row["title"])
    assert ours / len(rows) > titles / len(rows) + 0.02
