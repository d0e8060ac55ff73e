"""Identifier and title contradict each other: both papers are kept, and what was done is told."""

from dataclasses import replace
from datetime import date

from bot.domain.paper import Contradiction, Outcome, PaperDraft, Update
from bot.intake.corrections import merge_papers
from bot.intake.paper_store import store_paper
from storage.sql.store import SqlStore
from tests.storage.making import NOW, arxiv, doi, draft, later, put_paper

VOLUME = doi("10.1145/3292500")


def chapter(title: str, author: str, *names: object, **fields: object) -> PaperDraft:
    return draft(title, *names, source="file", authors=(author,), published=date(2020, 1, 1), **fields)


KETTLES = chapter("Kettles in part one", "Ada Example", VOLUME)
CUPS = chapter("Cups in part one", "Ben Other", VOLUME)
POTS = chapter("Pots in part one", "Cy Third", VOLUME, arxiv("2001.00003"))


async def test_a_draft_with_another_papers_identifier_becomes_a_row_of_its_own(store: SqlStore) -> None:
    async with store.writing() as tx:
        first, cups, pots = [await store_paper(tx, each, NOW) for each in (KETTLES, CUPS, POTS)]
        again = [await store_paper(tx, each, later(days=1)) for each in (KETTLES, CUPS, POTS)]
        found = await tx.papers.get([first.paper_id, cups.paper_id, pots.paper_id])
        assert await tx.papers.count() == 3
    assert [each.outcome for each in (first, cups, pots)] == [Outcome.NEW] * 3
    assert [each.identifiers for each in found.values()] == [{VOLUME}, frozenset(), {arxiv("2001.00003")}]
    told = Contradiction(CUPS.title, cups.paper_id, (VOLUME,), KETTLES.title, first.paper_id)
    assert (first.contradictions, cups.contradictions) == ((), (told,))
    assert [each.paper_id for each in again] == [first.paper_id, cups.paper_id, pots.paper_id]
    assert [each.outcome for each in again] == [Outcome.UNCHANGED] * 3
    assert [each.contradictions for each in again] == [(), cups.contradictions, pots.contradictions]


async def test_the_row_of_its_own_takes_corrections_and_keeps_what_it_had(store: SqlStore) -> None:
    async with store.writing() as tx:
        await store_paper(tx, KETTLES, NOW)
        cups = await store_paper(tx, CUPS, NOW)
        more = chapter("Cups in part one", "Ben Other", VOLUME, abstract="About it. And more.")
        stored = await store_paper(tx, more, NOW)
        assert stored.update == Update(cups.paper_id, CUPS.title, ("abstract",))
        old = await store_paper(tx, CUPS, NOW)
        assert (old.paper_id, old.outcome) == (cups.paper_id, Outcome.UNCHANGED)


async def test_a_draft_joins_the_paper_that_its_other_names_and_title_mean(store: SqlStore) -> None:
    async with store.writing() as tx:
        kettles = await store_paper(tx, KETTLES, NOW)
        pots = await store_paper(tx, chapter("Pots in part one", "Cy Third", arxiv("2001.00003")), NOW)
        both = await store_paper(tx, POTS, NOW)
        assert (both.paper_id, both.outcome) == (pots.paper_id, Outcome.UNCHANGED)
        assert [each.other_id for each in both.contradictions] == [kettles.paper_id]
        assert await tx.papers.count() == 2


async def test_a_source_that_knows_a_paper_by_its_name_may_call_it_anew(store: SqlStore) -> None:
    async with store.writing() as tx:
        names = arxiv("2001.00001"), VOLUME
        first = await store_paper(tx, draft("Kettles", *names, authors=("Ada Example",)), NOW)
        anew = draft("On heating water", *names, authors=("The Kettle Lab",), published=date(2024, 5, 6))
        stored = await store_paper(tx, anew, NOW)
        assert (stored.paper_id, stored.outcome, stored.contradictions) == (
            first.paper_id,
            Outcome.UPDATED,
            (),
        )
        assert stored.update == Update(first.paper_id, "On heating water", ("title", "authors", "date"))
        crossref = draft("On heating water in kettles", VOLUME, source="crossref", authors=("K. Lab",))
        assert (await store_paper(tx, crossref, NOW)).paper_id == first.paper_id


async def test_what_files_have_said_changes_nothing_when_they_come_again(store: SqlStore) -> None:
    one = chapter("Kettles", "Ada Müller", arxiv("2001.00001"))
    other = chapter("Kettles", "Ada Mueller", VOLUME)
    joins = chapter("Kettles", "Ada Müller", arxiv("2001.00001"), VOLUME, abstract="About it all.")
    async with store.writing() as tx:
        for each in (one, other, joins):
            await store_paper(tx, each, NOW)
        ids = await tx.papers.unchanged([one, other, joins])
        assert len(set(ids)) == 1
        assert None not in ids
        correction = chapter("Kettles", "Ada Miller", VOLUME)
        assert (await store_paper(tx, correction, NOW)).outcome is Outcome.UPDATED
        paper = (await tx.papers.get([ids[0]]))[ids[0]]
        assert paper.authors == ("Ada Miller",)


async def test_papers_that_become_one_are_told(store: SqlStore) -> None:
    async with store.writing() as tx:
        kept = await store_paper(tx, draft("Preprint", arxiv("1"), authors=("Ada Example",)), NOW)
        gone = await store_paper(tx, draft("Journal", doi("x"), authors=("Ada Example",)), NOW)
        both = draft("Preprint", arxiv("1"), doi("x"), authors=("Ada Example",))
        stored = await store_paper(tx, both, NOW)
        assert stored.update is not None
        assert (stored.paper_id, stored.update.absorbed) == (kept.paper_id, (gone.paper_id,))
        assert "identifiers" in stored.update.fields


async def test_what_the_operator_makes_one_is_no_contradiction_any_more(store: SqlStore) -> None:
    async with store.writing() as tx:
        kettles = await store_paper(tx, KETTLES, NOW)
        cups = await store_paper(tx, CUPS, NOW)
        kept, gone = await tx.paper_admin.find(kettles.paper_id), await tx.paper_admin.find(cups.paper_id)
        assert kept is not None
        assert gone is not None
        await merge_papers(tx, kept, gone, later(hours=1))
    for each in (KETTLES, CUPS, replace(CUPS, abstract="About it. And more.")):
        async with store.writing() as tx:
            stored = await store_paper(tx, each, later(days=1))
            assert (stored.paper_id, stored.contradictions) == (kettles.paper_id, ())
            assert await tx.papers.count() == 1


async def test_what_files_said_before_is_known_but_not_listed_to_the_operator(store: SqlStore) -> None:
    one = chapter("Kettles", "Ada Example", VOLUME)
    versions = [one, replace(one, abstract="Another. Text."), replace(one, abstract="A third. Text.")]
    for again in range(3):
        async with store.writing() as tx:
            for each in versions:
                paper_id, _ = await put_paper(tx, each, later(hours=again))
            assert await tx.papers.unchanged(versions) == [paper_id] * 3
            assert len(await tx.source_records.of_paper(paper_id)) == 1
