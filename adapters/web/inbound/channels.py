"""The channels that the reader is in: what they did with papers, their best papers and their topics."""

from datetime import UTC
from itertools import groupby

from starlette.responses import Response

from adapters.web.inbound.boards import Tab
from adapters.web.inbound.site import NotFound, Visit
from adapters.web.outbound.responses import redirect
from adapters.web.render.views import Board, Link, notes, pager, ranked, read, topic
from bot.domain.account import Membership
from bot.domain.channel import Channel
from bot.protocol.replies import Leaderboard, Notice, ReadingList, Reply, SubscriptionList, Tone
from bot.protocol.wording import cleaned

_NONE = "I share no channel with you. Invite the bot to one: `/invite @paperclub`."
_PARTS = {"": "History", "/top": "Top papers", "/topics": "Topics"}


async def channels(visit: Visit) -> Response:
    """List the channels."""
    if not visit.reader.signed_in:
        return redirect("/sign-in?next=/channels")
    found = await visit.site.readers.channels(visit.reader)
    teams = [
        (platform_name(membership), [Link(cleaned(each.name), f"/channels/{each.id}") for _, each in group])
        for membership, group in groupby(found, key=lambda each: each[0])
    ]
    return visit.show("channels.html", "Your channels", "Channels", teams=teams, nothing=notes(_NONE))


async def history(visit: Visit) -> Response:
    """Show what a channel did with papers, the latest first."""
    membership, channel = await _channel(visit)
    reply = await visit.ask("history", {"page": visit.page}, membership.origin(channel))
    if not isinstance(reply, ReadingList):
        return _page(visit, channel, "", _said(channel, reply))
    talk = visit.site.services.talk
    seen = await talk.seen_by(membership.origin(channel), [row.paper.id for row in reply.rows])
    cards = tuple(
        [read(row, reply.timezone, seen, await talk.link(channel, row.message)) for row in reply.rows]
    )
    return _page(visit, channel, "", Board(channel.name, cards, pager(reply.pages, visit.path(page=""))))


async def top(visit: Visit) -> Response:
    """Show a channel's best papers by votes."""
    membership, channel = await _channel(visit)
    reply = await visit.ask("top", {"page": visit.page}, membership.origin(channel))
    if not isinstance(reply, Leaderboard):
        return _page(visit, channel, "/top", _said(channel, reply))
    seen = await visit.site.services.talk.seen_by(
        membership.origin(channel), [row.paper.id for row in reply.rows]
    )
    today = visit.site.services.clock.now().astimezone(UTC).date()
    cards = tuple(ranked(row, seen, None, today) for row in reply.rows)
    return _page(visit, channel, "/top", Board(channel.name, cards, pager(reply.pages, visit.path(page=""))))


async def topics(visit: Visit) -> Response:
    """Show the topics that a channel follows."""
    membership, channel = await _channel(visit)
    reply = await visit.ask("subscriptions", {"page": visit.page}, membership.origin(channel))
    if not isinstance(reply, SubscriptionList):
        return _page(visit, channel, "/topics", _said(channel, reply))
    board = Board(channel.name, (), pager(reply.pages, visit.path(page=""), "topic"))
    return _page(visit, channel, "/topics", board, topics=[topic(row) for row in reply.rows])


def platform_name(membership: Membership) -> str:
    """Name a team by its platform and who the reader is there."""
    person = membership.person
    return f"{membership.platform.capitalize()}, as {cleaned(person.name or person.external_id)}"


async def _channel(visit: Visit) -> tuple[Membership, Channel]:
    found = await visit.site.readers.channel(visit.reader, visit.request.path_params["channel"])
    if found is None:
        raise NotFound
    return found


def _said(channel: Channel, reply: Reply) -> Board:
    assert isinstance(reply, Notice)
    if reply.tone is Tone.ERROR:
        raise NotFound
    return Board(channel.name, (), notes=notes(reply.text, reply.hint))


def _page(visit: Visit, channel: Channel, part: str, board: Board, topics: object = ()) -> Response:
    base = f"/channels/{channel.id}"
    tabs = [Tab(text, f"{base}{each}", each == part) for each, text in _PARTS.items()]
    title = f"{_PARTS[part]} of {cleaned(channel.name)}"
    return visit.show(
        "channel.html", title, "Channels", board=board, tabs=tabs, topics=topics, channel=str(channel.id)
    )
