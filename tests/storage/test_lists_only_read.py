"""Commands that only list read in reading transactions, so that no vote waits for them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from bot.commands import COMMANDS
from bot.conversation.boards import BoardReader
from bot.conversation.command import CommandContext
from bot.conversation.lists import ROWS_A_PAGE, SUBSCRIPTIONS_A_PAGE
from bot.conversation.paper_pages import PageOpener
from bot.domain.channel import Context
from bot.domain.vote import Vote, VoteSource
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, arrive, papers, show, subscribe

LISTS = ("history", "top", "saved", "trending", "subscriptions")
TABLE = {command.name: command for command in COMMANDS}


@dataclass(slots=True)
class CountedStore:
    """A store that counts the writing transactions."""

    store: SqlStore
    writes: int = 0

    def reading(self) -> AbstractAsyncContextManager[SqlTransaction]:
        return self.store.reading()

    def writing(self) -> AbstractAsyncContextManager[SqlTransaction]:
        self.writes += 1
        return self.store.writing()


async def fill(store: SqlStore, count: int) -> Context:
    """Put so many rows on each of the lists."""
    async with store.writing() as tx:
        context = await arrive(tx)
        for number, paper_id in enumerate(await papers(tx, *(f"Paper {count}" for count in range(count)))):
            await show(tx, context, f"message {number}", paper_id)
            await tx.votes.cast(context, paper_id, Vote.UP, VoteSource.COMMAND, NOW)
            await tx.saved.put(context, paper_id, NOW)
            await subscribe(tx, context, f"topic {number}")
    return context


@pytest.fixture
def answer(store: SqlStore) -> Callable[..., object]:
    """Let a command answer; give its reply and how many writing transactions it opened."""

    async def answered(name: str, context: Context) -> tuple[object, int]:
        counted, command = CountedStore(store), TABLE[name]
        services = SimpleNamespace(store=counted, boards=BoardReader(counted), pages=PageOpener(counted))
        reply = await command.handle(CommandContext(context, command.read(""), services, None, NOW))
        return reply, counted.writes

    return answered


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_one_page_opens_no_writing_transaction(store, answer, name):
    context = await fill(store, SUBSCRIPTIONS_A_PAGE)
    reply, writes = await answer(name, context)
    assert (len(reply.rows), reply.pages.pages) == (SUBSCRIPTIONS_A_PAGE, 1)
    assert writes == 0


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_without_rows_opens_no_writing_transaction(store, answer, name):
    context = await fill(store, 0)
    _, writes = await answer(name, context)
    assert writes == 0


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_several_pages_is_stored_for_its_buttons(store, answer, name):
    context = await fill(store, ROWS_A_PAGE + 1)
    reply, writes = await answer(name, context)
    assert writes == 1
    async with store.reading() as tx:
        kept = await tx.result_lists.get(reply.pages.list_id, NOW)
    assert kept is not None
    assert kept.command == name
