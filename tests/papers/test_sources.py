"""Sources are asked politely, and what they cannot give is told apart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest
from asking import asking
from servers.sources.arxiv import ArxivServer, atom, error_entry
from servers.sources.huggingface import HuggingFaceServer, daily_entry

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import SourceState
from papers.sources.arxiv import Arxiv
from papers.sources.huggingface import HuggingFace

DAY = date(2024, 6, 4)
KETTLE = Identifier(Scheme.ARXIV, "2406.00001")
FORUM = Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")


@asynccontextmanager
async def hugging_face(fake: HuggingFaceServer) -> AsyncIterator[HuggingFace]:
    async with asking(fake.server()) as (fetcher, url):
        yield HuggingFace(fetcher, url)


@asynccontextmanager
async def arxiv(fake: ArxivServer, **options: Any) -> AsyncIterator[Arxiv]:
    async with asking(fake.server()) as (fetcher, url):
        yield Arxiv(fetcher, url, **options)


async def test_a_day_of_hugging_face_with_all_its_pages() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(1, 251)]})
    async with hugging_face(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, day.detail, len(day.drafts)) == (SourceState.COMPLETE, "", 250)
    first = day.drafts[0]
    assert first.identifiers == {KETTLE}
    assert first.abstract == "Kettle 1 whistles 2.4\N{MULTIPLICATION SIGN} louder."
    assert (first.listed, first.published) == (DAY, date(2024, 6, 3))
    assert (first.submitted_by, first.upvotes, first.source) == ("Cleo Example", 1, "huggingface")
    assert first.authors == ("Ada Example", "Ben Example")
    assert [asked.get("p") for asked in fake.asked] == [None, "1", "2"]


async def test_a_weekend_is_empty_and_a_future_day_fails() -> None:
    async with hugging_face(HuggingFaceServer()) as source:
        assert (await source.listed_on(DAY)).state is SourceState.EMPTY
        future = await source.listed_on(date(2031, 1, 1))
    assert (future.state, future.detail) == (SourceState.FAILED, "it answered 400: The date is in the future")


async def test_a_day_that_breaks_off_is_partial() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(150)]})
    fake.next_host = "another.invalid"
    async with hugging_face(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 100)
    assert day.detail == "its next page is on another host"


async def test_entries_without_an_abstract_are_counted() -> None:
    empty = {**daily_entry(2, summary=""), "summary": ""}
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1), empty, "nonsense"]})
    async with hugging_face(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 1)
    assert day.detail == "2 of 3 entries have no title or abstract"


@pytest.mark.parametrize("text", ["<html>busy</html>", '{"papers": []}', "[" * 100_000])
async def test_an_answer_of_another_kind_is_a_failure(text: str) -> None:
    fake = HuggingFaceServer()
    fake.say(200, text)
    async with hugging_face(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, "its answer is no list of papers")


async def test_one_paper_of_hugging_face() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1, githubRepo="https://git.example/kettle")]})
    async with hugging_face(fake) as source:
        found = await source.lookup(KETTLE)
        assert await source.lookup(Identifier(Scheme.ARXIV, "2406.09999")) is None
        assert await source.lookup(FORUM) is None
    assert found is not None
    assert (found.title, found.identifiers, found.links) == (
        "Kettle number 1",
        frozenset({KETTLE}),
        ("https://git.example/kettle",),
    )


async def test_nobody_there() -> None:
    server = HuggingFaceServer().server()
    async with asking(server) as (fetcher, url):
        await server.close()
        source = HuggingFace(fetcher, url)
        with pytest.raises(SourceUnavailable, match="it cannot be reached"):
            await source.lookup(KETTLE)
        day = await source.listed_on(DAY)
    assert day.state is SourceState.FAILED


async def test_a_day_of_arxiv() -> None:
    fake = ArxivServer(papers=[{"id": f"2406.{number:05}", "title": "Kettles"} for number in range(450)])
    async with arxiv(fake, categories=["cs.CL", "cs.IR"]) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.COMPLETE, 450)
    assert [asked["start"] for asked in fake.asked] == ["0", "200", "400"]
    assert fake.asked[0]["search_query"] == (
        "(cat:cs.CL OR cat:cs.IR) AND submittedDate:[202406040000 TO 202406042359]"
    )
    first = day.drafts[1]
    assert (first.title, first.abstract) == ("Kettles in a wrapped title", "They do.")
    assert (first.identifiers, first.categories, first.listed) == (frozenset({KETTLE}), ("cs.CL",), DAY)


async def test_arxiv_gives_less_than_it_tells() -> None:
    fake = ArxivServer(
        papers=[{"id": f"2406.{number:05}", "title": "Kettles"} for number in range(210)], told=400
    )
    async with arxiv(fake) as source:
        day = await source.listed_on(DAY)
        fake.papers, fake.told = [], 0
        nothing = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.PARTIAL, "only 210 of 400 papers came whole")
    assert nothing.state is SourceState.EMPTY


async def test_arxiv_says_no_with_a_good_status() -> None:
    fake = ArxivServer(papers=[{"id": "2406.00001", "title": "Kettles"}])
    fake.say(200, "Rate exceeded.")
    async with arxiv(fake) as source:
        assert await source.lookup(KETTLE) is not None
        fake.answers.append(atom([error_entry("max_results must be smaller")]))
        with pytest.raises(SourceUnavailable, match="arxiv: max_results must be smaller"):
            await source.lookup(KETTLE)
        fake.say(200, "<html>maintenance</html>")
        day = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, "its answer is no Atom feed")


async def test_arxiv_stays_busy() -> None:
    fake = ArxivServer()
    for _ in range(3):
        fake.say(200, "Rate exceeded.")
    async with arxiv(fake) as source:
        with pytest.raises(SourceUnavailable, match="it asks for fewer requests"):
            await source.lookup(KETTLE)


async def test_ids_that_arxiv_does_not_have() -> None:
    async with arxiv(ArxivServer()) as source:
        assert await source.lookup(KETTLE) is None
        assert await source.lookup(Identifier(Scheme.ARXIV, "9999.99999")) is None
        assert await source.lookup(FORUM) is None
