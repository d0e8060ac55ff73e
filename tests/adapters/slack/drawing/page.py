"""A page that draws Block Kit roughly as Slack does in light mode, and a picture of it."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

WIDTH = 720
CHROMIUM = Path("/usr/bin/chromium")
_ALONE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1d1c1d;
       font: 15px/22px Lato, "Noto Sans", "Liberation Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif; }
h2 { margin: 0; padding: 5px 20px; background: #f4f4f4; color: #868686; font-size: 11px; line-height: 14px;
     font-weight: normal; }
.message { position: relative; padding: 8px 20px 10px 64px; }
.avatar { position: absolute; left: 20px; top: 12px; width: 36px; height: 36px; border-radius: 8px;
          background: #4a154b; color: #fff; text-align: center; line-height: 36px; font-weight: 900; }
.name { font-weight: 900; }
.app { background: #ededed; color: #616061; border-radius: 2px; font-size: 10px; font-weight: 700;
       padding: 1px 3px; margin: 0 6px 0 4px; vertical-align: 2px; }
.time { color: #616061; font-size: 12px; }
.block { margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.header { font-size: 18px; font-weight: 900; line-height: 24px; margin: 8px 0; }
.section { display: flex; gap: 16px; justify-content: space-between; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
.context { color: #616061; font-size: 13px; line-height: 18px; margin: 4px 0 8px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; white-space: normal; }
.button { border: 1px solid #bbb; border-radius: 4px; padding: 0 11px; height: 28px; line-height: 26px;
          font-size: 13px; font-weight: 700; background: #fff; white-space: nowrap; }
.danger { color: #e01e5a; border-color: #e01e5a; }
.overflow { flex: none; width: 30px; padding: 0; text-align: center; }
hr { border: 0; border-top: 1px solid #ddd; margin: 12px 0; }
a { color: #1264a3; text-decoration: none; }
b { font-weight: 700; }
code { font: 12px/18px "Liberation Mono", monospace; color: #e01e5a; background: #f6f6f6;
       border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; }
blockquote { margin: 2px 0; padding-left: 12px; border-left: 4px solid #ddd; }
"""
_MARKS = re.compile(r"<(?P<url>[^<>|]+)\|(?P<label>[^<>]*)>|`(?P<code>[^`\n]+)`|\*(?P<bold>[^*\n]+)\*")


def page(drawn: Mapping[str, Iterable[Mapping[str, Any]]]) -> str:
    """HTML with a message for each list of blocks, under its name."""
    messages = "".join(
        f"<h2>{escape(name)}</h2><div class=message><div class=avatar>P</div>"
        "<span class=name>Paperclub</span><span class=app>APP</span><span class=time>9:00 AM</span>"
        f"{''.join(map(_block, blocks))}</div>"
        for name, blocks in drawn.items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Replies</title>"
        f"<style>{STYLE}</style><body>{messages}</body></html>"
    )


def picture(html: str, folder: Path, height: int) -> Path:
    """Photograph a page in a browser that reaches nothing; the picture stands in the folder."""
    source, target = folder / "page.html", folder / "page.png"
    source.write_text(html, encoding="utf-8")
    own = [f"--user-data-dir={folder / 'profile'}", f"--screenshot={target}"]
    command = [CHROMIUM, *_ALONE, *own, f"--window-size={WIDTH},{height}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return target


def _block(block: Mapping[str, Any]) -> str:
    match block["type"]:
        case "divider":
            return "<hr>"
        case "header":
            return f"<div class='block header'>{_text(block['text'])}</div>"
        case "context":
            return f"<div class='block context'>{''.join(map(_text, block['elements']))}</div>"
        case "actions":
            return f"<div class='block actions'>{''.join(map(_element, block['elements']))}</div>"
        case "section" if "fields" in block:
            cells = "".join(f"<div>{_text(each)}</div>" for each in block["fields"])
            return f"<div class='block fields'>{cells}</div>"
        case "section":
            accessory = _element(block["accessory"]) if "accessory" in block else ""
            return f"<div class='block section'><div>{_text(block['text'])}</div>{accessory}</div>"
        case kind:
            raise ValueError(f"nobody has drawn {kind} yet")


def _element(element: Mapping[str, Any]) -> str:
    if element["type"] == "overflow":
        return "<div class='button overflow'>⋯</div>"
    return f"<div class='button {escape(element.get('style', ''))}'>{_text(element['text'])}</div>"


def _text(text: Mapping[str, Any]) -> str:
    if text["type"] == "plain_text":
        return _shown(text["text"])
    return "".join(map(_line, text["text"].split("\n")))


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
