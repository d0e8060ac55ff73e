"""A paper's own page, and the votes and saves from it."""

from starlette.responses import Response

from adapters.web.inbound.forms import own_path
from adapters.web.inbound.site import NotFound, Visit
from adapters.web.limits import PAPER_DIGITS, RELATED_SHOWN
from adapters.web.outbound.responses import redirect
from adapters.web.render.bibtex import bibtex
from adapters.web.render.views import card, notes, paper_view, talk
from bot.domain.channel import Origin
from bot.domain.paper import Paper
from bot.protocol.replies import Notice, PaperCard, SearchResults, Summary, Tone
from bot.protocol.wording import nearness_text

_QUOTES = "2"


async def paper(visit: Visit) -> Response:
    """Show a paper to those who may read it."""
    number = _number(visit)
    origin, found = await _readable(visit, number)
    if found.id != number:
        return redirect(f"/papers/{found.id}", 302)
    services = visit.site.services
    channels = await visit.site.readers.channels(visit.reader)
    seen = await services.talk.seen_by(origin, [found.id])
    return visit.show(
        "paper.html",
        found.title,
        "Paper",
        description=found.details.tldr or found.abstract,
        layout="wide",
        paper=paper_view(found, seen, bibtex(found)),
        quotes=await _quotes(visit, origin, found),
        related=await _related(visit, origin, found),
        talk=[talk(each) for each in await services.talk.in_channels(found, channels)],
    )


async def vote(visit: Visit) -> Response:
    """Vote in the channel whose page the button was on, else outside of any."""
    return await _act(visit, "vote", "value", {"up", "down", "none"})


async def save(visit: Visit) -> Response:
    """Put a paper on the reading list, or take it off."""
    return await _act(visit, "save", "switch", {"on", "off"})


async def _act(visit: Visit, command: str, field: str, values: set[str]) -> Response:
    form = await visit.form()
    if not visit.reader.signed_in:
        return redirect("/sign-in")
    if visit.reader.membership is None:
        # As visitors, all who are in no team would vote as one person.
        return visit.say("That didn't work", notes("I share no team with you now."), 403)
    value = form.get(field, "")
    if value not in values:
        raise NotFound
    number = _number(visit)
    origin, _ = await _readable(visit, number)
    if form.get("channel"):
        found = await visit.site.readers.channel(visit.reader, form["channel"])
        if found is None:
            raise NotFound
        membership, channel = found
        origin = membership.origin(channel)
    given = {"paper": f"#{number}"} | ({} if value == "on" else {field: value})
    reply = await visit.ask(command, given, origin)
    if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
        return visit.say("That didn't work", notes(reply.text, reply.hint), 400)
    return redirect(own_path(form.get("next", f"/papers/{number}")))


def _number(visit: Visit) -> int:
    given = visit.request.path_params["number"]
    if not (given.isascii() and given.isdecimal() and len(given) <= PAPER_DIGITS) or given.startswith("0"):
        raise NotFound
    return int(given)


async def _readable(visit: Visit, number: int) -> tuple[Origin, Paper]:
    """Return a paper that the reader may read in one of their teams, and who they are in that team."""
    origins = [each.origin() for each in visit.reader.memberships] or [visit.reader.origin]
    for origin in origins:
        reply = await visit.ask("show", {"paper": f"#{number}"}, origin)
        if isinstance(reply, PaperCard):
            return origin, reply.paper
    raise NotFound


async def _quotes(visit: Visit, origin: Origin, paper: Paper) -> list[str]:
    if not paper.abstract:
        return []
    reply = await visit.ask("summarize", {"paper": f"#{paper.id}", "sentences": _QUOTES}, origin)
    return [each.text for each in reply.quotes] if isinstance(reply, Summary) else []


async def _related(visit: Visit, origin: Origin, paper: Paper) -> list[object]:
    reply = await visit.ask("related", {"paper": f"#{paper.id}"}, origin)
    if not isinstance(reply, SearchResults):
        return []
    shown = reply.hits[:RELATED_SHOWN]
    return [card(hit.paper, {}, why=nearness_text(hit.near) if hit.near else "") for hit in shown]
