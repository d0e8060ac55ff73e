import asyncio
from dataclasses import replace
from datetime import time

from adapters.console import CONSOLE
from adapters.slack import SLACK
from bot.domain.channel import ChannelSettings, EditPolicy, Layout
from storage.sql.store import SqlStore
from tests.storage.making import NOW, arrive, origin


async def test_who_arrives_twice_is_the_same(store: SqlStore) -> None:
    async with store.writing() as tx:
        first = await arrive(tx, person_name="Ann", channel_name="#general")
    async with store.writing() as tx:
        assert await arrive(tx, person_name="Ann", channel_name="#general") == first
    assert (first.channel.platform, first.channel.workspace) == (CONSOLE, "lab")
    assert (first.channel.external_id, first.channel.name, first.channel.direct) == (
        "general",
        "#general",
        False,
    )
    assert (first.person.external_id, first.person.name) == ("ann", "Ann")
    assert first.channel.settings == ChannelSettings()
    assert first.team_id == first.person.team_id


async def test_an_arrival_that_changes_nothing_only_reads(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, person_name="Ann", channel_name="#general")
    async with store.reading() as tx:
        assert await arrive(tx, person_name="Ann", channel_name="#general") == context
        assert await arrive(tx) == context, "an empty name is not known, so it changes nothing"


async def test_those_who_are_known_are_found_together(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx, "ann", person_name="Ann", channel_name="#general")
        alone = await arrive(tx, "ann", "talk", direct=True)
    known = origin(person_name="Ann", channel_name="#general")
    asked = [
        known,
        replace(known, person_name="Ann B."),
        replace(known, channel_name="#reading"),
        replace(known, person="bob"),
        replace(known, channel="random"),
        replace(known, workspace="elsewhere"),
        replace(known, channel="talk", channel_name="", direct=True),
        replace(known, channel="talk-anew", channel_name="", direct=True),
        replace(known, admin=True),
    ]
    async with store.reading() as tx:
        found = await tx.directory.find_contexts(asked)
    assert found == [ann, None, None, None, None, None, alone, None, replace(ann, admin=True)]


async def test_names_follow_the_platform(store: SqlStore) -> None:
    async with store.writing() as tx:
        before = await arrive(tx, person_name="Ann", channel_name="#general")
        after = await arrive(tx, person_name="Ann B.", channel_name="#reading")
        assert (after.person.name, after.channel.name) == ("Ann B.", "#reading")
        assert (after.person.id, after.channel.id) == (before.person.id, before.channel.id)
        assert await arrive(tx) == after


async def test_workspaces_are_teams_of_their_own(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, abroad = await arrive(tx), await arrive(tx, workspace="elsewhere")
        slack = await tx.directory.resolve(replace(origin(), platform=SLACK), NOW)
    assert len({context.team_id, abroad.team_id, slack.team_id}) == 3
    assert len({context.channel.id, abroad.channel.id, slack.channel.id}) == 3
    assert len({context.person.id, abroad.person.id, slack.person.id}) == 3


async def test_a_direct_message_is_in_the_persons_own_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        shared = await arrive(tx)
        ann, bob = [await arrive(tx, name, "talk", direct=True) for name in ("ann", "bob")]
        again = await arrive(tx, "ann", "talk-anew", direct=True)
    assert ann.channel.direct
    assert not shared.channel.direct
    assert ann.person == shared.person
    assert len({shared.channel.id, ann.channel.id, bob.channel.id}) == 3
    assert (again.channel.id, again.channel.external_id) == (ann.channel.id, "talk-anew")


async def test_admins_are_those_of_the_origin(store: SqlStore) -> None:
    async with store.writing() as tx:
        assert (await arrive(tx, admin=True)).admin
        assert not (await arrive(tx)).admin


async def test_another_person_of_the_workspace(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        bob = await tx.directory.ensure_person(ann.channel, "bob", NOW)
        assert await tx.directory.ensure_person(ann.channel, "bob", NOW) == bob
        assert await tx.directory.ensure_person(ann.channel, "ann", NOW) == ann.person.id
        assert (await arrive(tx, "bob")).person.id == bob
        assert (await arrive(tx, "bob", workspace="elsewhere")).person.id != bob


async def test_settings_are_the_channels(store: SqlStore) -> None:
    wanted = ChannelSettings("Asia/Kolkata", time(17, 30), Layout.BROADCAST, EditPolicy.ADMINS)
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        await tx.directory.change_settings(context.channel.id, wanted)
    async with store.reading() as tx:
        assert (await arrive(tx)).channel.settings == wanted
        assert await tx.directory.channel(context.channel.id) == replace(context.channel, settings=wanted)
        assert (await tx.directory.channel(there.channel.id)).settings == ChannelSettings()


async def test_many_who_arrive_at_once_find_one_team(store: SqlStore) -> None:
    async def come(person: str) -> int:
        async with store.writing() as tx:
            return (await arrive(tx, person)).team_id

    teams = await asyncio.gather(*(come(person) for person in ("ann", "bob", "ann", "cleo", "bob", "ann")))
    async with store.reading() as tx:
        assert set(teams) == {(await arrive(tx)).team_id}
    kinds = [kind async for kind, _ in store.export()]
    assert (kinds.count("teams"), kinds.count("channels"), kinds.count("people")) == (1, 1, 3)


async def test_an_own_talk_belongs_to_the_workspace_that_somebody_was_seen_in(store: SqlStore) -> None:
    async with store.writing() as tx:
        assert await tx.directory.workspace_of(CONSOLE, "ann") is None
        await arrive(tx, workspace="lab")
        await arrive(tx, workspace="library")
        await arrive(tx, "bob", workspace="pub")
        assert await tx.directory.workspace_of(CONSOLE, "ann") == "library"
        await arrive(tx, channel="talk", workspace="lab", direct=True)
        assert await tx.directory.workspace_of(CONSOLE, "ann") == "lab", "where it is, it stays"
        assert await tx.directory.workspace_of(SLACK, "ann") is None
