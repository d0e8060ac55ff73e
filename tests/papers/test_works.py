"""OpenAlex and Crossref: papers by their DOIs, and what was retracted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from asking import asking

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Details, Standing
from papers.sources.crossref import Crossref
from papers.sources.openalex import OpenAlex
from tests.servers.sources.works import CrossrefServer, OpenAlexServer, crossref_work, openalex_work

KETTLE = Identifier(Scheme.ARXIV, "2406.00001")
CUP = Identifier(Scheme.DOI, "10.1145/1.2")
FORUM = Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")


@asynccontextmanager
async def openalex(fake: OpenAlexServer, **options: str) -> AsyncIterator[OpenAlex]:
    async with asking(fake.server()) as (fetcher, url):
        yield OpenAlex(fetcher, url, **options)


@asynccontextmanager
async def crossref(fake: CrossrefServer, contact: str = "") -> AsyncIterator[Crossref]:
    async with asking(fake.server()) as (fetcher, url):
        yield Crossref(fetcher, url, contact)


async def test_openalex_knows_papers_by_doi() -> None:
    works = [openalex_work("10.48550/arXiv.2406.00001"), openalex_work("10.1145/1.2", is_retracted=True)]
    fake = OpenAlexServer(works=works)
    async with openalex(fake, key="oa-secret", contact="lab@example.org") as source:
        kettle, cup = await source.fetch([KETTLE, CUP, FORUM, Identifier(Scheme.DOI, "10.1/a,b")])
    assert (kettle.identifiers, kettle.title) == (frozenset({KETTLE}), "Kettles")
    assert (kettle.abstract, kettle.authors) == ("They whistle and whistle", ("Ada Example",))
    assert kettle.published == date(2024, 6, 3)
    assert kettle.details == Details(venue="Journal of Kettles", citations=3)
    assert kettle.links == ("https://kettle.example/open.pdf",)
    assert (cup.identifiers, cup.details.standing) == (frozenset({CUP}), Standing.RETRACTED)
    assert fake.asked[0]["filter"] == "doi:10.48550/arxiv.2406.00001|10.1145/1.2"
    assert (fake.asked[0]["api_key"], fake.asked[0]["mailto"]) == ("oa-secret", "lab@example.org")


async def test_openalex_gives_fifty_at_a_time() -> None:
    names = [Identifier(Scheme.ARXIV, f"2406.{number:05}") for number in range(60)]
    fake = OpenAlexServer(works=[openalex_work(f"10.48550/arXiv.{name.value}") for name in names])
    async with openalex(fake) as source:
        assert len(await source.fetch(names)) == 60
        assert await source.fetch([FORUM]) == []
    assert len(fake.asked) == 2


async def test_openalex_leaves_much_out() -> None:
    bare = openalex_work(
        "10.1145/1.2",
        abstract_inverted_index=None,
        authorships=[{"author": None}, None],
        primary_location=None,
        open_access=None,
        publication_date=None,
    )
    odd = openalex_work(
        "10.1145/1.3", abstract_inverted_index={"a": [10**9, -1, "1"], "b": 7}, display_name=None
    )
    async with openalex(OpenAlexServer(works=[bare, odd])) as source:
        (cup,) = await source.fetch([CUP, Identifier(Scheme.DOI, "10.1145/1.3")])
    assert (cup.abstract, cup.authors, cup.published, cup.links) == ("", (), None, ())


async def test_titles_at_openalex() -> None:
    async with openalex(OpenAlexServer(works=[openalex_work("10.1145/1.2")])) as source:
        assert await source.find_by_title("KETTLES,") is not None
        assert await source.find_by_title("Cups") is None


async def test_openalex_says_what_is_wrong() -> None:
    fake = OpenAlexServer()
    fake.say(403, '{"error": "Forbidden", "message": "An API key is needed."}')
    fake.say(200, '{"results": {}}')
    async with openalex(fake) as source:
        with pytest.raises(SourceUnavailable, match="openalex: it answered 403: Forbidden"):
            await source.fetch([CUP])
        with pytest.raises(SourceUnavailable, match="its answer is no list of papers"):
            await source.fetch([CUP])


async def test_crossref_knows_papers_by_doi() -> None:
    fake = CrossrefServer(works={"10.1145/1.2": crossref_work("10.1145/1.2")})
    async with crossref(fake, contact="lab@example.org") as source:
        (cup,) = await source.fetch([CUP, KETTLE, Identifier(Scheme.DOI, "10.1145/(x)/9")])
    assert (cup.identifiers, cup.title, cup.abstract) == (frozenset({CUP}), "Kettles", "They whistle.")
    assert (cup.authors, cup.published) == (("Ada Example", "The Kettle Lab"), date(2024, 6, 1))
    assert cup.details == Details(venue="Journal of Kettles", citations=4)
    assert fake.asked[0] == {"mailto": "lab@example.org"}


async def test_crossref_says_what_a_paper_cites() -> None:
    references = [
        {"key": "1", "DOI": "10.1145/1.3"},
        {"DOI": "10.48550/arXiv.2406.00001"},
        {"key": "3"},
        "4",
        None,
    ]
    work = crossref_work("10.1145/1.2", reference=[*references, {"DOI": "no DOI"}, {"DOI": 5}])
    async with crossref(CrossrefServer(works={"10.1145/1.2": work})) as source:
        (cup,) = await source.fetch([CUP])
    assert set(map(str, cup.references)) == {"doi:10.1145/1.3", "arxiv:2406.00001"}
    assert replace(cup, references=frozenset()).digest == cup.digest, "it changes nothing in the record"


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({"updated-by": [{"type": "retraction", "DOI": "10.1145/1.3"}]}, Standing.RETRACTED),
        ({"updated-by": [{"type": "correction"}, {"type": "Withdrawal"}]}, Standing.RETRACTED),
        ({"title": ["RETRACTED ARTICLE: Kettles"]}, Standing.RETRACTED),
        ({"title": ["WITHDRAWN: Kettles"]}, Standing.RETRACTED),
        ({"updated-by": [{"type": "correction"}]}, Standing.GOOD),
        ({"updated-by": "retraction"}, Standing.GOOD),
        ({"update-to": [{"type": "retraction"}]}, Standing.GOOD),
    ],
)
async def test_crossref_knows_retractions(changes: dict[str, Any], standing: Standing) -> None:
    work = crossref_work("10.1145/1.2", **changes)
    async with crossref(CrossrefServer(works={"10.1145/1.2": work})) as source:
        (cup,) = await source.fetch([CUP])
    assert (cup.title, cup.details.standing) == ("Kettles", standing)


async def test_titles_at_crossref() -> None:
    works = {
        "10.1145/1": crossref_work("10.1145/1", title=["Cups"]),
        "10.1145/1.2": crossref_work("10.1145/1.2"),
    }
    fake = CrossrefServer(works=works)
    async with crossref(fake) as source:
        found = await source.find_by_title("kettles!")
        assert found is not None
        assert found.identifiers == {CUP}
        assert await source.find_by_title("Plates") is None
        fake.say(200, '{"message": {"items": 7}}')
        with pytest.raises(SourceUnavailable, match="its answer is no list of papers"):
            await source.find_by_title("Plates")
        fake.say(200, '{"message": []}')
        with pytest.raises(SourceUnavailable, match="its answer is no paper"):
            await source.fetch([CUP])
