"""Who cites whom, and what links two papers."""

from bot.domain.identifiers import Identifier
from bot.ports.store.citations import Citation, CitationLink
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, arrive, arxiv, doi, draft, later, put_paper


async def cite(tx: SqlTransaction, citing: Identifier, *cited: Identifier) -> None:
    await tx.citations.put([Citation(citing, each) for each in cited], "semanticscholar", NOW)


async def stored(tx: SqlTransaction, *names: Identifier, team_id: int | None = None) -> int:
    source = "arxiv" if team_id is None else "people"
    return (await put_paper(tx, draft(f"On {names[0]}", *names, source=source), NOW, team_id))[0]


async def test_a_paper_cites_another_and_not_the_other_way_round(store: SqlStore) -> None:
    async with store.writing() as tx:
        one, two, three = [await stored(tx, arxiv(f"2401.0000{each}")) for each in (1, 2, 3)]
        await cite(tx, arxiv("2401.00001"), arxiv("2401.00002"), arxiv("2401.00001"))
        assert await tx.citations.links(one, [one, two, three]) == {two: CitationLink(cited=True)}
        assert await tx.citations.links(two, [one, three]) == {one: CitationLink(cites=True)}
        assert await tx.citations.links(two, [three]) == {}
        assert await tx.citations.links(three, [one, two]) == {}
        assert await tx.citations.links(99, [one]) == {}


async def test_references_are_shared_though_nobody_has_stored_them(store: SqlStore) -> None:
    async with store.writing() as tx:
        one, two, three = [await stored(tx, arxiv(f"2401.0000{each}")) for each in (1, 2, 3)]
        await cite(tx, arxiv("2401.00001"), doi("10.1/a"), doi("10.1/b"), doi("10.1/c"))
        await cite(tx, arxiv("2401.00002"), doi("10.1/b"), doi("10.1/c"), doi("10.1/d"))
        await cite(tx, arxiv("2401.00003"), doi("10.1/d"))
        assert await tx.citations.links(one, [two, three]) == {two: CitationLink(shared_references=2)}
        assert await tx.citations.links(two, [one, three]) == {
            one: CitationLink(shared_references=2),
            three: CitationLink(shared_references=1),
        }


async def test_a_work_is_known_by_each_of_its_names_and_from_when_it_is_stored(store: SqlStore) -> None:
    async with store.writing() as tx:
        one = await stored(tx, arxiv("2401.00001"), doi("10.1/one"))
        await cite(tx, doi("10.1/one"), doi("10.1/two"))
        two = await stored(tx, arxiv("2401.00002"), doi("10.1/two"))
        assert await tx.citations.links(two, [one]) == {one: CitationLink(cites=True)}


async def test_references_come_with_a_papers_record_and_not_from_people(store: SqlStore) -> None:
    async with store.writing() as tx:
        team = await arrive(tx)
        two = await stored(tx, doi("10.1/two"))
        cited = frozenset({doi("10.1/two"), doi("10.1/three")})
        one, _ = await put_paper(tx, draft("One", doi("10.1/one"), references=cited), NOW)
        brought = draft("Three", doi("10.1/three"), references=frozenset({doi("10.1/one")}), source="people")
        three, _ = await put_paper(tx, brought, NOW, team.team_id)
        await put_paper(tx, draft("Nameless", references=cited), NOW)
        assert await tx.citations.links(one, [two, three], team.team_id) == {
            two: CitationLink(cited=True),
            three: CitationLink(cited=True),
        }
        [kept] = await tx.source_records.of_paper(one)
        assert kept.draft is not None
        assert kept.draft.references == frozenset(), "they are not kept twice"


async def test_what_is_told_again_changes_nothing(store: SqlStore) -> None:
    async with store.writing() as tx:
        one, two = [await stored(tx, arxiv(f"2401.0000{each}")) for each in (1, 2)]
        again = [Citation(arxiv("2401.00001"), arxiv("2401.00002"))] * 2
        for source in ("semanticscholar", "crossref"):
            await tx.citations.put(again, source, later(days=1))
        await tx.citations.put([], "crossref", NOW)
        assert await tx.citations.links(one, [two]) == {two: CitationLink(cited=True)}


async def test_what_a_team_alone_knows_is_linked_for_that_team_alone(store: SqlStore) -> None:
    async with store.writing() as tx:
        ours, theirs = await arrive(tx), await arrive(tx, "eve", "general", "rival")
        public = await stored(tx, arxiv("2401.00001"))
        private = await stored(tx, doi("10.1/secret"), team_id=ours.team_id)
        named = await stored(tx, arxiv("2401.00003"))
        # Ours say that an open paper has this name too, which leads nobody else to it.
        await tx.paper_rows.add_team_names(named, [doi("10.1/alias")], (), ours.team_id)
        await cite(tx, arxiv("2401.00001"), doi("10.1/secret"), doi("10.1/alias"))
        for team_id, linked in ((ours.team_id, {private, named}), (theirs.team_id, set()), (None, set())):
            found = await tx.citations.links(public, [private, named], team_id)
            assert found == dict.fromkeys(linked, CitationLink(cited=True))
        assert await tx.citations.links(private, [public], theirs.team_id) == {}
        assert await tx.citations.links(private, [public], ours.team_id) == {public: CitationLink(cites=True)}
