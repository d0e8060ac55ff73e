"""Two days of a team in Slack, from the first subscription to a restart with votes cast meanwhile."""

from bot.models import PaperDraft
from tests.e2e.slack_workspace import ADA, BEN, EVE, PAPERS, said
from tests.servers.slack.state import Message

TUESDAYS = PaperDraft(
    "Experts That Share a Cache",
    "A mixture of experts asks for the same keys again and again. We let the experts share one cache. "
    "Serving a mixture of experts takes half the memory.",
    "test",
)


async def test_two_days_of_a_team(open_workspace, drafts, clock):
    async with open_workspace() as workspace:
        await workspace.parts.library.add(drafts)
        card = await monday(workspace, clock)
    slack = workspace.slack
    # Nobody listens while minds are changed.
    await slack.unreact(EVE, card, "-1")
    await slack.react(EVE, card, "+1")
    await slack.unreact(BEN, card, "thumbsup")
    slack.deliveries.clear()
    clock.forward(hours=3)
    async with open_workspace() as workspace:
        await tuesday(workspace, clock, card)
    tokens = slack.counted("token")
    assert len(tokens) == 5
    assert set(tokens.values()) == {1}


async def monday(workspace, clock) -> Message:
    """Subscribe, post, vote, talk; give the card that all that is about."""
    slack = workspace.slack
    subscribed = said(await workspace.says("subscribe mixture of experts at:09:00"))
    assert "Mon 23 Nov, 09:00 UTC" in subscribed
    assert "Cheaper Experts at Serving Time" in subscribed
    before = len(slack.messages(PAPERS))

    clock.forward(hours=2)
    await workspace.parts.worker.work_off()
    overview, *cards = slack.messages(PAPERS)[before:]
    assert overview.thread_ts is None
    assert [card.thread_ts for card in cards] == [overview.ts] * 2
    assert "Cheaper Experts at Serving Time" in said(overview)
    assert not any(message.arguments.get("unfurl_links", True) for message in (overview, *cards))
    await workspace.parts.worker.work_off()
    assert len(slack.messages(PAPERS)) == before + 3, "nothing is posted twice"

    card = next(each for each in cards if "Cheaper Experts" in said(each))
    await workspace.reacts(card, "+1::skin-tone-4", person=ADA)
    await workspace.reacts(card, "thumbsup", person=BEN)
    await workspace.reacts(card, "-1", person=EVE)
    assert "👍 2" in said(card)
    assert "👎 1" in said(card)

    await workspace.presses(card, "discuss", person=BEN)
    talk = workspace.latest()
    assert talk.thread_ts is None, "there are no threads in threads"
    await slack.say(EVE, PAPERS, "Does it hold for small models?", thread_ts=talk.ts)
    await slack.say(ADA, PAPERS, "Table 3 says so.", thread_ts=talk.ts)
    await workspace.settle()

    history = said(await workspace.says("history"))
    assert "Cheaper Experts at Serving Time" in history
    for deed in ("posted", "discussed", "voted"):
        assert deed in history
    await workspace.says("save #1", person=BEN)

    return card


async def tuesday(workspace, clock, card) -> None:
    """Find all as it was, with the votes that were cast meanwhile; and post what is new."""
    slack = workspace.slack
    await workspace.settle()
    assert "👍 2" in said(card)
    assert "👎 0" in said(card)
    await workspace.presses(card, "up", person=BEN)
    assert "👍 3" in said(card), "buttons of old messages still work"
    assert "Cheaper Experts" in said(await workspace.says("saved", person=BEN))
    assert "👍 3" in said(await workspace.says("top"))

    await workspace.parts.library.add([TUESDAYS])
    before = len(slack.messages(PAPERS))
    clock.forward(days=1)
    await workspace.parts.worker.work_off()
    overview, *cards = slack.messages(PAPERS)[before:]
    assert [TUESDAYS.title in said(message) for message in (overview, *cards)] == [True, True]
    assert "Cheaper Experts" not in said(overview)
