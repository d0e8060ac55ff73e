"""A library over a database of the test's own."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from word_vectors import WordVectors

from bot.ports.clock import Clock
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.store import SqlStore


@pytest.fixture
async def store(migrated_file: Path, tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    yield store
    await store.close()


@pytest.fixture
def library(store: SqlStore, clock: Clock) -> PaperLibrary:
    """A library by the clock of the test's own file."""
    generations = Generations(Generation(WordVectors(), VectorIndex(WordVectors.dimensions)))
    return PaperLibrary(store, generations, FullTextIndex(), clock=clock, wakeup=LocalWakeup())
