"""Two days of a team on each platform, from the first subscription to a restart with votes cast meanwhile."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain.paper import PaperDraft
from bot.posting import tally_updates
from tests.e2e import discord_guild, slack_workspace

TUESDAYS = PaperDraft(
    "Experts That Share a Cache",
    "A mixture of experts asks for the same keys again and again. We let the experts share one cache. "
    "Serving a mixture of experts takes half the memory.",
    "test",
)
TOKEN_LENGTHS = range(20, 26)


@dataclass
class OnSlack:
    """The team in Slack."""

    there: slack_workspace.Workspace
    ada, ben, eve = slack_workspace.ADA, slack_workspace.BEN, slack_workspace.EVE
    up, down, dark_up = "thumbsup", "-1", "+1::skin-tone-4"
    said = staticmethod(slack_workspace.said)

    async def says(self, line: str, person: str = slack_workspace.ADA) -> str:
        return self.said(await self.there.says(line, person=person))

    async def presses(self, message: Any, verb: str, person: str) -> None:
        await self.there.presses(message, verb, person=person)

    async def writes_below(self, message: Any, text: str, person: str) -> None:
        await self.there.slack.say(person, slack_workspace.PAPERS, text, thread_ts=message.ts)
        await self.there.settle()

    def posts(self) -> list[Any]:
        return self.there.slack.messages(slack_workspace.PAPERS)

    def below(self, message: Any) -> list[Any]:
        return [each for each in self.posts() if each.thread_ts == message.ts and each is not message]

    def above(self) -> list[Any]:
        return [each for each in self.posts() if each.thread_ts is None]

    def quiet(self, message: Any) -> bool:
        return not message.arguments.get("unfurl_links", True)

    async def unheard(self, card: Any) -> None:
        """Minds are changed while nobody listens."""
        slack = self.there.slack
        await slack.unreact(self.eve, card, "-1")
        await slack.react(self.eve, card, "+1")
        await slack.unreact(self.ben, card, "thumbsup")
        slack.deliveries.clear()

    def tokens(self) -> Counter[str]:
        return self.there.slack.counted("token")


@dataclass
class OnDiscord:
    """The team in Discord."""

    there: discord_guild.Guild
    ada, ben, eve = discord_guild.ADA, discord_guild.BEN, discord_guild.EVE
    up, down, dark_up = "👍", "👎", "👍🏽"
    said = staticmethod(discord_guild.text_of)

    async def says(self, line: str, person: int = discord_guild.ADA) -> str:
        return self.said(await self.there.says(line, person=person))

    async def presses(self, message: Any, verb: str, person: int) -> None:
        await self.there.presses(message, {"up": "vote:1:1", "discuss": "Discuss"}[verb], person=person)

    async def writes_below(self, message: Any, text: str, person: int) -> None:
        await self.there.writes(text, person=person, channel=message.thread)

    def below(self, message: Any) -> list[Any]:
        inside_thread = self.there.discord.messages(message.thread) if message.thread else []
        return [each for each in inside_thread if each.kind == 0]

    def above(self) -> list[Any]:
        return self.there.discord.messages(discord_guild.PAPERS)

    def quiet(self, message: Any) -> bool:
        return not (message.pings.users or message.pings.roles or message.pings.everyone)

    async def unheard(self, card: Any) -> None:
        """Minds are changed while nobody listens."""
        discord = self.there.discord
        await discord.unreact(self.eve, card, "👎")
        await discord.react(self.eve, card, "👍")
        await discord.unreact(self.ben, card, "👍")

    def tokens(self) -> Counter[str]:
        nonces = self.there.discord.counted()
        return Counter({nonce: count for nonce, count in nonces.items() if len(nonce) in TOKEN_LENGTHS})


@pytest.fixture(params=["slack", "discord"])
def open_team(request, monkeypatch):
    """Start the bot among the team; to do so again is a restart."""
    # Discord takes five edits in five seconds. Only votes that share a redraw stay within that.
    monkeypatch.setattr(tally_updates, "PAUSE", 0.3)
    opening, wrapped = {"slack": ("open_workspace", OnSlack), "discord": ("open_guild", OnDiscord)}[
        request.param
    ]
    return request.getfixturevalue(opening), wrapped


async def test_two_days_of_a_team(open_team, drafts, clock):
    opening, wrapped = open_team
    async with opening() as there:
        await there.parts.library.add(drafts)
        team = wrapped(there)
        card = await monday(team, clock)
    await team.unheard(card)
    clock.forward(hours=3)
    async with opening() as there:
        team = wrapped(there)
        await tuesday(team, clock, card)
    assert len(team.tokens()) == 5
    assert set(team.tokens().values()) == {1}


async def monday(team, clock):
    """Subscribe, post, vote, talk; give the card that all that is about."""
    subscribed = await team.says("subscribe mixture of experts at:09:00")
    assert "Mon 23 Nov, 09:00 UTC" in subscribed
    assert "Cheaper Experts at Serving Time" in subscribed
    before = len(team.above())

    clock.forward(hours=2)
    await team.there.parts.worker.work_off()
    (overview,) = team.above()[before:]
    cards = team.below(overview)
    assert len(cards) == 2
    assert "Cheaper Experts at Serving Time" in team.said(overview)
    assert all(team.quiet(each) for each in (overview, *cards))
    await team.there.parts.worker.work_off()
    assert len(team.above()) == before + 1, "nothing is posted twice"
    assert len(team.below(overview)) == 2

    card = next(each for each in cards if "Cheaper Experts" in team.said(each))
    await team.there.reacts(card, team.dark_up, person=team.ada)
    await team.there.reacts(card, team.up, person=team.ben)
    await team.there.reacts(card, team.down, person=team.eve)
    assert "👍 2" in team.said(card)
    assert "👎 1" in team.said(card)

    await team.presses(card, "discuss", team.ben)
    talk = team.above()[-1]
    assert talk is not overview, "there are no threads in threads"
    await team.writes_below(talk, "Does it hold for small models?", team.eve)
    await team.writes_below(talk, "Table 3 says so.", team.ada)

    history = await team.says("history")
    assert "Cheaper Experts at Serving Time" in history
    for deed in ("posted", "discussed", "voted"):
        assert deed in history
    await team.says("save #1", team.ben)
    return card


async def tuesday(team, clock, card):
    """Find all as it was, with the votes that were cast meanwhile; and post what is new."""
    await team.there.settle()
    assert "👍 2" in team.said(card)
    assert "👎 0" in team.said(card)
    await team.presses(card, "up", team.ben)
    assert "👍 3" in team.said(card), "buttons of old messages still work"
    assert "Cheaper Experts" in await team.says("saved", team.ben)
    assert "👍 3" in await team.says("top")

    await team.there.parts.library.add([TUESDAYS])
    before = len(team.above())
    clock.forward(days=1)
    await team.there.parts.worker.work_off()
    (overview,) = team.above()[before:]
    posted = [overview, *team.below(overview)]
    assert [TUESDAYS.title in team.said(message) for message in posted] == [True, True]
    assert "Cheaper Experts" not in team.said(overview)
