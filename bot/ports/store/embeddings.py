"""Embeddings."""

from collections.abc import Collection, Mapping
from typing import Protocol


class Embeddings(Protocol):
    """Embeddings by (model, text hash): a paper's vector and its sentences'."""

    async def put(self, model: str, encoded: Mapping[str, bytes]) -> None:
        """Keep what an Embedder made, by text hash; what is there already stays."""
        ...

    async def get(self, model: str, text_hashes: Collection[str]) -> dict[str, bytes]:
        """Give what is kept for these texts."""
        ...
