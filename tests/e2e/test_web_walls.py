"""Two teams and a visitor over every route: nobody meets what is another team's."""

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as examples
from starlette.routing import Route

from bot.protocol.replies import PaperCard
from tests.e2e.web_world import HOST, OURS, THEIRS, Browser, Member, Pages, open_pages, talk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MARKS = {OURS: "quuxours", THEIRS: "quuxtheirs"}
"""Stands in all that a team brings: names, channels, topics, papers and words."""
SOUGHT = ("zebra stripes", "routing", "10.5555/zebra", "is:discussed routing", "mixture of experts", "#{}")
DAYS = ("2026-11-30", "2026-11-27", "2026-W48", "2026-W49", "2026-11", "2026-12")


@dataclass
class Teams:
    """Both teams' browsers and a visitor's, and every number that anybody could try."""

    pages: Pages
    people: dict[str, Member]
    browsers: dict[str, Browser]
    papers: dict[str, int]
    channels: list[int]
    persons: list[int]

    tokens: dict[str, str] = field(default_factory=dict)

    async def refreshed(self, name: str) -> Browser:
        """Return a browser that is signed in, whatever was pressed before."""
        browser = self.browsers[name]
        if name not in self.tokens:
            if name:
                await browser.sign_in(self.people[name])
            self.tokens[name] = await browser.token("/me" if name else "/sign-in")
        return browser


async def brought(pages: Pages, workspace: str) -> tuple[Member, int, int]:
    """Have a team bring a paper of its own and talk; return one of it, the paper and their number."""
    mark = MARKS[workspace]
    ada = await talk(pages, workspace, mark)
    card, _ = await pages.says(ada, f'add 10.5555/zebra title:"Zebra stripes and routing {mark}"')
    assert isinstance(card, PaperCard)
    for line in ("vote #{} up", "save #{}", f'discuss #{{}} say:"{mark} asks"', "show #{}"):
        await pages.says(ada, line.format(card.paper.id))
    async with pages.parts.store.reading() as tx:
        [context] = await tx.directory.find_contexts([ada.origin])
    assert context is not None
    return ada, card.paper.id, context.person.id


async def two_teams(stack: AsyncExitStack, pages: Pages) -> Teams:
    made = {workspace: await brought(pages, workspace) for workspace in MARKS}
    people = {workspace: ada for workspace, (ada, _, _) in made.items()}
    browsers = {
        name: await stack.enter_async_context(pages.browser(pages.application)) for name in ("", *MARKS)
    }
    channels = [await pages.channel(ada) for ada in people.values()]
    papers = {workspace: number for workspace, (_, number, _) in made.items()}
    persons = [number for _, _, number in made.values()]
    return Teams(pages, people, browsers, papers, channels, persons)


def requests(teams: Teams) -> strategies.SearchStrategy[tuple[str, str, str, dict[str, str], dict[str, str]]]:
    """Return a strategy for who asks for what: reader, method, path, query and form."""
    numbers = [*teams.papers.values(), *teams.pages.numbers, 10**6]
    values = {
        "number": numbers,
        "channel": [*teams.channels, *range(1, 12)],
        "name": DAYS,
        "platform": ["slack", "discord", "email"],
        "seal": ["nothing"],
        "path": ["nothing", "papers/1/2"],
    }
    routes = [
        (method, route.path)
        for route in teams.pages.application.routes
        if isinstance(route, Route)
        for method in (route.methods or ()) - {"HEAD"}
    ]
    assert len(routes) > 20
    pick = strategies.sampled_from

    def filled(route: tuple[str, str]) -> strategies.SearchStrategy[tuple[str, str]]:
        method, path = route
        names = re.findall(r"\{(\w+)", path)
        chosen = strategies.fixed_dictionaries({name: pick(values[name]) for name in names})
        return chosen.map(
            lambda given: (method, re.sub(r"\{(\w+)[^}]*\}", lambda found: str(given[found[1]]), path))
        )

    query = strategies.fixed_dictionaries(
        {},
        optional={
            "q": strategies.tuples(pick(SOUGHT), pick(numbers)).map(lambda each: each[0].format(each[1])),
            "page": pick(["1", "2", "0", "x"]),
            "period": pick(["today", "week", "month"]),
            "next": pick(["/me", "//x", "/papers/1"]),
            "code": pick(["", "7KQM-3XWP"]),
        },
    )
    form = strategies.fixed_dictionaries(
        {},
        optional={
            "value": pick(["up", "down", "none", "x"]),
            "switch": pick(["on", "off"]),
            "channel": pick(list(map(str, values["channel"]))),
            "team": pick(list(map(str, [*teams.persons, *range(1, 12)]))),
            "code": pick(["", "7KQM-3XWP"]),
            "confirm": pick(["yes"]),
            "everywhere": pick(["yes"]),
            "next": pick(["/me", "/channels", *(f"/papers/{each}" for each in numbers)]),
        },
    )
    asked = pick(routes).flatmap(filled)
    return strategies.tuples(pick(list(teams.browsers)), asked, query, form).map(
        lambda each: (each[0], *each[1], each[2], each[3])
    )


async def answer(
    teams: Teams, reader: str, method: str, path: str, given: tuple[dict[str, str], dict[str, str]]
) -> httpx.Response:
    browser, (query, form) = await teams.refreshed(reader), given
    if method == "GET":
        return await browser.client.get(path, params=query, follow_redirects=True)
    form = {"form_token": teams.tokens[reader], **form}
    if path == "/sign-out":
        del teams.tokens[reader]
    return await browser.client.post(path, data=form, headers={"Origin": HOST}, follow_redirects=True)


def test_no_answer_tells_anybody_of_another_teams_things(settings, clock, embedder):
    asked = count()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        pages = runner.run(stack.enter_async_context(open_pages(settings, clock, embedder)))
        teams = runner.run(two_teams(stack, pages))

        @given(requests(teams))
        @examples(max_examples=120, suppress_health_check=list(HealthCheck))
        def each_request(request):
            reader, method, path, query, form = request
            response = runner.run(answer(teams, reader, method, path, (query, form)))
            next(asked)
            said = (response.text + str(response.headers) + str(response.url)).lower()
            for team, mark in MARKS.items():
                if team != reader:
                    assert mark not in said
                    assert team not in said
            assert response.status_code < 500

        try:
            each_request()
        finally:
            runner.run(stack.aclose())
    assert next(asked) > 100


async def test_a_teams_own_paper_is_there_for_its_people_alone(settings, clock, embedder):
    async with AsyncExitStack() as stack:
        pages = await stack.enter_async_context(open_pages(settings, clock, embedder))
        teams = await two_teams(stack, pages)
        for reader in teams.browsers:
            browser = await teams.refreshed(reader)
            missing = await browser.get("/papers/1000000")
            for owner, number in teams.papers.items():
                page = await browser.get(f"/papers/{number}")
                if owner == reader:
                    assert MARKS[owner] in page.text
                    assert "Only your team sees this paper" in page.text
                    assert MARKS[owner] in (await browser.get("/search?q=zebra stripes")).text
                    assert MARKS[owner] in (await browser.get("/trending")).text
                    assert MARKS[owner] in (await browser.get("/me")).text
                    assert MARKS[owner] in (await browser.get("/channels")).text
                else:
                    assert page.status_code == 404
                    assert (page.content, page.headers) == (missing.content, missing.headers)
