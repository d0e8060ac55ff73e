"""A paper as a PDF: read in a process of its own, which has so much memory and time and no more."""

import asyncio
import contextlib
import json
import re
import sys
from pathlib import Path

from bot.models import Passage
from papers.text import clean_abstract

SECONDS = 40.0
"""How long a PDF may take to be read, whatever it does with its processor time."""

_READER = (sys.executable, "-I", str(Path(__file__).with_name("pdf_reader.py")))
_END = re.compile(r"^[ \t]*(?:\d+\.?[ \t]*)?(?:references|bibliography)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_AFTER_END = re.compile(
    r"^[ \t]*(?:appendix|appendices|supplementary material)\b.*$", re.IGNORECASE | re.MULTILINE
)


class Unreadable(ValueError):
    """A document cannot be read; the text says why."""


async def passages(document: bytes) -> tuple[Passage, ...]:
    """Read a PDF page by page, but for its references.

    Raises:
        Unreadable: it is none, it is damaged or locked, or it took too long.

    """
    pages = await _pages(document)
    return await asyncio.to_thread(_cleaned, pages)


async def _pages(document: bytes) -> list[str]:
    reader = await asyncio.create_subprocess_exec(
        *_READER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(SECONDS):
            written, _ = await reader.communicate(document)
    except TimeoutError:
        raise Unreadable("it takes too long to read") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            reader.kill()
        await reader.wait()
    if reader.returncode != 0:
        raise Unreadable("it is no PDF that can be read")
    pages: list[str] = json.loads(written)
    return pages


def _cleaned(pages: list[str]) -> tuple[Passage, ...]:
    found: list[Passage] = []
    ended = False
    for number, text in enumerate(pages, start=1):
        body, ended = _without_references(text, ended=ended)
        clean = clean_abstract(body)
        if clean:
            found.append(Passage(clean, f"page {number}"))
    return tuple(found)


def _without_references(text: str, *, ended: bool) -> tuple[str, bool]:
    """Cut a page's references out; whether the next page goes on with them."""
    if not ended:
        end = _END.search(text)
        if end is None:
            return text, False
        rest, goes_on = _without_references(text[end.end() :], ended=True)
        return f"{text[: end.start()]}\n{rest}", goes_on
    after = _AFTER_END.search(text)
    return (text[after.start() :], False) if after else ("", True)
