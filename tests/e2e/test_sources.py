"""Papers from all sources, brought in by people."""

from datetime import date

import pytest
from rich.console import Console

from adapters.common.findings import Health
from adapters.console.outbound.history import Draft
from app.doctor import examine
from app.intake import fetch_found, fetch_span
from app.settings import Settings
from bot.domain.errors import UserError
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageRef
from bot.domain.source import SourceState
from bot.ports.coordination import Pace
from bot.protocol.replies import Notice, PaperCard, SearchResults
from papers.sources.fetching.site import Site
from tests.e2e.conftest import World
from tests.servers.sources.arxiv import rss_item
from tests.servers.sources.everywhere import Everywhere
from tests.servers.sources.huggingface import daily_entry, full_entry
from tests.servers.sources.scholar import scholar_paper
from tests.servers.sources.works import crossref_work, openalex_work

FORUM = "https://openreview.net/forum?id=aBcDeFgH12"


@pytest.fixture
def settings(at_hand: Settings) -> Settings:
    return at_hand


def messages(world: World) -> list[Draft]:
    """Everything that stands in the console's record, the first first."""
    return [message.draft for message in world.surface.history.latest()][::-1]


async def test_a_paper_comes_from_the_first_that_knows_it(world: World, everywhere: Everywhere) -> None:
    everywhere.huggingface.days["2024-06-04"] = [full_entry(1)]
    everywhere.arxiv.papers = [{"id": "2406.00002", "title": "Cups"}]
    ada = world.person("ada")
    kettle = await ada.says("add arxiv.org/abs/2406.00001v3")
    assert (kettle.note, kettle.paper.title) == ("Added by ada", "Kettle number 1")
    cup = await ada.says("add https://huggingface.co/papers/2406.00002")
    assert (cup.note, cup.paper.title) == ("Added by ada", "Cups in a wrapped title")
    again = await ada.says("add alphaxiv.org/abs/2406.00002")
    assert (again.note, again.paper.id) == ("It was here already.", cup.paper.id)


async def test_a_doi_comes_from_openalex_or_crossref(world: World, everywhere: Everywhere) -> None:
    everywhere.openalex.works = [openalex_work("10.1145/1.2")]
    everywhere.crossref.works["10.1145/1.3"] = crossref_work("10.1145/1.3", title=["Cups"])
    ada = world.person("ada")
    assert (await ada.says("add 10.1145/1.2")).paper.title == "Kettles"
    assert (await ada.says("add https://doi.org/10.1145/1.3")).paper.title == "Cups"


async def test_who_is_down_is_named_only_if_nobody_else_knows(world: World, everywhere: Everywhere) -> None:
    for _ in range(6):
        everywhere.huggingface.say(503)
    everywhere.arxiv.papers = [{"id": "2406.00002", "title": "Cups"}]
    ada = world.person("ada")
    assert (await ada.says("add 2406.00002")).note == "Added by ada"
    nothing = await ada.says("add 2406.00003")
    assert nothing.text == (
        "Hugging Face could not be reached, so that arxiv:2406.00003 is not known yet. "
        'Add it with its title: `add arxiv:2406.00003 title:"…"`'
    )


async def test_an_openreview_link_is_kept_and_its_title_asked_for(
    world: World, everywhere: Everywhere
) -> None:
    ada, bob = world.person("ada"), world.person("bob")
    card = await ada.says(f"add {FORUM}")
    assert isinstance(card, PaperCard)
    assert card.paper.title == "openreview.net/forum?id=aBcDeFgH12"
    assert card.note == f'I cannot read what it is called. Please tell me: `add {FORUM} title:"…"`'
    assert card.paper.link == FORUM
    again = await bob.says(f"add {FORUM}")
    assert (again.paper.id, again.note) == (card.paper.id, card.note), "and it is asked for until it is told"
    await bob.says(f"vote #{card.paper.id}")

    everywhere.huggingface.days["2024-06-04"] = [daily_entry(1)]
    named = await bob.says(f'add {FORUM}&noteId=1 title:"Kettle Number 1!"')
    assert (named.paper.id, named.paper.title, named.note) == (
        card.paper.id,
        "Kettle number 1",
        "Added by bob",
    )
    assert named.status.tally.up == 1
    assert named.paper.identifiers == {Identifier(Scheme.ARXIV, "2406.00001")}, "the other is a person's word"
    assert (await ada.says(f"add {FORUM}")).note == "It was here already."


@pytest.mark.parametrize("link", [FORUM, "https://openreview.net/pdf?id=aBcDeFgH12"])
async def test_an_openreview_links_title_is_looked_up(
    world: World, everywhere: Everywhere, link: str
) -> None:
    everywhere.openreview.titles["aBcDeFgH12"] = "Kettle Number 1"
    ada = world.person("ada")
    card = await ada.says(f"add {link}")
    assert (card.paper.title, card.paper.source, card.note) == ("Kettle Number 1", "page", "Added by ada")
    assert card.paper.identifiers == {Identifier(Scheme.OPENREVIEW, "aBcDeFgH12")}

    everywhere.openreview.titles["iJkLmNoP34"] = "Kettle number 2!"
    everywhere.huggingface.days["2024-06-04"] = [daily_entry(2)]
    found = await ada.says(f"add {link.replace('aBcDeFgH12', 'iJkLmNoP34')}")
    assert (found.paper.title, found.paper.source) == ("Kettle number 2", "huggingface")
    assert found.paper.identifiers == {
        Identifier(Scheme.OPENREVIEW, "iJkLmNoP34"),
        Identifier(Scheme.ARXIV, "2406.00002"),
    }


async def test_a_title_that_no_source_knows_is_taken_at_its_word(world: World) -> None:
    ada = world.person("ada")
    await ada.says(f"add {FORUM}")
    named = await ada.says(f'add {FORUM} title:"A Paper of Ours"')
    assert (named.paper.title, named.note) == ("A Paper of Ours", "Added by ada")
    assert (await ada.says("show a paper of ours")).paper.id == named.paper.id


async def test_a_publishers_page_names_its_paper(
    world: World, everywhere: Everywhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the loopback's host were listed."""
    listed = Site("somewhere", everywhere.urls["openalex"], Pace(0.0))
    monkeypatch.setattr("papers.sources.pages.site_of", lambda _: listed)
    page = (
        '<meta name="citation_title" content="Plates"><meta name="citation_abstract" content="They break.">'
    )
    everywhere.openalex.say(200, page, kind="text/html")
    everywhere.openalex.say(200, f'{page}<meta name="citation_doi" content="10.1145/1.3">', kind="text/html")
    everywhere.crossref.works["10.1145/1.3"] = crossref_work("10.1145/1.3", title=["Cups"])
    ada = world.person("ada")
    plates = await ada.says(f"add {everywhere.urls['openalex']}/plates")
    assert (plates.paper.title, plates.note) == ("Plates", "Added by ada")
    assert plates.paper.links == (f"{everywhere.urls['openalex']}/plates",)
    assert (await ada.says(f"add {everywhere.urls['openalex']}/cups")).paper.title == "Cups"


async def test_nothing_is_fetched_from_anywhere_else(world: World, everywhere: Everywhere) -> None:
    elsewhere = ("http://169.254.169.254/latest/meta-data", "https://example.org/a.pdf", "https://[bad")
    for link in (*elsewhere, f"{everywhere.urls['openalex']}/works"):
        told = await world.person("ada").says(f"add {link}")
        assert told.text.startswith("I cannot read a title from this link. Add it with its title: ")
    assert everywhere.openalex.asked == []


async def test_what_a_paper_cites_and_what_to_read_next(world: World, everywhere: Everywhere) -> None:
    everywhere.huggingface.days["2024-06-04"] = [daily_entry(1)]
    scholar = everywhere.semanticscholar
    scholar.references["ARXIV:2406.00001"] = [
        scholar_paper("2406.00002"),
        scholar_paper("2406.00003", abstract=None),
    ]
    scholar.citing["ARXIV:2406.00001"] = [scholar_paper("2406.00005"), {"paperId": None}]
    scholar.recommended["ARXIV:2406.00001"] = [scholar_paper("2406.00004"), scholar_paper("2406.00002")]
    ada = world.person("ada")
    number = (await ada.says("add 2406.00001")).paper.id
    cited = await ada.says(f"related #{number} references")
    assert isinstance(cited, SearchResults)
    assert cited.heading == f"References of #{number} Kettle number 1"
    assert [hit.paper.title for hit in cited.hits] == ["Kettles 2406.00002"]
    citing = await ada.says(f"related #{number} citations")
    assert citing.heading == f"Papers citing #{number} Kettle number 1"
    assert [hit.paper.title for hit in citing.hits] == ["Kettles 2406.00005"]
    near = {hit.paper.title: hit.near for hit in (await ada.says(f"related #{number}")).hits}
    assert (near["Kettles 2406.00002"].cites, near["Kettles 2406.00002"].cited) == (False, True)
    assert (near["Kettles 2406.00005"].cites, near["Kettles 2406.00005"].cited) == (True, False)
    following = await ada.says(f"related recommended #{number}")
    assert [hit.paper.title for hit in following.hits] == ["Kettles 2406.00004", "Kettles 2406.00002"]


async def test_a_papers_references_come_with_its_record(world: World, everywhere: Everywhere) -> None:
    cited = {"DOI": "10.1145/1.2"}
    everywhere.crossref.works = {
        "10.1145/1.2": crossref_work("10.1145/1.2", title=["Cups"]),
        "10.1145/1.3": crossref_work("10.1145/1.3", title=["More cups"], reference=[cited]),
    }
    ada = world.person("ada")
    one, two = [(await ada.says(f"add 10.1145/1.{each}")).paper.id for each in (2, 3)]
    near = {hit.paper.id: hit.near for hit in (await ada.says(f"related #{one}")).hits}
    assert near[two].cites


async def test_papers_are_near_by_references_that_nobody_can_read_here(
    world: World, everywhere: Everywhere
) -> None:
    everywhere.huggingface.days["2024-06-04"] = [daily_entry(1), daily_entry(2)]
    scholar = everywhere.semanticscholar
    scholar.references["ARXIV:2406.00001"] = [
        scholar_paper("2406.00003", abstract=None),
        scholar_paper("2406.00004", abstract=None),
    ]
    scholar.references["ARXIV:2406.00002"] = [scholar_paper("2406.00003", abstract=None)]
    ada = world.person("ada")
    one, two = [(await ada.says(f"add 2406.0000{each}")).paper.id for each in (1, 2)]
    for number in (one, two):
        assert isinstance(await ada.says(f"related #{number} references"), Notice)
    near = {hit.paper.id: hit.near for hit in (await ada.says(f"related #{one}")).hits}
    assert near[two].shared_references == 1


async def test_what_semantic_scholar_cannot_tell(world: World, everywhere: Everywhere) -> None:
    everywhere.huggingface.days["2024-06-04"] = [daily_entry(1)]
    ada = world.person("ada")
    number = (await ada.says("add 2406.00001")).paper.id
    assert isinstance(await ada.says(f"related #{number} references"), Notice)
    for _ in range(3):
        everywhere.semanticscholar.say(429)
    told = await ada.says(f"related #{number} recommended")
    assert (
        told.text
        == "Semantic Scholar could not be asked: it answered 429 Too Many Requests. Try again later."
    )
    nameless = (await ada.says('add https://example.org/x title:"Our report"')).paper.id
    assert "has no arXiv id or DOI" in (await ada.says(f"related #{nameless} references")).text


async def test_every_feed_is_read(world: World, everywhere: Everywhere) -> None:
    everywhere.huggingface.days |= {"2024-06-04": [daily_entry(1)], "trending": [daily_entry(2)]}
    everywhere.arxiv.papers = [{"id": "2406.00003", "title": "Cups"}]
    everywhere.arxiv.announced = [rss_item("2406.00004", "new")]
    days = {feed.name: await feed.listed_on(date(2024, 6, 4)) for feed in world.parts.sources.feeds}
    assert {name: (day.state, len(day.drafts)) for name, day in days.items()} == {
        "huggingface": (SourceState.COMPLETE, 1),
        "huggingface_trending": (SourceState.COMPLETE, 1),
        "arxiv": (SourceState.COMPLETE, 1),
        "arxiv_announced": (SourceState.COMPLETE, 1),
    }


async def test_the_command_line_fetches_weeks_and_what_a_source_finds(
    world: World, everywhere: Everywhere
) -> None:
    everywhere.huggingface.days |= {"2024-W23": [daily_entry(1), daily_entry(2)]}
    everywhere.arxiv.papers = [{"id": "2406.00003", "title": "Cups"}]
    quiet = Console(quiet=True)
    week, report = await fetch_span(world.parts, "huggingface", date(2024, 6, 3), date(2024, 6, 9), quiet)
    assert (week.state, report.text) == (SourceState.COMPLETE, "2 papers: 2 new, 0 updated, 0 known already")
    found = await fetch_found(world.parts, "arxiv", "cat:cs.CL", 5, quiet)
    assert found.text == "1 paper: 1 new, 0 updated, 0 known already"
    everywhere.arxiv.say(404)
    with pytest.raises(UserError, match=r"arXiv could not be asked: it answered 404\."):
        await fetch_found(world.parts, "arxiv", "cat:cs.CL", 5, quiet)
    async with world.parts.store.reading() as tx:
        assert await tx.source_runs.latest() == [], "a week is no day"


async def test_a_discussion_hears_of_a_new_version_and_of_the_papers_end(
    world: World, everywhere: Everywhere
) -> None:
    ada, far = world.person("ada"), world.person("cleo", "#vision")
    everywhere.arxiv.papers = [{"id": "2406.00001", "title": "Kettles"}]
    number = (await ada.says("add 2406.00001")).paper.id
    talk = await ada.says(f"discuss #{number}")
    discussion = ada.last
    assert isinstance(discussion, MessageRef)
    await far.says(f"show #{number}")
    before = len(messages(world))

    async def arxiv_changes(**paper: str) -> list[str]:
        everywhere.arxiv.papers = [{"id": "2406.00001", "title": "Kettles", **paper}]
        catalogue = next(each for each in world.parts.sources.catalogues if each.name == "arxiv")
        await world.parts.library.add(await catalogue.fetch(list(talk.paper.identifiers)))
        for _ in range(2):
            await world.parts.worker.work_off()
        return [message.text for message in messages(world)[before:]]

    (version,) = await arxiv_changes(version="2")
    assert "arXiv has version 2 of this paper now." in version
    assert await arxiv_changes(version="2") == [version]
    _, gone = await arxiv_changes(version="3", comment="Withdrawn by the authors: an error in Eq. 3")
    assert "This paper was withdrawn by its authors." in gone
    assert "WITHDRAWN by its authors" in gone
    told = messages(world)[before]
    assert (told.channel, told.thread) == (ada.user.channel, discussion.message)


async def test_a_discussion_hears_of_a_retraction(world: World, everywhere: Everywhere) -> None:
    everywhere.openalex.works = [openalex_work("10.1145/1.2")]
    ada = world.person("ada")
    number = (await ada.says("add 10.1145/1.2")).paper.id
    await ada.says(f"discuss #{number}")
    talk = ada.last
    assert isinstance(talk, MessageRef)
    before = len(messages(world))
    everywhere.openalex.works = [openalex_work("10.1145/1.2", is_retracted=True)]
    for _ in range(2):
        world.clock.forward(minutes=30)
        await world.parts.ingest.round()
        await world.parts.worker.work_off()
    (told,) = messages(world)[before:]
    assert "This paper was retracted" in told.text
    assert (told.channel, told.thread) == (ada.user.channel, talk.message)


async def test_papers_arrive_by_themselves_and_the_doctor_tells_how(
    world: World, everywhere: Everywhere, settings: Settings
) -> None:
    monday = world.clock.now().date()
    everywhere.huggingface.days |= {f"{monday}": [daily_entry(1)], "trending": [daily_entry(2)]}
    everywhere.arxiv.papers = [{"id": "2406.00003", "title": "Cups", "day": f"{monday:%Y%m%d}"}]
    everywhere.arxiv.announced = [rss_item("2406.00004", "new", title="Plates")]
    everywhere.arxiv.announced_on = f"{monday:%a, %d %b %Y} 00:00:00 -0500"
    await world.parts.ingest.round()
    ada = world.person("ada")
    for title in ("Kettle number 1", "Kettle number 2", "Cups in a wrapped title", "Plates"):
        assert (await ada.says(f"show {title}")).paper.title == title
    found = {finding.name: finding async for finding in examine(settings, world.clock, quick=True)}
    whole = "2026-11-23: complete, 1 paper; nothing is missing up to 2026-11-"
    assert found["source Hugging Face"].text == f"{whole}20"
    assert found["source arXiv"].text == f"{whole}17"
    assert found["changes at OpenAlex"].text == "asked on 2026-11-23 at 07:00 UTC"
    assert all(finding.health is Health.GOOD for name, finding in found.items() if "arXiv" in name)


async def test_why_there_is_nothing_today(world: World, everywhere: Everywhere) -> None:
    everywhere.huggingface.days["2026-11-23"] = [daily_entry(1), "nonsense"]
    everywhere.arxiv.always = (503, "")
    await world.parts.ingest.round()
    ada = world.person("ada")
    await ada.says("subscribe gardening at:09:00 tz:Europe/Paris")
    nothing = await ada.says("digest")
    assert nothing.quiet.endswith("The latest lists: Hugging Face, none on Sunday, 22 November.")
    missing = "The papers of 4 days up to Monday, 23 November are missing: arXiv could not be read."
    assert missing in nothing.warning
    assert "Only a part of the papers of Monday, 23 November has come from Hugging Face." in nothing.warning


async def test_who_adds_a_paper_is_named_with_it_there(world: World, everywhere: Everywhere) -> None:
    everywhere.huggingface.days["2024-06-04"] = [
        daily_entry(1, submittedOnDailyBy={"name": "cleo", "fullname": "Cleo Example"})
    ]
    ada, ben, far = world.person("ada"), world.person("ben"), world.person("cleo", "#vision")
    number = (await ada.says("add 2406.00001")).paper.id
    card = await ben.says("add 2406.00001")
    assert (card.note, card.status.added_by) == ("It was here already.", ("ada", "ben"))
    assert "by ada, ben, Cleo Example and the community" in " ".join(messages(world)[-1].text.split())
    await far.says(f"show #{number}")
    assert "by Cleo Example and the community" in " ".join(messages(world)[-1].text.split())
