"""The sample papers: real titles, our own words, and only the links that their page gives."""

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bot.domain.cleaning import clean
from bot.domain.identifiers import title_key
from bot.domain.paper import PaperDraft, text_hash
from papers import samples
from papers.embedding import MiniLM
from papers.formats.files import read
from papers.text import sentences
from papers.vectors import sentence_scores, unpack, word_scores

ROOT = Path(__file__).parents[2]
SAMPLES = [
    json.loads(line)
    for line in (ROOT / "papers/samples/papers.jsonl").read_text(encoding="utf-8").splitlines()
]
PAGE = ROOT.parent / "shared/seed/hf-papers-page.txt"
RUN = 8


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    tokens = words(text)
    return {tuple(tokens[start : start + RUN]) for start in range(len(tokens) - RUN + 1)}


@pytest.fixture(scope="module")
def page() -> list[PaperDraft]:
    if not PAGE.exists():
        pytest.skip("the page that the samples come from is not beside the project")
    return [each for each in read(PAGE) if isinstance(each, PaperDraft)]


def test_each_has_its_vectors_and_another_model_gets_none():
    drafts = [
        clean(each) for each in read(ROOT / "papers/samples/papers.jsonl") if isinstance(each, PaperDraft)
    ]
    vectors = samples.vectors(MiniLM.name)
    assert vectors.keys() == {text_hash(each.title, each.abstract) for each in drafts}, (
        "run: python -m training.sample_vectors"
    )
    for each in drafts:
        packed = vectors[text_hash(each.title, each.abstract)]
        details = unpack(packed, MiniLM.dimensions, MiniLM.word_dimensions).details
        query = np.ones(MiniLM.dimensions, "<f4").tobytes()
        assert len(sentence_scores(details, query)) == len(sentences(each.abstract))
        words = np.ones((1, MiniLM.word_dimensions), np.float32)
        assert not np.isnan(word_scores([details], words, MiniLM.dimensions)).any()
    assert samples.vectors("another/1") == {}


def test_there_are_as_many_as_the_page_has_and_each_reads_as_a_paper():
    drafts = list(read(ROOT / "papers/samples/papers.jsonl", source="sample"))
    assert len(drafts) == len(SAMPLES) == 116
    assert all(isinstance(draft, PaperDraft) for draft in drafts)
    assert all(not draft.identifiers for draft in drafts)
    assert len({title_key(draft.title) for draft in drafts}) == 116


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["title"][:40])
def test_a_description_is_short(sample):
    assert 30 <= len(sample["abstract"].split()) <= 80
    assert 2 <= len(sentences(sample["abstract"])) <= 3


def test_no_sentence_is_used_twice_and_none_begins_as_its_neighbour_does():
    used = [sentence for sample in SAMPLES for sentence in sentences(sample["abstract"])]
    assert len(used) == len(set(used))
    openings = [" ".join(words(sample["abstract"])[:2]) for sample in SAMPLES]
    assert all(one != other for one, other in pairwise(openings))


def test_the_titles_and_links_are_the_pages_own(page):
    for sample, draft in zip(SAMPLES, page, strict=True):
        assert title_key(sample["title"]) == title_key(draft.title)
        assert sample["links"] == list(draft.links), sample["title"]


def test_no_run_of_eight_words_is_from_an_abstract(page):
    theirs = set().union(*(runs(draft.abstract) for draft in page))
    for sample in SAMPLES:
        assert not runs(sample["abstract"]) & theirs, sample["title"]


def test_the_first_and_the_last_sample_are_told_by_their_titles_alone():
    drafts = [each for each in read(ROOT / "papers/samples/papers.jsonl") if isinstance(each, PaperDraft)]
    ends = [title_key(drafts[0].title), title_key(drafts[-1].title)]
    assert list(map(title_key, samples.first_and_last_title())) == ends
