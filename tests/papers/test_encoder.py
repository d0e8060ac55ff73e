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
from papers import samples
from papers.embedding import MiniLM
from papers.encoder import graph as graph_module
from papers.encoder.graph import GRAPH, GraphEncoder
from papers.encoder.pytorch import TorchEncoder
from papers.encoder.tokenizing import WINDOW, batches, new_tokenizer
from papers.encoder.weights import weights_file
from papers.vectors import Floats, normalised, unpack
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
    *(f"query {number} " + "of more words " * number for number in range(40)),
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


def directions(parts: bytes) -> Floats:
    """Give the stored vectors of a title and its sentences, without their lengths."""
    stored = np.frombuffer(parts, np.dtype([("scale", "<f2"), ("steps", "i1", (MiniLM.dimensions,))]))
    return stored["steps"].astype(np.float32)


def test_each_token_has_the_same_vector_in_both(graph: GraphEncoder, torch: TorchEncoder) -> None:
    tokenized = new_tokenizer().encode_batch(list(TEXTS))
    for ours, theirs, each in zip(
        graph.token_vectors(tokenized), torch.token_vectors(tokenized), tokenized, strict=True
    ):
        assert ours.shape == theirs.shape == (len(each), MiniLM.dimensions)
        assert least_cosine(ours, theirs) >= 0.9999
        assert np.allclose(ours, theirs, atol=1e-3)


def test_the_tokenizer_is_the_one_of_sentence_transformers(torch: TorchEncoder) -> None:
    theirs = torch.model.tokenizer(list(TEXTS), truncation=True, max_length=torch.model.max_seq_length)
    assert [each.ids for each in new_tokenizer().encode_batch(list(TEXTS))] == theirs["input_ids"]
    assert torch.model.max_seq_length == WINDOW


async def test_queries_are_what_sentence_transformers_gives(torch: TorchEncoder) -> None:
    model = MiniLM()
    ours = np.stack([np.frombuffer(each, "<f4") for each in await model.queries(TEXTS)])
    model.close()
    assert least_cosine(ours, torch.model.encode(list(TEXTS))) >= 0.9999


async def test_documents_and_sentences_are_the_same_in_both(
    torch: TorchEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers.embedding, "FEW_PAPERS", 2)
    monkeypatch.setattr(papers.embedding, "TorchEncoder", lambda: torch)
    bare = torch.model.encode([f"{title}. {text}" if title else text for title, text in PAPERS])
    models = MiniLM(many_papers="graph"), MiniLM(many_papers="torch")
    ours, theirs = [
        [unpack(each, model.dimensions) for each in await model.papers(PAPERS)] for model in models
    ]
    assert [model._torch is None for model in models] == [True, False]
    for encoded in (ours, theirs):
        assert least_cosine(np.stack([np.frombuffer(each, "<f4") for each, _ in encoded]), bare) >= 0.9999
    said, also = (directions(b"".join(parts for _, parts in encoded)) for encoded in (ours, theirs))
    silent = ~said.any(axis=1)  # an empty title has zeros
    assert (silent == ~also.any(axis=1)).all()
    assert least_cosine(said[~silent], also[~silent]) >= 0.9999
    for model in models:
        model.close()


async def test_the_vectors_that_ship_are_what_the_encoder_gives() -> None:
    model, shipped = MiniLM(), samples.vectors(MiniLM.name)
    some = list(sample_vectors.texts().items())[::8]
    for (name, _), packed in zip(some, await model.papers([text for _, text in some]), strict=True):
        document, parts = unpack(packed, model.dimensions)
        before, parts_before = unpack(shipped[name], model.dimensions)
        assert least_cosine(np.frombuffer(document, "<f4"), np.frombuffer(before, "<f4")) >= 0.9999
        assert least_cosine(directions(parts), directions(parts_before)) >= 0.9999
    model.close()


async def test_many_papers_load_pytorch_and_few_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    def loading() -> GraphEncoder:
        loaded.append("PyTorch")
        return GraphEncoder()

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
