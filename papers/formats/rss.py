"""arXiv's announcements as RSS, parsed by feedparser in a process of its own."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.paper import PaperDraft
from papers.documents.isolated import Kind, Unreadable, read_isolated
from papers.formats.records import Incomplete, draft

_ANNOUNCED = frozenset({"new", "cross"})
_REPLACED = frozenset({"replace", "replace-cross"})
_ABSTRACT = re.compile(r"\bAbstract:\s*(.*)", re.DOTALL)


class NotRss(ValueError):
    """The document is no RSS feed; the text says why."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A day's papers: new or cross-listed ones, and those that were replaced by a new version."""

    day: date | None
    announced: tuple[PaperDraft, ...]
    replaced: tuple[PaperDraft, ...]
    trouble: str = ""
    """What is missing, in a few words; empty if nothing is."""


async def read(document: bytes, source: str) -> Announcement:
    """Parse an announcement. Incomplete items, or a feed that ends early, are reported in `trouble`.

    Raises:
        NotRss: it is something else, or takes too much time or memory to parse.

    """
    try:
        found = await read_isolated(document, Kind.FEED, "feed")
    except Unreadable as error:
        raise NotRss(f"its answer cannot be read: {error}") from None
    return await asyncio.to_thread(announced, found, source)


def announced(found: Mapping[str, Any] | None, source: str) -> Announcement:
    """Return the announcement in the reader's result.

    Raises:
        NotRss: it is something else.

    """
    if found is None:
        raise NotRss("its answer is in no encoding that can be read")
    if not found["version"].startswith("rss"):
        raise NotRss("its answer is no RSS feed")
    listed = found["items"]
    items = list(_items(listed, source))
    unread = len(listed) - len(items)
    trouble = f"{unread} of {len(listed)} papers came without title or abstract" if unread else ""
    return Announcement(
        date(*found["published"]) if found["published"] else None,
        tuple(paper for kind, paper in items if kind in _ANNOUNCED),
        tuple(paper for kind, paper in items if kind in _REPLACED),
        "its feed breaks off" if found["breaks_off"] else trouble,
    )


def _items(entries: list[Mapping[str, Any]], source: str) -> Iterator[tuple[str, PaperDraft]]:
    for entry in entries:
        abstract = _ABSTRACT.search(entry["summary"] or "")
        record = {
            "title": entry["title"],
            "abstract": abstract and abstract[1],
            "id": (entry["id"] or "").rpartition(":")[2],
            "url": entry["link"],
            "authors": entry["author"],
            "categories": entry["terms"],
        }
        try:
            yield (entry["arxiv_announce_type"] or "new").strip().lower(), draft(record, source)
        except Incomplete:
            continue
