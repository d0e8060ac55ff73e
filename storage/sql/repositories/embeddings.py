"""Embeddings by model and text hash."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, delete, distinct, exists, func, select

from bot.ports.store.embeddings import PaperText
from storage.sql.connection import Repository
from storage.sql.tables import PaperRow, VectorRow
from storage.sql.types import among_texts

_AMONG = (VectorRow.model == bindparam("model"), among_texts(VectorRow.text_hash, "hashes"))
_GET = select(VectorRow.text_hash, VectorRow.data).where(*_AMONG)
_STORED = select(VectorRow.text_hash).where(*_AMONG)
_WITHOUT = (
    ~PaperRow.hidden,
    ~exists().where(VectorRow.model == bindparam("model"), VectorRow.text_hash == PaperRow.text_hash),
)
_COUNT_MISSING = select(func.count(distinct(PaperRow.text_hash))).where(*_WITHOUT)
_MISSING = (
    select(PaperRow.text_hash, func.min(PaperRow.title), func.min(PaperRow.abstract))
    .where(*_WITHOUT, PaperRow.text_hash > bindparam("after"))
    .group_by(PaperRow.text_hash)
    .order_by(PaperRow.text_hash)
    .limit(bindparam("limit"))
)
_HAS_ANY = select(exists().where(VectorRow.model == bindparam("model")))
_FORGET = delete(VectorRow).where(VectorRow.model == bindparam("model"))


class SqlEmbeddings(Repository):
    """Embeddings in the database."""

    async def put(self, model: str, encoded: Mapping[str, bytes]) -> None:
        if encoded:
            rows = [{"model": model, "text_hash": name, "data": data} for name, data in encoded.items()]
            await self._connection.run(self._connection.insert(VectorRow).on_conflict_do_nothing(), rows)

    async def get(self, model: str, text_hashes: Collection[str]) -> dict[str, bytes]:
        found = await self._connection.run(_GET, {"model": model, "hashes": text_hashes})
        return {row.text_hash: row.data for row in found}

    async def stored(self, model: str, text_hashes: Collection[str]) -> set[str]:
        found = await self._connection.run(_STORED, {"model": model, "hashes": text_hashes})
        return set(found.scalars())

    async def count_missing(self, model: str) -> int:
        return int((await self._connection.run(_COUNT_MISSING, {"model": model})).scalar_one())

    async def missing(self, model: str, after: str, limit: int) -> list[PaperText]:
        """Papers with one hash have one text, so the least of each is that text."""
        found = await self._connection.run(_MISSING, {"model": model, "after": after, "limit": limit})
        return [PaperText(*row) for row in found]

    async def has_any(self, model: str) -> bool:
        return bool((await self._connection.run(_HAS_ANY, {"model": model})).scalar_one())

    async def forget(self, model: str) -> None:
        await self._connection.run(_FORGET, {"model": model})
