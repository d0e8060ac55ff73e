"""What people type, as Slack marks it up: https://docs.slack.dev/messaging/formatting-message-text."""

import html
import re
from collections.abc import Iterator
from typing import Any

_MARK = re.compile(r"<(?P<target>(?:[@#!]|https?://|mailto:)[^<>|\n]*)(?:\|(?P<label>[^<>\n]*))?>")
_ADDRESS = re.compile(
    r"https?://[^\s<>|]+|(?<![\w.@/-])(?:[a-z0-9-]+\.)+(?:co|com|io|net|org)\b(?:/[^\s<>|]*)?", re.IGNORECASE
)
_AFTER = ".,;:!?)'\""
"""What ends a sentence and not an address."""


def marked(text: str) -> str:
    """Put addresses in angle brackets and escape the rest; what is marked already stays as it is."""
    done, end = "", 0
    for mark in _MARK.finditer(text):
        done += _marked_addresses(text[end : mark.start()]) + mark[0]
        end = mark.end()
    return done + _marked_addresses(text[end:])


def _marked_addresses(text: str) -> str:
    done, end = "", 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER)
        shown = html.escape(address, quote=False)
        mark = f"<{shown}>" if "://" in address else f"<http://{shown}|{shown}>"
        done += html.escape(text[end : found.start()], quote=False) + mark
        end = found.start() + len(address)
    return done + html.escape(text[end:], quote=False)


def addresses(marked_text: str) -> list[str]:
    """The addresses of a message, each once."""
    targets = (html.unescape(mark["target"]) for mark in _MARK.finditer(marked_text))
    return list(dict.fromkeys(target for target in targets if target.startswith("http")))


def rich_text(marked_text: str) -> list[dict[str, Any]]:
    """The block that people's messages carry beside their text."""
    section = {"type": "rich_text_section", "elements": list(_parts(marked_text))}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def _parts(marked_text: str) -> Iterator[dict[str, Any]]:
    end = 0
    for mark in _MARK.finditer(marked_text):
        yield from _plain(marked_text[end : mark.start()])
        yield _part(html.unescape(mark["target"]), html.unescape(mark["label"] or ""))
        end = mark.end()
    yield from _plain(marked_text[end:])


def _plain(text: str) -> Iterator[dict[str, Any]]:
    if text:
        yield {"type": "text", "text": html.unescape(text)}


def _part(target: str, label: str) -> dict[str, Any]:
    kinds = {"@": ("user", "user_id"), "#": ("channel", "channel_id"), "!": ("broadcast", "range")}
    if target[0] in kinds:
        kind, name = kinds[target[0]]
        return {"type": kind, name: target[1:]}
    return {"type": "link", "url": target, **({"text": label} if label else {})}
