"""Atom 1.0, written with the standard library: it escapes, and we leave out what XML cannot say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from bot.domain.cleaning import clean_text
from bot.domain.paper import Paper

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
ET.register_namespace("", _ATOM)
_NAMES = UUID("5f0c1f43-9d0b-4d1f-8e3e-6a1c5b8e7d20")
"""Ours, made once: with it, the same words give the same id for ever."""
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries changed last."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in a feed: when it came in there, and under which topic."""

    paper: Paper
    at: datetime
    topic: str = ""


@dataclass(frozen=True, slots=True)
class FeedText:
    """A feed. `name` is what its id is made of, and never changes."""

    name: str
    title: str
    entries: Sequence[Entry]
    address: str
    """Where it is read."""

    @property
    def updated(self) -> datetime:
        """When it changed last."""
        return max((each.at for each in self.entries), default=_NEVER).replace(microsecond=0)


def atom(feed: FeedText, public_url: str) -> bytes:
    """Write a feed."""
    root = ET.Element(f"{{{_ATOM}}}feed")
    _text(root, "id", urn(feed.name))
    _text(root, "title", feed.title)
    _text(root, "updated", _moment(feed.updated))
    _link(root, "self", feed.address)
    if public_url:
        _link(root, "alternate", public_url)
    _text(_child(root, "author"), "name", "Paperclub")
    for each in feed.entries:
        _entry(_child(root, "entry"), each, public_url)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def urn(name: str) -> str:
    """Return the id that belongs to a name for ever."""
    return uuid5(_NAMES, name).urn


def _entry(element: ET.Element, entry: Entry, public_url: str) -> None:
    paper = entry.paper
    # The number alone would name other papers elsewhere; no two were added at the same microsecond.
    _text(element, "id", urn(f"paper {paper.id} {paper.added.astimezone(UTC).isoformat()}"))
    _text(element, "title", paper.title)
    _text(element, "updated", _moment(entry.at))
    if address := f"{public_url}/papers/{paper.id}" if public_url else paper.link:
        _link(element, "alternate", address)
    if public_url and paper.link:
        _link(element, "related", paper.link)
    for name in paper.authors:
        _text(_child(element, "author"), "name", name)
    if entry.topic:
        _child(element, "category").set("term", _legal(entry.topic))
    if paper.abstract:
        _text(element, "summary", paper.abstract)


def _child(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_ATOM}}}{name}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    _child(parent, name).text = _legal(text)


def _link(parent: ET.Element, relation: str, address: str) -> None:
    link = _child(parent, "link")
    link.set("rel", relation)
    link.set("href", _legal(address))


def _legal(text: str) -> str:
    return _NOT_XML.sub("", clean_text(text))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
