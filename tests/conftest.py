"""What holds for all tests."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import settings

import app.sources  # noqa: F401 - registers the sources, so that papers are merged as in the program
from storage.sql.migrations import migrate

# Whatever stands in a file `.env` here is for who runs the bot.
os.environ["PAPERCLUB_ENV_FILE"] = os.devnull

settings.register_profile("unhurried", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database without rows, to be copied."""
    file = tmp_path_factory.mktemp("template") / "paperclub.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file
