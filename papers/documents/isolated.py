"""Parses each foreign document in a process of its own, with limits on memory and time.

A hostile PDF or page can make a parser crash, loop or eat memory. Here only the child process does so.
"""

import asyncio
import contextlib
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

SECONDS = 40.0
QUICK_SECONDS = 15.0
"""Seconds that a PDF, and anything else, may take on the clock. The reader limits its CPU time itself."""

# -I ignores PYTHONPATH and the working folder: the child runs nothing but the reader and its parsers.
_READER = (sys.executable, "-I", str(Path(__file__).with_name("reader.py")))


class Kind(StrEnum):
    """How a document is parsed. `reader.py` has a function of each name, which says what it returns."""

    PDF = "pdf"
    PAGE = "page"
    TAGS = "tags"
    FEED = "feed"


class Unreadable(ValueError):
    """The document cannot be parsed; the text says why."""


async def read_isolated(document: bytes, kind: Kind, noun: str) -> Any:
    """Return what the reader found in a document. `noun` names the document in error texts.

    Raises:
        Unreadable: it is damaged or locked, or takes too much time or memory.

    """
    reader = await asyncio.create_subprocess_exec(
        *_READER,
        kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # No variable of ours, as some hold secrets and a parser might be taken over.
        env={},
    )
    try:
        async with asyncio.timeout(SECONDS if kind is Kind.PDF else QUICK_SECONDS):
            output, _ = await reader.communicate(document)
    except TimeoutError:
        raise Unreadable("it takes too long to read") from None
    finally:
        # Also where our own task was cancelled: a child left alone would go on until its CPU limit.
        with contextlib.suppress(ProcessLookupError):
            reader.kill()
        await reader.wait()
    if reader.returncode != 0:
        raise Unreadable(f"it is no {noun} that can be read")
    return json.loads(output)
