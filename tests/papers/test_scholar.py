"""Semantic Scholar: batches, titles, references and recommendations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from asking import asking

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Details
from papers.sources.semanticscholar import SemanticScholar
from tests.servers.sources.scholar import ScholarServer, scholar_paper, without

KETTLE = Identifier(Scheme.ARXIV, "2406.00001")
CUP = Identifier(Scheme.DOI, "10.1145/1.2")
FORUM = Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")


@asynccontextmanager
async def source_of(fake: ScholarServer, key: str = "") -> AsyncIterator[SemanticScholar]:
    async with asking(fake.server()) as (fetcher, url):
        yield SemanticScholar(fetcher, url, key)


async def test_a_batch() -> None:
    cup = scholar_paper("2406.00002", externalIds={"DOI": "10.1145/1.2"}, abstract=None, tldr=None, venue="")
    fake = ScholarServer(papers={"ARXIV:2406.00001": scholar_paper("2406.00001"), "DOI:10.1145/1.2": cup})
    async with source_of(fake, key="s2-secret") as source:
        kettle, cup_read = await source.fetch([KETTLE, CUP, FORUM, Identifier(Scheme.ARXIV, "2406.09999")])
    assert (kettle.identifiers, kettle.published) == (frozenset({KETTLE}), date(2024, 6, 3))
    assert kettle.links == ("https://kettle.example/paper.pdf",)
    assert kettle.details == Details(venue="Conference on Kettles", tldr="Kettles whistle.", citations=12)
    assert (cup_read.identifiers, cup_read.abstract) == (frozenset({CUP}), "")
    assert fake.sent == [{"ids": ["ARXIV:2406.00001", "DOI:10.1145/1.2", "ARXIV:2406.09999"]}]
    assert fake.headers[0]["x-api-key"] == "s2-secret"


async def test_a_large_batch_is_several() -> None:
    names = [Identifier(Scheme.ARXIV, f"2406.{number:05}") for number in range(501)]
    fake = ScholarServer(papers={f"ARXIV:{name.value}": scholar_paper(name.value) for name in names})
    async with source_of(fake) as source:
        assert len(await source.fetch(names)) == 501
    assert [len(each["ids"]) for each in fake.sent] == [500, 1]


async def test_none_that_it_knows() -> None:
    async with source_of(ScholarServer()) as source:
        assert await source.fetch([KETTLE]) == []
        assert await source.fetch([FORUM]) == []


async def test_it_knows_papers_of_medicine_and_of_the_anthology() -> None:
    names = [Identifier(Scheme.PMID, "12345678"), Identifier(Scheme.PMC, "PMC1234567")]
    names.append(Identifier(Scheme.ACL, "P07-1001"))
    given = {"PubMed": "12345678", "PubMedCentral": "1234567", "ACL": "P07-1001"}
    paper = scholar_paper("2406.00001", externalIds=given)
    fake = ScholarServer(papers=dict.fromkeys(("PMID:12345678", "PMCID:1234567", "ACL:P07-1001"), paper))
    async with source_of(fake) as source:
        for name in names:
            (found,) = await source.fetch([name])
            assert found.identifiers == set(names)


async def test_it_knows_a_paper_by_more_names() -> None:
    paper = scholar_paper("2406.00001", externalIds={"ArXiv": "2406.00001", "DOI": "10.1145/1.2"})
    async with source_of(ScholarServer(papers={"DOI:10.1145/1.2": paper})) as source:
        (found,) = await source.fetch([CUP])
    assert found.identifiers == {KETTLE, CUP}


async def test_titles() -> None:
    fake = ScholarServer(papers={"ARXIV:2406.00001": scholar_paper("2406.00001", title="Kettles: a Study")})
    async with source_of(fake) as source:
        assert await source.find_by_title("Cups") is None
        assert await source.find_by_title("kettles") is None
        fake.papers["ARXIV:2406.00001"] = scholar_paper("2406.00001", title="Kettles a study")
        assert await source.find_by_title("Kettles a Study") is not None


async def test_references_citations_and_recommendations() -> None:
    cited = [
        scholar_paper("2406.00002"),
        None,
        without(scholar_paper("2406.00003"), "title"),
        {"paperId": None},
    ]
    fake = ScholarServer(
        references={"ARXIV:2406.00001": cited},
        citing={"ARXIV:2406.00001": [None, scholar_paper("2406.00005")]},
        recommended={"ARXIV:2406.00001": [scholar_paper("2406.00004")]},
    )
    async with source_of(fake) as source:
        assert [each.title for each in await source.references(KETTLE, 5)] == ["Kettles 2406.00002"]
        assert [each.title for each in await source.citing(KETTLE, 5)] == ["Kettles 2406.00005"]
        assert [each.title for each in await source.recommended(KETTLE, 5)] == ["Kettles 2406.00004"]
        for unknown in (CUP, FORUM):
            assert await source.references(unknown, 5) == await source.citing(unknown, 5) == []
            assert await source.recommended(unknown, 5) == []
    assert [each["limit"] for each in fake.asked] == ["5"] * 6


async def test_the_shared_pool_is_used_up() -> None:
    fake = ScholarServer()
    for _ in range(3):
        fake.say(429, '{"message": "Too Many Requests."}')
    fake.say(200, '{"data": {}}')
    async with source_of(fake) as source:
        with pytest.raises(SourceUnavailable, match="semanticscholar: it answered 429"):
            await source.references(KETTLE, 5)
        with pytest.raises(SourceUnavailable, match="its answer is no list of papers"):
            await source.references(KETTLE, 5)
