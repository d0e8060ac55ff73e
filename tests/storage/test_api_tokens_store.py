import pytest

from adapters.console import CONSOLE
from bot.domain.account import Membership
from bot.domain.api_token import Scope
from bot.domain.channel import Context
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, TODAY, arrive, later

BOTH = [Scope.WRITE, Scope.READ]


async def add(tx: SqlTransaction, context: Context, name: str = "laptop", token_hash: str = "h") -> bool:
    return await tx.api_tokens.add(context, name, token_hash, scopes=BOTH, now=NOW, expires=later(days=1))


async def test_a_token_is_found_by_its_hash_until_it_expires(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        assert await add(tx, ann)
    async with store.reading() as tx:
        found = await tx.api_tokens.find("h", later(hours=23))
        assert found is not None
        assert found.membership == Membership(CONSOLE, "lab", ann.person)
        assert (found.name, found.scopes) == ("laptop", {Scope.READ, Scope.WRITE})
        assert (found.created, found.expires, found.last_used) == (NOW, later(days=1), None)
        assert await tx.api_tokens.find("h", later(days=1)) is None
        assert await tx.api_tokens.find("another", NOW) is None


async def test_a_person_has_one_token_of_a_name_and_ends_only_their_own(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx), await arrive(tx, "bob")
        assert await add(tx, ann)
        assert not await add(tx, ann, token_hash="h2")
        assert await add(tx, bob, token_hash="h3")
        assert await add(tx, ann, "desk", "h4")
        assert await tx.api_tokens.find("h2", NOW) is None
        assert [each.name for each in await tx.api_tokens.of_person(ann)] == ["desk", "laptop"]
        assert not await tx.api_tokens.end(bob, "desk")
        assert await tx.api_tokens.end(ann, "laptop")
        assert not await tx.api_tokens.end(ann, "laptop")
        assert await tx.api_tokens.find("h", NOW) is None
        assert await tx.api_tokens.find("h3", NOW) is not None


async def test_the_day_of_its_last_use_is_kept(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        await add(tx, ann)
        [token] = await tx.api_tokens.of_person(ann)
        await tx.api_tokens.mark_used(token.id, TODAY)
        [token] = await tx.api_tokens.of_person(ann)
        assert token.last_used == TODAY


async def test_an_address_leads_to_its_person_and_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        await tx.feed_addresses.add(ann, ann.channel.id, "c", NOW, 3)
        await tx.feed_addresses.add(ann, None, "own", NOW, 3)
    async with store.reading() as tx:
        of_channel, own = await tx.feed_addresses.find("c"), await tx.feed_addresses.find("own")
        assert of_channel is not None
        assert own is not None
        assert (of_channel.channel, own.channel) == (ann.channel, None)
        assert of_channel.membership == own.membership == Membership(CONSOLE, "lab", ann.person)
        assert of_channel.last_used == TODAY
        assert await tx.feed_addresses.find("another") is None


async def test_the_addresses_that_are_in_use_stay(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx), await arrive(tx, "bob")
        await tx.feed_addresses.add(bob, None, "bobs", NOW, 2)
        await tx.feed_addresses.add(ann, ann.channel.id, "elsewhere", NOW, 2)
        await tx.feed_addresses.add(ann, None, "read", NOW, 2)
        read = await tx.feed_addresses.find("read")
        assert read is not None
        await tx.feed_addresses.mark_used(read.id, later(days=3).date())
        await tx.feed_addresses.add(ann, None, "forgotten", later(days=1), 2)
        await tx.feed_addresses.add(ann, None, "new", later(days=2), 2)
        left = [
            name
            for name in ("bobs", "elsewhere", "read", "forgotten", "new")
            if await tx.feed_addresses.find(name)
        ]
        assert left == ["bobs", "elsewhere", "read", "new"]
        assert await tx.feed_addresses.end(ann, None) == 2
        assert await tx.feed_addresses.find("read") is None
        assert await tx.feed_addresses.find("elsewhere") is not None
        assert await tx.feed_addresses.find("bobs") is not None


@pytest.mark.parametrize("table", ["api_tokens", "feed_addresses"])
async def test_hashes_are_not_exported(store: SqlStore, table: str) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        await add(tx, ann, token_hash="secret hash")
        await tx.feed_addresses.add(ann, None, "secret hash", NOW, 3)
    rows = [row async for name, row in store.export() if name == table]
    assert [row["person_id"] for row in rows] == [ann.person.id]
    assert "secret hash" not in repr(rows)
