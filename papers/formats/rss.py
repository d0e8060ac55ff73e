"""RSS as arXiv announces its papers with, read with feedparser."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import feedparser

from bot.models import PaperDraft
from papers.formats.records import Unfit, draft

_ANNOUNCED = frozenset({"new", "cross"})
_REPLACED = frozenset({"replace", "replace-cross"})
_ABSTRACT = re.compile(r"\bAbstract:\s*(.*)", re.DOTALL)


class NotRss(ValueError):
    """A document is no RSS feed; the text says why."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One day's papers: those that are new, or new in a category, and those that have a new version."""

    day: date | None
    announced: tuple[PaperDraft, ...]
    replaced: tuple[PaperDraft, ...]
    trouble: str = ""
    """What is missing, in a few words."""


def parsed(document: bytes, source: str) -> Announcement:
    """Read an announcement; items that are no whole papers are counted, and a feed that breaks off is told.

    Raises:
        NotRss: it is something else.

    """
    try:
        feed: Any = feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError):
        raise NotRss("its answer is in no encoding that can be read") from None
    if not str(feed.get("version", "")).startswith("rss"):
        raise NotRss("its answer is no RSS feed")
    items = list(_items(feed.entries, source))
    unread = len(feed.entries) - len(items)
    trouble = f"{unread} of {len(feed.entries)} papers came without title or abstract" if unread else ""
    return Announcement(
        _day(feed.feed),
        tuple(paper for kind, paper in items if kind in _ANNOUNCED),
        tuple(paper for kind, paper in items if kind in _REPLACED),
        "its feed breaks off" if feed.bozo else trouble,
    )


def _items(entries: list[Any], source: str) -> Iterator[tuple[str, PaperDraft]]:
    for entry in entries:
        abstract = _ABSTRACT.search(str(entry.get("summary", "")))
        record = {
            "title": entry.get("title"),
            "abstract": abstract and abstract[1],
            "id": str(entry.get("id", "")).rpartition(":")[2],
            "url": entry.get("link"),
            "authors": entry.get("author"),
            "categories": [tag.get("term") for tag in entry.get("tags", [])],
        }
        try:
            yield str(entry.get("arxiv_announce_type", "new")).strip().lower(), draft(record, source)
        except Unfit:
            continue


def _day(feed: Any) -> date | None:
    """Return the day that a feed is from, where it was made."""
    moment = feed.get("published_parsed")
    return date(*moment[:3]) if moment else None
