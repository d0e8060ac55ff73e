"""Reactions that are taken away as soon as they are added leave no vote, on both databases."""

import pytest

from storage.sql.migrations import migrate
from tests.e2e.pairs import race_in_discord, race_in_slack

PAIRS = 60


@pytest.fixture(params=["sqlite", "postgresql"])
async def settings(request, settings):
    if request.param == "sqlite":
        yield settings
        return
    async with request.getfixturevalue("postgres").database(migrate) as url:
        yield settings.model_copy(update={"database_url": url})


async def test_in_slack_no_vote_is_left_that_was_taken_away(open_workspace, settings, drafts):
    async with open_workspace(settings.database_url) as workspace:
        await workspace.parts.library.add(drafts)
        assert await race_in_slack(workspace, PAIRS) == set()


async def test_in_discord_no_vote_is_left_that_was_taken_away(open_guild, drafts):
    async with open_guild() as guild:
        # The clock stands still while all of them react, so each edit of the card comes too soon.
        guild.discord.rates.on = False
        await guild.parts.library.add(drafts)
        assert await race_in_discord(guild, PAIRS) == set()
