"""Block Kit's blocks and elements, and the messages made of them: https://docs.slack.dev/block-kit/."""

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
ACTION_PREFIX = "paperclub."
"""The `action_id` of each of our elements begins with it."""
CHANNEL_SEPARATOR = "@"
"""Stands between an action's token and the channel that it acts in, where that is not the message's own."""
_PLACEHOLDER = "\N{EN DASH}"
"""Replaces an empty text, which Slack refuses."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its blocks, and their words as text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]


def plain(text: str, length: int, *, emoji: bool = False) -> Block:
    """A `plain_text` object; `:names:` become emoji only with `emoji`."""
    return {"type": "plain_text", "text": fitted(text, length, escaped) or _PLACEHOLDER, "emoji": emoji}


def mrkdwn(text: str) -> Block:
    """A `mrkdwn` object. `verbatim` keeps Slack from linking bare addresses, names and channels."""
    return {"type": "mrkdwn", "text": text or _PLACEHOLDER, "verbatim": True}


def header(text: str) -> Block:
    """A header; its text needs no escaping."""
    return {"type": "header", "text": plain(text, HEADER_TEXT)}


def section(*lines: str, accessory: Block | None = None) -> Block:
    """A section of `mrkdwn` lines, without the empty ones."""
    block = {"type": "section", "text": mrkdwn("\n".join(line for line in lines if line))}
    return block if accessory is None else {**block, "accessory": accessory}


def plain_section(text: str) -> Block:
    """A section of text that needs no escaping. `expand` shows it whole, without "See more"."""
    return {"type": "section", "text": plain(text, SECTION_TEXT), "expand": True}


def fields(*texts: str) -> Block:
    """A section of up to ten short `mrkdwn` texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def sections(lines: Iterable[str]) -> list[Block]:
    """As few sections as hold all these `mrkdwn` lines."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= SECTION_TEXT:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [section(text) for text in texts]


def context(*texts: str) -> list[Block]:
    """A context block of `mrkdwn` lines; none where all are empty."""
    lines = [text for text in texts if text]
    return [{"type": "context", "elements": [mrkdwn("\n".join(lines))]}] if lines else []


def note(text: str) -> list[Block]:
    """A context block of text that is not escaped yet; none where it is empty."""
    return context(fitted(text, LINE))


def actions(*elements: Block) -> list[Block]:
    """A row of elements; no block where there are none."""
    return [{"type": "actions", "elements": list(elements)}] if elements else []


def button(verb: str, label: str, action: Action, accessibility_label: str = "") -> Block:
    """A button; screen readers read the accessibility label, which also says what the button acts on."""
    element: Block = {
        "type": "button",
        "action_id": f"{ACTION_PREFIX}{verb}",
        "text": plain(label, BUTTON_TEXT, emoji=True),
        "value": to_token(action),
    }
    # Cleaning may leave nothing of the label, and Slack refuses an empty one.
    if text := fitted(accessibility_label, BUTTON_TEXT, escaped):
        element["accessibility_label"] = text
    return element


def with_confirmation(element: Block, title: str, text: str, *, yes: str, no: str) -> Block:
    """A button for something that cannot be undone, which asks before it acts."""
    confirm = {
        "title": plain(title, BUTTON_TEXT),
        "text": plain(text, CONFIRM_TEXT),
        "confirm": plain(yes, BUTTON_TEXT),
        "deny": plain(no, BUTTON_TEXT),
        "style": "danger",
    }
    return {**element, "confirm": confirm}


def overflow_menu(*options: tuple[str, Action], target_channel: str = "") -> Block:
    """A menu of two to five actions behind three dots. They act in `target_channel`, if it is given.

    https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element.
    """
    suffix = f"{CHANNEL_SEPARATOR}{target_channel}" if target_channel else ""
    return {
        "type": "overflow",
        "action_id": f"{ACTION_PREFIX}more",
        "options": [
            {"text": plain(label, BUTTON_TEXT, emoji=True), "value": f"{to_token(action)}{suffix}"}
            for label, action in options
        ],
    }


def message(blocks: Sequence[Block], *button_texts: str) -> Message:
    """A message of these blocks. `button_texts` add to its text what only the buttons say."""
    lines = [line for block in blocks for line in _lines(block)]
    return Message(_fallback_text([*lines, *button_texts]), tuple(blocks))


def fits(blocks: Sequence[Block]) -> bool:
    """Whether one message holds these blocks."""
    size = len(json.dumps(blocks, ensure_ascii=False))
    return len(blocks) <= BLOCKS_A_MESSAGE and size <= BLOCKS_AS_JSON


def as_many_as_fit(build: Callable[[int], list[Block]], rows: int) -> list[Block]:
    """Call `build` with the largest number of rows, up to `rows`, whose blocks fit into one message.

    Its blocks without any row must fit.
    """
    whole = build(rows)
    if fits(whole):
        return whole
    return build(bisect_left(range(1, rows), x=True, key=lambda count: not fits(build(count))))


def pack(groups: Iterable[Sequence[Block]]) -> tuple[Message, ...]:
    """Distribute groups of blocks over as few messages as hold them. No group is split."""
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


def _fallback_text(lines: Iterable[str]) -> str:
    """Join whole lines up to the length that Slack allows."""
    text = ""
    for line in lines:
        if len(text) + len(line) + 2 > MESSAGE_TEXT:
            return f"{text}…"
        text += f"{line}\n" if line else ""
    return text.strip() or _PLACEHOLDER
