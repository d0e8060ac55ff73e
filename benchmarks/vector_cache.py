"""Keeps encoded papers on disk under .cache/, so that no benchmark encodes them again.

Run as a program, it encodes the 50,000 arXiv papers of ../shared. A run that was stopped is continued.
"""

import asyncio
import gzip
import json
import re
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import app.sources  # noqa: F401 - registers the sources, which decide how papers are merged
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft, text_hash
from papers.embedding import BareMiniLM, MiniLM
from papers.text import clean_abstract, clean_title

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
ARXIV = SHARED / "data" / "arxiv" / "papers.jsonl.gz"
CACHE = ROOT / ".cache" / "encodings.sqlite3"
AT_ONCE = 128
CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")


class CachedMiniLM(MiniLM):
    """MiniLM with a cache of papers on disk. `seconds` is the time spent on new encodings.

    Its query cache is off.
    """

    def __init__(self) -> None:
        super().__init__(cached_queries=0)
        CACHE.parent.mkdir(exist_ok=True)
        self._kept = sqlite3.connect(CACHE, timeout=60)
        self._kept.execute("PRAGMA journal_mode=WAL")
        self._kept.execute(
            "CREATE TABLE IF NOT EXISTS encodings (name TEXT PRIMARY KEY, vectors BLOB) WITHOUT ROWID"
        )
        self.seconds = 0.0
        self.encoded = 0

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Return papers' vectors, from the disk if they were encoded before."""
        names = [f"{self.name} {text_hash(*text)}" for text in texts]
        known = dict(self._known(names))
        missing = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
        if missing:
            start = time.perf_counter()
            made = await super().papers(list(missing.values()))
            self.seconds += time.perf_counter() - start
            self.encoded += len(made)
            known |= zip(missing, made, strict=True)
            with self._kept:
                self._kept.executemany(
                    "INSERT OR IGNORE INTO encodings VALUES (?, ?)", [(name, known[name]) for name in missing]
                )
        return [known[name] for name in names]

    def kept(self, texts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """Return the vectors of the texts that were encoded before."""
        names = {f"{self.name} {text_hash(*text)}": text for text in texts}
        return {names[name]: vectors for name, vectors in self._known(list(names))}

    def _known(self, names: list[str]) -> Iterator[tuple[str, bytes]]:
        query = "SELECT * FROM encodings WHERE name IN (SELECT value FROM json_each(?))"
        yield from self._kept.execute(query, [json.dumps(names)])


class CachedBareMiniLM(CachedMiniLM):
    """The model as it comes, without our differences."""

    name = BareMiniLM.name
    word_dimensions = BareMiniLM.word_dimensions


class OnlyKept(CachedMiniLM):
    """Encodes no papers: one without stored vectors borrows another's."""

    def __init__(self) -> None:
        super().__init__()
        self.borrowed = 0
        self._lent: list[bytes] = []

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Return papers' vectors from the disk."""
        kept = self.kept(texts)
        self.borrowed += len(texts) - len(kept)
        self._lent = list(kept.values()) or self._lent or await super().papers(texts[:50])
        others = cycle(self._lent)
        return [kept.get(text) or next(others) for text in texts]


def arxiv(limit: int | None = None) -> Iterator[PaperDraft]:
    """Read the arXiv papers as an import would."""
    with gzip.open(ARXIV, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number == limit:
                return
            row = json.loads(line)
            yield PaperDraft(
                identifiers=frozenset({Identifier(Scheme.ARXIV, row["id"])}),
                title=clean_title(row["title"]),
                abstract=clean_abstract(row["abstract"]),
                source="arxiv",
                categories=tuple(name for name in row["categories"] if CATEGORY.fullmatch(name)),
            )


async def _fill() -> None:
    embedder = CachedMiniLM()
    texts = [(draft.title, draft.abstract) for draft in arxiv()]
    for start in range(0, len(texts), AT_ONCE):
        await embedder.papers(texts[start : start + AT_ONCE])
        sys.stdout.write(f"\r{start + AT_ONCE:,} of {len(texts):,}")
        sys.stdout.flush()
    embedder.close()


if __name__ == "__main__":
    asyncio.run(_fill())
