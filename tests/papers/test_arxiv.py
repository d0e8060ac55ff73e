"""arXiv: days, announcements and single papers, and its ways to say no with a good status."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from asking import asking

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Details, Standing
from bot.domain.source import SourceState
from papers.sources.arxiv import Arxiv, ArxivAnnounced
from tests.servers.sources.arxiv import ArxivServer, atom, error_entry, rss, rss_item

DAY = date(2024, 6, 4)
KETTLE = Identifier(Scheme.ARXIV, "2406.00001")
FORUM = Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")


def papers(number: int) -> list[dict[str, str]]:
    return [{"id": f"2406.{each:05}", "title": "Kettles"} for each in range(number)]


@asynccontextmanager
async def source_of(fake: ArxivServer, **options: Any) -> AsyncIterator[Arxiv]:
    async with asking(fake.server()) as (fetcher, url):
        yield Arxiv(fetcher, url, **options)


@asynccontextmanager
async def announcing(fake: ArxivServer) -> AsyncIterator[ArxivAnnounced]:
    async with asking(fake.server()) as (fetcher, url):
        yield ArxivAnnounced(fetcher, url, categories=["cs.CL", "cs.AI"])


async def test_a_day() -> None:
    fake = ArxivServer(papers=papers(450))
    async with source_of(fake, categories=["cs.CL", "cs.IR"]) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.COMPLETE, 450)
    assert [asked["start"] for asked in fake.asked] == ["0", "200", "400"]
    assert fake.asked[0]["search_query"] == (
        "(cat:cs.CL OR cat:cs.IR) AND submittedDate:[202406040000 TO 202406042359]"
    )
    first = day.drafts[1]
    assert (first.title, first.abstract) == ("Kettles in a wrapped title", "They do.")
    assert (first.identifiers, first.categories, first.listed) == (frozenset({KETTLE}), ("cs.CL",), DAY)
    assert (first.published, first.details) == (date(2024, 6, 3), Details(version=1))


async def test_a_month_is_cut_off_where_arxiv_gives_no_more() -> None:
    fake = ArxivServer(papers=papers(2100))
    async with source_of(fake) as source:
        month = await source.listed_in(date(2024, 6, 1), date(2024, 6, 30))
    assert (month.state, month.detail) == (SourceState.PARTIAL, "only 2000 of 2100 papers came whole")
    assert month.drafts[0].listed is None
    assert len(fake.asked) == 10


async def test_it_gives_less_than_it_tells() -> None:
    fake = ArxivServer(papers=papers(210), told=400)
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
        fake.papers, fake.told = [], 0
        nothing = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.PARTIAL, "only 210 of 400 papers came whole")
    assert nothing.state is SourceState.EMPTY


async def test_it_says_no_with_a_good_status() -> None:
    fake = ArxivServer(papers=[{"id": "2406.00001", "title": "Kettles"}])
    fake.say(200, "Rate exceeded.")
    async with source_of(fake) as source:
        assert len(await source.fetch([KETTLE])) == 1
        fake.answers.append(atom([error_entry("max_results must be smaller")]))
        with pytest.raises(SourceUnavailable, match="arxiv: max_results must be smaller"):
            await source.fetch([KETTLE])
        fake.say(200, "<html>maintenance</html>")
        day = await source.listed_on(DAY)
        fake.say(404, "gone")
        lost = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, "its answer is no Atom feed")
    assert (lost.state, lost.detail) == (SourceState.FAILED, "it answered 404")


async def test_it_stays_busy() -> None:
    fake = ArxivServer()
    for _ in range(3):
        fake.say(200, "Rate exceeded.")
    async with source_of(fake) as source:
        with pytest.raises(SourceUnavailable, match="it asks for fewer requests"):
            await source.fetch([KETTLE])


async def test_single_papers_in_few_requests() -> None:
    fake = ArxivServer(papers=papers(120))
    names = [Identifier(Scheme.ARXIV, f"2406.{number:05}") for number in range(130)]
    async with source_of(fake) as source:
        found = await source.fetch([*names, FORUM])
    assert len(found) == 120
    assert len(fake.asked) == 2


async def test_ids_that_it_does_not_have_or_take() -> None:
    fake = ArxivServer(papers=papers(2))
    wrong = Identifier(Scheme.ARXIV, "wrong")
    async with source_of(fake) as source:
        assert await source.fetch([Identifier(Scheme.ARXIV, "2406.09999")]) == []
        assert await source.fetch([wrong]) == []
        assert await source.fetch([FORUM]) == []
        assert len(await source.fetch([KETTLE, wrong])) == 1


@pytest.mark.parametrize(
    ("comment", "standing"),
    [
        ("This paper has been withdrawn by the author due to an error", Standing.WITHDRAWN),
        ("Withdrawn", Standing.WITHDRAWN),
        ("arXiv admin note: the work was withdrawn", Standing.WITHDRAWN),
        ("12 pages; withdrawn because of a crucial error in Eq. (3)", Standing.WITHDRAWN),
        ("An earlier version was withdrawn from a conference", Standing.GOOD),
        ("12 pages, 3 figures. Accepted at the Conference on Kettles", Standing.GOOD),
    ],
)
async def test_withdrawals_and_versions(comment: str, standing: Standing) -> None:
    paper = {"id": "2406.00001", "title": "Kettles", "version": "3", "comment": comment}
    paper |= {"doi": "10.1145/1.2", "journal_ref": "J. Kettles 7"}
    async with source_of(ArxivServer(papers=[paper])) as source:
        (found,) = await source.fetch([KETTLE])
    assert found.details == Details(version=3, standing=standing, venue="J. Kettles 7")
    assert found.identifiers == {KETTLE, Identifier(Scheme.DOI, "10.1145/1.2")}


async def test_search_and_titles() -> None:
    fake = ArxivServer(papers=papers(3))
    async with source_of(fake) as source:
        assert len(await source.search("cat:cs.CL AND abs:whistle", 2)) == 2
        assert len(await source.search('kettles (in) "a', 10)) == 3
        found = await source.find_by_title("Kettles: in a wrapped title")
        assert found is not None
        assert await source.find_by_title("Kettles in") is None
    asked = [each["search_query"] for each in fake.asked]
    assert asked[:3] == ["cat:cs.CL AND abs:whistle", 'all:"kettles in a"', 'ti:"Kettles in a wrapped title"']


async def test_what_is_announced() -> None:
    kinds = ("new", "cross", "replace", "replace-cross")
    items = [rss_item(f"2406.{number:05}", kind, version=number) for number, kind in enumerate(kinds, 1)]
    fake = ArxivServer(announced=items)
    async with announcing(fake) as source:
        day = await source.listed_on(DAY)
        again = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.COMPLETE, "")
    assert [each.details.version for each in day.drafts] == [1, 2]
    assert [each.details.version for each in day.revised] == [3, 4]
    first = day.drafts[0]
    assert (first.title, first.abstract) == ("Kettles", "They do, 2.4\N{MULTIPLICATION SIGN} louder.")
    assert (first.identifiers, first.listed, first.published) == (frozenset({KETTLE}), DAY, None)
    assert (first.authors, first.categories) == (("Ada Example", "Ben Example"), ("cs.CL", "cs.AI"))
    assert {each.listed for each in day.revised} == {None}
    assert again == day
    assert "If-None-Match" in fake.headers[1]


async def test_no_announcement_at_the_weekend() -> None:
    fake = ArxivServer(announced_on="Sat, 08 Jun 2024 00:00:00 -0400")
    async with announcing(fake) as source:
        assert (await source.listed_on(date(2024, 6, 8))).state is SourceState.EMPTY


async def test_an_announcement_of_another_day_is_taken_and_said() -> None:
    async with announcing(ArxivServer(announced=[rss_item("2406.00001", "new")])) as source:
        day = await source.listed_on(date(2024, 6, 5))
    assert (day.state, day.detail) == (SourceState.EMPTY, "its latest list is of 2024-06-04")
    assert [each.listed for each in day.drafts] == [DAY]


async def test_an_announcement_that_breaks_off() -> None:
    fake = ArxivServer()
    whole = rss(
        [rss_item(f"2406.{number:05}", "new") for number in range(9)], "Tue, 04 Jun 2024 00:00:00 -0400"
    )
    fake.say(200, whole[: len(whole) // 2])
    fake.say(200, rss([rss_item("2406.00001", "new"), rss_item("2406.00002", "new", title=" ")], ""))
    async with announcing(fake) as source:
        cut = await source.listed_on(DAY)
        half = await source.listed_on(DAY)
    assert (cut.state, cut.detail) == (SourceState.PARTIAL, "its feed breaks off")
    assert 0 < len(cut.drafts) < 9
    assert (half.state, half.detail) == (SourceState.PARTIAL, "1 of 2 papers came without title or abstract")
    assert half.drafts[0].listed == DAY


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (200, "<html>busy</html>", "its answer is no RSS feed"),
        (200, "", "its answer is no RSS feed"),
        (200, "http://127.0.0.1:1/", "its answer is no RSS feed"),
        (404, "gone", "it answered 404"),
    ],
)
async def test_what_is_no_announcement(status: int, text: str, said: str) -> None:
    fake = ArxivServer()
    fake.say(status, text)
    async with announcing(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, said)
