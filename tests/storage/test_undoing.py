"""A merge that turned out wrong is undone, and what the operator says stays."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.domain.channel import Context
from bot.domain.descriptions import MOST_RECORDS, Split, record_name, replaces, split
from bot.domain.errors import UserError
from bot.domain.paper import Details, Outcome, Paper, PaperDraft
from bot.domain.post import PostState
from bot.domain.source import OPERATOR, Description
from bot.domain.vote import TallyCount, Vote, VoteSource
from bot.intake.corrections import edit_paper, merge_papers, split_paper
from storage.sql.repositories.source_records import draft_from_json, draft_to_json
from storage.sql.store import SqlStore
from storage.sql.tables import DescriptionRow, DigestRow, PostRow
from tests.storage.making import (
    NOW,
    UP,
    arrive,
    arxiv,
    claim,
    doi,
    draft,
    last_digest,
    later,
    plan,
    put_paper,
    react,
    send_all,
    show,
)

SHARED = doi("10.5555/kettles")
KETTLES = draft(
    "Kettles and Their Whistles",
    SHARED,
    source="file",
    authors=("Ada Lovelace",),
    published=date(2019, 1, 1),
    links=("https://kettles.example",),
)
CUPS = draft(
    "A Survey of Cups",
    SHARED,
    arxiv("2406.00002"),
    source="file",
    authors=("Grace Hopper", "Ada Lovelace"),
    published=date(2021, 1, 1),
    links=("https://cups.example",),
    categories=("cs.CU",),
)


async def put(store: SqlStore, *drafts: PaperDraft, team_id: int | None = None) -> list[int]:
    ids = []
    for each in drafts:
        async with store.writing() as tx:
            ids.append((await put_paper(tx, each, NOW, team_id))[0])
    return ids


async def found(store: SqlStore, paper_id: int) -> Paper:
    async with store.reading() as tx:
        paper = await tx.paper_admin.find(paper_id)
    assert paper is not None
    return paper


async def parted(store: SqlStore, paper_id: int, *take: int, given: Any = ()) -> int:
    """Split a paper; the new one's number."""
    async with store.writing() as tx:
        paper = await tx.paper_admin.find(paper_id)
        assert paper is not None
        return await split_paper(tx, split(paper, await tx.source_records.of_paper(paper_id), take, given))


async def vote(store: SqlStore, paper_id: int, person: str = "ann") -> Context:
    async with store.writing() as tx:
        context = await arrive(tx, person)
        await tx.votes.cast(context, paper_id, Vote.UP, VoteSource.COMMAND, NOW)
    return context


async def tally(store: SqlStore, context: Context, paper_id: int) -> TallyCount:
    async with store.reading() as tx:
        marks = await tx.paper_statuses.get(context.channel.id, [paper_id])
    return marks[paper_id].tally if paper_id in marks else TallyCount()


def test_a_draft_is_kept_whole() -> None:
    whole = replace(
        CUPS,
        listed=date(2026, 9, 3),
        submitted_by="akhaliq",
        upvotes=4,
        details=Details(venue="J. Cups", models=("a", "b"), version=2),
        origins={"title": "arxiv"},
    )
    for each in (whole, KETTLES, PaperDraft("", "", OPERATOR, published=date(2020, 1, 1))):
        assert draft_from_json(each.source, draft_to_json(each)) == each


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"abstract": "Another.", "upvotes": 9}, True),
        ({"identifiers": CUPS.identifiers | {doi("10.5555/cups")}}, True),
        ({"title": "Part Two"}, False),
        ({"published": date(2022, 1, 1)}, False),
        ({"authors": ("Another",)}, False),
        ({"details": Details(venue="J. Saucers")}, False),
        ({"details": Details(citations=4, version=2)}, True),
        ({"identifiers": frozenset({SHARED, arxiv("2406.00003")})}, False),
    ],
)
def test_a_new_version_of_a_record_is_told_from_another_record(change: dict[str, Any], same: bool) -> None:
    new = replace(CUPS, **change)
    assert (record_name(new) == record_name(CUPS) or replaces(new, CUPS)) is same


def test_a_catalogue_has_one_record_a_name() -> None:
    known = replace(CUPS, source="arxiv")
    assert record_name(replace(known, title="Cups, Revised")) == record_name(known)


async def test_every_record_of_a_source_is_kept_and_a_new_version_takes_its_place(store: SqlStore) -> None:
    renamed = replace(CUPS, abstract="Revised.", identifiers=CUPS.identifiers | {doi("10.5555/cups")})
    paper_id, *others = await put(store, KETTLES, CUPS, renamed, replace(KETTLES, source="crossref"))
    assert set(others) == {paper_id}
    async with store.reading() as tx:
        said = await tx.source_records.of_paper(paper_id)
    drafts = {(each.source, each.draft.title, each.draft.abstract) for each in said if each.draft}
    assert drafts == {
        ("file", KETTLES.title, "About it."),
        ("file", CUPS.title, "Revised."),
        ("crossref", KETTLES.title, "About it."),
    }


async def test_of_many_records_the_latest_are_kept(store: SqlStore) -> None:
    entries = [replace(KETTLES, title=f"Kettles {number}") for number in range(MOST_RECORDS + 2)]
    async with store.writing() as tx:
        for each in entries:
            paper_id, _ = await put_paper(tx, each, NOW)
    async with store.reading() as tx:
        said = await tx.source_records.of_paper(paper_id)
    assert [each.draft and each.draft.title for each in said] == [each.title for each in entries[2:]]


async def test_two_records_that_were_merged_are_parted_and_stay_two(store: SqlStore) -> None:
    paper_id, _ = await put(store, KETTLES, CUPS)
    context = await vote(store, paper_id)
    async with store.reading() as tx:
        start = (await tx.papers.changed_since(0, 10))[-1][0]
    new_id = await parted(store, paper_id, 2)
    old, new = await found(store, paper_id), await found(store, new_id)
    assert (old.title, old.identifiers, old.links) == (KETTLES.title, {SHARED}, KETTLES.links)
    assert (new.title, new.identifiers, new.links) == (CUPS.title, {arxiv("2406.00002")}, CUPS.links)
    assert (old.authors, old.published, old.categories) == (KETTLES.authors, KETTLES.published, ())
    assert (new.authors, new.published, new.categories) == (CUPS.authors, CUPS.published, CUPS.categories)
    assert new.added == old.added
    assert await tally(store, context, paper_id) == TallyCount(1, 0)
    assert await tally(store, context, new_id) == TallyCount()
    async with store.reading() as tx:
        changed = [paper.id for _, paper in await tx.papers.changed_since(start, 10)]
        assert sorted(changed) == [paper_id, new_id], "indexes hear of both"
        assert await tx.papers.find_by_link(CUPS.links[0]) == new_id
        assert await tx.papers.unchanged([KETTLES, CUPS]) == [paper_id, new_id]
    revised = [replace(each, abstract="Revised.") for each in (KETTLES, CUPS)]
    other_source = replace(CUPS, source="crossref")
    assert await put(store, *revised, KETTLES, CUPS, other_source) == [
        paper_id,
        new_id,
        paper_id,
        new_id,
        new_id,
    ]
    assert (await found(store, new_id)).identifiers == {arxiv("2406.00002")}
    assert (await found(store, paper_id)).identifiers == {SHARED}
    async with store.reading() as tx:
        assert await tx.papers.count() == 2


async def test_three_that_share_a_title_alone_stay_three(store: SqlStore) -> None:
    years = (2019, 2020, 2021)
    drafts = [
        draft("Editorial", source="file", authors=("Ada Lovelace",), published=date(year, 1, 1))
        for year in years
    ]
    paper_id = (await put(store, *drafts))[0]
    third = await parted(store, paper_id, 3)
    second = await parted(store, paper_id, 2)
    again = [replace(each, abstract="Revised.") for each in drafts]
    assert await put(store, *again) == [paper_id, second, third]
    unknown = [replace(each, source="crossref") for each in drafts]
    assert await put(store, *unknown) == [paper_id, second, third], "whose year it is"


async def test_a_name_that_both_tell_goes_where_the_operator_says(store: SqlStore) -> None:
    paper_id, _ = await put(store, KETTLES, CUPS)
    new_id = await parted(store, paper_id, 2, given=[SHARED])
    assert (await found(store, paper_id)).identifiers == frozenset()
    assert (await found(store, new_id)).identifiers == CUPS.identifiers
    assert await put(store, replace(KETTLES, abstract="Revised.")) == [paper_id]
    assert (await found(store, paper_id)).identifiers == frozenset()


async def test_what_a_team_brought_is_parted_for_the_team_alone(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, other = await arrive(tx), await arrive(tx, "eve", "general", "rival")
    brought = [replace(each, source="people") for each in (KETTLES, CUPS)]
    paper_id, same = await put(store, *brought, team_id=context.team_id)
    assert paper_id == same
    new_id = await parted(store, paper_id, 2)
    again = [replace(each, abstract="Revised.") for each in brought]
    assert await put(store, *again, team_id=context.team_id) == [paper_id, new_id]
    async with store.reading() as tx:
        assert set(await tx.papers.get([paper_id, new_id], context.team_id)) == {paper_id, new_id}
        assert await tx.papers.get([paper_id, new_id], other.team_id) == {}


def described(*drafts: PaperDraft | None) -> list[Description]:
    return [
        Description("file", str(number), later(minutes=number), each) for number, each in enumerate(drafts, 1)
    ]


@pytest.mark.parametrize(
    ("said", "take", "given", "why"),
    [
        ([KETTLES, CUPS], [], (), "--take 2,3"),
        ([KETTLES, CUPS], [3], (), "no description 3"),
        ([KETTLES, CUPS], [1, 2], (), "Nothing would be left"),
        ([KETTLES, CUPS], [2], [doi("10.1/x")], "not told on both sides"),
        ([KETTLES, replace(CUPS, title="")], [2], (), "no title for one side"),
        ([KETTLES, None], [2], (), "import"),
    ],
)
def test_a_split_that_makes_no_two_papers_is_refused(
    said: list[PaperDraft | None], take: list[int], given: Any, why: str
) -> None:
    paper = Paper(1, "Cups", "", "file", NOW, identifiers=CUPS.identifiers)
    with pytest.raises(UserError, match=why):
        split(paper, described(*said), take, given)


async def forget_texts(store: SqlStore) -> None:
    """Leave what a database of the version before holds."""
    async with store.writing() as tx:
        ids = (await tx._connection.run(select(DescriptionRow.paper_id).distinct())).scalars().all()
        for paper_id in ids:
            newest = select(DescriptionRow.record).where(DescriptionRow.paper_id == paper_id)
            record = (
                await tx._connection.run(newest.order_by(DescriptionRow.seen_at.desc()).limit(1))
            ).scalar_one()
            await tx._connection.run(
                text("DELETE FROM descriptions WHERE record <> :record"), {"record": record}
            )
        await tx._connection.run(update(DescriptionRow).values(record="", draft=None))


async def test_what_was_merged_before_texts_were_kept_is_parted_once_it_comes_again(store: SqlStore) -> None:
    paper_id, _ = await put(store, KETTLES, CUPS)
    await forget_texts(store)
    with pytest.raises(UserError, match="papers edit"):
        await parted(store, paper_id, 1)
    async with store.writing() as tx:
        assert await tx.papers.unchanged([CUPS]) == [None], "it is taken in again, so that it is kept"
        assert (await put_paper(tx, CUPS, NOW))[0] == paper_id
    await put(store, KETTLES)
    async with store.reading() as tx:
        said = await tx.source_records.of_paper(paper_id)
    assert [each.draft and each.draft.title for each in said] == [CUPS.title, KETTLES.title]
    new_id = await parted(store, paper_id, 2)
    assert (await found(store, paper_id)).title == CUPS.title
    assert (await found(store, new_id)).title == KETTLES.title


async def test_a_source_whose_text_was_not_kept_keeps_its_word_in_the_paper(store: SqlStore) -> None:
    by_arxiv = draft("Cups, a Survey", arxiv("2406.00002"), abstract="Of cups.", authors=("G. Hopper",))
    paper_id = (await put(store, by_arxiv))[0]
    await forget_texts(store)
    both = draft(
        "Kettles", doi("10.5555/k"), arxiv("2406.00002"), source="file", details=Details(venue="J. K.")
    )
    await put(store, both)
    async with store.reading() as tx:
        said = await tx.source_records.of_paper(paper_id)
    number = next(place for place, each in enumerate(said, 1) if each.draft is not None)
    new_id = await parted(store, paper_id, number)
    old = await found(store, paper_id)
    assert (old.title, old.abstract, old.source) == ("Cups, a Survey", "Of cups.", "arxiv")
    assert (old.details.venue, (await found(store, new_id)).details.venue) == ("", "J. K.")


async def test_two_papers_become_one_with_the_votes_of_both(store: SqlStore) -> None:
    paper_id, _ = await put(store, KETTLES, CUPS)
    new_id = await parted(store, paper_id, 2)
    context = await vote(store, paper_id)
    await vote(store, new_id, "bob")
    async with store.writing() as tx:
        kept, gone = [await tx.paper_admin.find(each) for each in (paper_id, new_id)]
        assert kept
        assert gone
        await merge_papers(tx, kept, gone, NOW)
    both = await found(store, new_id)
    assert (both.id, both.title, both.identifiers) == (paper_id, KETTLES.title, CUPS.identifiers)
    assert await tally(store, context, paper_id) == TallyCount(2, 0)
    async with store.reading() as tx:
        assert (await tx.paper_rows.separated()).separated_from(paper_id) == frozenset()
        assert len(await tx.source_records.of_paper(paper_id)) == 2
    assert await put(store, replace(CUPS, abstract="Revised.")) == [paper_id]


async def test_the_operators_word_stands_above_every_source(store: SqlStore) -> None:
    wrong, right = doi("10.5555/wrong"), doi("10.5555/right")
    by_arxiv = draft("CUPS", arxiv("2406.00002"), wrong, authors=("G.",), published=date(2020, 1, 1))
    [paper_id] = await put(store, by_arxiv)
    word = PaperDraft("Cups", "", OPERATOR, ("Grace Hopper",), frozenset({right}), published=date(2021, 1, 1))
    for said in (word, PaperDraft("cups", "", OPERATOR)):
        async with store.writing() as tx:
            paper = await tx.paper_admin.find(paper_id)
            assert paper
            await edit_paper(tx, paper, said, {wrong} & paper.identifiers, NOW)
    again = replace(by_arxiv, title="CUPS, Revised", authors=("A.", "B."), details=Details(version=3))
    assert await put(store, again) == [paper_id]
    paper = await found(store, paper_id)
    assert (paper.title, paper.authors, paper.published) == ("cups", ("Grace Hopper",), date(2021, 1, 1))
    assert paper.identifiers == {arxiv("2406.00002"), right}
    async with store.reading() as tx:
        [kept] = [
            each.draft for each in await tx.source_records.of_paper(paper_id) if each.source == OPERATOR
        ]
    assert kept == replace(word, title="cups")


async def test_a_paper_that_was_exported_with_the_operators_word_is_itself_again(store: SqlStore) -> None:
    cups, mugs = await put(store, draft("Cups", arxiv("1")), draft("Mugs", doi("10.5555/m")))
    for paper_id, title in ((cups, "Our Cups"), (mugs, "Our Mugs")):
        paper = await found(store, paper_id)
        async with store.writing() as tx:
            await edit_paper(tx, paper, PaperDraft(title, "", OPERATOR), (), NOW)
    origins = {"abstract": "arxiv"}
    exported = draft("Our Mugs", doi("10.5555/m"), source=OPERATOR, origins=origins, upvotes=3)
    assert await put(store, exported) == [mugs]
    paper = await found(store, mugs)
    async with store.writing() as tx:
        paper = await edit_paper(tx, paper, PaperDraft("Their Mugs", "", OPERATOR), (), NOW)
    assert (paper.title, paper.abstract, paper.origins["abstract"]) == ("Their Mugs", "About it.", "arxiv")


async def test_what_the_operator_said_of_either_is_said_of_both(store: SqlStore) -> None:
    ids = await put(store, draft("Cups", arxiv("1")), draft("Mugs", doi("10.5555/m")))
    words = [PaperDraft("", "Ours.", OPERATOR), PaperDraft("Ours", "Theirs.", OPERATOR)]
    for paper_id, word in zip(ids, words, strict=True):
        paper = await found(store, paper_id)
        async with store.writing() as tx:
            await edit_paper(tx, paper, word, (), NOW)
    kept, gone = [await found(store, each) for each in ids]
    async with store.writing() as tx:
        await merge_papers(tx, kept, gone, NOW)
    paper = await found(store, ids[1])
    assert (paper.title, paper.abstract) == ("Ours", "Ours.")
    async with store.reading() as tx:
        [said] = [
            each.draft for each in await tx.source_records.of_paper(paper.id) if each.source == OPERATOR
        ]
    assert said == PaperDraft("Ours", "Ours.", OPERATOR)


async def deal_with(store: SqlStore, paper_id: int) -> Context:
    async with store.writing() as tx:
        context = await arrive(tx)
        card = await show(tx, context, "card", paper_id)
        await react(tx, context, paper_id, card, UP, at=NOW)
        await tx.discussions.open(context, paper_id, card, NOW)
        await tx.saved.put(context, paper_id, NOW)
        await tx.submissions.put(context, paper_id, NOW)
    return context


async def test_a_paper_that_is_removed_appears_nowhere(store: SqlStore) -> None:
    gone, other = await put(store, CUPS, draft("Mugs", arxiv("2")))
    context = await deal_with(store, gone)
    async with store.writing() as tx:
        assert await plan(tx, context, gone, other)
        await send_all(tx)
        hanging = await tx.paper_admin.count_dependents(gone)
        start = (await tx.papers.changed_since(0, 10))[-1][0]
    assert (hanging.votes, hanging.discussions, hanging.saved, hanging.posted) == (1, 1, 1, 1)
    async with store.writing() as tx:
        await tx.paper_admin.remove(gone)
    async with store.writing() as tx:
        assert await tx.paper_admin.find(gone) is None
        assert list(await tx.papers.get([gone, other])) == [other]
        assert await tx.papers.find_by_identifier(SHARED) is None
        assert await tx.papers.gone_since(start) == {gone}
        assert (await tx.saved.page(context, 10, 0))[1] == 0
        assert [each.paper_id for each in (await tx.discussions.history(context.channel.id, 10, 0))[0]] == [
            other
        ]
        assert await tx.messages.paper_on(context.channel.id, (await show(tx, context, "card"))) is None
        last = await last_digest(tx, context)
        assert last
        assert [item.paper_id for item in last.plan.items] == [other]
        assert not await plan(tx, context, gone, local_date=date(2026, 9, 23)), (
            "who matched it before lets it go"
        )
    [again] = await put(store, CUPS)
    assert again > gone, "it is a new paper"


@pytest.mark.parametrize("begun", [False, True])
async def test_a_digest_that_is_planned_goes_out_without_the_paper(store: SqlStore, begun: bool) -> None:
    gone, other = await put(store, CUPS, draft("Mugs", arxiv("2")))
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        assert await plan(tx, context, gone, other)
        assert await plan(tx, there, gone)
        if begun:
            assert len(await claim(tx)) == 2
            assert await tx.paper_admin.is_being_sent(gone, NOW), "the overviews are, which list it"
            assert not await tx.paper_admin.is_being_sent(gone, later(days=1)), "whoever sent them is gone"
        assert (await tx.paper_admin.count_dependents(gone)).planned == 2
    async with store.writing() as tx:
        await tx.paper_admin.remove(gone)
    async with store.writing() as tx:
        digests = (await tx._connection.run(select(DigestRow.channel_id))).scalars().all()
        assert digests == [context.channel.id], "the other held nothing else"
        sent = [*await send_all(tx)]
        states = (await tx._connection.run(select(PostRow.state))).scalars().all()
    if begun:
        assert len(states) == 2
    else:
        assert [post.item and post.item.paper_id for post in sent] == [None, other]
        assert set(states) == {PostState.SENT}


async def test_a_number_that_was_merged_into_a_removed_paper_leads_nowhere(store: SqlStore) -> None:
    kept, gone = await put(store, draft("Cups", arxiv("1")), draft("Mugs", doi("10.5555/m")))
    await put(store, draft("Cups", arxiv("1"), doi("10.5555/m")))
    async with store.writing() as tx:
        await tx.paper_admin.remove(kept)
    async with store.reading() as tx:
        assert await tx.paper_admin.find(gone) is None
        assert await tx.papers.get([kept, gone]) == {}
        assert await tx.papers.gone_since(0) == {kept, gone}


async def test_papers_that_become_one_by_themselves_stay_apart_from_what_either_was(store: SqlStore) -> None:
    paper_id, _ = await put(store, KETTLES, CUPS)
    new_id = await parted(store, paper_id, 2)
    [third] = await put(store, draft("Teacups", doi("10.5555/t")))
    async with store.writing() as tx:
        both = replace(CUPS, identifiers=frozenset({arxiv("2406.00002"), doi("10.5555/t")}))
        assert await put_paper(tx, both, NOW) == (new_id, Outcome.UPDATED)
    async with store.reading() as tx:
        assert (await tx.paper_rows.separated()).separated_from(paper_id) == {new_id}
    assert (await found(store, third)).id == new_id


def test_a_split_is_the_same_while_nothing_changes() -> None:
    paper = Paper(1, "Cups", "", "file", NOW, identifiers=CUPS.identifiers)
    parts = [split(paper, described(KETTLES, CUPS), {2}) for _ in range(2)]
    assert isinstance(parts[0], Split)
    assert parts[0] == parts[1]
