"""Documents are read in a process of its own each, which has so much memory and time and no more."""

import asyncio
import contextlib
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

SECONDS = 40.0
QUICK_SECONDS = 15.0
"""How long a PDF and anything else may take to be read, whatever the reader does with its processor time."""

_READER = (sys.executable, "-I", str(Path(__file__).with_name("reader.py")))


class Kind(StrEnum):
    """What a document is read as: `reader.py` has a function of each name, and says what it gives."""

    PDF = "pdf"
    PAGE = "page"
    TAGS = "tags"
    FEED = "feed"


class Unreadable(ValueError):
    """A document cannot be read; the text says why."""


async def read_isolated(document: bytes, kind: Kind, noun: str) -> Any:
    """Give what the reader says of a document, which messages call by a noun.

    Raises:
        Unreadable: it is damaged or locked, or took too long or too much memory.

    """
    reader = await asyncio.create_subprocess_exec(
        *_READER,
        kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(SECONDS if kind is Kind.PDF else QUICK_SECONDS):
            written, _ = await reader.communicate(document)
    except TimeoutError:
        raise Unreadable("it takes too long to read") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            reader.kill()
        await reader.wait()
    if reader.returncode != 0:
        raise Unreadable(f"it is no {noun} that can be read")
    return json.loads(written)
