"""A recorded session as an SVG picture, which loads nothing from other hosts."""

import re
from html import unescape

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import TerminalTheme

_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{
        font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
        font-size: {char_height}px;
        line-height: {line_height}px;
    }}
    .{unique_id}-title {{
        font-family: system-ui, sans-serif;
        font-size: 18px;
        font-weight: bold;
    }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""
_THEME = TerminalTheme(
    background=(22, 24, 29),
    foreground=(226, 228, 233),
    normal=[
        (22, 24, 29),
        (255, 123, 114),
        (126, 211, 134),
        (229, 192, 123),
        (122, 178, 255),
        (214, 153, 255),
        (110, 207, 216),
        (226, 228, 233),
    ],
)


_CELL = 12.2
"""The width of a column in rich's SVG: 0.61 of the character height of 20."""
_RUN = re.compile(r'textLength="[^"]*"(?P<rest>[^>]*)>(?P<text>[^<]*)</text>')


def to_svg(console: Console, title: str) -> str:
    """Return the output that a console from `recorder` has recorded."""
    svg = console.export_svg(title=title, theme=_THEME, code_format=_FORMAT, unique_id="session", clear=False)
    return _RUN.sub(_widened, svg)


def _widened(run: re.Match[str]) -> str:
    """Correct the width of a run of text: rich counts characters, but an emoji is two columns wide."""
    length = _CELL * cell_len(unescape(run["text"]))
    return f'textLength="{length:g}"{run["rest"]}>{run["text"]}</text>'
