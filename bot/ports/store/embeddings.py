"""Stored embeddings."""

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol


class PaperText(NamedTuple):
    """What is encoded of a paper."""

    text_hash: str
    title: str
    abstract: str


class Embeddings(Protocol):
    """Embeddings by model and text hash: the vectors of a paper, of its sentences and of its words."""

    async def put(self, model: str, encoded: Mapping[str, bytes]) -> None:
        """Store what the Embedder returned, by text hash. Existing rows stay."""
        ...

    async def get(self, model: str, text_hashes: Collection[str]) -> dict[str, bytes]:
        """Return what is stored for these texts, by text hash."""
        ...

    async def stored(self, model: str, text_hashes: Collection[str]) -> set[str]:
        """Return the hashes of those texts for which something is stored. Nothing of it is read."""
        ...

    async def count_missing(self, model: str) -> int:
        """Return the number of texts of papers that have no embedding by this model."""
        ...

    async def missing(self, model: str, after: str, limit: int) -> list[PaperText]:
        """Return the texts without an embedding by this model, in the order of their hashes after `after`."""
        ...

    async def has_any(self, model: str) -> bool:
        """Whether any embedding by this model is stored."""
        ...

    async def forget(self, model: str) -> None:
        """Delete all embeddings by this model."""
        ...
