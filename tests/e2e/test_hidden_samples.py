"""What a team reads once its database is no longer one to try the bot out: no sample, wherever one was."""

from dataclasses import replace

from bot.domain.source import SAMPLE
from bot.domain.vote import Vote
from bot.protocol.actions import CastVote
from bot.protocol.events import HomeOpened
from bot.protocol.replies import Notice, SearchResults
from tests.e2e.conftest import DRAFTS

OURS = replace(DRAFTS[0], source=SAMPLE)
"""A sample, which fits the topic as the second paper does."""


async def test_a_team_meets_no_sample_anywhere(open_world, clock):
    async with open_world() as world:
        ada = world.person("ada")
        await world.parts.library.add([OURS, DRAFTS[1]])
        await ada.says("show #1")
        card = ada.last
        await ada.says("vote #1")
        await ada.says("save #1")
        await ada.says("discuss #1")
        await ada.says("subscribe mixture of experts at:09:00 tz:Europe/Paris")
        clock.forward(hours=1)
        await world.parts.planner.plan_due()

    async with open_world() as world:
        ada, before = world.person("ada"), len(list(world.surface.history.latest()))
        await world.parts.worker.work_off()
        messages = list(world.surface.history.latest())
        told = "\n".join(each.draft.text for each in messages[: len(messages) - before])
        assert DRAFTS[1].title in told
        assert OURS.title not in told, "not even in a digest that was planned before"

        await ada.reacts(card, Vote.DOWN)
        await world.parts.tally_updates.settle()
        assert "no paper #1" in (await ada.says("show #1")).text
        assert "no paper #1" in (await ada.presses(CastVote(1, Vote.UP))).text
        for command in ("top all", "saved"):
            assert isinstance(await ada.says(command), Notice), command
        found = await ada.says("search experts")
        assert isinstance(found, SearchResults)
        assert [hit.paper.title for hit in found.hits] == [DRAFTS[1].title]
        met = await ada.says("history")
        assert [row.paper.title for row in met.rows] == [DRAFTS[1].title]
        home = (await ada._receive(HomeOpened(origin=ada.user.origin))).heard[-1]
        assert (home.saved, home.top) == ((), ())

        await world.parts.library.add([replace(OURS, source="arxiv")])
        assert (await ada.says("show #1")).paper.source == "arxiv", "the true paper, with its votes"
        assert len((await ada.says("saved")).rows) == 1
