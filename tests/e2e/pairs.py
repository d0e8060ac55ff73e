"""People who add a reaction and take it away again, both heard at once, through a platform's adapter."""

import random
from unittest.mock import patch

from sqlalchemy import select

from adapters.slack.inbound import listeners
from storage.sql.tables import PersonRow, VoteRow
from tests.e2e.discord_guild import GUILD, Guild
from tests.e2e.slack_workspace import PAPERS, Workspace
from tests.servers.discord.places import Member
from tests.servers.discord.places import Person as DiscordPerson
from tests.servers.discord.state import READERS, born
from tests.servers.slack.delivery import DEADLINE
from tests.servers.slack.payloads import reaction_event
from tests.servers.slack.state import Person as SlackPerson

AT_ONCE = 150
"""So many events are under way at a time: they all take turns at the database."""
KEPT = 5
"""So many people let theirs stand: what the bot did not hear at all would be none too many, either."""


async def race_in_slack(workspace: Workspace, pairs: int) -> set[str]:
    """Let so many people do so; those whose votes are then not as on the platform.

    Slack promises no order, and its events tell the time: either of two may come first.
    """
    slack, card = workspace.slack, await workspace.says("show #1")
    people = [f"U{number}PAIR" for number in range(pairs + KEPT)]
    order, told = random.Random(pairs), []
    for person in people:
        slack.world.people[person] = SlackPerson(person, person.lower())
        slack.world.channels[PAPERS].members.add(person)
        kinds = ["reaction_added", "reaction_removed"][: 1 if person in people[pairs:] else 2]
        events = [reaction_event(slack.world, kind, person, card, "+1") for kind in kinds]
        told += order.sample(events, len(events))
    # A slow machine takes longer than Slack waits; what comes again then is another test's.
    with patch.object(listeners, "ACK_SECONDS", DEADLINE):
        for first in range(0, len(told), AT_ONCE):
            for event in told[first : first + AT_ONCE]:
                await slack.emit(event)
            await workspace.settle()
    return await _standing(workspace) ^ set(people[pairs:])


async def race_in_discord(guild: Guild, pairs: int) -> set[str]:
    """Let so many people do so; those whose votes are then not as on the platform.

    The gateway keeps its order, and tells no time.
    """
    discord, card = guild.discord, await guild.says("show #1")
    people = [born(150_000_000_000, number) for number in range(pairs + KEPT)]
    for person in people:
        discord.world.people[person] = DiscordPerson(person, f"person{person}")
        discord.world.guilds[GUILD].members[person] = Member(person, {READERS})
    for person in people:
        await discord.react(person, card, "👍")
        if person not in people[pairs:]:
            await discord.unreact(person, card, "👍")
    await guild.settle()
    kept = {str(person) for person in card.reactions["👍"]}
    assert len(kept) == KEPT
    return await _standing(guild) ^ kept


async def _standing(place: Workspace | Guild) -> set[str]:
    """Whose votes by reaction stand in the database."""
    wanted = (
        select(PersonRow.external_id)
        .join(VoteRow, VoteRow.person_id == PersonRow.id)
        .where(VoteRow.message.is_not(None), VoteRow.ended_at.is_(None))
    )
    async with place.parts.store.reading() as tx:
        return set((await tx._connection.run(wanted)).scalars())
