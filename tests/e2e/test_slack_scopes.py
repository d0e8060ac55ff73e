"""The app that the manifest makes can do all that the bot does, and no more."""

from adapters.slack.manifest import BOT_SCOPES
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from tests.e2e.slack_workspace import ADA, CLOSED, PAPERS
from tests.servers.slack.state import Channel

GROUP = "G5GROUP"
KNOWN = PaperDraft("Known", "It is.", "test", identifiers=frozenset({Identifier(Scheme.ARXIV, "2401.00001")}))


async def test_the_bot_asks_for_the_scopes_that_it_needs(workspace):
    slack = workspace.slack
    await workspace.parts.library.add([KNOWN])
    slack.world.channels[GROUP] = Channel(GROUP, "mpdm-ada--ben-1", "mpim", {"U0BOT", ADA})
    for channel in (PAPERS, CLOSED, GROUP):
        await slack.say(ADA, channel, "<@U0BOT> show #1")
        await workspace.settle()
    await slack.say(ADA, slack.world.direct(ADA).id, "show #1")
    await workspace.says("settings links:on")
    await slack.say(ADA, PAPERS, "https://arxiv.org/abs/2401.00001")
    await workspace.reacts(await workspace.says("show #1"), "+1")
    await slack.open_home(ADA)
    await workspace.settle()
    assert slack.world.demanded == set(BOT_SCOPES)
    assert {call.error for call in slack.calls} <= {"", "ratelimited"}
