"""Daily posts in Discord: in threads, channels, forums and direct messages, none lost and none twice."""

import pytest

from adapters.discord.outbound import client as calling
from adapters.discord.render.lists import AS_ANSWERS
from bot.domain.channel import Layout
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.message import MessageRef
from bot.domain.paper import Details, PaperDraft
from bot.domain.post import PostState
from bot.domain.vote import TallyCount
from bot.protocol.replies import PaperCard
from storage.sql.repositories.queues import EPOCH
from tests.discord_words import inside
from tests.e2e.discord_guild import ADA, BEN, FORUM, GUILD, PAPERS, text_of
from tests.servers.discord.faults import (
    ACCEPTED_THEN_BROKEN,
    ACCEPTED_THEN_DROPPED,
    ACCEPTED_THEN_SILENT,
    DROPPED,
    broken,
    rate_limited,
    refusing,
)
from tests.servers.discord.places import SYSTEM
from tests.servers.discord.state import BOT, TAGGED_FORUM

TITLES = ["Cheaper Experts at Serving Time", "Routing Tokens to Experts Evenly"]
POST = "POST /channels/{channel_id}/messages"
FORUM_POST = "POST /channels/{channel_id}/threads"
THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"


@pytest.fixture
def post(guild, clock):
    """Subscribe a channel and post what is due, as often as it takes."""

    async def posted(channel=PAPERS, layout=Layout.THREADED, rounds=1):
        where = channel
        if channel == FORUM:
            thread, _ = await guild.discord.start_post(ADA, FORUM, "a talk", "hello")
            where = thread.id
        await guild.says(f"settings layout:{layout}", channel=where)
        await guild.says("subscribe mixture of experts at:09:00", channel=where)
        clock.forward(hours=2)
        await work(guild, clock, rounds)

    return posted


async def work(guild, clock, rounds):
    for _ in range(rounds):
        await guild.parts.worker.work_off()
        clock.forward(minutes=11)


def threads(guild, channel=PAPERS):
    return guild.discord.world.threads(channel)


def posted_by_bot(guild, channel):
    mine = [each for each in guild.discord.messages(channel) if each.author == BOT and not each.through]
    return [each for each in mine if each.kind not in SYSTEM]


async def blindfold(guild):
    """Take from the bot, and from everybody, the right to read what was written before."""
    for role in (guild.discord.bot_role(GUILD), GUILD):
        await guild.discord.change_role(GUILD, role, remove="READ_MESSAGE_HISTORY")


async def states(guild):
    async with guild.parts.store.reading() as tx:
        troubled = await tx.outbox.list_troubles(EPOCH)
    return [each.post.state for each in troubled]


async def votes(guild):
    async with guild.parts.store.reading() as tx:
        leaders, _ = await tx.votes.leaders(await guild.channel_id(PAPERS), None, 10, 0)
    return [each.tally for each in leaders]


def tokens(guild):
    """How many messages carry each post's token, anywhere."""
    counted = {}
    for message in guild.discord.world.posted:
        found = {
            part
            for each in inside(message.components)
            for part in each.get("custom_id", "").split("|")[1:]
            if 20 <= len(part) <= 25
        }
        for token in found:
            counted[token] = counted.get(token, 0) + 1
    return counted


async def test_papers_follow_in_the_overviews_thread(guild, post):
    await post()
    (overview,) = posted_by_bot(guild, PAPERS)
    (thread,) = threads(guild)
    assert thread.id == overview.id
    assert thread.name == "Papers for Mon 23 Nov 2026"
    cards = posted_by_bot(guild, thread.id)
    assert [title for title in TITLES if title in text_of(overview)] == TITLES
    assert sorted(title for title in TITLES for card in cards if title in text_of(card)) == TITLES
    assert set(tokens(guild).values()) == {1}
    assert len(tokens(guild)) == 3
    assert all(count == 1 for count in guild.discord.counted().values())
    assert not any(each.pings.users or each.pings.everyone for each in (overview, *cards))
    await guild.reacts(cards[0], "👍")
    assert "👍 1" in text_of(cards[0])


async def test_flat_papers_are_messages_of_their_own_each_with_a_thread_to_talk_in(guild, post):
    await post(layout=Layout.FLAT)
    overview, *cards = posted_by_bot(guild, PAPERS)
    assert len(cards) == 2
    assert overview.thread is None
    assert sorted(each.name for each in threads(guild)) == TITLES
    assert [card.thread for card in cards] == [card.id for card in cards]
    await guild.writes("Is it?", channel=cards[0].thread)
    assert "discussed" in text_of(await guild.says("history"))


async def test_a_flat_paper_stands_though_its_thread_is_refused(guild, post, caplog):
    await guild.discord.permit(PAPERS, guild.discord.bot_role(GUILD), deny="CREATE_PUBLIC_THREADS")
    await post(layout=Layout.FLAT)
    assert len(posted_by_bot(guild, PAPERS)) == 3
    assert await states(guild) == []
    assert "I lack the permission Create Public Threads" in caplog.text


async def test_broadcast_papers_answer_the_overview(guild, post):
    await post(layout=Layout.BROADCAST)
    overview, *cards = posted_by_bot(guild, PAPERS)
    assert AS_ANSWERS in text_of(overview)
    assert [card.reference["message_id"] for card in cards] == [str(overview.id)] * 2
    assert threads(guild) == []


async def test_who_may_not_read_history_answers_nothing_and_posts_all(guild, post):
    await blindfold(guild)
    await post(layout=Layout.BROADCAST)
    overview, *cards = posted_by_bot(guild, PAPERS)
    assert [card.reference for card in cards] == [None, None]
    assert set(tokens(guild).values()) == {1}
    assert AS_ANSWERS in text_of(overview)


async def test_in_direct_messages_papers_answer_the_overview(guild, post):
    await guild.says("settings")
    direct = guild.discord.world.direct(ADA).id
    await post(direct)
    overview, *cards = posted_by_bot(guild, direct)
    assert AS_ANSWERS in text_of(overview)
    assert [card.reference["message_id"] for card in cards] == [str(overview.id)] * 2


async def test_in_a_forum_papers_follow_in_the_overviews_post(guild, post):
    await post(FORUM)
    (thread,) = [each for each in threads(guild, FORUM) if each.owner == BOT]
    assert thread.name == "Papers for Mon 23 Nov 2026"
    overview, *cards = posted_by_bot(guild, thread.id)
    assert overview.id == thread.id
    assert len(cards) == 2
    await guild.reacts(cards[0], "👍")
    assert "👍 1" in text_of(cards[0])


async def test_in_a_forum_flat_papers_are_posts_with_tags(guild, post):
    guild.discord.world.guilds[GUILD].channels[FORUM].tags[0].name = "Mixture of Experts"
    await guild.discord.rename(FORUM, "reading")
    await post(FORUM, Layout.FLAT)
    posts = [each for each in threads(guild, FORUM) if each.owner == BOT]
    assert sorted(each.name for each in posts) == [TITLES[0], "Papers for Mon 23 Nov 2026", TITLES[1]]
    names = {tag.id: tag.name for tag in guild.discord.world.guilds[GUILD].channels[FORUM].tags}
    assert {tuple(names[tag] for tag in each.applied_tags) for each in posts} == {("Mixture of Experts",)}
    card = guild.discord.messages(next(each.id for each in posts if each.name == TITLES[0]))[0]
    await guild.reacts(card, "👍")
    assert "👍 1" in text_of(card)
    await guild.writes("Is it?", channel=card.id)
    async with guild.parts.store.reading() as tx:
        entries, _ = await tx.discussions.history(await guild.channel_id(FORUM), 5, 0)
    assert any("discussed" in entry.activities for entry in entries)


async def test_a_tag_that_went_unheard_is_not_used(guild, post):
    forum = guild.discord.world.guilds[GUILD].channels[FORUM]
    forum.tags[0].name = "Mixture of Experts"
    await guild.discord.rename(FORUM, "reading")
    del forum.tags[0]
    await post(FORUM)
    (made,) = [each for each in threads(guild, FORUM) if each.owner == BOT]
    assert made.applied_tags == []
    assert await states(guild) == []


async def test_a_forum_that_asks_for_a_tag_gets_one(guild, clock):
    tag = guild.discord.world.guilds[GUILD].channels[TAGGED_FORUM].tags[1]
    thread, _ = await guild.discord.start_post(ADA, TAGGED_FORUM, "talk", "hello", [tag.id])
    await guild.says("subscribe mixture of experts at:09:00", channel=thread.id)
    clock.forward(hours=2)
    await guild.parts.worker.work_off()
    (made,) = [each for each in threads(guild, TAGGED_FORUM) if each.owner == BOT]
    assert len(made.applied_tags) == 1


THIRD = PaperDraft("Experts Once More", "A mixture of experts, and one more expert, serve together.", "test")
FAULTS = [
    pytest.param(ACCEPTED_THEN_DROPPED, id="accepted-then-dropped"),
    pytest.param(ACCEPTED_THEN_BROKEN, id="accepted-then-broken"),
    pytest.param(DROPPED, id="dropped"),
    pytest.param(broken(502), id="broken"),
    pytest.param(broken(503), id="unavailable"),
    pytest.param(refusing(400, 130000, "overloaded"), id="overloaded"),
    pytest.param(rate_limited(60), id="limited"),
    pytest.param(rate_limited(60, "global"), id="limited everywhere"),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_post_that_was_not_confirmed_stands_once(guild, post, clock, fault):
    guild.discord.faults.next(POST, fault)
    await post(rounds=3)
    guild.discord.faults.next(POST, fault)
    await guild.parts.library.add([THIRD])
    clock.forward(days=1)
    await work(guild, clock, 3)
    assert len(tokens(guild)) == 5
    assert set(tokens(guild).values()) == {1}
    assert await states(guild) == []


async def test_votes_on_a_post_in_doubt_count_once_it_is_found(guild, clock):
    await guild.says("subscribe mixture of experts at:09:00")
    clock.forward(hours=2)
    guild.discord.faults.next(THREAD, broken(503))
    await work(guild, clock, 1)
    (overview,) = posted_by_bot(guild, PAPERS)
    thread = await guild.discord.start_thread(ADA, overview, "mine")
    guild.discord.faults.next(POST, ACCEPTED_THEN_DROPPED)
    while not posted_by_bot(guild, thread.id):
        await work(guild, clock, 1)
    assert await states(guild) == [PostState.UNKNOWN]
    (doubtful,) = posted_by_bot(guild, thread.id)
    await guild.reacts(doubtful, "👍", person=BEN)
    await work(guild, clock, 2)
    assert await states(guild) == []
    assert await votes(guild) == [], "nobody knew what was voted on"
    await guild.adapter._recount.count_found()
    await guild.settle()
    assert await votes(guild) == [TallyCount(1, 0)]
    assert "👍 1" in text_of(doubtful)


@pytest.mark.parametrize("fault", [FAULTS[0], FAULTS[3]])
async def test_a_card_that_was_not_confirmed_stands_once_in_its_thread(guild, clock, fault):
    await guild.says("subscribe mixture of experts at:09:00")
    clock.forward(hours=2)
    guild.discord.faults.next(THREAD, broken(503))
    await work(guild, clock, 1)
    (overview,) = posted_by_bot(guild, PAPERS)
    thread = await guild.discord.start_thread(ADA, overview, "mine")
    guild.discord.faults.next(POST, fault)
    await work(guild, clock, 6)
    assert len(posted_by_bot(guild, thread.id)) == 2
    assert len(tokens(guild)) == 3
    assert set(tokens(guild).values()) == {1}
    assert await states(guild) == []


@pytest.mark.parametrize("fault", [FAULTS[0], FAULTS[1], FAULTS[3]])
async def test_a_forums_post_that_was_not_confirmed_is_looked_for(guild, post, fault):
    guild.discord.faults.next(FORUM_POST, fault, 2)
    await post(FORUM, Layout.FLAT, rounds=6)
    assert len(tokens(guild)) == 3
    assert set(tokens(guild).values()) == {1}
    assert await states(guild) == []


async def test_a_forums_post_is_found_after_it_was_archived(guild, post, clock):
    guild.discord.faults.next(FORUM_POST, ACCEPTED_THEN_DROPPED)
    await post(FORUM, Layout.FLAT)
    (made,) = [each for each in threads(guild, FORUM) if each.owner == BOT]
    await guild.discord.archive(made)
    await work(guild, clock, 3)
    assert len(tokens(guild)) == 3
    assert set(tokens(guild).values()) == {1}


@pytest.mark.parametrize("fault", [ACCEPTED_THEN_DROPPED, broken(503)])
async def test_a_thread_whose_begin_was_not_confirmed_is_begun_once(guild, post, fault):
    guild.discord.faults.next(THREAD, fault)
    await post(rounds=3)
    assert len(threads(guild)) == 1
    assert set(tokens(guild).values()) == {1}
    assert len(tokens(guild)) == 3


async def test_a_post_that_answers_nobody_is_a_doubt(guild, post, clock, monkeypatch):
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 0.3)
    guild.discord.faults.next(POST, ACCEPTED_THEN_SILENT)
    await post()
    assert await states(guild) == [PostState.UNKNOWN]
    monkeypatch.undo()
    await work(guild, clock, 3)
    assert await states(guild) == []
    assert set(tokens(guild).values()) == {1}


async def test_within_some_minutes_the_nonce_keeps_a_post_from_standing_twice(guild):
    number = await guild.channel_id(PAPERS)
    async with guild.parts.store.reading() as tx:
        channel = await tx.directory.channel(number)
        papers = await tx.papers.get([1])
    surface = guild.parts.tally_updates._surfaces["discord"]
    first, again = [await surface.send(channel, PaperCard(papers[1]), "T" * 24, None) for _ in range(2)]
    assert first == again
    assert guild.discord.counted() == {"T" * 24: 1}


def kettles(version):
    """A paper of which arXiv has so many versions."""
    return PaperDraft(
        "Kettles",
        "Kettles boil.",
        "arxiv",
        identifiers=frozenset({Identifier(Scheme.ARXIV, "2406.00001")}),
        details=Details(version=version),
    )


@pytest.mark.parametrize("layout", [Layout.THREADED, Layout.BROADCAST])
@pytest.mark.parametrize("where", ["card", "thread", "forum"])
async def test_news_of_a_paper_is_told_where_it_was_discussed(guild, where, layout):
    await guild.parts.library.add([kettles(1)])
    channel = PAPERS
    if where == "thread":
        channel = (await guild.discord.start_thread(ADA, await guild.writes("papers?"), "papers")).id
    elif where == "forum":
        channel = (await guild.discord.start_post(ADA, FORUM, "papers", "hello"))[0].id
    await guild.says(f"settings layout:{layout}", channel=channel)
    talk = await guild.says("discuss Kettles", channel=channel)
    await guild.parts.library.add([kettles(2)])
    await guild.parts.worker.work_off()
    answers = where != "forum" and layout is Layout.BROADCAST
    channel_id = PAPERS if answers else (talk.thread or channel)
    notice = posted_by_bot(guild, channel_id)[-1]
    assert "arXiv has version 2 of this paper now." in text_of(notice)
    assert (notice.reference is not None) == answers
    assert await states(guild) == []


async def test_who_may_not_read_history_finds_nothing_and_repeats_nothing(guild, post, clock):
    await blindfold(guild)
    guild.discord.faults.next(POST, DROPPED)
    await post()
    assert await states(guild) == [PostState.UNKNOWN]
    await work(guild, clock, 2)
    assert posted_by_bot(guild, PAPERS) == []
    notice = text_of(guild.latest(guild.discord.world.direct(ADA).id))
    assert "I cannot tell whether my last post stands in #papers" in notice
    assert "Read Message History" in notice
    assert len(guild.discord.messages(guild.discord.world.direct(ADA).id)) == 1


async def test_an_archived_thread_is_opened_again(guild, post):
    await post()
    (thread,) = threads(guild)
    card = posted_by_bot(guild, thread.id)[0]
    await guild.discord.archive(thread)
    surface = guild.parts.tally_updates._surfaces["discord"]
    async with guild.parts.store.reading() as tx:
        channel = await tx.directory.channel(await guild.channel_id(PAPERS))
        papers = await tx.papers.get([1])
    await surface.replace(
        channel, MessageRef(str(PAPERS), str(card.id), str(thread.id)), PaperCard(papers[1])
    )
    assert not thread.archived
    assert "Cheaper Experts" in text_of(card)


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("VIEW_CHANNEL", "I lack the permission View Channel"),
        ("SEND_MESSAGES", "I lack the permission Send Messages."),
        ("CREATE_PUBLIC_THREADS", "I lack the permission Create Public Threads"),
        ("SEND_MESSAGES_IN_THREADS", "I lack the permission Send Messages in Threads"),
    ],
)
async def test_a_channel_that_the_bot_may_not_post_in_is_paused_and_its_owner_is_told_once(
    guild, clock, missing, why
):
    await guild.says("subscribe mixture of experts at:09:00")
    await guild.discord.permit(PAPERS, guild.discord.bot_role(GUILD), deny=missing)
    clock.forward(hours=3)
    for _ in range(2):
        await guild.parts.worker.work_off()
        clock.forward(days=1)
    (direct,) = guild.discord.messages(guild.discord.world.direct(ADA).id)
    assert f"I can no longer post in #papers: {why}" in text_of(direct)
    async with guild.parts.store.reading() as tx:
        (subscription,) = await tx.subscriptions.of_channel(await guild.channel_id(PAPERS))
    assert subscription.paused


async def test_a_deleted_channel_is_lost(guild):
    await guild.says("subscribe mixture of experts")
    await guild.discord.delete_channel(PAPERS)
    await guild.settle()
    (direct,) = guild.discord.messages(guild.discord.world.direct(ADA).id)
    assert "I can no longer post in #papers: it was deleted" in text_of(direct)


async def test_a_thread_that_was_deleted_is_begun_again_for_what_is_left(guild, clock):
    await guild.says("subscribe mixture of experts at:09:00")
    clock.forward(hours=2)
    guild.discord.faults.next(THREAD, broken(503))
    await guild.parts.worker.work_off()
    assert threads(guild) == []
    await work(guild, clock, 3)
    assert len(threads(guild)) == 1
