import asyncio
import itertools
from datetime import datetime, timedelta

import pytest

from adapters.console import CONSOLE
from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.account import Identity
from bot.domain.channel import Origin, Person
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, later

ADA_SLACK = Identity(SLACK, "T1", "U1", "ada")
ADA_DISCORD = Identity(DISCORD, "", "1001", "Ada L.")
ADA_MAIL = Identity(CONSOLE, "lab", "ada", "ada")
BOB_SLACK = Identity(SLACK, "T1", "U2", "bob")


async def link(store: SqlStore, first: Identity, second: Identity) -> int:
    async with store.writing() as tx:
        return await tx.accounts.link(first, second, NOW)


async def ensure(store: SqlStore, identity: Identity) -> int:
    async with store.writing() as tx:
        return await tx.accounts.ensure(identity, NOW)


async def unlink(store: SqlStore, identity: Identity) -> bool:
    async with store.writing() as tx:
        return await tx.accounts.unlink(identity)


async def identities(store: SqlStore, account_id: int) -> list[Identity]:
    async with store.reading() as tx:
        return list(await tx.accounts.identities(account_id))


async def session(tx: SqlTransaction, session_hash: str, now: datetime) -> int | None:
    return (await tx.accounts.find_sessions([session_hash, "another"], now)).get(session_hash)


async def meet(store: SqlStore, platform, workspace: str, person: str) -> Person:
    origin = Origin(platform, workspace, "general", person, person_name=person)
    async with store.writing() as tx:
        return (await tx.directory.resolve(origin, NOW)).person


async def test_an_identity_has_one_account_and_its_latest_name(store: SqlStore) -> None:
    first = await ensure(store, ADA_SLACK)
    assert await ensure(store, Identity(SLACK, "T1", "U1", "Ada")) == first
    assert await ensure(store, Identity(SLACK, "T1", "U1")) == first
    assert await identities(store, first) == [Identity(SLACK, "T1", "U1", "Ada")]
    assert await ensure(store, BOB_SLACK) != first
    assert await ensure(store, Identity(SLACK, "T2", "U1")) != first


async def test_linking_joins_two_accounts_whichever_side_has_more(store: SqlStore) -> None:
    await link(store, ADA_SLACK, ADA_DISCORD)
    joined = await link(store, ADA_MAIL, ADA_DISCORD)
    assert {each.external_id for each in await identities(store, joined)} == {"U1", "1001", "ada"}
    assert await link(store, ADA_DISCORD, ADA_SLACK) == joined
    async with store.reading() as tx:
        assert {await tx.accounts.find(each) for each in (ADA_SLACK, ADA_DISCORD, ADA_MAIL)} == {joined}
        assert await tx.accounts.find(BOB_SLACK) is None


async def test_unlinking_takes_one_out_and_signs_everybody_out(store: SqlStore) -> None:
    account = await link(store, ADA_SLACK, ADA_DISCORD)
    async with store.writing() as tx:
        await tx.accounts.open_session("hash", account, NOW, later(days=1))
    assert await unlink(store, ADA_DISCORD)
    assert await identities(store, account) == [ADA_SLACK]
    async with store.reading() as tx:
        assert await tx.accounts.find(ADA_DISCORD) is None
        assert await session(tx, "hash", NOW) is None
    assert not await unlink(store, ADA_SLACK)
    assert not await unlink(store, BOB_SLACK)
    assert await identities(store, account) == [ADA_SLACK]


async def test_an_account_is_the_people_of_its_identities_and_nobody_else(store: SqlStore) -> None:
    account = await link(store, ADA_SLACK, ADA_DISCORD)
    here = [await meet(store, SLACK, "T1", "U1"), await meet(store, DISCORD, "G1", "1001")]
    also = await meet(store, DISCORD, "G2", "1001")
    for platform, workspace, person in (
        (SLACK, "T2", "U1"),
        (SLACK, "T1", "U2"),
        (DISCORD, "G1", "1002"),
        (CONSOLE, "T1", "U1"),
    ):
        await meet(store, platform, workspace, person)
    async with store.reading() as tx:
        memberships = await tx.accounts.memberships(account)
    assert [each.person for each in memberships] == [*here, also]
    assert [(each.platform, each.workspace) for each in memberships] == [
        (SLACK, "T1"),
        (DISCORD, "G1"),
        (DISCORD, "G2"),
    ]
    await unlink(store, ADA_DISCORD)
    async with store.reading() as tx:
        assert [each.person for each in await tx.accounts.memberships(account)] == here[:1]


async def test_a_code_serves_once_and_only_the_latest_until_it_expires(store: SqlStore) -> None:
    async with store.writing() as tx:
        await tx.accounts.put_code("old", ADA_SLACK, later(minutes=10))
        await tx.accounts.put_code("new", ADA_SLACK, later(minutes=10))
        await tx.accounts.put_code("bobs", BOB_SLACK, later(minutes=5))
    async with store.writing() as tx:
        assert await tx.accounts.find_code("new", NOW) == ADA_SLACK
        assert await tx.accounts.take_code("old", NOW) is None
        assert await tx.accounts.take_code("bobs", later(minutes=5)) is None
        assert await tx.accounts.take_code("new", NOW) == ADA_SLACK
        assert await tx.accounts.take_code("new", NOW) is None


async def test_sessions_end_by_themselves_or_when_asked_to(store: SqlStore) -> None:
    account = await ensure(store, ADA_SLACK)
    async with store.writing() as tx:
        for number in range(3):
            await tx.accounts.open_session(f"s{number}", account, NOW, later(hours=number + 1))
        assert await session(tx, "s0", later(hours=1)) is None
        assert await session(tx, "s1", later(hours=1)) == account
        await tx.accounts.close_session("s1")
        assert await session(tx, "s1", NOW) is None
        await tx.accounts.sweep(later(hours=2))
        assert await session(tx, "s0", NOW - timedelta(days=1)) is None
        assert await session(tx, "s2", NOW) == account


async def test_joined_accounts_keep_their_sessions(store: SqlStore) -> None:
    older, younger = await ensure(store, ADA_SLACK), await ensure(store, ADA_DISCORD)
    async with store.writing() as tx:
        await tx.accounts.open_session("phone", younger, NOW, later(days=1))
    assert await link(store, ADA_SLACK, ADA_DISCORD) == older
    async with store.reading() as tx:
        assert await session(tx, "phone", NOW) == older


@pytest.mark.parametrize("table", ["sessions", "link_codes"])
async def test_what_proves_somebody_is_not_exported(store: SqlStore, table: str) -> None:
    account = await ensure(store, ADA_SLACK)
    async with store.writing() as tx:
        await tx.accounts.open_session("hash", account, NOW, later(days=1))
        await tx.accounts.put_code("code", ADA_SLACK, later(minutes=10))
    tables = {name async for name, _ in store.export()}
    assert table not in tables
    assert "identities" in tables


async def test_links_at_the_same_time_make_one_account_of_all(store: SqlStore) -> None:
    everybody = [Identity(SLACK, "T1", f"U{number}") for number in range(6)]
    for identity in everybody:
        await ensure(store, identity)
    pairs = [*itertools.pairwise(everybody), (everybody[0], everybody[-1]), (everybody[4], everybody[1])]
    await asyncio.gather(*(link(store, first, second) for first, second in pairs))
    async with store.reading() as tx:
        assert len({await tx.accounts.find(each) for each in everybody} - {None}) == 1
