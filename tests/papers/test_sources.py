"""Sources are asked politely, and what they cannot give is told apart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp.test_utils import TestServer

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import SourceState
from papers.sources.arxiv import Arxiv
from papers.sources.http import PoliteClient
from papers.sources.huggingface import HuggingFace
from tests.servers.sources import ArxivServer, HuggingFaceServer, atom, daily_entry, error_entry

DAY = date(2024, 6, 4)
KETTLE = Identifier(Scheme.ARXIV, "2406.00001")
FORUM = Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def client(time: Time) -> AsyncIterator[PoliteClient]:
    async with PoliteClient(pause=time.pause, clock=time.clock, largest=200_000, seconds=5) as polite:
        yield polite


@asynccontextmanager
async def running(server: TestServer) -> AsyncIterator[str]:
    async with server:
        yield str(server.make_url("/"))


async def test_a_day_of_hugging_face_with_all_its_pages(client: PoliteClient) -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(1, 251)]})
    async with running(fake.server()) as url:
        day = await HuggingFace(client, url).listed_on(DAY)
    assert (day.state, day.detail, len(day.drafts)) == (SourceState.COMPLETE, "", 250)
    first = day.drafts[0]
    assert first.identifiers == {KETTLE}
    assert first.abstract == "Kettle 1 whistles 2.4\N{MULTIPLICATION SIGN} louder."
    assert (first.listed, first.published) == (DAY, date(2024, 6, 3))
    assert (first.submitted_by, first.upvotes, first.source) == ("Cleo Example", 1, "huggingface")
    assert first.authors == ("Ada Example", "Ben Example")
    assert [asked.get("p") for asked in fake.asked] == [None, "1", "2"]
    assert all(agent.startswith("paperclub") for agent in fake.agents)


async def test_a_weekend_is_empty_and_a_future_day_fails(client: PoliteClient) -> None:
    async with running(HuggingFaceServer().server()) as url:
        source = HuggingFace(client, url)
        assert (await source.listed_on(DAY)).state is SourceState.EMPTY
        future = await source.listed_on(date(2031, 1, 1))
    assert (future.state, future.detail) == (SourceState.FAILED, "it answered 400: The date is in the future")


async def test_a_day_that_breaks_off_is_partial(client: PoliteClient) -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(150)]})
    fake.next_host = "another.invalid"
    async with running(fake.server()) as url:
        day = await HuggingFace(client, url).listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 100)
    assert day.detail == "its next page is on another host"


async def test_entries_without_an_abstract_are_counted(client: PoliteClient) -> None:
    empty = {**daily_entry(2, summary=""), "summary": ""}
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1), empty, "nonsense"]})
    async with running(fake.server()) as url:
        day = await HuggingFace(client, url).listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 1)
    assert day.detail == "2 of 3 entries have no title or abstract"


@pytest.mark.parametrize("text", ["<html>busy</html>", '{"papers": []}', "[" * 100_000])
async def test_an_answer_of_another_kind_is_a_failure(client: PoliteClient, text: str) -> None:
    fake = HuggingFaceServer()
    fake.say(200, text)
    async with running(fake.server()) as url:
        day = await HuggingFace(client, url).listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, "its answer is no list of papers")


async def test_one_paper_of_hugging_face(client: PoliteClient) -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1, githubRepo="https://git.example/kettle")]})
    async with running(fake.server()) as url:
        source = HuggingFace(client, url)
        found = await source.lookup(KETTLE)
        assert await source.lookup(Identifier(Scheme.ARXIV, "2406.09999")) is None
        assert await source.lookup(FORUM) is None
    assert found is not None
    assert (found.title, found.identifiers, found.links) == (
        "Kettle number 1",
        frozenset({KETTLE}),
        ("https://git.example/kettle",),
    )


async def test_patience_with_a_busy_server(client: PoliteClient, time: Time) -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1)]})
    fake.say(429, Retry_After="7")
    fake.say(503)
    async with running(fake.server()) as url:
        assert await HuggingFace(client, url).lookup(KETTLE) is not None
    assert time.waits[0] == 7
    assert 0 <= time.waits[1] <= 10


async def test_patience_ends(client: PoliteClient, time: Time) -> None:
    fake = HuggingFaceServer()
    for _ in range(3):
        fake.say(502)
    async with running(fake.server()) as url:
        with pytest.raises(SourceUnavailable, match="huggingface: it answered 502"):
            await HuggingFace(client, url).lookup(KETTLE)
    assert len(time.waits) == 2


async def test_a_long_wait_is_left_to_the_next_run(client: PoliteClient, time: Time) -> None:
    fake = HuggingFaceServer()
    fake.say(429, Retry_After=format_datetime(datetime.now(UTC) + timedelta(hours=2)))
    async with running(fake.server()) as url:
        with pytest.raises(SourceUnavailable, match=r"it asks to come back in 7[12]"):
            await HuggingFace(client, url).lookup(KETTLE)
    assert time.waits == []


async def test_an_endless_answer_is_cut_off(client: PoliteClient) -> None:
    fake = HuggingFaceServer()
    fake.say(200, " " * 300_000)
    async with running(fake.server()) as url:
        with pytest.raises(SourceUnavailable, match="larger than 200,000 bytes"):
            await HuggingFace(client, url).lookup(KETTLE)


async def test_nobody_there(client: PoliteClient, time: Time) -> None:
    async with running(HuggingFaceServer().server()) as url:
        pass
    with pytest.raises(SourceUnavailable, match="it cannot be reached"):
        await HuggingFace(client, url).lookup(KETTLE)
    assert len(time.waits) == 2
    day = await HuggingFace(client, url).listed_on(DAY)
    assert day.state is SourceState.FAILED


async def test_only_web_addresses(client: PoliteClient) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        await HuggingFace(client, "file:///etc").lookup(KETTLE)


async def test_a_day_of_arxiv(client: PoliteClient, time: Time) -> None:
    fake = ArxivServer(papers=[{"id": f"2406.{number:05}", "title": "Kettles"} for number in range(450)])
    async with running(fake.server()) as url:
        day = await Arxiv(client, url, categories=["cs.CL", "cs.IR"]).listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.COMPLETE, 450)
    assert [asked["start"] for asked in fake.asked] == ["0", "200", "400"]
    assert fake.asked[0]["search_query"] == (
        "(cat:cs.CL OR cat:cs.IR) AND submittedDate:[202406040000 TO 202406042359]"
    )
    assert time.waits == [3, 3]
    first = day.drafts[1]
    assert (first.title, first.abstract) == ("Kettles in a wrapped title", "They do.")
    assert (first.identifiers, first.categories, first.listed) == (frozenset({KETTLE}), ("cs.CL",), DAY)


async def test_arxiv_gives_less_than_it_tells(client: PoliteClient) -> None:
    fake = ArxivServer(
        papers=[{"id": f"2406.{number:05}", "title": "Kettles"} for number in range(210)], told=400
    )
    async with running(fake.server()) as url:
        day = await Arxiv(client, url).listed_on(DAY)
        fake.papers, fake.told = [], 0
        nothing = await Arxiv(client, url).listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.PARTIAL, "only 210 of 400 papers came whole")
    assert nothing.state is SourceState.EMPTY


async def test_arxiv_says_no_with_a_good_status(client: PoliteClient, time: Time) -> None:
    fake = ArxivServer(papers=[{"id": "2406.00001", "title": "Kettles"}])
    fake.say(200, "Rate exceeded.")
    async with running(fake.server()) as url:
        assert await Arxiv(client, url).lookup(KETTLE) is not None
        assert len(time.waits) == 2
        fake.answers.append(atom([error_entry("max_results must be smaller")]))
        with pytest.raises(SourceUnavailable, match="arxiv: max_results must be smaller"):
            await Arxiv(client, url).lookup(KETTLE)
        fake.say(200, "<html>maintenance</html>")
        day = await Arxiv(client, url).listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, "its answer is no Atom feed")


async def test_arxiv_stays_busy(client: PoliteClient) -> None:
    fake = ArxivServer()
    for _ in range(3):
        fake.say(200, "Rate exceeded.")
    async with running(fake.server()) as url:
        with pytest.raises(SourceUnavailable, match="it asks for fewer requests"):
            await Arxiv(client, url).lookup(KETTLE)


async def test_ids_that_arxiv_does_not_have(client: PoliteClient) -> None:
    async with running(ArxivServer().server()) as url:
        source = Arxiv(client, url, interval=0)
        assert await source.lookup(KETTLE) is None
        assert await source.lookup(Identifier(Scheme.ARXIV, "9999.99999")) is None
        assert await source.lookup(FORUM) is None
