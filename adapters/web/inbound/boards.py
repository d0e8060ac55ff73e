"""Papers by day, week and month, and those that are trending."""

from dataclasses import dataclass
from datetime import UTC, date

from starlette.responses import Response

from adapters.web.inbound.site import NotFound, Visit
from adapters.web.render.text import period_heading
from adapters.web.render.views import Board, Link, notes, pager, ranked
from bot.domain.period import Period, PeriodLength
from bot.protocol.replies import BoardDates, Leaderboard, Notice, Tone
from bot.protocol.wording import step_text, submitters_text

RECENT = {"today": "Today", "week": "This week", "month": "This month"}
_LENGTHS = {PeriodLength.DAY: "Day", PeriodLength.WEEK: "Week", PeriodLength.MONTH: "Month"}
_NOTHING_YET = "I have no papers yet. They come once the bot has asked its sources."


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to another choice of papers."""

    text: str
    address: str
    current: bool


def period_address(period: Period) -> str:
    """Return the address of a day, week or month."""
    return f"/{period.name}" if period.length is PeriodLength.DAY else f"/{period.length}/{period.name}"


async def latest(visit: Visit) -> Response:
    """Show today's papers, or those of the latest day that has any."""
    period = Period.of(_today(visit), PeriodLength.DAY)
    reply = await _board(visit, period.name)
    if isinstance(reply, Leaderboard) and not reply.rows and reply.dates and reply.dates.earlier:
        period = reply.dates.earlier
        reply = await _board(visit, period.name)
    return await _show(visit, period, reply)


async def day(visit: Visit) -> Response:
    """Show the papers of a day."""
    return await _of(visit, PeriodLength.DAY)


async def week(visit: Visit) -> Response:
    """Show the papers of a week."""
    return await _of(visit, PeriodLength.WEEK)


async def month(visit: Visit) -> Response:
    """Show the papers of a month."""
    return await _of(visit, PeriodLength.MONTH)


async def trending(visit: Visit) -> Response:
    """Show the papers that are trending, with the same score as in chat."""
    name = visit.request.query_params.get("period", "week")
    if name not in RECENT:
        raise NotFound
    reply = await visit.ask("trending", {"period": name, "page": visit.page})
    tabs = [Tab(text, f"/trending?period={each}", each == name) for each, text in RECENT.items()]
    board = await _cards(visit, reply, "Trending", visit.path(period=name, page=""))
    return visit.show(
        "board.html", "Trending papers", "Trending", board=board, tabs=tabs, earlier="", later=""
    )


async def _of(visit: Visit, length: PeriodLength) -> Response:
    try:
        period = Period.named(visit.request.path_params["name"])
    except ValueError:
        raise NotFound from None
    if period.length is not length:
        raise NotFound
    return await _show(visit, period, await _board(visit, period.name))


async def _board(visit: Visit, name: str) -> Leaderboard | Notice:
    reply = await visit.ask("trending", {"period": name, "page": visit.page})
    if isinstance(reply, Leaderboard):
        return reply
    # A day that is still to come, or a page behind the last one.
    if not isinstance(reply, Notice) or reply.tone is Tone.ERROR:
        raise NotFound
    return reply


async def _show(visit: Visit, period: Period, reply: Leaderboard | Notice) -> Response:
    dates = reply.dates if isinstance(reply, Leaderboard) else None
    heading = period_heading(period)
    address = period_address(period)
    board = await _cards(visit, reply, heading, f"{address}?page=", period)
    last = min(period.last, _today(visit)) if period.first <= _today(visit) else period.first
    tabs = [
        Tab(text, period_address(Period.of(last, length)), length is period.length)
        for length, text in _LENGTHS.items()
    ]
    description = f"Papers of {heading}, {board.by}." if board.by else f"Papers of {heading}."
    return visit.show(
        "board.html",
        heading,
        "Papers",
        description=description,
        board=board,
        tabs=tabs,
        earlier=_step(dates.earlier if dates else None, dates),
        later=_step(dates.later if dates else None, dates),
    )


def _step(period: Period | None, dates: BoardDates | None) -> Link | str:
    if period is None or dates is None:
        return ""
    return Link(step_text(period, dates), period_address(period))


async def _cards(visit: Visit, reply: object, heading: str, path: str, period: Period | None = None) -> Board:
    if not isinstance(reply, Leaderboard):
        assert isinstance(reply, Notice)
        if reply.tone is Tone.ERROR:
            raise NotFound
        return Board(heading, (), notes=notes(_NOTHING_YET))
    seen = await visit.site.services.talk.seen_by(visit.reader.origin, [row.paper.id for row in reply.rows])
    only_day = period.first if period is not None and period.length is PeriodLength.DAY else None
    today = min(period.last, _today(visit)) if period is not None else _today(visit)
    cards = tuple(ranked(row, seen, row.day or only_day, today) for row in reply.rows)
    said = () if cards else notes("I have no papers from then.")
    return Board(heading, cards, pager(reply.pages, path), submitters_text(reply.dates), said)


def _today(visit: Visit) -> date:
    """Return today where papers are dated."""
    return visit.site.services.clock.now().astimezone(UTC).date()
