"""Stored embeddings."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Embeddings(Protocol):
    """Embeddings by model and text hash: the vector of a paper, and those of its sentences."""

    async def put(self, model: str, encoded: Mapping[str, bytes]) -> None:
        """Store what the Embedder returned, by text hash. Existing rows stay."""
        ...

    async def get(self, model: str, text_hashes: Collection[str]) -> dict[str, bytes]:
        """Return what is stored for these texts, by text hash."""
        ...
