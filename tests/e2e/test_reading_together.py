"""Pages that are asked for at the same time share what they read, and never across the wall between teams."""

import asyncio
from collections import Counter

import pytest

from bot.domain.paper import PaperDraft
from storage.sql.repositories.accounts import SqlAccounts
from storage.sql.repositories.papers import SqlPapers
from tests.e2e.web_world import OURS, THEIRS, Browser, Member, Pages, open_pages

AT_ONCE = 40


@pytest.fixture
async def pages(settings, clock, embedder):
    async with open_pages(settings, clock, embedder) as opened:
        yield opened


async def brought(pages: Pages, workspace: str) -> Member:
    """Have a team bring a paper of its own, and vote for an open one."""
    user = Member("ada", f"#{workspace}", workspace=workspace)
    await pages.says(user, f"vote #{pages.numbers[workspace == THEIRS]} up")
    async with pages.parts.store.reading() as tx:
        [context] = await tx.directory.find_contexts([user.origin])
    title = f"Experts Known to {workspace.capitalize()} Alone"
    await pages.parts.library.add([PaperDraft(title, "", "people")], team_id=context.team_id)
    return user


@pytest.fixture
async def browsers(pages: Pages):
    async with pages.browser() as ours, pages.browser() as theirs:
        for browser, workspace in ((ours, OURS), (theirs, THEIRS)):
            await browser.sign_in(await brought(pages, workspace))
        yield ours, theirs


@pytest.fixture
def counted(monkeypatch) -> Counter[str]:
    """Count the queries of some kinds."""
    calls: Counter[str] = Counter()

    def counting(table: type, name: str) -> None:
        query = getattr(table, name)

        async def count(self, *given, **named):
            calls[name] += 1
            return await query(self, *given, **named)

        monkeypatch.setattr(table, name, count)

    counting(SqlAccounts, "find_sessions")
    for name in ("activity", "activity_between", "upvotes"):
        counting(SqlPapers, name)
    return calls


async def many(browsers: tuple[Browser, Browser], path: str) -> tuple[set[str], set[str]]:
    """Ask for a page many times at once, as two teams by turns. Return the different texts of each."""
    found = await asyncio.gather(*(each.get(path) for _ in range(AT_ONCE) for each in browsers))
    assert {each.status_code for each in found} == {200}
    texts = [each.text for each in found]
    return set(texts[::2]), set(texts[1::2])


@pytest.mark.parametrize(
    "path", ["/trending", "/trending?period=today", "/", "/2026-11-30", "/month/2026-11"]
)
async def test_a_board_is_read_once_for_all_who_wait_and_each_team_has_its_own(browsers, counted, path):
    ours, theirs = await many(browsers, path)
    assert len(ours) == len(theirs) == 1
    for (text,), own, other in ((ours, OURS, THEIRS), (theirs, THEIRS, OURS)):
        assert f"Known to {own.capitalize()}" in text
        assert f"Known to {other.capitalize()}" not in text
    # Two of each: a few may come before the others, and a board of each team.
    assert all(0 < number <= AT_ONCE / 4 for number in counted.values()), counted
    alone = [(await each.get(path)).text for each in browsers]
    assert alone == [*ours, *theirs], "whoever comes alone reads the same"


async def test_a_vote_is_seen_by_whoever_asks_after_it(pages, browsers):
    ours, _ = browsers
    before = (await ours.get("/trending")).text
    await pages.says(Member("bo", f"#{OURS}", workspace=OURS), f"vote #{pages.numbers[0]} up")
    assert (await ours.get("/trending")).text != before


async def test_searches_that_wait_together_keep_the_wall(browsers, counted):
    ours, theirs = await many(browsers, "/search?q=experts")
    assert len(ours) == len(theirs) == 1
    assert "Known to Atlas" in str(ours)
    assert "Known to Borealis" not in str(ours)
    assert "Known to Borealis" in str(theirs)
    assert "Known to Atlas" not in str(theirs)
    assert counted["find_sessions"] <= AT_ONCE / 4
    assert counted["upvotes"] <= AT_ONCE / 4


async def test_a_session_that_was_closed_ends_at_once(pages, browsers):
    ours, _ = browsers
    async with pages.browser() as copy:
        copy.client.cookies.update(ours.client.cookies)
        assert ">ada</a>" in (await copy.get("/trending")).text
        await ours.post("/sign-out")
        assert ">ada</a>" not in (await copy.get("/trending")).text
