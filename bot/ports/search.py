"""Finding papers, and the indexes behind that."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from bot.domain.paper import Match


class Search(Protocol):
    """Finding papers by meaning and by word: open ones, and those of the team for which it is asked."""

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """The best matches for a query among the allowed papers (None: all), best first."""
        ...

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """The papers nearest to a paper, itself left out, best first."""
        ...

    async def match_topic(self, topic: str, among: frozenset[int]) -> list[Match]:
        """Those among the papers, of whomever, that truly are about the topic, best first.

        Scores are in [0, 1] and only papers above the calibrated threshold come back.
        """
        ...

    async def search_titles(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Papers whose titles hold these words, best first."""
        ...


class Embedder(Protocol):
    """Texts as vectors. A vector crosses ports as little-endian float32 numbers, its length one."""

    @property
    def name(self) -> str:
        """The key of what is kept: it changes when vectors can no longer be compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    async def queries(self, texts: Sequence[str]) -> list[bytes]:
        """Encode what people look for; calls that wait at the same time are one batch."""
        ...

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Encode titles with abstracts, to be kept as they come out."""
        ...


class WordEvidence(NamedTuple):
    """What a paper holds of some words."""

    share: float = 0.0
    """Its score for them, as a share of the most that any paper could have."""
    titled: float = 0.0
    """The share of the words that stand in its title."""
    together: bool = False
    """Whether it has all of them side by side."""


class FullText(Protocol):
    """Papers by their words. Lists are (paper id, score), best first.

    A team finds open papers and its own; without a team only open ones are found.
    """

    async def put(self, papers: Iterable[tuple[int, str, str]], team_id: int | None = None) -> None:
        """Take in a team's or open papers as (id, title, abstract), in place of what they said before."""
        ...

    async def remove(self, paper_ids: Collection[int]) -> None:
        """Forget papers."""
        ...

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Papers with any of the query's words, among the allowed ones (None: all)."""
        ...

    async def search_titles(
        self, words: str, limit: int, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """Papers whose titles hold all of these words; the last may be only begun."""
        ...

    async def evidence(self, words: str, among: frozenset[int]) -> dict[int, WordEvidence]:
        """What papers hold of these words; those that hold none are left out."""
        ...


class VectorIndex(Protocol):
    """Papers by their vectors. Lists are (paper id, dot product), best first.

    To a team, open papers and its own are near; without a team only open ones are.
    """

    def put(self, paper_id: int, vector: bytes, parts: bytes, team_id: int | None = None) -> None:
        """Take in a team's or an open paper, in place of its vectors before; `parts` is kept as it is."""
        ...

    def remove(self, paper_ids: Collection[int]) -> None:
        """Forget papers."""
        ...

    def vector(self, paper_id: int, team_id: int | None = None) -> bytes | None:
        """Give the vector of a paper that the team may read."""
        ...

    def parts(self, paper_ids: Iterable[int]) -> list[bytes]:
        """What was kept beside the vectors, nothing for a paper that is not there."""
        ...

    def scores(self, vector: bytes, paper_ids: Iterable[int]) -> list[tuple[int, float]]:
        """How near these papers are, in no order; those that are not there are left out."""
        ...

    async def nearest(
        self, vector: bytes, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[tuple[int, float]]:
        """The nearest papers among the allowed ones (None: all)."""
        ...
