"""The parts that mails and pages are made of, and how each is written as text and as HTML.

The HTML is for narrow and old clients: tables, inline styles, no image, and no colours but two that are
readable on white and on black, so that a client's dark mode needs no help.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill

from adapters.common.text import fitted, web_address
from adapters.email.limits import LINE, TITLE
from bot.domain.paper import Paper
from bot.protocol.marked import Piece
from bot.protocol.wording import cleaned

_CODE = re.compile(r"`([^`]+)`")
_TEXT_WIDTH = 76
_GREY, _LINK = "color:#76777a", "color:#2f7de1"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the whole (`top`) or of a section."""

    text: str
    top: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph. What stands between backticks is code."""

    text: str
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link of ours with its label."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A paper, the lines below its title, and its links."""

    paper: Paper
    lines: tuple[str, ...]
    body: str = ""
    """Its abstract or the like."""
    before: str = ""
    """What stands before its title, such as its rank."""
    links: tuple[Link, ...] = ()
    quote: tuple[Piece, ...] = ()
    """The sentence that matched, in place of a body."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with their values."""

    rows: tuple[tuple[str, str], ...]


Part = Heading | Prose | PaperPart | Pairs | Link


def as_text(parts: Iterable[Part]) -> str:
    """Write the text of a mail."""
    return "\n\n".join(filter(None, map(_text, parts))) + "\n"


def as_html(parts: Iterable[Part]) -> str:
    """Write the rows of a mail's table."""
    return "\n".join(f'<tr><td style="padding:8px 0">{_html(part)}</td></tr>' for part in parts)


def mail_page(title: str, parts: Sequence[Part]) -> str:
    """Return the whole HTML of a mail."""
    return _MAIL.format(title=html.escape(cleaned(title)), rows=as_html(parts), font=_FONT)


_MAIL = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
</head>
<body style="margin:0;padding:0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:600px;text-align:left;{font};font-size:16px;line-height:1.5">
{rows}
</table>
</td></tr>
</table>
</body>
</html>
"""


def _text(part: Part) -> str:
    match part:
        case Heading(text=text, top=top):
            line = cleaned(text)
            return f"{line}\n{('=' if top else '-') * min(len(line), _TEXT_WIDTH)}"
        case Prose(text=text):
            return "\n".join(_wrapped(line) for line in text.splitlines())
        case Link(label=label, address=address):
            return f"{label}: {address}"
        case Pairs(rows=rows):
            return "\n".join(f"{cleaned(name)}: {cleaned(value)}" for name, value in rows)
        case PaperPart():
            link = _address(part.paper)
            body = part.body or "".join(each.text for each in part.quote)
            lines = [
                _wrapped(f"{part.before} {cleaned(part.paper.title)} #{part.paper.id}".lstrip()),
                *(_wrapped(line) for line in part.lines if line),
                *([_wrapped(body)] if body else []),
                *([link] if link else []),
                *(f"{each.label}: {each.address}" for each in part.links),
            ]
            return "\n".join(lines)


def _wrapped(text: str) -> str:
    # A long word, such as an address, must stay whole.
    return fill(cleaned(text), _TEXT_WIDTH, break_long_words=False, break_on_hyphens=False)


def _html(part: Part) -> str:
    match part:
        case Heading(text=text, top=True):
            return f'<h1 style="font-size:22px;line-height:1.3;margin:0">{_escaped(text)}</h1>'
        case Heading(text=text):
            return f'<h2 style="font-size:18px;margin:12px 0 0">{_escaped(text)}</h2>'
        case Prose(text=text, dim=dim):
            lines = "<br>".join(_prose(line) for line in text.splitlines())
            return f'<p style="margin:0{";" + _GREY if dim else ""}">{lines}</p>'
        case Link():
            return _linked(part.label, part.address)
        case Pairs(rows=rows):
            return "<br>".join(f"<b>{_escaped(name)}</b> {_prose(value)}" for name, value in rows)
        case PaperPart():
            return _paper(part)


def _paper(part: PaperPart) -> str:
    title, address = _fitted(part.paper.title, TITLE), _address(part.paper)
    named = f'<a href="{html.escape(address)}" style="{_LINK}">{title}</a>' if address else title
    before = f"{html.escape(part.before)} " if part.before else ""
    lines = "<br>".join(_fitted(line, LINE) for line in part.lines if line)
    text = _escaped(part.body) or "".join(map(_piece, part.quote))
    body = f'<p style="margin:4px 0 0">{text}</p>' if text else ""
    links = " &middot; ".join(_linked(each.label, each.address) for each in part.links)
    below = f'<p style="margin:6px 0 0">{links}</p>' if links else ""
    return (
        f'<p style="margin:0;overflow-wrap:anywhere">{before}<b>{named}</b> '
        f'<span style="{_GREY}">#{part.paper.id}</span></p>'
        f'<p style="margin:2px 0 0;{_GREY};font-size:14px">{lines}</p>{body}{below}'
    )


def _piece(piece: Piece) -> str:
    text = html.escape(piece.text)
    return f"<strong>{text}</strong>" if piece.marked else text


def _linked(label: str, address: str) -> str:
    style = f"{_LINK};display:inline-block;padding:6px 8px 6px 0"
    return f'<a href="{html.escape(address)}" style="{style}">{html.escape(label)}</a>'


def _address(paper: Paper) -> str:
    return web_address(paper.link, _SAFE) or ""


def _escaped(text: str) -> str:
    return html.escape(cleaned(text))


def _fitted(text: str, length: int) -> str:
    return fitted(text, length, html.escape)


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", _escaped(text))
