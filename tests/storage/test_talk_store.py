from adapters.console import CONSOLE
from bot.domain.history import ActivityKind, HistoryEntry
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.vote import PaperStatus, TallyCount, Vote, VoteSource
from storage.sql.store import SqlStore
from tests.storage.making import (
    DOWN,
    NOW,
    UP,
    arrive,
    arxiv,
    claim,
    draft,
    later,
    papers,
    plan,
    put_paper,
    react,
    send_all,
    show,
)


async def test_a_message_that_shows_one_paper_names_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")
        card = await show(tx, context, "card", one)
        several = await show(tx, context, "several", one, two)
        listed = await show(tx, context, "listed", one, kind=MessageKind.LISTED)
        assert await tx.messages.paper_on(context.channel.id, card) == one
        assert await tx.messages.paper_on(context.channel.id, MessageRef("thread-in-general", "card")) == one
        assert await tx.messages.paper_on(context.channel.id, several) is None
        assert await tx.messages.paper_on(context.channel.id, listed) is None
        assert await tx.messages.paper_on(context.channel.id, MessageRef("general", "other")) is None
        assert await tx.messages.paper_on(there.channel.id, card) is None


async def test_the_latest_messages_that_show_a_paper_alone(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")
        await show(tx, context, "several", one, two)
        await show(tx, context, "listed", one, kind=MessageKind.LISTED)
        await show(tx, there, "there", one)
        cards = [
            ShownMessage(
                context.channel.id,
                one,
                MessageRef("general", name, "thread"),
                MessageKind.CARD,
                f"note {name}",
            )
            for name in ("a", "b", "c")
        ]
        for minute, card in enumerate(cards):
            await tx.messages.record(context.channel, [card], later(minutes=minute))
        await tx.messages.record(context.channel, [cards[0]], later(hours=1))
        assert await tx.messages.find_cards(context.channel.id, one, 2) == cards[:0:-1], (
            "recorded twice is once"
        )
        assert await tx.messages.find_cards(context.channel.id, one, 9) == cards[::-1]
        assert await tx.messages.find_cards(context.channel.id, two, 9) == []


async def test_recounts_go_on_with_what_was_not_reached_the_newest_first(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        own = await arrive(tx, direct=True)
        one, two = await papers(tx, "One", "Two")
        await show(tx, context, "listed", one, kind=MessageKind.LISTED)
        places = (
            ("old", context, -9000),
            ("a", context, 1),
            ("b", own, 2),
            ("c", context, 3),
            ("new", context, 99),
        )
        for name, where, minute in places:
            card = ShownMessage(
                where.channel.id, two, MessageRef(where.channel.external_id, name), MessageKind.CARD, ""
            )
            await tx.messages.record(where.channel, [card], later(minutes=minute))

        async def waiting(minute: int) -> list[str]:
            since, before = later(days=-1), later(minutes=minute)
            asked = await tx.messages.to_recount(CONSOLE, since, before, 9)
            return [message.message for _, message in asked]

        assert await waiting(50) == ["c", "b", "a"]
        found = dict(await tx.messages.to_recount(CONSOLE, later(days=-1), later(minutes=50), 9))
        assert {each.person for each in found} == {"", own.person.external_id}
        for each, name, minute in ((context, "c", 50), (own, "b", 51)):
            await tx.messages.mark_recounted(each.channel.id, MessageRef("", name), later(minutes=minute))
        assert await waiting(50) == ["a"], "what was reached is done"
        assert await waiting(60) == ["a", "c", "b"], "the next time begins with what was not reached"


async def test_what_is_forgotten_takes_its_reactions_with_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [one] = await papers(tx, "One")
        card, other = await show(tx, context, "card", one), await show(tx, context, "other", one)
        await react(tx, context, one, card, DOWN, at=later(minutes=1))
        await react(tx, context, one, other, UP, at=NOW)
        await tx.messages.forget(context.channel.id, card)
        assert await tx.messages.paper_on(context.channel.id, card) is None
        assert [each.message for each in await tx.messages.find_cards(context.channel.id, one, 9)] == [other]
        assert await tx.votes.tallies(context.channel.id, [one]) == {one: TallyCount(1, 0)}


async def test_comments_are_counted_once_in_threads_about_a_paper(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, two = await papers(tx, "One", "Two")
        opened = MessageRef("general", "opened")
        await tx.discussions.open(context, one, opened, NOW)
        await tx.discussions.open(context, two, opened, NOW)
        await show(tx, context, "card", two)
        await show(tx, context, "list", one, two, kind=MessageKind.LISTED)
        await tx.votes.cast(context, one, Vote.UP, VoteSource.BUTTON, NOW)
        await tx.votes.cast(context, two, Vote.UP, VoteSource.BUTTON, NOW)

        async def comment(message: str, thread: str | None, place: str = "general") -> int | None:
            return await tx.discussions.comment(context, MessageRef(place, message, thread), NOW)

        assert await comment("c1", "opened") == one
        assert await comment("c1", "opened") == one
        assert await comment("c2", "opened", place="a-thread-with-an-id-of-its-own") == one
        assert await comment("c3", "card") == two, "talk under a card opens a discussion of its paper"
        assert await comment("c4", "list") is None
        assert await comment("c5", "elsewhere") is None
        assert await comment("c6", None) is None
        assert await comment("opened", "opened") is None
        ranked, _ = await tx.votes.leaders(context.channel.id, None, 9, 0)
        assert {each.paper_id: each.comments for each in ranked} == {one: 2, two: 1}


async def test_history_gathers_all_that_the_channel_did(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        posted, shown, talked, voted, planned = await papers(tx, "1", "2", "3", "4", "5")
        await plan(tx, context, posted, planned)
        for name in ("overview", "part"):
            [post] = await claim(tx, later(minutes=1))
            message = MessageRef("general", name)
            await tx.outbox.mark_sent(post, message, later(minutes=1), found=False)
        card = ShownMessage(context.channel.id, posted, message, MessageKind.CARD)
        await tx.messages.record(context.channel, [card], later(minutes=1))
        second = MessageRef("general", "second", "overview")
        await tx.messages.record(
            context.channel,
            [ShownMessage(context.channel.id, shown, second, MessageKind.CARD)],
            later(minutes=2),
        )
        opened = MessageRef("general", "opened")
        await tx.discussions.open(context, talked, opened, NOW)
        await tx.discussions.comment(context, MessageRef("general", "c", "opened"), later(minutes=4))
        await show(tx, context, "later", talked)
        [listed] = await papers(tx, "6")
        shared = MessageRef("general", "shared")
        rows = [
            ShownMessage(context.channel.id, each, shared, MessageKind.LISTED)
            for each in (listed, posted, voted)
        ]
        await tx.messages.record(context.channel, rows, later(minutes=8))
        await tx.votes.cast(context, voted, Vote.UP, VoteSource.COMMAND, later(minutes=3))
        await tx.votes.cast(there, planned, Vote.UP, VoteSource.COMMAND, later(minutes=9))

        entries, total = await tx.discussions.history(context.channel.id, 10, 0)
        assert total == 4
        assert entries == [
            HistoryEntry(
                talked, frozenset({ActivityKind.DISCUSSED, ActivityKind.SHOWN}), later(minutes=4), opened
            ),
            HistoryEntry(voted, frozenset({ActivityKind.VOTED}), later(minutes=3), None, TallyCount(1, 0)),
            HistoryEntry(shown, frozenset({ActivityKind.SHOWN}), later(minutes=2), second),
            HistoryEntry(posted, frozenset({ActivityKind.POSTED}), later(minutes=1), message),
        ]
        assert await tx.discussions.history(context.channel.id, 1, 1) == (entries[1:2], 4)
        assert await tx.discussions.history(context.channel.id, 5, 40) == ([], 4)


async def test_a_paper_of_a_digest_is_found_at_its_overview(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [posted] = await papers(tx, "1")
        await plan(tx, context, posted)
        overview, _ = await send_all(tx)
        place = MessageRef("general", f"message-{overview.token}")
        await tx.messages.record(
            context.channel, [ShownMessage(context.channel.id, posted, place, MessageKind.LISTED)], NOW
        )
        [entry], _ = await tx.discussions.history(context.channel.id, 10, 0)
        assert (entry.activities, entry.message) == (frozenset({ActivityKind.POSTED}), place)


async def test_reading_lists_are_peoples_own(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob")
        one, two = await papers(tx, "One", "Two")
        assert await tx.saved.put(ann, one, NOW)
        assert not await tx.saved.put(ann, one, later(minutes=9))
        assert await tx.saved.put(ann, two, later(minutes=1))
        assert await tx.saved.page(ann, 10, 0) == ([(two, later(minutes=1)), (one, NOW)], 2)
        assert await tx.saved.page(ann, 1, 1) == ([(one, NOW)], 2)
        assert await tx.saved.page(bob, 10, 0) == ([], 0)
        assert not await tx.saved.remove(bob, one)
        assert await tx.saved.remove(ann, one)
        assert not await tx.saved.remove(ann, one)
        assert await tx.saved.page(ann, 10, 0) == ([(two, later(minutes=1))], 1)


async def test_marks_tell_what_channel_and_person_have_to_do_with_a_paper(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob")
        there = await arrive(tx, "ann", "random")
        one, two = await papers(tx, "One", "Two")
        await tx.votes.cast(ann, one, Vote.DOWN, VoteSource.BUTTON, NOW)
        await tx.votes.cast(bob, one, Vote.UP, VoteSource.BUTTON, NOW)
        await tx.discussions.open(ann, one, MessageRef("general", "m"), NOW)
        await tx.saved.put(ann, one, NOW)
        await plan(tx, ann, one)

        tally = TallyCount(1, 1)
        assert not (await tx.paper_statuses.get(ann.channel.id, [one]))[one].posted, "it is only planned"
        await send_all(tx)
        channel, both = ann.channel.id, [one, two]
        nobodys = PaperStatus(tally, discussed=True, posted=True)
        assert await tx.paper_statuses.get(channel, both) == {one: nobodys, two: PaperStatus()}
        anns = PaperStatus(tally, Vote.DOWN, discussed=True, posted=True, saved=True)
        assert (await tx.paper_statuses.get(channel, both, ann.person.id))[one] == anns
        bobs = PaperStatus(tally, Vote.UP, discussed=True, posted=True)
        assert (await tx.paper_statuses.get(channel, both, bob.person.id))[one] == bobs
        elsewhere = PaperStatus(saved=True)
        assert (await tx.paper_statuses.get(there.channel.id, both, ann.person.id))[one] == elsewhere
        assert await tx.paper_statuses.get_for_each(
            [
                (channel, both, bob.person.id),
                (there.channel.id, [one], ann.person.id),
                (channel, [one], ann.person.id),
                (channel, [], ann.person.id),
                (channel, [two, 999], None),
            ]
        ) == [{one: bobs, two: PaperStatus()}, {one: elsewhere}, {one: anns}, {}, {two: PaperStatus()}]


async def test_who_brought_a_paper_into_a_channel_is_known_there(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, ben = await arrive(tx, person_name="Ann"), await arrive(tx, "ben", person_name="Ben")
        there = await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")
        await tx.submissions.put(ben, one, later(minutes=1))
        await tx.submissions.put(ann, one, NOW)
        await tx.submissions.put(ann, one, later(days=1))
        marks = await tx.paper_statuses.get(ann.channel.id, [one, two])
        assert (marks[one].added_by, marks[two].added_by) == (("Ann", "Ben"), ())
        assert (await tx.paper_statuses.get(there.channel.id, [one]))[one].added_by == ()

        await tx.submissions.put(ann, two, NOW)
        both = draft("One", arxiv("1"))
        await put_paper(tx, both, NOW)
        await put_paper(tx, draft("Two", arxiv("2")), NOW)
        await put_paper(tx, draft("One and Two", arxiv("1"), arxiv("2")), NOW)
        await tx.submissions.put(ann, two, NOW)
        assert (await tx.paper_statuses.get(ann.channel.id, [one, two]))[two].added_by == ("Ann", "Ben")


async def test_each_message_knows_which_votes_it_shows(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, other = await papers(tx, "Seeing Cracks", "Routing Tokens")
        card = await show(tx, context, "card", one)
        await show(tx, context, "list", one, other)
        linked = await show(tx, context, "linked", one, other, kind=MessageKind.LINKED)
        await tx.messages.record_tally(context.channel.id, one, card, TallyCount(2, 1))
        assert [each.message for each in await tx.messages.find_cards(context.channel.id, one, 5)] == [card]
        await tx.messages.record_preview(context.channel.id, other, linked, "https://arxiv.org/abs/1")
        await tx.messages.record_tally(context.channel.id, other, linked, TallyCount(1, 0))
    async with store.reading() as tx:
        [shown] = await tx.messages.find_cards(context.channel.id, one, 5)
        assert (shown.message, shown.tally) == (card, TallyCount(2, 1))
        [preview] = await tx.messages.find_cards(context.channel.id, other, 5)
        assert (preview.kind, preview.note) == (MessageKind.LINKED, "https://arxiv.org/abs/1")
        assert preview.tally == TallyCount(1, 0)


async def test_the_discussions_of_a_paper_by_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        here, there, elsewhere = [await arrive(tx, channel=name) for name in ("general", "random", "other")]
        one, two = await papers(tx, "One", "Two")
        for context, paper, message, minute in (
            (here, one, "first", 0),
            (here, one, "second", 1),
            (here, two, "other", 2),
            (there, one, "there", 3),
            (elsewhere, one, "unread", 4),
        ):
            place = MessageRef(context.channel.external_id, message)
            await tx.discussions.open(context, paper, place, later(minutes=minute))
        for number in ("a", "b"):
            await tx.discussions.comment(here, MessageRef("general", number, "first"), later(hours=1))
        found = await tx.discussions.threads([here.channel.id, there.channel.id, 999], one)
    assert {
        channel: [(each.message.message, each.comments) for each in of] for channel, of in found.items()
    } == {
        here.channel.id: [("second", 0), ("first", 2)],
        there.channel.id: [("there", 0)],
    }
    assert found[here.channel.id][0].opened == later(minutes=1)
