"""The MiniLM encoder: queries in batches, papers with their sentences, in threads of their own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar, TypeVarTuple

from cachetools import LRUCache

from bot.conversation.batching import Batcher
from bot.domain.document import Span
from bot.ports.search import EncodedQuery
from papers.encoder.differences import WORD_DIMENSIONS
from papers.encoder.graph import GraphEncoder
from papers.encoder.pytorch import TorchEncoder
from papers.encoder.tokenizing import TokenizedPaper, batches, mean, new_tokenizer
from papers.encoder.words import WordHead
from papers.vectors import Floats

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Inputs = TypeVarTuple("Inputs")
Result = TypeVar("Result")
Runtime: TypeAlias = Literal["torch", "graph"]

QUERIES_A_BATCH = 64
FEW_PAPERS = 128
"""Papers in one call for which PyTorch is not loaded: it would take longer than they do."""


class Encoder(Protocol):
    """A loaded model."""

    @property
    def tokens_a_pass(self) -> int:
        """The number of tokens in one pass with which the model is fastest."""
        ...

    def token_vectors(self, texts: "Sequence[Encoding]") -> list[Floats]:
        """Encode tokenized texts in one pass. Returns one row a token for each text."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 with our own differences on the CPU, loaded from the package that ships it.

    Queries and few papers go through onnxruntime, which is loaded in a moment. Only many papers at once load
    PyTorch, unless `many_papers` says "graph". Queries and papers have a thread each, in which models load
    too, so that a person's query never waits for a batch of an import or for PyTorch.
    """

    name = "all-MiniLM-L6-v2, our differences/1"
    """The key of stored vectors. Raise its number with new weights, or when texts are cut or packed in
    another way."""
    dimensions = 384
    word_dimensions = WORD_DIMENSIONS

    def __init__(self, cached_queries: int = 256, many_papers: Runtime = "torch") -> None:
        self._many_papers = many_papers
        self._papers = ThreadPoolExecutor(1, "encode-papers")
        self._queries = ThreadPoolExecutor(1, "encode-queries")
        self._graph: Future[_LoadedGraph] | None = None
        self._torch: Future[TorchEncoder] | None = None
        self._batched = Batcher(self._encode_queries, QUERIES_A_BATCH)
        self._cache: LRUCache[str, EncodedQuery] = LRUCache(cached_queries)

    def warm(self) -> None:
        """Start to load what queries need, without waiting for it."""
        if self._graph is None:
            self._graph = self._queries.submit(_LoadedGraph, bare=not self.word_dimensions)

    async def queries(self, texts: Sequence[str]) -> list[EncodedQuery]:
        """Encode queries: `dimensions` numbers for each, and `word_dimensions` for each word."""
        return list(await asyncio.gather(*(self._query(text) for text in texts)))

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode pairs of title and abstract. Each result is packed by `papers.vectors.pack`."""
        graph = await self._loaded_graph()
        encoder = await self._encoder_of_papers(len(texts))
        tokenized = await _run(self._papers, graph.tokenize_papers, texts)
        packed: list[bytes] = [b""] * len(texts)
        for indexes in batches([len(each.tokens) for each in tokenized], encoder.tokens_a_pass):
            encoded = await _run(
                self._papers, _packed, encoder, graph.head, [tokenized[index] for index in indexes]
            )
            for index, each in zip(indexes, encoded, strict=True):
                packed[index] = each
        return packed

    async def word_spans(self, texts: Sequence[tuple[str, str]]) -> list[list[Span]]:
        """Return where the words stand whose vectors `papers` gives, without encoding anything."""
        graph = await self._loaded_graph()
        return await _run(self._queries, graph.word_spans, texts)

    def close(self) -> None:
        """Stop both threads after their current batch, without waiting for it."""
        self._papers.shutdown(wait=False, cancel_futures=True)
        self._queries.shutdown(wait=False, cancel_futures=True)

    async def _query(self, text: str) -> EncodedQuery:
        encoded = self._cache.get(text)
        if encoded is None:
            encoded = await self._batched(text)
            if self._cache.maxsize:  # an LRUCache without room raises in place of keeping nothing
                self._cache[text] = encoded
        return encoded

    async def _loaded_graph(self) -> "_LoadedGraph":
        self.warm()
        assert self._graph is not None
        return await asyncio.shield(asyncio.wrap_future(self._graph))

    async def _encoder_of_papers(self, number: int) -> Encoder:
        if number <= FEW_PAPERS or self._many_papers == "graph":
            return (await self._loaded_graph()).encoder
        if self._torch is None:
            self._torch = self._papers.submit(TorchEncoder, bare=not self.word_dimensions)
        return await asyncio.shield(asyncio.wrap_future(self._torch))

    async def _encode_queries(self, texts: list[str]) -> list[EncodedQuery]:
        graph = await self._loaded_graph()
        return await _run(self._queries, graph.encode_queries, texts)


class BareMiniLM(MiniLM):
    """all-MiniLM-L6-v2 as it comes, whose vectors releases before ours have stored."""

    name = "all-MiniLM-L6-v2/1"
    word_dimensions = 0


class _LoadedGraph:
    """The graph, with a tokenizer for each thread: one tokenizer cannot serve two threads."""

    def __init__(self, *, bare: bool) -> None:
        self.encoder = GraphEncoder(bare=bare)
        self._queries = new_tokenizer()
        self.head = None if bare else WordHead(self._queries)
        self._papers: Tokenizer | None = None

    def encode_queries(self, texts: list[str]) -> list[EncodedQuery]:
        """Encode queries: as many in one pass as fit."""
        tokenized = self._queries.encode_batch(texts)
        queries = [EncodedQuery(b"")] * len(texts)
        for indexes in batches([len(each) for each in tokenized], self.encoder.tokens_a_pass):
            encoded = self.encoder.token_vectors([tokenized[index] for index in indexes])
            for index, vectors in zip(indexes, encoded, strict=True):
                words = b"" if self.head is None else _bytes(self.head.words(tokenized[index], vectors))
                queries[index] = EncodedQuery(_bytes(mean(vectors)), words)
        return queries

    def word_spans(self, texts: Sequence[tuple[str, str]]) -> list[list[Span]]:
        """Find the words of papers that somebody is waiting to see, so in the thread of queries."""
        if self.head is None:
            return [[] for _ in texts]
        return [TokenizedPaper(self._queries, *each).word_spans(self.head) for each in texts]

    def tokenize_papers(self, texts: Sequence[tuple[str, str]]) -> list[TokenizedPaper]:
        """Tokenize pairs of title and abstract."""
        if self._papers is None:
            self._papers = new_tokenizer()
        return [TokenizedPaper(self._papers, title, abstract) for title, abstract in texts]


def _packed(encoder: Encoder, head: WordHead | None, papers: Sequence[TokenizedPaper]) -> list[bytes]:
    vectors = encoder.token_vectors([each.tokens for each in papers])
    return [paper.packed(tokens, head) for paper, tokens in zip(papers, vectors, strict=True)]


def _bytes(vectors: Floats) -> bytes:
    return vectors.astype("<f4").tobytes()


async def _run(thread: ThreadPoolExecutor, work: Callable[[*Inputs], Result], *inputs: *Inputs) -> Result:
    return await asyncio.get_running_loop().run_in_executor(thread, work, *inputs)
