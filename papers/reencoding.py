"""Encodes all papers anew in the background, where a release has another encoder than the one before."""

import logging
import secrets

from bot.ports.store.store import Store
from papers.generations import Generations

AT_ONCE = 64
"""Papers in one batch. A search that comes in between waits for no more than these."""
SOON = 256
"""So few papers are encoded at the start, before anybody searches."""
_log = logging.getLogger(__name__)


class Reencoding:
    """Fills the stored vectors of the newest generation, while the one before serves.

    Any number of processes may do so at once, and any may be stopped: each begins at another place, and what
    is stored is not encoded again.
    """

    def __init__(self, store: Store, generations: Generations) -> None:
        self._store = store
        self._generations = generations
        self._chosen = False
        self._after = secrets.token_hex(32)

    @property
    def in_progress(self) -> bool:
        """Whether the earlier generation serves."""
        return self._generations.serving is not self._generations.newest

    async def choose(self) -> None:
        """Let the earlier generation serve if it has vectors of more papers, once a process."""
        earlier = self._generations.earlier
        if self._chosen or earlier is None:
            return
        if missing := await self.left():
            async with self._store.reading() as tx:
                missing_before = await tx.embeddings.count_missing(earlier.embedder.name)
            if missing > missing_before + SOON:
                self._generations.serving = earlier
                _log.info(
                    "%d papers are encoded anew; until then searches use their earlier vectors", missing
                )
        else:
            await self._forget(earlier.embedder.name)
        self._chosen = True

    async def _forget(self, model: str) -> None:
        """Delete what an encoder left, if it left anything: on SQLite every writer waits for every other."""
        async with self._store.reading() as tx:
            left = await tx.embeddings.has_any(model)
        if left:
            async with self._store.writing() as tx:
                await tx.embeddings.forget(model)

    async def left(self) -> int:
        """Return how many papers' texts are still to be encoded."""
        async with self._store.reading() as tx:
            return await tx.embeddings.count_missing(self._generations.newest.embedder.name)

    async def encode_some(self) -> bool:
        """Encode the next papers. Returns False once none is left."""
        embedder = self._generations.newest.embedder
        async with self._store.reading() as tx:
            texts = await tx.embeddings.missing(embedder.name, self._after, AT_ONCE)
            if not texts:
                texts = await tx.embeddings.missing(embedder.name, "", AT_ONCE)
        if not texts:
            return False
        encoded = await embedder.papers([(each.title, each.abstract) for each in texts])
        made = dict(zip((each.text_hash for each in texts), encoded, strict=True))
        async with self._store.writing() as tx:
            await tx.embeddings.put(embedder.name, made)
        self._after = texts[-1].text_hash
        return True
