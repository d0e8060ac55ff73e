"""Papers that people link to in Slack's channels, over the real Bolt."""

import pytest

from bot.domain.vote import TallyCount
from tests.e2e.conftest import SOURCE_URLS
from tests.e2e.slack_workspace import ADA, BEN, EVE, OTHERS, PAPERS, said, words
from tests.servers.slack.state import Message
from tests.servers.sources.arxiv import ArxivServer

ARXIV = "https://arxiv.org/abs/2401.00001"
ELSEWHERE = "https://example.org/experts"


@pytest.fixture
def arxiv():
    return ArxivServer()


@pytest.fixture
async def settings(settings, arxiv):
    async with arxiv.server() as running:
        address = str(running.make_url("")).rstrip("/")
        yield settings.model_copy(update=dict.fromkeys(SOURCE_URLS, address))


def answers(workspace, message: Message) -> list[Message]:
    """What the bot said in a message's thread."""
    everything = workspace.slack.messages(message.channel)
    return [each for each in everything if each.thread_ts == message.ts and each.user == "U0BOT"]


def preview(message: Message) -> str:
    """What the bot draws under a message's links."""

    return words([each["blocks"] for each in message.unfurls.values()])


async def says(workspace, text: str, *, person: str = BEN, channel: str = PAPERS) -> Message:
    message = await workspace.slack.say(person, channel, text)
    await workspace.settle()
    return message


async def test_a_link_to_a_paper_is_previewed(following):
    message = await says(following, f"worth a look: {ARXIV}")
    assert "Known Routers" in preview(message)
    assert answers(following, message) == []


async def test_other_links_are_answered_in_the_messages_thread(following):
    message = await says(following, f"worth a look: {ELSEWHERE}")
    (answer,) = answers(following, message)
    assert "Cheaper Experts at Serving Time" in said(answer)
    assert preview(message) == ""


async def test_channels_that_have_not_asked_for_it_are_left_alone(workspace):
    message = await says(workspace, f"{ELSEWHERE} {ARXIV}")
    assert answers(workspace, message) == []
    assert message.unfurls == {}


async def test_a_paper_is_answered_for_at_most_once_in_half_an_hour(following, clock):
    first = await says(following, ELSEWHERE)
    again = await says(following, ELSEWHERE)
    clock.forward(minutes=31)
    later = await says(following, ELSEWHERE)
    assert [len(answers(following, each)) for each in (first, again, later)] == [1, 0, 1]
    previews = [await says(following, ARXIV) for _ in range(2)]
    assert [bool(each.unfurls) for each in previews] == [True, False]


async def test_where_it_was_discussed_before_is_said(following):
    talk = await following.says("discuss #1")
    await following.slack.say(ADA, PAPERS, "Worth it?", thread_ts=talk.ts)
    await following.slack.say(EVE, PAPERS, "Yes.", thread_ts=talk.ts)
    await following.settle()
    await following.reacts(talk, "+1", person=EVE)
    message = await says(following, ELSEWHERE)
    (answer,) = answers(following, message)
    assert "Discussed here on Mon 23 Nov 2026, 2 comments" in said(answer)
    assert f"/archives/{PAPERS}/p{talk.ts.replace('.', '')}" in said(answer)
    assert "👍 1" in said(answer)


async def test_reactions_and_replies_to_somebodys_link_count(following):
    message = await says(following, ELSEWHERE)
    await following.reacts(message, "+1", person=EVE)
    await following.slack.say(EVE, PAPERS, "I liked it.", thread_ts=message.ts)
    await following.settle()
    (answer,) = answers(following, message)
    assert "👍 1" in said(answer), "the answer's tally follows"
    history = said(await following.says("history"))
    assert "discussed" in history
    assert "voted" in history
    assert f"/archives/{PAPERS}/p{message.ts.replace('.', '')}" in history


async def test_a_message_with_two_papers_takes_no_votes(following):
    message = await says(following, f"{ELSEWHERE} and {ARXIV}")
    await following.reacts(message, "+1", person=EVE)
    async with following.parts.store.reading() as tx:
        ranked, _ = await tx.votes.leaders(await following.channel_id(PAPERS), None, 10, 0)
    assert [each.tally for each in ranked] in ([], [TallyCount()])


async def test_a_new_paper_is_asked_for_and_brought_in(following, arxiv):
    arxiv.papers.append({"id": "2406.00007", "title": "Kettle number 7"})
    message = await says(following, "https://arxiv.org/abs/2406.00007")
    assert "Kettle number 7" in preview(message)
    assert "Kettle number 7" in said(await following.says("search kettle number 7"))


async def test_a_source_that_fails_leaves_the_message_alone(following, arxiv):
    arxiv.say(400, "Bad request")
    message = await says(following, "https://arxiv.org/abs/2406.00009")
    assert message.unfurls == {}
    assert answers(following, message) == []


async def test_what_is_still_typed_is_not_looked_at(following):
    before = len(following.slack.calls_of("chat.unfurl"))
    await (await following.slack.type_link(BEN, ARXIV)).acked()
    await following.settle()
    assert len(following.slack.calls_of("chat.unfurl")) == before


async def test_channels_that_the_bot_is_not_in_are_not_looked_at(following):
    following.slack.world.channels[OTHERS].members.add(BEN)
    message = await says(following, ARXIV, channel=OTHERS)
    assert message.unfurls == {}


async def test_an_edited_message_counts_for_what_it_links_to_now(following):
    message = await says(following, ELSEWHERE)
    await following.reacts(message, "+1", person=EVE)
    await following.slack.edit(message, f"I meant {ARXIV}")
    await following.settle()
    await following.reacts(message, "+1", person=ADA)
    async with following.parts.store.reading() as tx:
        ranked, _ = await tx.votes.leaders(await following.channel_id(PAPERS), None, 10, 0)
        papers = await tx.papers.get([each.paper_id for each in ranked])
    assert {papers[each.paper_id].title: each.tally for each in ranked} == {"Known Routers": TallyCount(1, 0)}


async def test_a_message_that_is_gone_under_its_thread_takes_its_votes_along(following):
    message = await says(following, ELSEWHERE)
    await following.reacts(message, "+1", person=EVE)
    await following.slack.delete(message)
    await following.settle()
    async with following.parts.store.reading() as tx:
        ranked, _ = await tx.votes.leaders(await following.channel_id(PAPERS), None, 10, 0)
    assert [each.tally for each in ranked] in ([], [TallyCount()])


async def test_a_link_that_cannot_be_read_costs_only_itself(following):
    message = await says(following, f"see <http://[a.b> and <{ARXIV}>")
    await says(following, f"see <http://xn--a.b/> and <{ELSEWHERE}>")
    assert answers(following, message) == []
    assert "Known Routers" in said(await following.says("show 2401.00001"))
