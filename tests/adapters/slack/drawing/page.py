"""A page that draws messages, modals and Homes roughly as Slack does in light mode, and a picture of it."""

import subprocess
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from tests.adapters.slack.drawing.blocks import block, text

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
.fields.one { grid-template-columns: 1fr; }
.input { margin: 16px 0; }
.label { font-weight: 700; }
.label i { color: #616061; font-style: normal; font-weight: 400; }
.box { border: 1px solid #bbb; border-radius: 4px; min-height: 36px; margin: 4px 0; padding: 6px 12px;
       background: #fff; white-space: pre-wrap; }
.box.select::after { content: "\\25BE"; float: right; color: #616061; }
.box.lines { min-height: 80px; }
.empty { color: #868686; }
.hint { color: #616061; font-size: 13px; line-height: 18px; }
.wrong { color: #e01e5a; font-size: 13px; line-height: 18px; }
.choice::before { content: "\\25CB\\00A0"; }
.choice.chosen::before { content: "\\25CF\\00A0"; color: #1264a3; }
.modal { width: 520px; margin: 16px auto; border: 1px solid #ccc; border-radius: 8px; }
.modal .top, .modal .bottom { display: flex; gap: 8px; padding: 14px 24px; }
.modal .top { font-size: 18px; font-weight: 900; border-bottom: 1px solid #ddd; }
.modal .bottom { justify-content: flex-end; border-top: 1px solid #ddd; }
.modal .inside { padding: 4px 24px 12px; }
.home { padding: 0 20px 16px; }
.tabs { margin: 0 -20px 8px; padding: 8px 20px; border-bottom: 1px solid #ddd; color: #616061; }
.tabs b { color: #1d1c1d; margin-right: 16px; }
.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
"""


def page(*parts: str) -> str:
    """HTML of what was drawn."""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Replies</title>"
        f"<style>{STYLE}</style><body>{''.join(parts)}</body></html>"
    )


def message(name: str, blocks: Iterable[Mapping[str, Any]]) -> str:
    """A message under its name."""
    return (
        f"<h2>{escape(name)}</h2><div class=message><div class=avatar>P</div>"
        "<span class=name>Paperclub</span><span class=app>APP</span><span class=time>9:00 AM</span>"
        f"{''.join(map(block, blocks))}</div>"
    )


def modal(name: str, view: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """A modal under its name, with what is wrong beside its inputs."""
    told = errors or {}
    inside = "".join(block(each, told.get(each.get("block_id", ""), "")) for each in view["blocks"])
    buttons = "".join(
        f"<div class='button {kind}'>{text(view[which])}</div>"
        for which, kind in (("close", ""), ("submit", "primary"))
        if which in view
    )
    return (
        f"<h2>{escape(name)}</h2><div class=modal><div class=top>{text(view['title'])}</div>"
        f"<div class=inside>{inside}</div><div class=bottom>{buttons}</div></div>"
    )


def home(name: str, view: Mapping[str, Any]) -> str:
    """A Home under its name."""
    tabs = "<div class=tabs><b>Home</b>Messages</div>"
    return f"<h2>{escape(name)}</h2><div class=home>{tabs}{''.join(map(block, view['blocks']))}</div>"


def picture(html: str, folder: Path, height: int) -> Path:
    """Photograph a page in a browser that reaches nothing; the picture stands in the folder."""
    source, target = folder / "page.html", folder / "page.png"
    source.write_text(html, encoding="utf-8")
    own = [f"--user-data-dir={folder / 'profile'}", f"--screenshot={target}"]
    command = [CHROMIUM, *_ALONE, *own, f"--window-size={WIDTH},{height}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return target
