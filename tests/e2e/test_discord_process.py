"""`paperclub run` in Discord, and in Slack at the same time, as a process of its own."""

import asyncio
import re
import time

import pytest

from tests.e2e import slack_workspace
from tests.e2e.discord_guild import ADA, BEN, GUILD, PAPERS, button, text_of
from tests.servers.discord.server import DiscordServer
from tests.servers.slack.server import SlackServer
from tests.waiting import DEADLINE


class Shifted:
    """The computer's time, so many hours later."""

    hours = 0.0

    def __call__(self):
        return time.time() + 3600 * self.hours


@pytest.fixture
async def discord():
    async with DiscordServer(clock=Shifted()) as server:
        yield server


@pytest.fixture
def run(process, discord):
    def started(*arguments, **settings):
        return process(
            *(arguments or ("run",)),
            PAPERCLUB_DISCORD_TOKEN=discord.token,
            PAPERCLUB_DISCORD_API_URL=discord.api,
            PAPERCLUB_DISCORD_GATEWAY_URL=discord.gateway_url,
            PAPERCLUB_PORT="0",
            PAPERCLUB_INGEST_MINUTES="0",
            **settings,
        )

    return started


async def imported(process, tmp_path):
    file = tmp_path / "papers.jsonl"
    file.write_text('{"title": "Seeing Cracks in Bridges", "abstract": "Drones photograph bridges."}\n')
    importing = process("import", file)
    await asyncio.to_thread(importing.communicate, timeout=DEADLINE)
    assert importing.returncode == 0


async def test_killed_in_the_middle_it_goes_on_where_it_was(run, discord, process, tmp_path):
    await imported(process, tmp_path)
    first = run()
    await discord.gateway.wait_for_sessions(1)
    await discord.until(lambda: discord.world.commands)
    await (await discord.command(ADA, PAPERS, "papers show", paper="#1")).acked()
    await discord.until(lambda: len(discord.messages(PAPERS)) == 1)
    (card,) = discord.messages(PAPERS)
    await discord.react(ADA, card, "👍")
    await discord.until(lambda: "👍 1" in text_of(card))
    first.kill()
    await discord.until(lambda: not discord.gateway.sockets)
    await discord.react(BEN, card, "👍")
    for session in discord.sessions.open:
        session.end()

    async with SlackServer(clock=time.time) as slack:
        second = run(
            PAPERCLUB_SLACK_BOT_TOKEN=slack.bot_token,
            PAPERCLUB_SLACK_APP_TOKEN=slack.app_token,
            PAPERCLUB_SLACK_API_URL=slack.base_url,
        )
        await discord.gateway.wait_for_sessions(1)
        await discord.until(lambda: "👍 2" in text_of(card))
        await discord.press(BEN, card, button(card, "vote:1:-1"))
        await discord.until(lambda: "👎 1" in text_of(card))
        await slack.sockets.wait_for_connections(1)
        await (await slack.command(slack_workspace.ADA, slack_workspace.PAPERS, "/papers", "show #1")).acked()
        await slack.until(lambda: len(slack.messages(slack_workspace.PAPERS)) == 1)
        await (await discord.command(ADA, PAPERS, "papers subscribe", topic="cracks in bridges")).acked()
        await discord.until(lambda: "Subscribed to" in text_of(discord.messages(PAPERS)[-1]))
        posting = run("digest", "--now")
        announced, _ = await asyncio.to_thread(posting.communicate, timeout=DEADLINE)
        second.terminate()
        output, _ = await asyncio.to_thread(second.communicate, timeout=DEADLINE)
    assert "#papers at 09:00 UTC: posted now" in announced
    assert "Papers for" in text_of(discord.messages(PAPERS)[-1])
    assert second.returncode == 0, "asked to stop, it stops in order"
    assert "Connected to Discord" in output
    assert "Connected to Slack" in output
    assert discord.token not in output


@pytest.mark.parametrize(
    ("hours", "said"),
    [(-14, r"14 h 0 min ahead of it"), (3, r"(?:2 h 59|3 h 0) min behind it")],
)
async def test_the_doctor_compares_our_clock_with_that_of_discord(run, discord, hours, said):
    discord.clock.hours = hours
    found, _ = await asyncio.to_thread(run("doctor", "--quick").communicate, timeout=DEADLINE)
    assert "clock of Discord" in found
    assert re.search(said, " ".join(found.split()))


async def test_the_invitation_and_the_doctor(run, discord):
    inviting, looking = run("invite"), run("doctor", "--quick")
    link, _ = await asyncio.to_thread(inviting.communicate, timeout=DEADLINE)
    assert inviting.returncode == 0
    assert link.startswith("https://discord.com/oauth2/authorize?client_id=")
    assert "permissions=309237713920" in link
    found, _ = await asyncio.to_thread(looking.communicate, timeout=DEADLINE)
    assert "which is in 1 server" in found
    assert discord.token not in link + found
    assert GUILD in discord.world.guilds
