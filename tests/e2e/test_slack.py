"""What people do in Slack, over the real Bolt, and what they see there."""

import time
from http import HTTPStatus

import aiohttp
import pytest

from bot.domain.vote import TallyCount
from tests.e2e.slack_workspace import ADA, BEN, CLOSED, EVE, HIDDEN, OTHERS, PAPERS, installed, said
from tests.servers.slack.faults import ACCEPTED_THEN_DROPPED, DROPPED, Fault, broken, rate_limited, refusing
from tests.servers.slack.payloads import reaction_event


async def tally(workspace, paper_id: int = 1, channel: str = PAPERS) -> TallyCount:
    """The votes on a paper, as the store has them."""
    async with workspace.parts.store.reading() as tx:
        (leaders, _) = await tx.votes.leaders(await workspace.channel_id(channel), None, 10, 0)
    return {each.paper_id: each.tally for each in leaders}.get(paper_id, TallyCount())


async def test_a_search_is_seen_by_the_asker_alone(workspace):
    answer = await workspace.says("search mixture of experts")
    assert answer.ephemeral_to == ADA
    assert "Cheaper Experts at Serving Time" in said(answer)
    assert workspace.slack.messages(PAPERS) == []


async def test_a_shared_search_is_seen_by_all(workspace):
    answer = await workspace.says("search mixture of experts")
    await workspace.presses(answer, "share")
    assert "Cheaper Experts at Serving Time" in said(workspace.latest())


async def test_pages_are_turned_in_place(workspace, many_papers):
    await workspace.parts.library.add(many_papers)
    answer = await workspace.says("search rivers and their fish")
    first = said(answer)
    await workspace.presses(answer, "next")
    (seen,) = workspace.slack.ephemerals(ADA)
    assert "page 2 of" in said(seen)
    assert said(seen) != first


async def test_a_mention_is_a_command(workspace):
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> show #3")
    await workspace.settle()
    asked, answer = workspace.slack.messages(PAPERS)
    assert "Seeing Cracks in Bridges" in said(answer)
    assert answer.thread_ts is None
    await workspace.slack.say(BEN, PAPERS, "<@U0BOT> show #3", thread_ts=asked.ts)
    await workspace.settle()
    assert workspace.latest().thread_ts == asked.ts


async def test_what_is_private_is_whispered_to_who_mentions(workspace):
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> help vote")
    await workspace.settle()
    assert "vote PAPER" in said(workspace.slack.ephemerals(ADA)[-1])


async def test_a_direct_message_needs_no_command(workspace):
    direct = workspace.slack.world.direct(ADA).id
    await workspace.slack.say(ADA, direct, "save #3")
    await workspace.settle()
    await workspace.slack.say(ADA, direct, "saved")
    await workspace.settle()
    assert "Seeing Cracks in Bridges" in said(workspace.latest(direct))
    assert workspace.slack.ephemerals(ADA) == []


async def test_a_link_in_a_mention_is_the_address_alone(workspace):
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> show <https://example.org/experts|example.org/experts>")
    await workspace.settle()
    assert "Cheaper Experts" in said(workspace.latest())


async def test_reactions_vote_and_the_card_follows(workspace):
    card = await workspace.says("show #1")
    await workspace.reacts(card, "+1::skin-tone-3")
    await workspace.reacts(card, "thumbsup", person=BEN)
    assert await tally(workspace) == TallyCount(2, 0)
    assert "👍 2" in said(card)
    await workspace.unreacts(card, "thumbsup", person=BEN)
    await workspace.reacts(card, "-1", person=BEN)
    assert await tally(workspace) == TallyCount(1, 1)
    assert "👍 1" in said(card)


async def test_two_tones_are_one_vote_until_both_are_taken_away(workspace):
    card = await workspace.says("show #1")
    for name in ("+1", "+1::skin-tone-3"):
        await workspace.reacts(card, name)
    await workspace.unreacts(card, "+1")
    assert await tally(workspace) == TallyCount(1, 0)
    await workspace.unreacts(card, "+1::skin-tone-3")
    assert await tally(workspace) == TallyCount()


async def test_votes_taken_back_are_none_in_whatever_order_that_is_heard(workspace):
    card = await workspace.says("show #1")
    slack, kinds = workspace.slack, ("reaction_added", "reaction_removed")
    events = [
        reaction_event(slack.world, kind, person, card, "+1") for person in (ADA, BEN, EVE) for kind in kinds
    ]
    for event in reversed(events):
        await slack.emit(event)
    await workspace.settle()
    assert await tally(workspace) == TallyCount()


async def test_votes_on_a_post_in_doubt_count_once_it_is_found(workspace, clock):
    await workspace.says("subscribe mixture of experts at:09:00")
    clock.forward(hours=3)
    for fault in (Fault(accepts=True), ACCEPTED_THEN_DROPPED):
        workspace.slack.faults.next("chat.postMessage", fault)
    await workspace.parts.worker.work_off()
    doubtful = workspace.latest()
    await workspace.reacts(doubtful, "+1", person=BEN)
    clock.forward(minutes=11)
    await workspace.parts.worker.work_off()
    await workspace.adapter._recount.count_found()
    await workspace.settle()
    assert [await tally(workspace, number) for number in (1, 2)].count(TallyCount(1, 0)) == 1


async def test_other_reactions_and_bots_are_no_votes(workspace):
    card = await workspace.says("show #1")
    await workspace.reacts(card, "heart")
    await workspace.reacts(card, "+1", person="U0BOT")
    workspace.slack.world.people[BEN].is_bot = True
    await workspace.reacts(card, "+1", person=BEN)
    assert await tally(workspace) == TallyCount()


async def test_a_reaction_to_a_list_is_no_vote(workspace):
    shared = await workspace.says("search mixture of experts")
    await workspace.presses(shared, "share")
    await workspace.reacts(workspace.latest(), "+1")
    assert await tally(workspace) == TallyCount()


async def test_buttons_vote_and_the_same_again_takes_back(workspace):
    card = await workspace.says("show #1")
    await workspace.presses(card, "up", person=BEN)
    assert "👍 1" in said(card)
    assert "you voted 👍" in said(workspace.slack.ephemerals(BEN)[-1])
    await workspace.presses(card, "up", person=BEN)
    assert await tally(workspace) == TallyCount()


async def test_what_was_delivered_twice_counts_once(workspace):
    card = await workspace.says("show #1")
    await workspace.presses(card, "up")
    sent = workspace.slack.deliveries[-1]
    await (await workspace.slack.redeliver(sent)).acked()
    await workspace.settle()
    assert await tally(workspace) == TallyCount(1, 0)
    command = await workspace.slack.command(ADA, PAPERS, "/papers", "show #3")
    await (await workspace.slack.redeliver(command)).acked()
    await workspace.settle()
    assert len([each for each in workspace.slack.messages(PAPERS) if "Cracks" in said(each)]) == 1


async def test_words_in_a_papers_thread_are_a_discussion(workspace):
    card = await workspace.says("discuss #1")
    await workspace.slack.say(BEN, PAPERS, "Worth it?", thread_ts=card.ts)
    await workspace.slack.say(ADA, PAPERS, "I think so", thread_ts=card.ts)
    await workspace.settle()
    history = said(await workspace.says("history"))
    assert "discussed" in history


async def test_a_deleted_card_takes_its_votes_along(workspace):
    card = await workspace.says("show #1")
    await workspace.reacts(card, "+1")
    assert await tally(workspace) == TallyCount(1, 0)
    await workspace.slack.delete(card)
    await workspace.settle()
    assert await tally(workspace) == TallyCount()


async def test_where_the_bot_is_no_member_it_answers_and_asks_to_be_invited(workspace):
    for channel in (OTHERS, HIDDEN):
        workspace.slack.world.channels[channel].members.add(ADA)
        await workspace.says("show #1", channel=channel)
        assert "Cheaper Experts" in said(workspace.slack.messages(channel)[-1])
        assert "/invite @" in said(workspace.slack.ephemerals(ADA)[-1])


async def test_private_channels_are_known_by_their_names(workspace):
    settings = await workspace.says("settings", channel=CLOSED)
    assert f"#{workspace.slack.world.channels[CLOSED].name}" in said(settings)


async def test_votes_outlive_a_restart(open_workspace, drafts):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        card = await workspace.says("show #1")
        await workspace.reacts(card, "+1")
    async with open_workspace() as workspace:
        assert await tally(workspace) == TallyCount(1, 0)
        await workspace.presses(card, "down", person=BEN)
        assert await tally(workspace) == TallyCount(1, 1)
        assert "👎 1" in said(card)


async def test_admins_only_is_kept_to_slacks_admins(workspace):
    workspace.slack.world.people[ADA].admin = True
    await workspace.says("settings changes:admins")
    refused = await workspace.says("subscribe bridges", person=BEN)
    assert "Only admins" in said(refused)


async def test_votes_cast_while_nobody_listened_are_counted(open_workspace, drafts, clock):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        first, second, third = [await workspace.says(f"show #{number}") for number in (1, 2, 3)]
        await workspace.reacts(first, "+1")
        await workspace.presses(second, "up")
        await workspace.reacts(second, "-1", person=BEN)
    slack = workspace.slack
    await slack.unreact(ADA, first, "+1")
    await slack.react(BEN, first, "thumbsdown::skin-tone-2")
    await slack.unreact(BEN, second, "-1")
    await slack.react("U0BOT", second, "+1")
    await slack.react(BEN, third, "+1")
    clock.forward(minutes=5)
    slack.deliveries.clear()
    async with open_workspace() as workspace:
        await workspace.settle()
        assert [await tally(workspace, number) for number in (1, 2, 3)] == [
            TallyCount(0, 1),
            TallyCount(1, 0),
            TallyCount(1, 0),
        ]
        assert "👎 1" in said(first)


async def test_a_recount_begins_with_the_newest_and_ends_with_a_failure_that_passes(
    open_workspace, drafts, clock
):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        cards = []
        for number in (1, 2, 3):
            cards.append(await workspace.says(f"show #{number}"))
            clock.forward(minutes=1)
    newest_first = [card.ts for card in reversed(cards)]
    slack = workspace.slack
    slack.faults.next("reactions.get", refusing("ratelimited"))
    for asked in (newest_first[:1], newest_first):
        slack.calls.clear()
        clock.forward(hours=1)
        async with open_workspace() as workspace:
            await workspace.settle()
        assert [call.arguments["timestamp"] for call in slack.calls_of("reactions.get")] == asked


async def test_a_card_deleted_meanwhile_is_forgotten(open_workspace, drafts):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        card = await workspace.says("show #1")
        await workspace.reacts(card, "+1")
    await workspace.slack.delete(card)
    workspace.slack.deliveries.clear()
    async with open_workspace() as workspace:
        await workspace.settle()
        assert await tally(workspace) == TallyCount()


async def test_who_invites_the_bot_is_told_what_to_begin_with(workspace):
    await workspace.slack.join("U0BOT", OTHERS, inviter=ADA)
    await workspace.settle()
    assert "subscribe" in said(workspace.latest(OTHERS))


@pytest.mark.parametrize(
    ("told", "ours"), [("America/New_York", "America/New_York"), ("Mars/Olympus", "UTC"), ("", "UTC")]
)
async def test_a_channel_begins_with_the_zone_of_who_invites_the_bot(workspace, told, ours):
    workspace.slack.world.people[BEN].tz = told
    await workspace.slack.join("U0BOT", OTHERS, inviter=BEN)
    await workspace.settle()
    async with workspace.parts.store.reading() as tx:
        channel = await tx.directory.channel(await workspace.channel_id(OTHERS))
    assert channel.settings.timezone == ours


@pytest.mark.parametrize("loss", ["archive", "leave"])
async def test_the_posts_of_a_lost_channel_are_paused_and_their_owner_is_told(workspace, loss):
    await workspace.says("subscribe mixture of experts")
    if loss == "archive":
        await workspace.slack.archive(ADA, PAPERS)
    else:
        await workspace.slack.leave("U0BOT", PAPERS)
    await workspace.settle()
    (told,) = workspace.slack.messages(workspace.slack.world.direct(ADA).id)
    assert "I can no longer post in #papers" in said(told)
    assert "mixture of experts" in said(told)
    async with workspace.parts.store.reading() as tx:
        (subscription,) = await tx.subscriptions.of_channel(await workspace.channel_id(PAPERS))
        assert subscription.paused
        assert await tx.schedule.all() == []


async def test_a_channel_found_lost_when_posting_is_paused_as_well(workspace, clock):
    await workspace.says("subscribe mixture of experts at:09:00")
    workspace.slack.world.channels[PAPERS].members.discard("U0BOT")
    clock.forward(hours=3)
    await workspace.parts.worker.work_off()
    (told,) = workspace.slack.messages(workspace.slack.world.direct(ADA).id)
    assert "I am not in it any more" in said(told)


async def test_a_renamed_channel_is_called_by_its_new_name(workspace):
    await workspace.says("settings")
    await workspace.slack.rename(PAPERS, "reading")
    await workspace.settle()
    async with workspace.parts.store.reading() as tx:
        assert (await tx.directory.channel(await workspace.channel_id(PAPERS))).name == "#reading"


async def test_taken_out_of_the_workspace_the_bot_pauses_all(workspace):
    await workspace.says("subscribe mixture of experts")
    await workspace.slack.uninstall()
    await workspace.settle()
    async with workspace.parts.store.reading() as tx:
        (subscription,) = await tx.subscriptions.of_channel(await workspace.channel_id(PAPERS))
        assert subscription.paused


async def test_a_workspace_that_installs_the_bot_is_served_over_signed_http(over_http):
    workspace, address = over_http
    assert "Paperclub is installed" in await installed(workspace.slack, address)
    card = await workspace.says("show #1")
    await workspace.reacts(card, "+1")
    assert "👍 1" in said(card)


SECRET_OF_OTHERS = {"X-Slack-Signature": "v0=0", "X-Slack-Request-Timestamp": "1"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        SECRET_OF_OTHERS,
        {**SECRET_OF_OTHERS, "X-Slack-Request-Timestamp": "soon"},
        {**SECRET_OF_OTHERS, "X-Slack-Request-Timestamp": "-1"},
        {**SECRET_OF_OTHERS, "X-Slack-Signature": "v0=ß"},
        {**SECRET_OF_OTHERS, "Host": "[a.b"},
    ],
)
@pytest.mark.parametrize(
    "body", [b'{"type": "event_callback", "event": {"type": "message"}}', b"{", b"\xff", b"payload=%7B", b""]
)
async def test_what_is_not_signed_is_refused_before_it_is_read(over_http, headers, body):
    _, address = over_http
    fresh = {**headers}
    if fresh.get("X-Slack-Request-Timestamp") == "1":
        fresh["X-Slack-Request-Timestamp"] = str(int(time.time()))
    kind = "application/x-www-form-urlencoded" if body.startswith(b"payload") else "application/json"
    async with (
        aiohttp.ClientSession(headers={**fresh, "Content-Type": kind}) as anybody,
        anybody.post(address / "slack/events", data=body) as answer,
    ):
        assert answer.status == HTTPStatus.UNAUTHORIZED


async def test_who_uninstalls_is_forgotten_and_who_comes_back_finds_all_as_it_was(over_http):
    workspace, address = over_http
    await installed(workspace.slack, address)
    card = await workspace.says("show #1")
    await workspace.reacts(card, "+1")
    await workspace.slack.uninstall()
    await workspace.settle()
    async with workspace.parts.store.reading() as tx:
        (kept,) = await tx.installations.all()
    assert kept.token is None
    await installed(workspace.slack, address)
    assert "👍 1" in said(await workspace.says("show #1"))


async def test_a_card_that_slack_would_not_redraw_is_redrawn_when_it_may_be(workspace):
    card = await workspace.says("show #1")
    workspace.slack.faults.next("chat.update", rate_limited(1))
    await workspace.reacts(card, "+1")
    assert "👍 1" in said(card)


async def test_a_discussion_begun_in_a_thread_is_had_there(workspace):
    asked = await workspace.slack.say(ADA, PAPERS, "Has anybody read this?")
    await workspace.slack.say(ADA, PAPERS, "<@U0BOT> discuss #1", thread_ts=asked.ts)
    await workspace.settle()
    assert workspace.latest().thread_ts == asked.ts
    await workspace.slack.say(BEN, PAPERS, "I have", thread_ts=asked.ts)
    await workspace.settle()
    async with workspace.parts.store.reading() as tx:
        (entry,), _ = await tx.discussions.history(await workspace.channel_id(PAPERS), 5, 0)
        ranked, _ = await tx.votes.leaders(await workspace.channel_id(PAPERS), None, 5, 0)
    assert entry.message is not None
    assert ranked == []


@pytest.mark.parametrize("fault", [broken(503), DROPPED])
async def test_an_answer_that_slack_did_not_take_is_in_the_log(workspace, fault, caplog):
    workspace.slack.faults.next("chat.postMessage", fault)
    sent = await workspace.slack.command(ADA, PAPERS, "/papers", "show #1")
    await sent.acked()
    await workspace.settle()
    assert workspace.slack.messages(PAPERS) == []
    assert "Slack did not confirm my answer" in said(workspace.slack.ephemerals(ADA)[-1])
    assert "Answering CommandInvoked failed" in caplog.text


async def test_an_answer_waits_where_slack_asks_to(workspace):
    workspace.slack.faults.next("chat.postMessage", rate_limited(0))
    assert "Cheaper Experts" in said(await workspace.says("show #1"))


async def test_a_cut_connection_is_made_anew_and_loses_nothing(workspace):
    card = await workspace.says("show #1")
    before = workspace.slack.sockets.made
    await workspace.slack.sockets.disconnect()
    await workspace.slack.sockets.wait_for_connections(1, since=before)
    await workspace.reacts(card, "+1")
    assert await tally(workspace) == TallyCount(1, 0)
