"""Two workspaces with one bot: what one brings in a direct message, the other never meets."""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args, get_type_hints

import pytest

from adapters.console.user import ConsoleUser
from bot.commands import COMMANDS
from bot.conversation.command import Command
from bot.conversation.parameters import PAPER
from bot.domain.channel import Origin
from bot.domain.message import MessageRef
from bot.domain.paper import PaperDraft
from bot.domain.period import Period, PeriodLength
from bot.domain.vote import Vote
from bot.protocol.actions import Action, OpenForm
from bot.protocol.arguments import SuggestionKind
from bot.protocol.events import (
    ActionPressed,
    CommandInvoked,
    FormSubmitted,
    HomeOpened,
    LinkShared,
    MessageChosen,
    MessagePosted,
    SuggestionsRequested,
)
from bot.protocol.replies import PaperCard, SearchResults
from tests.e2e.conftest import Player, World
from tests.storage.making import doi

LINK = "https://example.org/zebra.pdf?token=Xyzzytoken"
DOI = "10.5555/zebra"
TITLE = "Zebra stripes and routing, says Xyzzyowner"
SOUGHT = "zebra stripes"
"""What the other team may type without telling itself anything of it."""
TELLING = re.compile("xyzzy", re.IGNORECASE)
WITHOUT_PAPERS = {"email", "help", "link", "settings", "subscriptions", "unlink", "unsubscribe"}


@dataclass(frozen=True, slots=True)
class Rival(ConsoleUser):
    """A user in another workspace."""

    @property
    def origin(self) -> Origin:
        return dataclasses.replace(ConsoleUser.origin.fget(self), workspace="rival")


@dataclass(slots=True)
class Teams:
    """Both teams' people, and the papers that the first has brought."""

    owner: Player
    rival: Player
    papers: list[int]


@pytest.fixture
async def teams(world: World) -> Teams:
    owner = world.person("ann", "@ann")
    by_doi = await owner.says(f'add {DOI} title:"{TITLE}"')
    by_link = await owner.says(f'add {LINK} title:"{TITLE} again"')
    assert isinstance(by_doi, PaperCard)
    assert isinstance(by_link, PaperCard)
    papers = [by_doi.paper.id, by_link.paper.id]
    for number in papers:
        for line in ("vote #{} up", "save #{}", "discuss #{} say:Xyzzysaid"):
            await owner.says(line.format(number))
    return Teams(owner, Player(world, Rival("eve", "@eve")), papers)


async def everything_heard(player: Player, event: Any) -> list[Any]:
    return (await player._receive(event)).heard


def values_of(name: str, papers: Iterable[int]) -> list[str]:
    """What one may try for a parameter: every way to name a paper, and words that would find it."""
    by_name = {
        "link": [DOI, f"https://doi.org/{DOI}", "https://example.org/zebra.pdf"],
        "query": [SOUGHT, "routing"],
        "topic": [SOUGHT],
        "question": ["which stripes?"],
        "kind": ["near"],
        "period": ["all", "week", "today"],
        "is": ["unread"],
        "since": ["2000-01-01"],
        "title": [],
    }
    if name == PAPER.name:
        return [*(f"#{number}" for number in papers), DOI, SOUGHT, "zebra"]
    return by_name.get(name, [])


def lines_of(command: Command, papers: Iterable[int]) -> Iterator[dict[str, str]]:
    """Every way to give a command what it asks for, out of those values."""
    tried = {each.name: values_of(each.name, papers) for each in command.parameters}
    tried = {name: values for name, values in tried.items() if values}
    for chosen in itertools.product(*tried.values()):
        yield dict(zip(tried, chosen, strict=True))
    needed = {each.name for each in command.parameters if each.required}
    if needed < tried.keys():
        for chosen in itertools.product(*(tried[name] for name in needed)):
            yield dict(zip(needed, chosen, strict=True))


def actions(papers: Iterable[int]) -> Iterator[Action]:
    """Every button, about every paper; of lists and subscriptions those that the other team has."""
    for number in papers:
        for each in get_args(Action):
            hints = get_type_hints(each)
            values = {
                "paper_id": number,
                "value": Vote.UP,
                "list_id": "x",
                "page": 1,
                "subscription_id": 1,
                "paused": True,
                "command": "subscribe",
                "subject": None,
                "period": Period.of(date(2026, 11, 23), PeriodLength.DAY),
            }
            yield each(**{name: values[name] for name in hints})


async def told_to(player: Player, papers: list[int]) -> dict[str, list[str]]:
    """All that somebody is told who tries every command, button, form, suggestion and link."""
    origin = player.user.origin
    told: dict[str, list[str]] = {}

    async def hear(name: str, event: Any) -> None:
        heard = await everything_heard(player, event)
        told.setdefault(name, []).extend(map(repr, heard))

    for command in COMMANDS:
        for given in lines_of(command, papers):
            await hear(command.name, CommandInvoked(origin=origin, name=command.name, arguments=given))
        if command.fill is not None:
            await hear("form", CommandInvoked(origin=origin, name=command.name))
            given = next(lines_of(command, papers), {})
            await hear("form", FormSubmitted(origin=origin, command=command.name, values=given))
    for action in actions(papers):
        if not isinstance(action, OpenForm):
            await hear(type(action).__name__, ActionPressed(origin=origin, action=action))
    for wanted in SuggestionKind:
        for begun in ("", "zebra", "stripes and", *map(str, papers)):
            await hear("suggestions", SuggestionsRequested(origin=origin, kind=wanted, prefix=begun))
    await hear("home", HomeOpened(origin=origin))
    message = MessageRef(player.user.channel, "some message")
    links = (f"https://doi.org/{DOI}", "https://example.org/zebra.pdf")
    at = player.world.clock.now()
    for name, event in {
        "chosen": MessageChosen(origin=origin, message=message, links=links),
        "link": LinkShared(origin=origin, message=message, at=at, links=links),
        "posted": MessagePosted(origin=origin, message=message, at=at, links=links),
    }.items():
        await hear(name, event)
    return told


async def test_nothing_that_one_workspace_brings_is_told_to_another(teams: Teams) -> None:
    told = await told_to(teams.rival, teams.papers)
    assert {name for name, heard in told.items() if TELLING.search(" ".join(heard))} == set()
    assert {command.name for command in COMMANDS} <= told.keys() | WITHOUT_PAPERS


async def test_the_team_itself_is_told_by_the_same_ways(teams: Teams) -> None:
    told = await told_to(teams.owner, teams.papers)
    telling = {name for name, heard in told.items() if TELLING.search(" ".join(heard))}
    assert telling >= {
        "search",
        "show",
        "related",
        "history",
        "saved",
        "subscribe",
        "add",
        "vote",
        "suggestions",
        "home",
    }


async def test_the_other_workspaces_digest_holds_only_what_is_open(teams: Teams, world: World) -> None:
    await teams.rival.says(f"subscribe {SOUGHT} at:09:00 tz:UTC")
    await teams.owner.says(f"subscribe {SOUGHT} at:09:00 tz:UTC")
    world.clock.forward(days=1)
    await world.parts.planner.plan_due()
    async with world.parts.store.reading() as tx:
        digests = [await tx.digests.get(number) for number in (1, 2)]
    items = {each.plan.channel.workspace: [item.paper_id for item in each.plan.items] for each in digests}
    assert set(teams.papers) <= set(items["console"])
    assert not set(teams.papers) & set(items["rival"])


async def test_both_add_the_same_name_and_a_source_brings_them_together(teams: Teams, world: World) -> None:
    theirs = await teams.rival.says(f'add {DOI} title:"Stripes"')
    assert isinstance(theirs, PaperCard)
    assert (theirs.paper.title, theirs.note) == ("Stripes", "Added by eve")
    assert theirs.paper.id not in teams.papers
    await teams.rival.says(f"vote #{theirs.paper.id} down")
    source = PaperDraft("Why Zebras Have Stripes", "They do.", "crossref", identifiers=frozenset({doi(DOI)}))
    await world.parts.library.add([source])
    for player, number, up in ((teams.owner, teams.papers[0], 1), (teams.rival, theirs.paper.id, 0)):
        card = await player.says(f"show #{number}")
        assert isinstance(card, PaperCard)
        assert (card.paper.id, card.paper.title) == (teams.papers[0], "Why Zebras Have Stripes")
        assert (card.status.tally.up, card.status.tally.down) == (up, 1 - up)
    found = await teams.rival.says("search why zebras have stripes")
    assert isinstance(found, SearchResults)
    assert found.hits[0].paper.id == teams.papers[0]
    assert not TELLING.search(repr(found))
