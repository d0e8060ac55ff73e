"""Words for the page: facts about papers, and sentences with commands in them."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from adapters.common.text import web_address
from adapters.web.limits import AROUND_MATCH, AUTHORS_ON_CARD, TEASER
from bot.domain.document import Span
from bot.domain.paper import Paper
from bot.domain.period import Period, PeriodLength
from bot.protocol.marked import Piece, clean_pieces
from bot.protocol.replies import Hit
from bot.protocol.wording import cleaned, counted, shortened

_SAFE = ":/?#[]@!$&'()*+,;=%~"
_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> Markup:
    """Escape sentences, and show what stands between backticks as code."""
    parts = _CODE.split(cleaned(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else Markup("{}").format(part)
        for place, part in enumerate(parts)
    )


def lines(text: str) -> list[Markup]:
    """Return each line of a notice, escaped."""
    return [prose(line) for line in text.splitlines() if line.strip()]


def address(link: str | None) -> str:
    """Return a link that may be followed, http or https alone; else an empty text."""
    return web_address(link, _SAFE) or ""


def people(paper: Paper, most: int = AUTHORS_ON_CARD) -> str:
    """Name a paper's first authors, and say how many more there are."""
    named = [cleaned(each) for each in paper.authors[:most]]
    more = len(paper.authors) - len(named)
    return ", ".join(named) + (f" and {counted(more, 'other')}" if more else "")


def teaser(paper: Paper) -> str:
    """Return the beginning of a paper's abstract, or a source's summary of it."""
    return shortened(cleaned(paper.details.tldr or paper.abstract), TEASER)


def matched(hit: Hit) -> Markup:
    """Return the sentence that matched, with some of the abstract around it.

    The words that answer are marked, or the whole sentence where there are none.
    """
    abstract, wanted = cleaned(hit.paper.abstract), cleaned(hit.sentence or "")
    if not wanted:
        return Markup("{}").format(teaser(hit.paper))
    marked = _marked(clean_pieces(hit.sentence or "", hit.marks or (Span(0, len(wanted)),)))
    before, found, behind = abstract.partition(wanted)
    if not found:
        return marked
    head = _end_of(before)
    tail = shortened(behind, AROUND_MATCH) if len(behind) > AROUND_MATCH else behind
    return Markup("{}{}{}").format(head, marked, tail)


def _marked(pieces: Iterable[Piece]) -> Markup:
    plain, mark = Markup("{}"), Markup("<mark>{}</mark>")
    drawn = Markup("").join((mark if each.marked else plain).format(each.text) for each in pieces)
    return Markup('<span class="match">{}</span>').format(drawn)


def _end_of(text: str) -> str:
    if len(text) <= AROUND_MATCH:
        return text
    return "…" + text[-AROUND_MATCH:].partition(" ")[2]


def moment(at: datetime, timezone: str) -> str:
    """Return a time of some day: `25 Nov 2026, 09:00`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def period_heading(period: Period) -> str:
    """Name a time: `Friday 17 April 2026`, `Week 16 of 2026` or `April 2026`."""
    first = period.first
    match period.length:
        case PeriodLength.DAY:
            return f"{first:%A} {first.day} {first:%B %Y}"
        case PeriodLength.WEEK:
            year, week, _ = first.isocalendar()
            return f"Week {week} of {year}"
        case PeriodLength.MONTH:
            return f"{first:%B %Y}"
