"""Blocks, their elements, and the messages that they are packed into."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.slack.limits import (
    BLOCKS_A_MESSAGE,
    BLOCKS_AS_JSON,
    BUTTON_TEXT,
    CONFIRM_TEXT,
    HEADER_TEXT,
    LINE,
    MESSAGE_TEXT,
    SECTION_TEXT,
)
from adapters.slack.render.text import escaped, fitted, unmarked
from bot.protocol.actions import Action, to_token

Block: TypeAlias = dict[str, Any]
ACTION = "paperclub."
"""What the `action_id` of every element of ours begins with."""
THERE = "@"
"""What parts an action's token from the channel that it is done in, where that is another one."""
_BLANK = "\N{EN DASH}"
"""In place of text that is empty, which Slack refuses."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its blocks, and all that they say as text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]


def plain(text: str, length: int, *, emoji: bool = False) -> Block:
    """Text as it is; colon names in it are emoji only where `emoji` says so."""
    return {"type": "plain_text", "text": fitted(text, length, escaped) or _BLANK, "emoji": emoji}


def mrkdwn(text: str) -> Block:
    """Text with marks, in which nothing but they is read: no bare address, name or channel."""
    return {"type": "mrkdwn", "text": text or _BLANK, "verbatim": True}


def header(text: str) -> Block:
    """What a message is about, in foreign words."""
    return {"type": "header", "text": plain(text, HEADER_TEXT)}


def section(*lines: str, accessory: Block | None = None) -> Block:
    """Lines of `mrkdwn`, empty ones left out."""
    block = {"type": "section", "text": mrkdwn("\n".join(line for line in lines if line))}
    return block if accessory is None else {**block, "accessory": accessory}


def words(text: str) -> Block:
    """Foreign sentences, shown in full."""
    return {"type": "section", "text": plain(text, SECTION_TEXT), "expand": True}


def fields(*texts: str) -> Block:
    """Short texts of `mrkdwn` in two columns, at most ten."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines of `mrkdwn` in as few sections as hold them."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= SECTION_TEXT:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [section(text) for text in texts]


def context(*texts: str) -> list[Block]:
    """Lines of `mrkdwn` that stand back; no block where all are empty."""
    said = [text for text in texts if text]
    return [{"type": "context", "elements": [mrkdwn("\n".join(said))]}] if said else []


def aside(text: str) -> list[Block]:
    """Foreign words that stand back; no block where there are none."""
    return context(fitted(text, LINE))


def actions(*elements: Block) -> list[Block]:
    """Elements beside each other; no block where there are none."""
    return [{"type": "actions", "elements": list(elements)}] if elements else []


def button(verb: str, label: str, action: Action, about: str = "") -> Block:
    """A button; `about` says to whom cannot see where it stands what it is for."""
    element: Block = {
        "type": "button",
        "action_id": f"{ACTION}{verb}",
        "text": plain(label, BUTTON_TEXT, emoji=True),
        "value": to_token(action),
    }
    # Of what nobody sees nothing is left, and Slack refuses an empty label.
    if seen := fitted(about, BUTTON_TEXT, escaped):
        element["accessibility_label"] = seen
    return element


def confirmed(element: Block, title: str, text: str, *, yes: str, no: str) -> Block:
    """A button that ends something, with the question that is asked first."""
    confirm = {
        "title": plain(title, BUTTON_TEXT),
        "text": plain(text, CONFIRM_TEXT),
        "confirm": plain(yes, BUTTON_TEXT),
        "deny": plain(no, BUTTON_TEXT),
        "style": "danger",
    }
    return {**element, "confirm": confirm}


def more(*options: tuple[str, Action], there: str = "") -> Block:
    """Two to five further things to do, behind three dots; `there` is the channel where that is another."""
    at = f"{THERE}{there}" if there else ""
    return {
        "type": "overflow",
        "action_id": f"{ACTION}more",
        "options": [
            {"text": plain(label, BUTTON_TEXT, emoji=True), "value": f"{to_token(action)}{at}"}
            for label, action in options
        ],
    }


def message(blocks: Sequence[Block], *also: str) -> Message:
    """Put blocks into a message; its text says what they do, and `also` what only their buttons say."""
    return Message(_spoken([*(line for block in blocks for line in _lines(block)), *also]), tuple(blocks))


def fits(blocks: Sequence[Block]) -> bool:
    """Whether one message holds these blocks."""
    size = len(json.dumps(blocks, ensure_ascii=False))
    return len(blocks) <= BLOCKS_A_MESSAGE and size <= BLOCKS_AS_JSON


def as_many(build: Callable[[int], list[Block]], most: int) -> list[Block]:
    """Build with as many rows as one message holds; with none it always holds them."""
    whole = build(most)
    if fits(whole):
        return whole
    return build(bisect_left(range(1, most), x=True, key=lambda count: not fits(build(count))))


def packed(groups: Iterable[Sequence[Block]]) -> tuple[Message, ...]:
    """Put groups of blocks, none of them parted, into as few messages as hold them."""
    messages: list[list[Block]] = []
    for group in groups:
        if messages and fits([*messages[-1], *group]):
            messages[-1] += group
        else:
            messages.append([*group])
    return tuple(message(blocks) for blocks in messages)


def _lines(block: Block) -> list[str]:
    texts = [block["text"]] if "text" in block else [*block.get("fields", ()), *block.get("elements", ())]
    return [
        unmarked(text["text"]) if text["type"] == "mrkdwn" else text["text"]
        for text in texts
        if text["type"] in {"mrkdwn", "plain_text"}
    ]


def _spoken(lines: Iterable[str]) -> str:
    """Whole lines, as many as the text beside the blocks may have."""
    said = ""
    for line in lines:
        if len(said) + len(line) + 2 > MESSAGE_TEXT:
            return f"{said}…"
        said += f"{line}\n" if line else ""
    return said.strip() or _BLANK
