"""The store behind the core: transactions, and the repositories inside them."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from storage.sql.connection import Connection
from storage.sql.engine import database_errors, for_writing, make_engine
from storage.sql.export import exported
from storage.sql.repositories.accounts import SqlAccounts
from storage.sql.repositories.api_tokens import SqlApiTokens, SqlFeedAddresses
from storage.sql.repositories.citations import SqlCitations
from storage.sql.repositories.digests import SqlDigests
from storage.sql.repositories.directory import SqlDirectory
from storage.sql.repositories.discussions import SqlDiscussions
from storage.sql.repositories.embeddings import SqlEmbeddings
from storage.sql.repositories.figures import Figures, SqlFigures
from storage.sql.repositories.inbox import SqlInbox
from storage.sql.repositories.installations import SqlInstallations
from storage.sql.repositories.messages import SqlMessages
from storage.sql.repositories.news import SqlPaperNews
from storage.sql.repositories.outbox import SqlOutbox
from storage.sql.repositories.paper_admin import SqlPaperAdmin
from storage.sql.repositories.paper_rows import SqlPaperRows
from storage.sql.repositories.paper_statuses import SqlPaperStatuses
from storage.sql.repositories.papers import SqlPapers
from storage.sql.repositories.reactions import SqlReactions
from storage.sql.repositories.restores import SqlRestores
from storage.sql.repositories.result_lists import SqlResultLists
from storage.sql.repositories.saved import SqlSaved
from storage.sql.repositories.schedule import SqlSchedule
from storage.sql.repositories.source_polls import SqlSourcePolls
from storage.sql.repositories.source_records import SqlSourceRecords
from storage.sql.repositories.source_runs import SqlSourceRuns
from storage.sql.repositories.submissions import SqlSubmissions
from storage.sql.repositories.subscriptions import SqlSubscriptions
from storage.sql.repositories.votes import SqlVotes

ANSWER_SECONDS = 5.0
"""How long `answers` waits for the database."""
CLOSE_SECONDS = 5.0
"""How long closing the connections may take."""
_log = logging.getLogger(__name__)


class SqlTransaction:
    """All repositories over one transaction, each made on first use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def papers(self) -> SqlPapers:
        """Papers."""
        return SqlPapers(self._connection)

    @cached_property
    def paper_rows(self) -> SqlPaperRows:
        """Papers, as they are written."""
        return SqlPaperRows(self._connection)

    @cached_property
    def source_records(self) -> SqlSourceRecords:
        """What sources said of papers."""
        return SqlSourceRecords(self._connection)

    @cached_property
    def paper_admin(self) -> SqlPaperAdmin:
        """Papers, as the operator corrects them."""
        return SqlPaperAdmin(self._connection, self.paper_rows)

    @cached_property
    def citations(self) -> SqlCitations:
        """Which papers cite which."""
        return SqlCitations(self._connection)

    @cached_property
    def embeddings(self) -> SqlEmbeddings:
        """Embeddings."""
        return SqlEmbeddings(self._connection)

    @cached_property
    def directory(self) -> SqlDirectory:
        """Teams, workspaces, channels and people."""
        return SqlDirectory(self._connection)

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Who is who over all platforms."""
        return SqlAccounts(self._connection)

    @cached_property
    def api_tokens(self) -> SqlApiTokens:
        """Tokens for programs."""
        return SqlApiTokens(self._connection)

    @cached_property
    def feed_addresses(self) -> SqlFeedAddresses:
        """Secret addresses of feeds."""
        return SqlFeedAddresses(self._connection)

    @cached_property
    def votes(self) -> SqlVotes:
        """Votes."""
        return SqlVotes(self._connection)

    @cached_property
    def reactions(self) -> SqlReactions:
        """Votes by reaction."""
        return SqlReactions(self._connection)

    @cached_property
    def paper_statuses(self) -> SqlPaperStatuses:
        """What a channel and a person have done with papers."""
        return SqlPaperStatuses(self._connection)

    @cached_property
    def messages(self) -> SqlMessages:
        """Which messages show which papers."""
        return SqlMessages(self._connection)

    @cached_property
    def discussions(self) -> SqlDiscussions:
        """Discussions of papers."""
        return SqlDiscussions(self._connection)

    @cached_property
    def submissions(self) -> SqlSubmissions:
        """Who added which paper."""
        return SqlSubmissions(self._connection)

    @cached_property
    def saved(self) -> SqlSaved:
        """Reading lists."""
        return SqlSaved(self._connection)

    @cached_property
    def subscriptions(self) -> SqlSubscriptions:
        """Topics that channels follow."""
        return SqlSubscriptions(self._connection)

    @cached_property
    def schedule(self) -> SqlSchedule:
        """When slots are due."""
        return SqlSchedule(self._connection)

    @cached_property
    def digests(self) -> SqlDigests:
        """Planned digests."""
        return SqlDigests(self._connection)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Posts on their way."""
        return SqlOutbox(self._connection)

    @cached_property
    def news(self) -> SqlPaperNews:
        """News of papers."""
        return SqlPaperNews(self._connection)

    @cached_property
    def result_lists(self) -> SqlResultLists:
        """Result lists that people page through."""
        return SqlResultLists(self._connection)

    @cached_property
    def inbox(self) -> SqlInbox:
        """Received events."""
        return SqlInbox(self._connection)

    @cached_property
    def source_runs(self) -> SqlSourceRuns:
        """How polls of sources went."""
        return SqlSourceRuns(self._connection)

    @cached_property
    def source_polls(self) -> SqlSourcePolls:
        """When each source is polled."""
        return SqlSourcePolls(self._connection)

    @cached_property
    def installations(self) -> SqlInstallations:
        """Where the bot is installed."""
        return SqlInstallations(self._connection)

    @cached_property
    def restores(self) -> SqlRestores:
        """What changes after a restore."""
        return SqlRestores(self._connection)

    @cached_property
    def figures(self) -> SqlFigures:
        """Figures of the whole database."""
        return SqlFigures(self._connection)


class SqlStore:
    """The store in a SQLite file or a PostgreSQL database. Nothing is opened before the first use."""

    def __init__(self, database_url: str) -> None:
        self._engine = make_engine(database_url)
        self._writing_engine = for_writing(self._engine)
        self._one_writer = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[SqlTransaction]:
        """Open a transaction that only reads."""
        async with self._engine.connect() as connection:
            yield SqlTransaction(Connection(connection, writable=False))

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[SqlTransaction]:
        """Open a transaction that commits at its end and rolls back on an error.

        SQLite has one writer at a time. Inside this process, a lock makes the waiting fair and immediate;
        SQLite itself sleeps and polls. Other processes still need SQLite's waiting.
        """
        async with AsyncExitStack() as stack:
            if self._one_writer is not None:
                await stack.enter_async_context(self._one_writer)
            connection = await stack.enter_async_context(self._writing_engine.begin())
            yield SqlTransaction(Connection(connection, writable=True))

    def export(self) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
        """Yield every row but vectors, leases and secrets, as its table and its JSON values."""
        return exported(self._engine)

    async def answers(self) -> bool:
        """Return whether the database answers in time. If it does not, the log has the error."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._engine.connect() as connection:
                await connection.execute(select(1))
        except (SQLAlchemyError, OSError) as error:
            _log.warning("The database does not answer: %s", type(error).__name__)
            return False
        return True

    async def figures(self) -> Figures | None:
        """Return figures of the whole database, None if it does not answer in time. The log has the error."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self.reading() as tx:
                return await tx.figures.read()
        # asyncpg's own errors while connecting reach us as they are, such as those of a server that starts.
        except database_errors() as error:
            _log.warning("The database gives no figures: %s", type(error).__name__)
            return None

    async def close(self) -> None:
        """Close all connections, without waiting long for a server that does not answer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._engine.dispose()
