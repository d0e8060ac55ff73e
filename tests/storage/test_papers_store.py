from datetime import date

import pytest

from bot.domain.channel import Context
from bot.domain.history import Activity
from bot.domain.identifiers import title_key
from bot.domain.message import MessageKind, MessageRef
from bot.domain.paper import Details, Outcome, PaperDraft, PaperFilter, Standing
from bot.domain.vote import TallyCount, Vote, VoteSource
from storage.sql.store import SqlStore
from tests.storage.making import (
    NOW,
    UP,
    arrive,
    arxiv,
    doi,
    draft,
    fresh,
    last_digest,
    later,
    papers,
    plan,
    put_paper,
    react,
    send_all,
    show,
)


async def test_a_paper_comes_back_as_it_was_put(store: SqlStore) -> None:
    whole = draft(
        "Sparse Experts: 50% {cheaper}?",
        arxiv("2406.01234"),
        doi("10.1/a:b"),
        abstract="Two\nlines, «quotes», 表意文字 and 🧪.",
        source="huggingface",
        authors=("Ada L.", "Émile"),
        links=("https://example.org/b", "https://example.org/a"),
        categories=("cs.LG", "cs.AI", "a b"),
        published=date(2026, 9, 1),
        listed=date(2026, 9, 3),
        submitted_by="akhaliq",
        upvotes=41,
        details=Details(
            organisation="The «Lab»",
            venue="Journal of 🧪",
            code="https://example.org/code",
            models=("lab/expert-7b",),
            datasets=("lab/«routes»", "lab/tokens"),
            spaces=("lab/try",),
            keywords=("experts", "routing"),
            tldr="Cheaper.",
            citations=12,
            version=3,
            standing=Standing.WITHDRAWN,
        ),
    )
    async with store.writing() as tx:
        paper_id, outcome = await put_paper(tx, whole, NOW)
    async with store.reading() as tx:
        paper = (await tx.papers.get([paper_id]))[paper_id]
    assert outcome is Outcome.NEW
    for name in whole.__dataclass_fields__.keys() - {"references"}:
        assert getattr(paper, name) == getattr(whole, name)
    assert (paper.id, paper.added, paper.added.tzinfo) == (paper_id, NOW, NOW.tzinfo)


async def test_a_paper_is_found_by_its_names_and_its_title(store: SqlStore) -> None:
    async with store.writing() as tx:
        paper_id, _ = await put_paper(tx, draft("A Title, Whole", arxiv("2406.01234")), NOW)
        assert await tx.papers.find_by_identifier(arxiv("2406.01234")) == paper_id
        assert await tx.papers.find_by_identifier(doi("2406.01234")) is None
        assert await tx.papers.find_by_title(title_key("a title: whole?")) == paper_id
        assert await tx.papers.find_by_title(title_key("a title")) is None
        assert await tx.papers.find_by_title("") is None
        assert list(await tx.papers.get([paper_id, 999])) == [paper_id]
        assert await tx.papers.count() == 1


@pytest.mark.parametrize(
    ("known", "put", "same"),
    [
        (draft("One", arxiv("1")), draft("Quite another", arxiv("1")), True),
        (draft("One"), draft("ONE!", arxiv("1")), True),
        (draft("One", doi("x")), draft("one", arxiv("1")), True),
        (draft("One", arxiv("2")), draft("One", arxiv("1")), False),
        (draft("One", arxiv("2"), doi("x")), draft("One", arxiv("1"), doi("x")), True),
        (draft("One"), draft("Two"), False),
        (draft("?!"), draft("!?"), False),
    ],
)
async def test_what_is_the_same_paper(
    store: SqlStore, known: PaperDraft, put: PaperDraft, same: bool
) -> None:
    async with store.writing() as tx:
        first, _ = await put_paper(tx, known, NOW)
        second, outcome = await put_paper(tx, put, NOW)
    assert (first == second) is same
    assert (outcome is Outcome.NEW) is not same


async def test_a_paper_is_found_by_its_links(store: SqlStore) -> None:
    page, code = "https://www.example.org/one/", "https://example.org/code?of=one"
    async with store.writing() as tx:
        second, _ = await put_paper(tx, draft("Two", arxiv("2"), links=("https://x.example", page)), NOW)
        first, _ = await put_paper(tx, draft("One", arxiv("1"), links=(page, page)), NOW)
        assert await tx.papers.find_by_link("http://Example.org/one#results") == first, "it is its own page"
        assert await tx.papers.find_by_link("https://x.example/") == second
        assert await tx.papers.find_by_link(code) is None
        assert await tx.papers.find_by_link("example") is None
        await put_paper(tx, draft("One", arxiv("1"), links=(code,)), NOW)
        assert await tx.papers.find_by_link(code) == first
        await put_paper(tx, draft("Both", arxiv("1"), arxiv("2")), NOW)
        assert {await tx.papers.find_by_link(each) for each in (page, code, "https://x.example")} == {second}


async def test_putting_the_same_again_changes_nothing(store: SqlStore) -> None:
    one = draft("One", arxiv("1"), categories=("cs.CL",), links=("https://example.org",), upvotes=3)
    async with store.writing() as tx:
        await put_paper(tx, one, NOW)
    async with store.writing() as tx:
        before = await tx.papers.changed_since(0, 10)
        assert (await put_paper(tx, one, later(days=1)))[1] is Outcome.UNCHANGED
        assert await tx.papers.changed_since(0, 10) == before


async def test_a_full_field_replaces_and_an_empty_one_does_not(store: SqlStore) -> None:
    full = draft(
        "One", arxiv("1"), authors=("Ada",), published=date(2026, 9, 1), submitted_by="ak", upvotes=7
    )
    async with store.writing() as tx:
        paper_id, _ = await put_paper(tx, full, NOW)
        assert (await put_paper(tx, draft("One", arxiv("1"), abstract=""), NOW))[1] is Outcome.UNCHANGED
        change = draft("One, revised", arxiv("1"), doi("x"), abstract="New.", categories=("b",), upvotes=9)
        assert await put_paper(tx, change, NOW) == (paper_id, Outcome.UPDATED)
        await put_paper(tx, draft("One, revised", arxiv("1"), abstract="New.", categories=("a", "b")), NOW)
        paper = (await tx.papers.get([paper_id]))[paper_id]
    assert (paper.title, paper.abstract, paper.upvotes) == ("One, revised", "New.", 9)
    assert (paper.authors, paper.published, paper.submitted_by) == (("Ada",), date(2026, 9, 1), "ak")
    assert paper.identifiers == {arxiv("1"), doi("x")}
    assert paper.categories == ("b", "a")


async def test_five_sources_come_to_one_row_that_knows_whose_word_it_has(store: SqlStore) -> None:
    name, publisher = arxiv("2406.00001"), doi("10.1145/1.2")
    drafts = [
        draft("Kettles", name, source="huggingface", upvotes=7, submitted_by="ak", abstract="Old."),
        draft("Kettles: A Study", name, source="arxiv", abstract="New.", details=Details(version=2)),
        draft("KETTLES", name, publisher, source="semanticscholar", details=Details(tldr="They whistle.")),
        draft("Kettles.", publisher, source="openalex", abstract="", details=Details(citations=3)),
        draft("Kettles!", publisher, source="crossref", details=Details(venue="J. Kettles")),
    ]
    async with store.writing() as tx:
        ids = [await put_paper(tx, each, NOW) for each in drafts]
        (paper_id,) = {paper_id for paper_id, _ in ids}
        paper = (await tx.papers.get([paper_id]))[paper_id]
        assert await tx.papers.count() == 1
    assert (paper.title, paper.abstract, paper.source) == ("Kettles: A Study", "New.", "arxiv")
    assert paper.identifiers == {name, publisher}
    assert paper.details == Details(venue="J. Kettles", tldr="They whistle.", citations=3, version=2)
    assert paper.origins == {
        "upvotes": "huggingface",
        "submitted_by": "huggingface",
        "tldr": "semanticscholar",
        "citations": "openalex",
        "venue": "crossref",
    }


async def test_what_a_source_said_before_is_known(store: SqlStore) -> None:
    one = draft("One", arxiv("1"), doi("x"), upvotes=1)
    async with store.writing() as tx:
        paper_id, _ = await put_paper(tx, one, NOW)
        two, _ = await put_paper(tx, draft("Two", arxiv("2"), source="huggingface"), NOW)
        asked = [one, draft("One", arxiv("1"), doi("x"), upvotes=2), draft("One", arxiv("1"), upvotes=1)]
        assert await tx.papers.unchanged([]) == []
        assert await tx.papers.unchanged([*asked, draft("Two", arxiv("2"), source="huggingface")]) == [
            paper_id,
            None,
            None,
            two,
        ]
        await put_paper(tx, asked[1], NOW)
        assert await tx.papers.unchanged(asked) == [None, paper_id, None]
        await put_paper(tx, draft("Both", arxiv("1"), arxiv("2")), NOW)
        assert await tx.papers.unchanged([draft("Two", arxiv("2"), source="huggingface")]) == [paper_id]


async def test_sample_texts_give_way_and_never_replace(store: SqlStore) -> None:
    sample = draft("One", abstract="Ours.", source="sample", links=("https://s.example",))
    real = draft("One", arxiv("1"), abstract="Theirs.", links=("https://r.example",))
    async with store.writing() as tx:
        paper_id, _ = await put_paper(tx, sample, NOW)
        await put_paper(tx, real, NOW)
        assert (await put_paper(tx, sample, NOW))[1] is Outcome.UNCHANGED
        paper = (await tx.papers.get([paper_id]))[paper_id]
    assert (paper.abstract, paper.source) == ("Theirs.", "arxiv")
    assert paper.links == ("https://s.example", "https://r.example")


async def test_the_sequence_grows_with_inserts_and_changed_texts_only(store: SqlStore) -> None:
    async with store.writing() as tx:
        one, two = await papers(tx, "One", "Two")
        start = (await tx.papers.changed_since(0, 10))[-1][0]
        await put_paper(tx, draft("Two", upvotes=5), NOW)
        assert await tx.papers.changed_since(start, 10) == []
        await put_paper(tx, draft("One", abstract="Changed."), NOW)
        [(number, paper)] = await tx.papers.changed_since(start, 10)
        assert (paper.id, paper.abstract, number) == (one, "Changed.", start + 1)
        assert [paper.id for _, paper in await tx.papers.changed_since(0, 10)] == [two, one]
        assert len(await tx.papers.changed_since(0, 1)) == 1


async def test_two_rows_that_one_draft_names_become_one(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob")
        kept, _ = await put_paper(tx, draft("Preprint", arxiv("1"), categories=("cs.CL",)), NOW)
        gone, _ = await put_paper(tx, draft("Journal", doi("x"), links=("https://j.example",)), NOW)
        start = (await tx.papers.changed_since(0, 10))[-1][0]
        for paper_id in (kept, gone):
            await tx.saved.put(ann, paper_id, NOW)
            await show(tx, ann, "list", paper_id, kind=MessageKind.LISTED)
        await tx.saved.put(bob, gone, NOW)
        card = await show(tx, ann, "card", gone)
        await react(tx, bob, gone, card, UP, at=NOW)
        await tx.votes.cast(ann, kept, Vote.UP, VoteSource.COMMAND, NOW)
        await tx.votes.cast(ann, gone, Vote.DOWN, VoteSource.COMMAND, later(minutes=1))
        await tx.discussions.open(ann, gone, card, NOW)
        assert await plan(tx, ann, gone)
        await send_all(tx)

        both = draft("Preprint", arxiv("1"), doi("x"))
        assert await put_paper(tx, both, later(days=1)) == (kept, Outcome.UPDATED)

        found = await tx.papers.get([kept, gone])
        assert found[gone] == found[kept]
        assert found[kept].identifiers == {arxiv("1"), doi("x")}
        assert (found[kept].links, found[kept].categories) == (("https://j.example",), ("cs.CL",))
        assert await tx.papers.count() == 1
        assert [paper.id for _, paper in await tx.papers.changed_since(start, 10)] == [kept]
        assert await tx.papers.gone_since(start) == {gone}
        assert await tx.papers.gone_since((await tx.papers.changed_since(0, 10))[-1][0]) == frozenset()
        marks = await tx.paper_statuses.get(ann.channel.id, [kept, gone], ann.person.id)
        assert marks[kept] == marks[gone]
        assert marks[kept].tally == TallyCount(1, 1), "Ann's last vote and Bob's reaction"
        assert marks[kept].saved
        assert marks[kept].posted
        assert marks[kept].discussed
        assert [each for each, _ in (await tx.saved.page(bob, 10, 0))[0]] == [kept]
        assert await tx.messages.paper_on(ann.channel.id, card) == kept
        assert not await plan(tx, ann, kept, local_date=date(2026, 9, 22)), (
            "it was posted under its other name"
        )


async def test_papers_that_were_both_posted_in_a_channel_can_become_one(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        kept, _ = await put_paper(tx, draft("Preprint", arxiv("1")), NOW)
        gone, _ = await put_paper(tx, draft("Journal", doi("x")), NOW)
        assert await plan(tx, context, kept, gone)
        assert await plan(tx, there, gone)
        await put_paper(tx, draft("Preprint", arxiv("1"), doi("x")), NOW)
        for place in (context, there):
            last = await last_digest(tx, place)
            assert last is not None
            assert [item.paper_id for item in last.plan.items] == [kept]


async def test_a_number_that_was_merged_twice_leads_to_the_last(store: SqlStore) -> None:
    async with store.writing() as tx:
        ids = [(await put_paper(tx, draft(name, doi(name)), NOW))[0] for name in "abc"]
        await put_paper(tx, draft("b", doi("b"), doi("c")), NOW)
        await put_paper(tx, draft("a", doi("a"), doi("b")), NOW)
        found = await tx.papers.get(ids)
        assert {paper.id for paper in found.values()} == {ids[0]}
        assert found.keys() == set(ids)


async def test_numbers_of_papers_that_are_gone_are_not_given_out_again(store: SqlStore) -> None:
    async with store.writing() as tx:
        _, gone = [(await put_paper(tx, draft(name, doi(name)), NOW))[0] for name in "ab"]
        await put_paper(tx, draft("a", doi("a"), doi("b")), NOW)
        assert (await papers(tx, "Next"))[0] > gone


async def test_filters(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")

        async def put(title: str, **fields: object) -> int:
            return (await put_paper(tx, draft(title, **fields), NOW))[0]

        old = await put("Old", published=date(2020, 1, 1), categories=("cs.CL", "cs.AI"))
        new = await put("New", published=date(2026, 9, 10), listed=date(2020, 1, 1), categories=("cs.CV",))
        listed = await put("Listed", listed=date(2026, 9, 12), categories=("csx.CL", "gr-qc"))
        added = await put("Added", categories=("cs.cl",))
        await tx.discussions.open(context, old, await show(tx, context, "m", old), NOW)
        await show(tx, context, "list", new, added, kind=MessageKind.LISTED)
        await show(tx, context, "card", listed)
        await tx.votes.cast(there, new, Vote.UP, VoteSource.BUTTON, NOW)

        cases = {
            PaperFilter(): {old, new, listed, added},
            PaperFilter(categories=frozenset({"cs.CL"})): {old, added},
            PaperFilter(categories=frozenset({"cs.cv", "cs.ai"})): {old, new},
            PaperFilter(categories=frozenset({"cs"})): {old, new, added},
            PaperFilter(categories=frozenset({"c", "cs.C", "c_", "gr"})): set(),
            PaperFilter(categories=frozenset({"gr-qc"})): {listed},
            PaperFilter(since=date(2026, 9, 10)): {new, listed, added},
            PaperFilter(until=date(2026, 9, 12)): {old, new, listed},
            PaperFilter(since=date(2026, 9, 11), until=date(2026, 9, 12)): {listed},
            PaperFilter(discussed_in=context.channel.id): {old},
            PaperFilter(discussed_in=there.channel.id): set(),
            PaperFilter(unread_in=context.channel.id): {new, added},
            PaperFilter(unread_in=there.channel.id): {old, listed, added},
            PaperFilter(categories=frozenset({"cs.CL"}), unread_in=context.channel.id): {added},
        }
        for wanted, expected in cases.items():
            assert await tx.papers.filter(wanted) == expected, wanted


async def test_fresh_papers_are_recent_and_were_not_posted_here(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")

        async def put(title: str, **fields: object) -> int:
            return (await put_paper(tx, draft(title, **fields), NOW))[0]

        listed = await put("Listed", listed=date(2026, 9, 20), published=date(2020, 1, 1))
        published = await put("Published", published=date(2026, 9, 20))
        added = await put("Added")
        await put("Old", listed=date(2026, 9, 1), published=date(2026, 9, 20))
        assert await fresh(tx, context, date(2026, 9, 20)) == {listed, published, added}
        await plan(tx, context, listed)
        assert await fresh(tx, context, date(2026, 9, 20)) == {published, added}
        assert await fresh(tx, there, date(2026, 9, 20)) == {listed, published, added}


async def test_upvotes_are_the_sources_and_the_teams_together(store: SqlStore) -> None:
    async with store.writing() as tx:
        people = [
            await arrive(tx, name, channel) for name, channel in (("ann", "general"), ("bob", "random"))
        ]
        stranger = await arrive(tx, workspace="elsewhere")
        paper, _ = await put_paper(tx, draft("One", upvotes=10), NOW)
        [other] = await papers(tx, "Other")
        for context in (*people, stranger):
            await tx.votes.cast(context, paper, Vote.UP, VoteSource.BUTTON, NOW)
        await tx.votes.cast(people[0], other, Vote.DOWN, VoteSource.BUTTON, NOW)
        ours, theirs = people[0].team_id, stranger.team_id
        assert await tx.papers.upvotes([paper, other], [ours, theirs]) == {
            ours: {paper: 12, other: 0},
            theirs: {paper: 11, other: 0},
        }
        assert await tx.papers.upvotes([paper], [theirs]) == {theirs: {paper: 11}}


async def test_a_team_counts_people_and_what_they_say_in_its_channels(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        alone = await arrive(tx, channel="talk", direct=True)
        [paper] = await papers(tx, "One")

        async def cast(where: Context, value: Vote, minute: int) -> TallyCount:
            await tx.votes.cast(where, paper, value, VoteSource.BUTTON, later(minutes=minute))
            [activity] = await tx.papers.activity(context.team_id, NOW, 9)
            assert await tx.papers.upvotes([paper], [context.team_id]) == {
                context.team_id: {paper: activity.tally.up}
            }
            return activity.tally

        assert await cast(alone, Vote.UP, 9) == TallyCount()
        assert await cast(context, Vote.UP, 1) == TallyCount(1, 0)
        assert await cast(there, Vote.UP, 2) == TallyCount(1, 0)
        assert await cast(there, Vote.DOWN, 3) == TallyCount(0, 1)
        assert await cast(there, Vote.NONE, 4) == TallyCount(1, 0), "her vote in the other channel stands"

        await show(tx, alone, "m", paper)
        await tx.discussions.comment(alone, MessageRef("talk", "c", "m"), NOW)
        [activity] = await tx.papers.activity(context.team_id, NOW, 9)
        assert activity.comments == 0


async def test_activity_tells_what_there_is_to_rank(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob", "random")
        stranger = await arrive(tx, workspace="elsewhere")

        async def put(title: str, **fields: object) -> int:
            return (await put_paper(tx, draft(title, **fields), NOW))[0]

        new = await put("New", listed=date(2026, 9, 20), upvotes=5)
        voted = await put("Voted", published=date(2020, 1, 2))
        talked = await put("Talked", published=date(2020, 1, 1))
        quiet = await put("NullConversation", published=date(2020, 1, 3))
        await tx.votes.cast(ann, voted, Vote.UP, VoteSource.BUTTON, NOW)
        await tx.votes.cast(bob, voted, Vote.DOWN, VoteSource.BUTTON, NOW)
        await tx.votes.cast(stranger, voted, Vote.UP, VoteSource.BUTTON, NOW)
        await tx.votes.cast(ann, quiet, Vote.UP, VoteSource.BUTTON, later(days=-30))
        await show(tx, ann, "m", talked)
        await tx.discussions.comment(ann, MessageRef("general", "c1", "m"), NOW)
        await tx.discussions.comment(ann, MessageRef("general", "c2", "m"), later(days=-30))

        assert await tx.papers.activity(ann.team_id, later(days=-7), 10) == [
            Activity(voted, date(2020, 1, 2), tally=TallyCount(1, 1)),
            Activity(talked, date(2020, 1, 1), comments=1),
            Activity(new, date(2026, 9, 20), upvotes=5),
        ]
        first = await tx.papers.activity(ann.team_id, later(days=-7), 2)
        assert [each.paper_id for each in first] == [voted, talked], "new ones do not push them out"
        strangers = await tx.papers.activity(stranger.team_id, later(days=-7), 9)
        assert [each.paper_id for each in strangers] == [voted, new]


async def test_sets_of_fifty_thousand_are_no_trouble(store: SqlStore) -> None:
    everything = range(1, 50_001)
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        hashes = [f"{number:064x}" for number in everything]
        assert list(await tx.papers.get(everything)) == [paper]
        assert await tx.papers.upvotes(everything, [context.team_id]) == {context.team_id: {paper: 0}}
        assert list(await tx.paper_statuses.get(context.channel.id, everything)) == [paper]
        assert len(await tx.votes.tallies(context.channel.id, everything)) == 50_000
        assert await tx.embeddings.get("model", hashes) == {}


async def test_empty_sets_are_no_trouble(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        assert await tx.papers.get([]) == {}
        assert await tx.papers.upvotes([], [context.team_id]) == {context.team_id: {}}
        assert await tx.paper_statuses.get(context.channel.id, []) == {}
        assert await tx.votes.tallies(context.channel.id, []) == {}
        assert await tx.papers.filter(PaperFilter()) == frozenset()
