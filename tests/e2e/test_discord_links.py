"""Papers that people link to in Discord's channels, with leave to read messages and without."""

import pytest

from adapters.discord.render.lists import UNREAD
from app.doctor import examine
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.vote import TallyCount
from tests.e2e.discord_guild import ADA, BEN, EVE, GUILD, PAPERS, READING, text_of
from tests.servers.discord.samples import container, embed, layout, link_button, row, text
from tests.servers.discord.state import BOT

LINK = "https://example.org/experts"
ARXIV = "https://arxiv.org/abs/2401.00001"


@pytest.fixture
async def following(guild):
    """A guild with a channel in which links are followed, and with a paper of arXiv."""
    known = PaperDraft(
        "Known Routers",
        "Routers are known. They route.",
        "test",
        identifiers=frozenset({Identifier(Scheme.ARXIV, "2401.00001")}),
    )
    await guild.parts.library.add([known])
    await guild.says("settings links:on")
    return guild


def answers(guild, message):
    """What the bot said to a message."""
    everything = guild.discord.messages(message.channel)
    return [each for each in everything if (each.reference or {}).get("message_id") == str(message.id)]


async def votes(guild):
    number = await guild.channel_id(PAPERS)
    async with guild.parts.store.reading() as tx:
        ranked, _ = await tx.votes.leaders(number, None, 10, 0)
        papers = await tx.papers.get([each.paper_id for each in ranked])
    return {papers[each.paper_id].title: each.tally for each in ranked}


async def test_a_link_is_answered_for_without_calling_anybody(following):
    message = await following.writes(f"worth a look: <{LINK}>", person=BEN)
    (answer,) = answers(following, message)
    assert "Cheaper Experts at Serving Time" in text_of(answer)
    assert answer.pings.users == []
    again = await following.writes(LINK, person=BEN)
    assert answers(following, again) == []


def feed(link):
    """Another bot's message, with a link in a component and nowhere else."""
    button = link_button(label="Read", url=link)
    return layout(container(text("New today: a paper"), row(button)))


async def test_a_forwarded_message_is_followed_like_ones_own(following):
    message = await following.writes(f"in private: {LINK}", person=EVE, channel=READING)
    forward = await following.forwards(message, person=BEN)
    (answer,) = answers(following, forward)
    assert "Cheaper Experts at Serving Time" in text_of(answer)
    await following.reacts(forward, "👍", person=EVE)
    assert await votes(following) == {"Cheaper Experts at Serving Time": TallyCount(1, 0)}


async def test_another_bots_message_is_followed_where_somebody_forwards_it(following):
    posted = await following.discord.post_by_app(READING, feed(ARXIV))
    (answer,) = answers(following, await following.forwards(posted))
    assert "Known Routers" in text_of(answer)


@pytest.mark.parametrize("body", [feed(ARXIV), {"embeds": [embed(url=ARXIV)]}, {"content": ARXIV}])
async def test_the_paper_of_another_bots_message_is_saved_and_of_a_forward_of_it(following, body):
    posted = await following.discord.post_by_app(PAPERS, body)
    for message in (posted, await following.forwards(posted, channel=READING)):
        await following.done(await following.discord.message_command(ADA, message, "Save paper"))
        assert "Known Routers" in text_of(following.discord.ephemerals(ADA)[-1])
    assert "Known Routers" in text_of(await following.says("saved"))


async def test_a_message_forwarded_to_the_bot_alone_shows_its_paper(following):
    posted = await following.discord.post_by_app(PAPERS, feed(ARXIV))
    talk = following.discord.world.direct(ADA).id
    await following.forwards(posted, channel=talk)
    assert "Routers are known." in text_of(following.latest(talk))


async def test_without_leave_to_read_a_forward_is_read_no_more_than_other_messages(unread_guild):
    await unread_guild.says("settings links:on")
    posted = await unread_guild.discord.post_by_app(READING, feed(LINK))
    assert answers(unread_guild, await unread_guild.forwards(posted)) == []


async def test_channels_that_have_not_asked_for_it_are_left_alone(guild):
    assert answers(guild, await guild.writes(LINK)) == []


async def test_who_links_where_the_bot_may_not_answer_is_left_alone(following, caplog):
    await following.discord.permit(PAPERS, following.discord.bot_role(GUILD), deny="SEND_MESSAGES")
    message = await following.writes(LINK, person=BEN)
    assert answers(following, message) == []
    assert following.discord.messages(following.discord.world.direct(BEN).id) == []
    assert "get no cards: I lack the permission Send Messages" in caplog.text
    await following.reacts(message, "👍", person=EVE)
    assert await votes(following) == {"Cheaper Experts at Serving Time": TallyCount(1, 0)}


async def test_where_it_was_discussed_before_is_said(following):
    talk = await following.says("discuss #1")
    await following.writes("Worth it?", channel=talk.thread)
    message = await following.writes(LINK, person=BEN)
    (answer,) = answers(following, message)
    assert "Discussed here on Mon 23 Nov 2026, 1 comment" in text_of(answer)
    assert f"/{PAPERS}/{talk.id}" in str(answer.components)


async def test_reactions_and_threads_of_somebodys_link_count(following):
    message = await following.writes(LINK, person=BEN)
    await following.reacts(message, "👍", person=EVE)
    thread = await following.discord.start_thread(EVE, message, "liked it")
    await following.writes("I liked it.", person=EVE, channel=thread.id)
    (answer,) = answers(following, message)
    assert "👍 1" in text_of(answer), "the answer's tally follows"
    history = text_of(await following.says("history"))
    assert "discussed" in history
    assert "voted" in history


async def test_an_edited_message_counts_for_what_it_links_to_now(following):
    message = await following.writes(LINK, person=BEN)
    await following.reacts(message, "👍", person=EVE)
    await following.discord.edit(message, f"I meant {ARXIV}")
    await following.settle()
    await following.reacts(message, "👍", person=ADA)
    assert await votes(following) == {"Known Routers": TallyCount(1, 0)}


async def test_a_message_that_is_gone_takes_its_votes_along(following):
    message = await following.writes(LINK, person=BEN)
    await following.reacts(message, "👍", person=EVE)
    await following.discord.delete(message)
    await following.settle()
    assert await votes(following) == {}


@pytest.fixture
def unread(discord):
    """The app has no leave to read messages."""
    discord.world.privileged.discard("MESSAGE_CONTENT")


async def test_without_leave_to_read_all_else_works_and_what_is_off_is_said(unread_guild, discord_settings):
    guild = unread_guild
    settings = await guild.says("settings links:on")
    assert UNREAD in text_of(settings)
    assert answers(guild, await guild.writes(LINK, person=BEN)) == []
    card = await guild.says("show #1")
    await guild.reacts(card, "👍")
    thread = await guild.discord.start_thread(BEN, card, "about it")
    await guild.writes("Worth it?", person=BEN, channel=thread.id)
    await guild.discord.edit(guild.latest(thread.id), "Is it worth it?")
    await guild.writes(f"<@{BOT}> vote #1 down", person=BEN)
    await guild.writes("save #3", channel=guild.discord.world.direct(ADA).id)
    assert "👍 1 👎 1" in text_of(card)
    assert "discussed" in text_of(await guild.says("history"))
    assert "Seeing Cracks" in text_of(await guild.says("saved"))
    found = {each.name: each async for each in examine(discord_settings, guild.parts.clock, quick=True)}
    assert "links in channels are not seen" in found["Discord"].text


@pytest.fixture
async def unread_guild(unread, open_guild, drafts):  # noqa: ARG001 - it has to come first
    async with open_guild() as opened:
        await opened.parts.library.add(drafts)
        yield opened


async def test_with_leave_to_read_nothing_is_off(guild, discord_settings):
    assert UNREAD not in text_of(await guild.says("settings links:on"))
    found = {each.name: each async for each in examine(discord_settings, guild.parts.clock, quick=True)}
    assert "links" not in found["Discord"].text
