"""Everything that can happen in a workspace, so that each event is sent once or more."""

from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import Channel
from tests.servers.slack.views import BOT_USER

ADA, BEN = "U1ADA", "U2BEN"
PAPERS, CLOSED, GROUP = "C1PAPERS", "G1CLOSED", "G5GROUP"


async def everything(slack: SlackServer) -> None:
    """Write, react, come and go, until the app is taken out."""
    slack.world.channels[GROUP] = Channel(GROUP, "mpdm-ada--ben-1", "mpim", {BOT_USER, ADA, BEN})
    await slack.open_home(ADA)
    for channel in (PAPERS, CLOSED, GROUP, slack.world.direct(ADA).id):
        message = await slack.say(ADA, channel, f"<@{BOT_USER}> https://arxiv.org/abs/1706.03762")
        await slack.say(ADA, channel, "hello")
        await slack.react(ADA, message, "+1")
        await slack.unreact(ADA, message, "+1")
        await slack.edit(message, "hello")
        await slack.delete(message)
    for channel in (PAPERS, CLOSED):
        for member in (BEN, BOT_USER):
            await slack.leave(member, channel)
            await slack.join(member, channel)
        await slack.rename(channel, "new")
        await slack.archive(ADA, channel)
        await slack.remove(ADA, channel)
    await slack.uninstall()
