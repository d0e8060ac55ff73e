"""Embeddings by model and text hash."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select

from storage.sql.connection import Repository
from storage.sql.tables import VectorRow
from storage.sql.types import among_texts

_AMONG = (VectorRow.model == bindparam("model"), among_texts(VectorRow.text_hash, "hashes"))
_GET = select(VectorRow.text_hash, VectorRow.data).where(*_AMONG)


class SqlEmbeddings(Repository):
    """Embeddings in the database."""

    async def put(self, model: str, encoded: Mapping[str, bytes]) -> None:
        if encoded:
            rows = [{"model": model, "text_hash": name, "data": data} for name, data in encoded.items()]
            await self._connection.run(self._connection.insert(VectorRow).on_conflict_do_nothing(), rows)

    async def get(self, model: str, text_hashes: Collection[str]) -> dict[str, bytes]:
        found = await self._connection.run(_GET, {"model": model, "hashes": text_hashes})
        return {row.text_hash: row.data for row in found}
