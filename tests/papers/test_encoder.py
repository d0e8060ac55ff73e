"""Both encoders give what sentence-transformers gives, and PyTorch is loaded for many papers alone."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import papers.embedding
import training.differences
import training.encoder
from papers import samples
from papers.embedding import MiniLM
from papers.encoder import graph as graph_module
from papers.encoder.differences import DIFFERENCES, WORD_DIMENSIONS
from papers.encoder.graph import GRAPH, GraphEncoder
from papers.encoder.pytorch import TorchEncoder
from papers.encoder.tokenizing import WINDOW, batches, mean, new_tokenizer
from papers.encoder.weights import weights_file
from papers.encoder.words import WordHead
from papers.vectors import Floats, normalised, unpack, word_cosines
from training import sample_vectors

ROOT = Path(__file__).parents[2]
TEXTS = (
    "",
    "a",
    " ",
    "?!",
    "mixture of experts",
    "MiXtUrE of ExPeRtS",
    "Wie viele Experten braucht ein Übersetzer? Ça dépend, naïvement.",
    "混合专家模型在推理时需要多少内存",
    "ニューラルネットワークの学習",
    "모델 압축",
    "Какие эксперты нужны модели",
    "😀👩‍👩‍👧 emoji and a flag 🇫🇷",
    "e\u0301 against é, and a\u200bzero-width space",
    "unaffordablehyperparameterisationlessness " * 3,
    "x" * 3_000,
    "$\\nabla_\\theta \\mathcal{L}(\\theta) = 0$ & <b>bold</b>",
    "[CLS] [SEP] [PAD] [MASK] tokens in a text",
    "A sentence that is said again. " * 100,
    "experts " * (WINDOW - 2),
    "experts " * (WINDOW - 1),
    *(f"query {number} " + "of more words " * number for number in range(0, 40, 4)),
)
PAPERS = [
    (text.strip(), f"{text} The second sentence says more. 第三句。 " + "The last is long. " * number)
    for number, text in enumerate(TEXTS[:24])
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graph() -> GraphEncoder:
    return GraphEncoder()


@pytest.fixture(scope="module")
def torch() -> TorchEncoder:
    return TorchEncoder()


def least_cosine(ours: Floats, theirs: Floats) -> float:
    return float((normalised(ours) * normalised(theirs)).sum(axis=-1).min())


def directions(details: bytes) -> Floats:
    """Give the stored vectors of a title and its sentences, without their lengths."""
    kind = np.dtype([("scale", "<f2"), ("steps", "i1", (MiniLM.dimensions,))])
    count = int.from_bytes(details[:2], "little")
    return np.frombuffer(details, kind, count, offset=2)["steps"].astype(np.float32)


def test_each_token_has_the_same_vector_in_both(graph: GraphEncoder, torch: TorchEncoder) -> None:
    tokenized = new_tokenizer().encode_batch(list(TEXTS))
    for ours, theirs, each in zip(
        graph.token_vectors(tokenized), torch.token_vectors(tokenized), tokenized, strict=True
    ):
        assert ours.shape == theirs.shape == (len(each), MiniLM.dimensions)
        assert least_cosine(ours, theirs) >= 0.9999
        assert np.allclose(ours, theirs, atol=1e-3)


def test_the_bare_model_has_the_same_vectors_in_both_and_ours_has_others(graph: GraphEncoder) -> None:
    tokenized = new_tokenizer().encode_batch(list(TEXTS[:12]))
    ours, bare = (np.concatenate(each.token_vectors(tokenized)) for each in (graph, GraphEncoder(bare=True)))
    assert least_cosine(bare, np.concatenate(TorchEncoder(bare=True).token_vectors(tokenized))) >= 0.9999
    assert least_cosine(bare, ours) < 0.9


def test_words_are_those_of_training(graph: GraphEncoder) -> None:
    tokenizer = new_tokenizer()
    trained = training.encoder.Encoder(weights_file().parent, tokenizer, 32, 1.0, WORD_DIMENSIONS)
    training.differences.load(trained, DIFFERENCES)
    vectors, words = training.encoder.encoded_words(trained, training.encoder.Tokens(tokenizer, TEXTS))
    head, tokenized = WordHead(tokenizer), tokenizer.encode_batch(list(TEXTS))
    for text, tokens, ours, theirs, vector in zip(
        TEXTS, tokenized, graph.token_vectors(tokenized), words.float().numpy(), vectors.numpy(), strict=True
    ):
        found, said = head.words(tokens, ours), theirs[theirs.any(axis=1)]
        assert found.shape == said.shape == (len(head.spans(tokens)), WORD_DIMENSIONS)
        assert not len(said) or least_cosine(found, said) >= 0.999
        assert least_cosine(mean(ours)[None], vector[None]) >= 0.9999
        assert all(text[start:end].strip() for start, end in head.spans(tokens))


def test_spans_are_those_of_the_words_that_say_something() -> None:
    tokenizer, text = new_tokenizer(), "The hyperparameterisation of GPT-4, again: [MASK]?"
    spans = WordHead(tokenizer).spans(tokenizer.encode(text))
    assert [text[start:end] for start, end in spans] == ["hyperparameterisation", "GPT", "4"]


def test_the_tokenizer_is_the_one_of_sentence_transformers(torch: TorchEncoder) -> None:
    theirs = torch.model.tokenizer(list(TEXTS), truncation=True, max_length=torch.model.max_seq_length)
    assert [each.ids for each in new_tokenizer().encode_batch(list(TEXTS))] == theirs["input_ids"]
    assert torch.model.max_seq_length == WINDOW


async def test_queries_are_what_sentence_transformers_gives(torch: TorchEncoder) -> None:
    model = MiniLM()
    ours = np.stack([np.frombuffer(each.vector, "<f4") for each in await model.queries(TEXTS)])
    model.close()
    assert least_cosine(ours, torch.model.encode(list(TEXTS))) >= 0.9999


async def test_documents_and_sentences_are_the_same_in_both(
    torch: TorchEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers.embedding, "FEW_PAPERS", 2)
    monkeypatch.setattr(papers.embedding, "TorchEncoder", lambda **_: torch)
    theirs = torch.model.encode([f"{title}. {text}" if title else text for title, text in PAPERS])
    models = MiniLM(many_papers="graph"), MiniLM(many_papers="torch")
    graph, pytorch = [
        [unpack(each, model.dimensions, model.word_dimensions) for each in await model.papers(PAPERS)]
        for model in models
    ]
    assert [model._torch is None for model in models] == [True, False]
    for encoded in (graph, pytorch):
        assert least_cosine(np.stack([np.frombuffer(each, "<f4") for each, _ in encoded]), theirs) >= 0.9999
    said, also = (
        np.concatenate([directions(details) for _, details in encoded]) for encoded in (graph, pytorch)
    )
    silent = ~said.any(axis=1)  # an empty title has zeros
    assert (silent == ~also.any(axis=1)).all()
    assert least_cosine(said[~silent], also[~silent]) >= 0.9999
    for model in models:
        model.close()


async def test_the_vectors_that_ship_are_what_the_encoder_gives() -> None:
    model, shipped = MiniLM(), samples.vectors(MiniLM.name)
    some = list(sample_vectors.texts().items())[::8]
    for (name, _), packed in zip(some, await model.papers([text for _, text in some]), strict=True):
        document, parts = unpack(packed, model.dimensions, model.word_dimensions)
        before, parts_before = unpack(shipped[name], model.dimensions, model.word_dimensions)
        assert least_cosine(np.frombuffer(document, "<f4"), np.frombuffer(before, "<f4")) >= 0.9999
        assert least_cosine(directions(parts), directions(parts_before)) >= 0.9999
    model.close()


async def test_many_papers_load_pytorch_and_few_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    def loading(*, bare: bool) -> GraphEncoder:
        loaded.append("PyTorch")
        return GraphEncoder(bare=bare)

    monkeypatch.setattr(papers.embedding, "FEW_PAPERS", 2)
    monkeypatch.setattr(papers.embedding, "TorchEncoder", loading)
    sparing, model = MiniLM(many_papers="graph"), MiniLM()
    await sparing.papers(PAPERS[:3])
    await model.papers(PAPERS[:2])
    assert loaded == []
    await model.papers(PAPERS[:3])
    await model.papers(PAPERS[:3])
    assert loaded == ["PyTorch"]
    sparing.close()
    model.close()


def test_queries_and_few_papers_import_no_pytorch() -> None:
    code = (
        "import asyncio, json, sys; from papers.embedding import MiniLM; model = MiniLM()\n"
        "async def both(): await model.queries(['a']); await model.papers([('A title', 'A text.')])\n"
        "asyncio.run(both()); model.close(); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {"torch", "transformers", "sentence_transformers"}.isdisjoint(json.loads(done.stdout))


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / weights_file().name
    weights = weights_file().read_bytes()
    other.write_bytes(weights.replace(b'"format":"pt"', b'"format":"xx"', 1))
    monkeypatch.setattr(graph_module, "weights_file", lambda: other)
    with pytest.raises(RuntimeError, match=r"python -m training\.encoder_graph"):
        GraphEncoder()


@pytest.mark.skipif(not importlib.util.find_spec("onnx"), reason="onnx is missing, which the extra dev has")
def test_the_graph_is_what_its_code_makes() -> None:
    onnx = importlib.import_module("onnx")
    encoder_graph = importlib.import_module("training.encoder_graph")
    assert onnx.load_from_string(GRAPH.read_bytes()) == encoder_graph.made(), (
        "run: python -m training.encoder_graph"
    )


@pytest.mark.parametrize(
    ("asked", "threads"), [("1", 1), ("3", 3), ("", 7), ("0", 7), ("2,1", 7), ("many", 7)]
)
def test_it_takes_the_threads_that_are_asked_for(
    asked: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    monkeypatch.setattr(graph_module.os, "cpu_count", lambda: 7)
    assert graph_module._threads() == threads


@given(st.lists(st.integers(2, 600)), st.integers(1, 2_000))
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int], most: int) -> None:
    made = list(batches(lengths, most))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= most


async def test_each_word_with_a_vector_has_a_place() -> None:
    encoder = MiniLM(many_papers="graph")
    texts = PAPERS[:12]
    for (title, abstract), packed, spans in zip(
        texts, await encoder.papers(texts), await encoder.word_spans(texts), strict=True
    ):
        details = unpack(packed, encoder.dimensions, encoder.word_dimensions).details
        words = np.zeros((1, encoder.word_dimensions), np.float32)
        assert len(spans) == len(word_cosines(details, words, encoder.dimensions))
        text = f"{title}. {abstract}" if title else abstract
        start = len(text) - len(abstract)
        assert all(text[start + first : start + end].strip() for first, end in spans)
    encoder.close()
