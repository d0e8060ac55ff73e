"""Search, and the indexes behind it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.domain.document import Span
from bot.domain.paper import Match, Paper


class MarkedSentence(NamedTuple):
    """A sentence, and the words of it that answer a query."""

    text: str | None
    marks: tuple[Span, ...]


class Search(Protocol):
    """Finds papers by meaning and by word: open papers, and those of the given team."""

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """Return the best matches for a query, best first. `allowed` limits the papers; None allows all."""
        ...

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers most similar to a paper, best first, without the paper itself."""
        ...

    async def shared_words(self, paper: Paper, others: Sequence[Paper]) -> list[list[str]]:
        """Return for each of the others the telling words and phrases that it shares with a paper."""
        ...

    async def match_topic(self, topic: str, among: frozenset[int]) -> list[Match]:
        """Return those of the papers that are about the topic, best first, whichever team they belong to.

        Scores are probabilities in [0, 1]. Papers below the calibrated threshold are left out.
        """
        ...

    async def match_topics(self, topics: Sequence[str], among: frozenset[int]) -> list[list[Match]]:
        """Do the same for many topics, in one pass over the papers."""
        ...

    async def near_copies(
        self, paper_ids: Collection[int], among: Collection[int], least: float
    ) -> list[tuple[int, int, float]]:
        """Return the papers with those among the others whose vectors have at least this cosine with theirs.

        Each pair comes with its cosine.
        """
        ...

    async def search_titles(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Return papers whose titles have all of these words, best first."""
        ...

    async def quotes(self, query: str, places: Sequence[tuple[Paper, int]]) -> list[MarkedSentence]:
        """Return papers' sentences, each with the words that answer a query marked in it.

        A place is a paper and the sentence's index in its abstract, from 0. A sentence that the abstract
        does not have is None. There are no marks where no words stand out.
        """
        ...


class EncodedQuery(NamedTuple):
    """A query's vectors of length one, as little-endian float32."""

    vector: bytes
    words: bytes = b""
    """One vector for each word that says something, end to end; empty if the encoder gives none."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """The key under which vectors are stored. It changes when vectors are no longer comparable."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a text's vector."""
        ...

    @property
    def word_dimensions(self) -> int:
        """The length of a word's vector; zero if it gives none."""
        ...

    async def queries(self, texts: Sequence[str]) -> list[EncodedQuery]:
        """Encode search queries. Calls that wait at the same time become one batch."""
        ...

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode pairs of title and abstract, as bytes to store unchanged."""
        ...

    async def word_spans(self, texts: Sequence[tuple[str, str]]) -> list[list[Span]]:
        """Return where each word stands that `papers` gives a vector, in the order of the vectors.

        Places count from the beginning of the abstract, so those of the title are negative. Empty lists if
        the encoder gives no vectors of words.
        """
        ...


class WordEvidence(NamedTuple):
    """How far a paper contains some words."""

    share: float = 0.0
    """Its BM25 score as a share of the highest possible one, in [0, 1]."""
    title_share: float = 0.0
    """The share of the words that are in its title, in [0, 1]."""
    complete: float = 0.0
    """The share of the words that it has at all, in [0, 1]."""
    phrases: int = 0
    """How often it has all of them next to each other, in order."""
    titled_phrases: int = 0
    """How often its title has."""
    several: bool = False
    """Whether these are several words."""


class FullText(Protocol):
    """Papers by their words. Results are pairs of paper id and score, best first.

    A team finds open papers and its own. Without a team, only open papers are found.
    """

    async def put(self, papers: Iterable[tuple[int, str, str]], team_id: int | None = None) -> None:
        """Index papers as (id, title, abstract), in place of their earlier texts."""
        ...

    async def remove(self, paper_ids: Collection[int]) -> None:
        """Remove papers from the index."""
        ...

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return papers with any of the query's words. `allowed` limits the papers; None allows all."""
        ...

    async def search_titles(
        self, words: str, limit: int, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return papers whose titles have all of these words. The last one may be a prefix."""
        ...

    def words_found(self, query: str, text: str) -> list[Span]:
        """Return the words of a text by which a search for the query finds it, in order."""
        ...

    async def like(
        self, paper_id: int, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return papers with any of the most telling words of a paper, without the paper itself."""
        ...

    async def evidence(self, topics: Sequence[str], among: frozenset[int]) -> list[dict[int, WordEvidence]]:
        """Return for each topic how far papers contain its words, by paper id.

        Papers with none are left out. Many topics at once take one pass over the papers.
        """
        ...

    async def shared_words(
        self, paper: tuple[str, str], others: Sequence[tuple[str, str]]
    ) -> list[list[str]]:
        """Return for each of the others the telling words and phrases that it shares with a paper.

        Papers are titles with abstracts. What tells most comes first, as the papers write it.
        """
        ...

    def alternatives(self, words: str) -> list[str]:
        """Return the same words with an acronym spelled out, or with an acronym for a phrase.

        There are none if no paper has told of such an acronym.
        """
        ...


class VectorIndex(Protocol):
    """Papers by their vectors. Results are pairs of paper id and dot product, best first.

    A team finds open papers and its own. Without a team, only open papers are found.
    """

    def held(self, texts: Collection[str]) -> set[str]:
        """Return those of the texts, by their hashes, whose vectors the index has."""
        ...

    def add(self, encoded: Mapping[str, tuple[bytes, bytes]]) -> None:
        """Add the vectors of texts, by their hashes. Details are kept beside each vector unchanged."""
        ...

    def put(self, texts: Mapping[int, str], team_id: int | None = None) -> None:
        """Let papers be found by the vectors of their texts, which are held, in place of earlier texts."""
        ...

    def remove(self, paper_ids: Collection[int]) -> None:
        """Remove papers from the index."""
        ...

    def vector(self, paper_id: int, team_id: int | None = None) -> bytes | None:
        """Return the vector of a paper, None if it is missing or another team's."""
        ...

    def details(self, paper_ids: Iterable[int]) -> list[bytes]:
        """Return what was kept beside the vectors, empty bytes for missing papers."""
        ...

    def scores(self, vector: bytes, paper_ids: Iterable[int]) -> list[tuple[int, float]]:
        """Return the dot products with these papers, in no order. Missing papers are left out."""
        ...

    async def products(self, vectors: Sequence[bytes], paper_ids: Sequence[int]) -> bytes:
        """Return the dot products of vectors and papers: a row a vector, little-endian float32.

        A missing paper has nan.
        """
        ...

    async def near_pairs(
        self, paper_ids: Collection[int], among: Collection[int], least: float
    ) -> list[tuple[int, int, float]]:
        """Return the papers with those among the others that have at least this dot product with them."""
        ...

    async def nearest(
        self, vector: bytes, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Return the nearest papers. `allowed` limits the papers; None allows all."""
        ...
