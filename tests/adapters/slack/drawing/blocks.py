"""Block Kit as HTML."""

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

Part = Mapping[str, Any]
_MARKS = re.compile(r"<(?P<url>[^<>|]+)\|(?P<label>[^<>]*)>|`(?P<code>[^`\n]+)`|\*(?P<bold>[^*\n]+)\*")


def block(part: Part, error: str = "") -> str:
    """One block; an input has what is wrong with it beneath."""
    match part["type"]:
        case "divider":
            return "<hr>"
        case "header":
            return f"<div class='block header'>{text(part['text'])}</div>"
        case "context":
            return f"<div class='block context'>{''.join(map(text, part['elements']))}</div>"
        case "actions":
            return f"<div class='block actions'>{''.join(map(_element, part['elements']))}</div>"
        case "input":
            return _input(part, error)
        case "section":
            return _section(part)
        case kind:
            raise ValueError(f"nobody has drawn {kind} yet")


def _section(part: Part) -> str:
    cells = "".join(f"<div>{text(each)}</div>" for each in part.get("fields", []))
    fields = f"<div class='block fields'>{cells}</div>" if cells else ""
    if "text" not in part:
        return fields
    accessory = _element(part["accessory"]) if "accessory" in part else ""
    return f"<div class='block section'><div>{text(part['text'])}</div>{accessory}</div>{fields}"


def _input(part: Part, error: str) -> str:
    optional = " <i>(optional)</i>" if part.get("optional") else ""
    wrong = f"<div class=wrong>{_shown(error)}</div>" if error else ""
    hint = f"<div class=hint>{text(part['hint'])}</div>" if "hint" in part else ""
    label = f"<div class=label>{text(part['label'])}{optional}</div>"
    return f"<div class=input>{label}{_element(part['element'])}{wrong}{hint}</div>"


def _element(part: Part) -> str:
    match part["type"]:
        case "button":
            return f"<div class='button {escape(part.get('style', ''))}'>{text(part['text'])}</div>"
        case "overflow":
            return "<div class='button overflow'>⋯</div>"
        case "radio_buttons" | "checkboxes":
            return "".join(_choice(part, option) for option in part["options"])
        case "plain_text_input":
            kind = "lines" if part.get("multiline") else ""
            return _box(kind, _shown(part.get("initial_value", "")), part)
        case "datepicker" | "timepicker":
            return _box("select", _shown(part.get("initial_date", part.get("initial_time", ""))), part)
        case "static_select" | "external_select" | "conversations_select" | "users_select":
            chosen = part.get("initial_option")
            return _box("select", text(chosen["text"]) if chosen else "", part)
        case kind:
            raise ValueError(f"nobody has drawn {kind} yet")


def _box(kind: str, value: str, part: Part) -> str:
    placeholder = text(part["placeholder"]) if "placeholder" in part else ""
    inside = value or f"<span class=empty>{placeholder}</span>"
    return f"<div class='box {kind}'>{inside}</div>"


def _choice(part: Part, option: Part) -> str:
    chosen = option in [part.get("initial_option"), *part.get("initial_options", [])]
    about = f"<div class=hint>{text(option['description'])}</div>" if "description" in option else ""
    return f"<div class='choice {'chosen' if chosen else ''}'>{text(option['text'])}{about}</div>"


def text(part: Part) -> str:
    """A text object."""
    if part["type"] == "plain_text":
        return _shown(part["text"])
    return "".join(map(_line, part["text"].split("\n")))


def _line(line: str) -> str:
    if line.startswith(">"):
        return f"<blockquote>{_marked(line[1:])}</blockquote>"
    return f"<div>{_marked(line)}</div>"


def _marked(text: str) -> str:
    drawn, end = "", 0
    for mark in _MARKS.finditer(text):
        drawn += _shown(text[end : mark.start()]) + _mark(mark)
        end = mark.end()
    return drawn + _shown(text[end:])


def _mark(mark: re.Match[str]) -> str:
    if mark["url"]:
        return f"<a href='{escape(unescape(mark['url']))}'>{_marked(mark['label'])}</a>"
    if mark["code"]:
        return f"<code>{_shown(mark['code'])}</code>"
    return f"<b>{_marked(mark['bold'])}</b>"


def _shown(text: str) -> str:
    """Foreign text as a page shows it, whatever Slack's own escapes were."""
    return escape(unescape(text))
