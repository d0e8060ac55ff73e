"""Hugging Face Papers: its lists, its single papers, and what they leave out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest
from asking import asking

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Details, PaperDraft, Standing
from bot.domain.source import SourceState
from papers.sources.huggingface import HuggingFace, HuggingFaceTrending
from tests.servers.sources.huggingface import HuggingFaceServer, daily_entry, full_entry

DAY = date(2024, 6, 4)
KETTLE = Identifier(Scheme.ARXIV, "2406.00001")
FORUM = Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")


@asynccontextmanager
async def source_of(fake: HuggingFaceServer, **options: str) -> AsyncIterator[HuggingFace]:
    async with asking(fake.server()) as (fetcher, url):
        yield HuggingFace(fetcher, url, **options)


async def test_a_day_with_all_its_pages() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(1, 251)]})
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, day.detail, len(day.drafts)) == (SourceState.COMPLETE, "", 250)
    first = day.drafts[0]
    assert first.identifiers == {KETTLE}
    assert first.abstract == "Kettle 1 whistles 2.4\N{MULTIPLICATION SIGN} louder."
    assert (first.listed, first.published) == (DAY, date(2024, 6, 3))
    assert (first.submitted_by, first.upvotes, first.source) == ("Cleo Example", 1, "huggingface")
    assert first.authors == ("Ada Example", "Ben Example")
    assert first.details == Details()
    assert [asked.get("p") for asked in fake.asked] == [None, "1", "2"]


async def test_all_that_may_be_said_of_a_paper() -> None:
    fake = HuggingFaceServer(
        days={"2024-06-04": [full_entry(1)]},
        models={"2406.00001": ["lab/kettle-7b"]},
        datasets={"2406.00001": ["lab/whistles", "lab/steam"]},
        spaces={"2406.00001": ["lab/hear-it"]},
    )
    async with source_of(fake) as source:
        (listed,) = (await source.listed_on(DAY)).drafts
        (alone,) = await source.fetch([KETTLE])
    assert listed.details == Details(
        organisation="The Kettle Lab", code="https://git.example/kettle", keywords=("kettles", "whistling")
    )
    assert listed.links == ("https://kettle.example/", "https://git.example/kettle")
    assert alone.details.models == ("lab/kettle-7b",)
    assert alone.details.datasets == ("lab/whistles", "lab/steam")
    assert alone.details.spaces == ("lab/hear-it",)
    assert alone.listed == DAY


async def test_a_paper_that_was_withdrawn() -> None:
    entry = daily_entry(1, withdrawnAt="2024-06-09T00:00:00.000Z")
    async with source_of(HuggingFaceServer(days={"2024-06-04": [entry]})) as source:
        assert (await source.listed_on(DAY)).drafts[0].details.standing is Standing.WITHDRAWN


async def test_weeks_months_and_what_trends_keep_the_papers_own_days() -> None:
    lists = {"2024-W23": [daily_entry(1)], "2024-06": [daily_entry(2)], "trending": [daily_entry(3)]}
    fake = HuggingFaceServer(days=lists)
    async with source_of(fake) as source:
        week = await source.listed_in(date(2024, 6, 3), date(2024, 6, 9))
        month = await source.listed_in(date(2024, 6, 1), date(2024, 6, 30))
        trending = await HuggingFaceTrending(source).listed_on(date(2024, 7, 1))
    assert [paper.upvotes for each in (week, month, trending) for paper in each.drafts] == [1, 2, 3]
    assert {paper.listed for each in (week, month, trending) for paper in each.drafts} == {DAY}
    asked = [{key: value for key, value in each.items() if key != "limit"} for each in fake.asked]
    assert asked == [{"week": "2024-W23"}, {"month": "2024-06"}, {"sort": "trending"}]


async def test_votes_that_have_changed_are_seen() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1)]})
    async with source_of(fake) as source:
        before = await source.listed_on(DAY)
        fake.days["2024-06-04"] = [daily_entry(1, upvotes=99)]
        after = await source.listed_on(DAY)
        again = await source.listed_on(DAY)
    assert [each.drafts[0].upvotes for each in (before, after, again)] == [1, 99, 99]


async def test_a_weekend_is_empty_and_a_future_day_fails() -> None:
    async with source_of(HuggingFaceServer()) as source:
        assert (await source.listed_on(DAY)).state is SourceState.EMPTY
        future = await source.listed_on(date(2031, 1, 1))
    assert (future.state, future.detail) == (SourceState.FAILED, "it answered 400: The date is in the future")


async def test_a_next_page_whose_address_cannot_be_read_ends_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("httpx.Response.links", {"next": {"url": "http://[a.b/api/daily_papers"}})
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1)]})
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 1)


async def test_a_day_that_breaks_off_is_partial() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(150)]})
    fake.next_host = "another.invalid"
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 100)
    assert day.detail == "its next page is on another host"


async def test_a_list_without_an_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papers.sources.huggingface._MOST_PAGES", 2)
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(number) for number in range(1, 500)]})
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts), day.detail) == (
        SourceState.PARTIAL,
        300,
        "its list has more than 2 pages",
    )


async def test_entries_without_an_abstract_are_counted() -> None:
    empty = {**daily_entry(2, summary=""), "summary": ""}
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1), empty, "nonsense"]})
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, len(day.drafts)) == (SourceState.PARTIAL, 1)
    assert day.detail == "2 of 3 entries have no title or abstract"


@pytest.mark.parametrize("text", ["<html>busy</html>", '{"papers": []}', "[" * 100_000])
async def test_an_answer_of_another_kind_is_a_failure(text: str) -> None:
    fake = HuggingFaceServer()
    fake.say(200, text)
    async with source_of(fake) as source:
        day = await source.listed_on(DAY)
    assert (day.state, day.detail) == (SourceState.FAILED, "its answer is no list of papers")


async def test_single_papers() -> None:
    fake = HuggingFaceServer(days={"2024-06-04": [daily_entry(1)]})
    async with source_of(fake) as source:
        unknown = Identifier(Scheme.ARXIV, "2406.09999")
        assert [each.title for each in await source.fetch([KETTLE, unknown, FORUM])] == ["Kettle number 1"]
        fake.say(200, "[]")
        with pytest.raises(SourceUnavailable, match="its answer is no paper"):
            await source.fetch([KETTLE])
    assert len(fake.asked) == 3


async def test_search_and_titles() -> None:
    entries = [daily_entry(number) for number in range(1, 12)]
    fake = HuggingFaceServer(days={"2024-06-04": [*entries, daily_entry(12, title="Kettle Number: 1?")]})
    async with source_of(fake) as source:
        assert len(await source.search("kettle " + "number " * 100, 500)) == 12
        found = await source.find_by_title("kettle  NUMBER 1")
        assert found is not None
        assert found.identifiers == {KETTLE}
        assert await source.find_by_title("kettle number") is None
    assert fake.asked[0]["limit"] == "120"


async def test_a_token_goes_along() -> None:
    fake = HuggingFaceServer()
    async with source_of(fake, token="hf_secret") as source:
        await source.listed_on(DAY)
    assert fake.headers[0]["Authorization"] == "Bearer hf_secret"


async def test_nobody_there() -> None:
    server = HuggingFaceServer().server()
    async with asking(server) as (fetcher, url):
        await server.close()
        source = HuggingFace(fetcher, url)
        with pytest.raises(SourceUnavailable, match="it cannot be reached"):
            await source.fetch([KETTLE])
        assert (await source.listed_on(DAY)).state is SourceState.FAILED


def test_what_a_source_links_later_changes_no_digest_that_a_database_keeps() -> None:
    details = Details(models=("lab/kettle",), tldr="Whistling.")
    draft = PaperDraft(
        "Kettles", "They whistle.", "huggingface", identifiers=frozenset({KETTLE}), details=details
    )
    assert draft.digest == "9a7e76a3e1d83546ef539c4a2b60a7c0"
    others = [
        replace(draft, details=replace(details, **{field: names}))
        for field in ("datasets", "spaces")
        for names in (("lab/steam",), ("lab/tea",))
    ]
    assert len({draft.digest, *(each.digest for each in others)}) == 5
