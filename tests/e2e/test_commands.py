"""Every command through the one door, over the real store, index, model and console."""

import asyncio

import pytest

from bot.domain.channel import Layout
from bot.domain.history import ActivityKind
from bot.domain.paper import PaperDraft
from bot.domain.vote import TallyCount, Vote
from bot.protocol.actions import CastVote, Discuss, EndSubscription, PauseSubscription, Save, Share, TurnPage
from bot.protocol.replies import (
    Digest,
    Discussion,
    Help,
    Leaderboard,
    Nearness,
    Notice,
    PaperCard,
    ReadingList,
    SearchResults,
    SettingsCard,
    Subscribed,
    SubscriptionList,
    Summary,
    Tally,
    Tone,
)


async def found(player, words: str) -> SearchResults:
    results = await player.says(f"search {words}")
    assert isinstance(results, SearchResults)
    return results


async def number_of(player, words: str) -> int:
    return (await found(player, words)).hits[0].paper.id


async def test_search_finds_by_meaning_and_quotes_the_sentence_that_matched(world):
    results = await found(world.person("ada"), "memory needed to serve experts")
    first = results.hits[0]
    assert first.paper.title == "Cheaper Experts at Serving Time"
    assert first.sentence in first.paper.abstract
    assert "memory" in [first.sentence[start:end] for start, end in first.marks]


async def test_search_filters(world):
    ada = world.person("ada")
    results = await found(ada, "transformer cat:cs.CV")
    assert [hit.paper.title for hit in results.hits] == ["Seeing Cracks in Bridges"]
    assert "cs.CV" in results.heading
    nothing = await ada.says("search transformer until:2001-01-01")
    assert isinstance(nothing, Notice)
    assert "filters" in nothing.hint
    swapped = await ada.says("search transformer since:2d until:5d")
    assert isinstance(swapped, Notice)
    assert "swap" in swapped.text


async def test_unread_and_discussed_speak_of_this_channel(world):
    ada, elsewhere = world.person("ada"), world.person("ada", "#vision")
    number = await number_of(ada, "mixture of experts serving")
    await ada.says(f"discuss #{number}")
    assert [hit.paper.id for hit in (await found(ada, "experts is:discussed")).hits] == [number]
    assert number not in {hit.paper.id for hit in (await found(ada, "experts is:unread")).hits}
    assert number in {hit.paper.id for hit in (await found(elsewhere, "experts is:unread")).hits}


async def test_pages_stay_as_they_were_found(world):
    ada = world.person("ada")
    await world.parts.library.add(
        PaperDraft(f"Pruning Networks, Part {part}", f"Pruning removes weight number {part}.", "test")
        for part in range(12)
    )
    first = await found(ada, "pruning networks weights")
    assert first.pages.pages > 1
    await world.parts.library.add([PaperDraft("Pruning Networks Again", "Pruning weights.", "test")])
    second = await ada.presses(TurnPage(first.pages.list_id, 2))
    again = await ada.presses(TurnPage(first.pages.list_id, 1))
    assert [hit.paper.id for hit in again.hits] == [hit.paper.id for hit in first.hits]
    assert not {hit.paper.id for hit in first.hits} & {hit.paper.id for hit in second.hits}
    assert [hit.marks for hit in again.hits] == [hit.marks for hit in first.hits]
    assert all(hit.marks for hit in (*first.hits, *second.hits) if hit.sentence)
    beyond = await ada.presses(TurnPage(first.pages.list_id, 99))
    assert beyond == Notice(f"There is no page 99: the list ends with page {first.pages.pages}.", Tone.ERROR)


async def test_somebody_elses_list_is_theirs_until_it_is_shared(world):
    ada, bob = world.person("ada"), world.person("bob")
    await ada.says(f"save #{await number_of(ada, 'experts')}")
    mine = await found(ada, "mixture of experts")
    refused = await bob.presses(TurnPage(mine.pages.list_id, 1))
    assert "somebody else" in refused.text
    shared = await ada.presses(Share(mine.pages.list_id, 1))
    assert not shared.shareable
    assert not any(hit.status.saved for hit in shared.hits)
    theirs = await bob.presses(TurnPage(shared.pages.list_id, 1))
    assert [hit.paper.id for hit in theirs.hits] == [hit.paper.id for hit in mine.hits]
    assert [hit.marks for hit in theirs.hits] == [hit.marks for hit in mine.hits]
    assert theirs.hits[0].marks


async def test_a_paper_answers_to_its_number_its_title_and_its_words(world):
    ada = world.person("ada")
    number = await number_of(ada, "cracks in bridges")
    for name in (f"#{number}", str(number), "Seeing cracks in bridges", "cracks bridges"):
        card = await ada.says(f"show {name}")
        assert isinstance(card, PaperCard)
        assert card.paper.id == number


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("show #999", "There is no paper #999"),
        ("show #99999999999999999999", "There is no paper #99999999999999999999"),
        ("show -1", "There is no paper #-1"),
        ("show #1 now", "“now” means nothing behind #1"),
        ("vote #1 sideways", "“sideways” means nothing behind #1"),
        ("vote #1 dwon", "Did you mean “down”?"),
        ("save #1 of", "Did you mean “off”?"),
        ("show " + "gravity " * 30, "gra…”"),
        ("show https://arxiv.org/abs/2406.01234v2", "add arxiv:2406.01234`"),
        ("show quantum gravity", "search quantum gravity"),
        ("show experts", "Several papers fit"),
        ("serch x", "Did you mean “search”?"),
        ("vote", "which paper"),
        ("unsubscribe moe", "no subscriptions"),
        ("subscriptions pause:7", "no subscription 7"),
        ("help serch", "Did you mean “search”?"),
        ("add notalink", "is no link"),
        ("add https://example.org/new", "I cannot read a title from this link"),
        ("trending week month", "it takes today, week, month, a day such as 2026-04-17"),
        ("search experts page:7", "There is no page 7"),
    ],
)
async def test_what_cannot_be_done_is_said_with_what_can(world, line, told):
    notice = await world.person("ada").says(line)
    assert isinstance(notice, Notice)
    assert notice.tone is Tone.ERROR
    assert told in notice.text


async def test_a_summary_is_the_papers_own_sentences(world):
    ada = world.person("ada")
    summary = await ada.says(f"summarize #{await number_of(ada, 'bridges')} sentences:2")
    assert isinstance(summary, Summary)
    assert len(summary.quotes) == 2
    assert all(quote.text in summary.paper.abstract for quote in summary.quotes)
    assert [quote.number for quote in summary.quotes] == sorted(quote.number for quote in summary.quotes)


async def test_related_leaves_the_paper_itself_out(world):
    ada = world.person("ada")
    number = await number_of(ada, "experts in memory when served")
    related = await ada.says(f"related #{number}")
    assert related.hits[0].paper.title == "Routing Tokens to Experts Evenly"
    assert number not in {hit.paper.id for hit in related.hits}


async def test_related_says_why_each_paper_is_near(world):
    ada = world.person("ada")
    number = await number_of(ada, "experts in memory when served")
    related = await ada.says(f"related #{number}")
    first, *others = [hit.near for hit in related.hits]
    assert first.words[0] == "mixture of experts"
    assert Nearness() in others


async def test_one_vote_a_person_and_the_latest_counts(world):
    ada, bob = world.person("ada"), world.person("bob")
    number = await number_of(ada, "bridges")
    await ada.says(f"vote #{number}")
    tally = await bob.says(f"vote #{number} down")
    assert isinstance(tally, Tally)
    assert tally.status.tally == TallyCount(1, 1)
    assert (await bob.says(f"vote #{number} up")).status.tally == TallyCount(2, 0)
    assert (await bob.says(f"vote #{number} none")).status.tally == TallyCount(1, 0)


async def test_a_reaction_counts_on_a_card_and_its_card_follows(world):
    ada, bob = world.person("ada"), world.person("bob")
    number = await number_of(ada, "bridges")
    await ada.says(f"show #{number}")
    await bob.reacts(ada.last, Vote.UP)
    await bob.reacts(ada.last, Vote.UP)
    await ada.reacts(ada.last, Vote.DOWN)
    await world.parts.tally_updates.settle()
    card = world.surface.history.message(int(ada.last.message))
    assert "👍 1" in card.draft.text
    assert "👎 1" in card.draft.text
    await ada.reacts(ada.last, Vote.DOWN, added=False)
    assert (await bob.says(f"vote #{number}")).status.tally == TallyCount(1, 0)


async def test_a_button_pressed_again_takes_the_vote_back(world):
    ada = world.person("ada")
    number = await number_of(ada, "bridges")
    assert (await ada.presses(CastVote(number, Vote.UP))).status.tally == TallyCount(1, 0)
    assert (await ada.presses(CastVote(number, Vote.UP))).status.tally == TallyCount(0, 0)
    assert (await ada.presses(CastVote(number, Vote.DOWN))).status.tally == TallyCount(0, 1)


async def test_votes_of_channels_are_their_own_and_top_ranks_them(world):
    ada, bob, far = world.person("ada"), world.person("bob"), world.person("cleo", "#vision")
    bridges, experts = await number_of(ada, "bridges"), await number_of(ada, "serving experts")
    await far.says(f"vote #{bridges} down")
    await ada.says(f"vote #{experts}")
    await bob.says(f"vote #{experts}")
    await ada.says(f"vote #{bridges}")
    top = await ada.says("top")
    assert isinstance(top, Leaderboard)
    assert [(row.rank, row.paper.id, row.tally.up) for row in top.rows] == [(1, experts, 2), (2, bridges, 1)]
    assert isinstance(await world.person("ada", "#quiet").says("top week"), Notice)


async def test_trending_counts_votes_and_talk(world):
    ada = world.person("ada")
    protein = await number_of(ada, "protein folding")
    await ada.says(f"vote #{protein}")
    trending = await ada.says("trending week")
    assert isinstance(trending, Leaderboard)
    assert trending.rows[0].paper.id == protein
    assert len(trending.rows) == 4


async def test_talk_in_a_discussions_thread_is_kept_in_the_history(world):
    ada, bob = world.person("ada"), world.person("bob")
    number = await number_of(ada, "bridges")
    discussion = await ada.says(f'discuss #{number} say:"Would this work on tunnels?"')
    assert isinstance(discussion, Discussion)
    assert "Would this work on tunnels?" in discussion.note
    await bob.writes(ada.last, "77")
    history = await ada.says("history")
    assert isinstance(history, ReadingList)
    entry = next(row for row in history.rows if row.paper.id == number)
    assert ActivityKind.DISCUSSED in entry.activities
    assert (await ada.says("trending")).rows[0].comments == 1


async def test_reading_lists_are_ones_own(world):
    ada, bob = world.person("ada"), world.person("bob")
    number = await number_of(ada, "protein")
    assert "is on your reading list" in (await ada.presses(Save(number))).text
    assert "already" in (await ada.says(f"save #{number}")).text
    assert [row.paper.id for row in (await ada.says("saved")).rows] == [number]
    assert isinstance(await bob.says("saved"), Notice)
    beyond = await ada.says("saved page:2")
    assert beyond == Notice("There is no page 2: the list ends with page 1.", Tone.ERROR)
    await ada.says(f"save #{number} off")
    assert isinstance(await ada.says("saved"), Notice)
    assert (await ada.says("help save")).entries[0].usage == "save PAPER [off]"


async def test_subscribing_tells_the_next_post_and_the_last_week(world):
    ada = world.person("ada")
    reply = await ada.says("subscribe mixture of experts at:09:00 tz:Europe/Paris days:mon-fri")
    assert isinstance(reply, Subscribed)
    assert not reply.changed
    assert reply.next_post.isoformat() == "2026-11-23T09:00:00+01:00"
    assert {hit.paper.title for hit in reply.preview} == {
        "Cheaper Experts at Serving Time",
        "Routing Tokens to Experts Evenly",
    }
    again = await world.person("bob").says("subscribe Mixture of Experts top:1 at:09:00 tz:Europe/Paris")
    assert again.changed
    listed = await ada.says("subscriptions")
    assert isinstance(listed, SubscriptionList)
    assert [row.subscription.created_by.name for row in listed.rows] == ["ada"]
    assert listed.rows[0].subscription.spec.top == 1


async def test_many_subscriptions_have_pages_and_a_paused_one_is_shown_on_its_own(world):
    ada = world.person("ada")
    for number in range(12):
        await ada.says(f"subscribe topic {number:02}")
    first = await ada.says("subscriptions")
    assert (len(first.rows), first.pages.pages, first.pages.total) == (5, 3, 12)
    last = await ada.presses(TurnPage(first.pages.list_id, 3))
    assert [row.subscription.spec.topic for row in last.rows] == ["topic 10", "topic 11"]
    paused = await ada.presses(PauseSubscription(last.rows[1].subscription.id, paused=True))
    assert paused.pages.page == 3
    assert paused.rows[1].subscription.paused


async def test_a_preview_posts_nothing(world):
    ada = world.person("ada")
    await ada.says("subscribe mixture of experts")
    for _ in range(2):
        preview = await ada.says("digest")
        assert isinstance(preview, Digest)
        assert preview.preview
        assert len(preview.sections[0].hits) == 2


async def test_pausing_resuming_and_ending(world):
    ada = world.person("ada")
    subscription = (await ada.says("subscribe mixture of experts")).subscription
    paused = await ada.presses(PauseSubscription(subscription.id, paused=True))
    assert paused.rows[0].next_post is None
    assert isinstance(await ada.says("digest"), Notice)
    assert (await ada.says(f"subscriptions resume:{subscription.id}")).rows[0].next_post is not None
    assert "no longer" in (await ada.presses(EndSubscription(subscription.id))).text
    assert isinstance(await ada.says("subscriptions"), Notice)


async def test_only_admins_where_the_channel_says_so(world):
    ada, root = world.person("ada"), world.person("root", admin=True)
    refused = await ada.says("settings changes:admins")
    assert "Only an admin can keep settings to admins" in refused.text
    changed = await root.says("settings changes:admins layout:flat tz:Asia/Kathmandu")
    assert isinstance(changed, SettingsCard)
    assert changed.settings.layout is Layout.FLAT
    for line in ("settings layout:threaded", "subscribe moe", "settings changes:anyone"):
        refused = await ada.says(line)
        assert "admins" in refused.text
    assert isinstance(await root.says("subscribe moe"), Subscribed)
    assert not (await ada.says("settings")).changed


async def test_settings_that_two_people_change_at_once_are_both_kept(world):
    ada, bob = world.person("ada"), world.person("bob")
    await ada.says("settings")
    await asyncio.gather(ada.says("settings layout:flat"), bob.says("settings tz:Asia/Kathmandu"))
    settings = (await ada.says("settings")).settings
    assert (settings.layout, settings.timezone) == (Layout.FLAT, "Asia/Kathmandu")


async def test_a_link_nobody_knows_is_added_by_its_title(world):
    ada = world.person("ada")
    card = await ada.says('add https://example.org/paper.pdf title:"Our own report"')
    assert isinstance(card, PaperCard)
    assert card.note == "Added by ada"
    assert card.paper.links == ("https://example.org/paper.pdf",)
    assert (await ada.says("show our own report")).paper.id == card.paper.id
    assert "no abstract" in (await ada.says(f"summarize #{card.paper.id}")).text


async def test_a_link_that_was_shown_finds_its_paper(world):
    ada = world.person("ada")
    number = await number_of(ada, "serving experts")
    card = await ada.says(f"show #{number}")
    for command in ("show", "add"):
        again = await ada.says(f"{command} {card.paper.link}/")
        assert isinstance(again, PaperCard)
        assert again.paper.id == number
    assert again.note == "It was here already."


@pytest.mark.parametrize(
    "written",
    [
        "<https://example.org/ours.pdf>",
        "<https://example.org/ours.pdf|ours.pdf>",
        "[our paper](https://example.org/ours.pdf)",
        "HTTPS://example.org/ours.pdf",
        "example.org/ours.pdf",
        "https://example.org/ours.pdf?utm_source=slack&utm_medium=x",
        "https://www.example.org/ours.pdf#page=2",
        "https://example.org/ours.pdf.",
        "「https://example.org/ours.pdf」",
    ],
)
async def test_a_link_is_one_however_it_is_written(world, written):
    ada = world.person("ada")
    added = await ada.says(f'add {written} title:"Our own report"')
    assert isinstance(added, PaperCard)
    assert added.note == "Added by ada"
    for line in (f"show {written}", "show <https://example.org/ours.pdf>", f"add {written}"):
        again = await ada.says(line)
        assert isinstance(again, PaperCard)
        assert again.paper.id == added.paper.id
    voted = await ada.says(f"vote {written} up")
    assert isinstance(voted, (PaperCard, Tally, Notice))
    assert getattr(voted, "tone", None) is not Tone.ERROR


@pytest.mark.parametrize("page", ["group", "venue", "invitation"])
async def test_openreviews_pages_of_venues_are_no_papers(world, page):
    ada = world.person("ada")
    link = f"https://openreview.net/{page}?id=NeurIPS.cc/2023/Conference"
    refused = await ada.says(f"add {link}")
    assert isinstance(refused, Notice)
    assert refused.tone is Tone.ERROR
    card = await ada.says(f'add {link} title:"Kettles at the conference"')
    assert card.paper.identifiers == frozenset()


async def test_who_adds_a_paper_is_told_in_that_channel_only(world):
    ada, far = world.person("ada"), world.person("cleo", "#vision")
    card = await ada.says('add https://example.org/ours.pdf title:"Our own report"')
    assert card.note == "Added by ada"
    await far.says(f"vote #{card.paper.id}")
    await world.parts.tally_updates.settle()
    elsewhere = await far.says("show our own report")
    assert elsewhere.paper.submitted_by is None
    assert "ada" not in elsewhere.note


async def test_help_lists_every_command_and_explains_each(world):
    ada = world.person("ada")
    everything = await ada.says("help")
    assert isinstance(everything, Help)
    for entry in everything.entries:
        name = entry.usage.split()[0]
        one = await ada.says(f"help {name}")
        assert one.detailed
        assert one.entries[0].usage == entry.usage


async def test_discussing_by_button(world):
    ada = world.person("ada")
    number = await number_of(ada, "bridges")
    assert isinstance(await ada.presses(Discuss(number)), Discussion)


async def test_people_who_search_at_the_same_time_get_their_own_answers(world):
    ada, bob = world.person("ada"), world.person("bob", "#vision")
    number = (await ada.says("search bridges")).hits[0].paper.id
    await ada.says(f"vote #{number} down")
    newcomers = [world.person(f"person{each}") for each in range(20)]
    answers = await asyncio.gather(
        ada.says("search bridges"),
        bob.says("search protein folding"),
        bob.says("search bridges"),
        *(each.says("search experts") for each in newcomers),
    )
    hits = [answer.hits[0] for answer in answers[:3]]
    assert [hit.paper.id == number for hit in hits] == [True, False, True]
    assert [hit.status.own_vote for hit in hits] == [Vote.DOWN, Vote.NONE, Vote.NONE]
    assert [hit.status.tally.down for hit in hits] == [1, 0, 0]
    assert len({answer.pages.list_id for answer in answers}) == len(answers)
    pages = await asyncio.gather(
        *(
            person.presses(TurnPage(answer.pages.list_id, 1))
            for person, answer in zip([ada, bob, bob, *newcomers], answers, strict=True)
        )
    )
    assert [page.hits[0].paper for page in pages] == [answer.hits[0].paper for answer in answers]
