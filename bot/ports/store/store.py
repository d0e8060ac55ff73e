"""The database, and one transaction on it."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.ports.store.accounts import Accounts
from bot.ports.store.api_tokens import ApiTokens, FeedAddresses
from bot.ports.store.citations import Citations
from bot.ports.store.digests import Digests
from bot.ports.store.directory import Directory
from bot.ports.store.discussions import Discussions
from bot.ports.store.embeddings import Embeddings
from bot.ports.store.inbox import Inbox
from bot.ports.store.installations import Installations
from bot.ports.store.messages import Messages
from bot.ports.store.news import PaperNews
from bot.ports.store.outbox import Outbox
from bot.ports.store.paper_rows import PaperRows
from bot.ports.store.paper_statuses import PaperStatuses
from bot.ports.store.papers import Papers
from bot.ports.store.reactions import Reactions
from bot.ports.store.restores import Restores
from bot.ports.store.result_lists import ResultLists
from bot.ports.store.saved import Saved
from bot.ports.store.schedule import Schedule
from bot.ports.store.source_polls import SourcePolls
from bot.ports.store.source_records import SourceRecords
from bot.ports.store.source_runs import SourceRuns
from bot.ports.store.submissions import Submissions
from bot.ports.store.subscriptions import Subscriptions
from bot.ports.store.votes import Votes


class Transaction(Protocol):
    """All repositories over one short transaction."""

    @property
    def papers(self) -> Papers: ...
    @property
    def paper_rows(self) -> PaperRows: ...
    @property
    def source_records(self) -> SourceRecords: ...
    @property
    def citations(self) -> Citations: ...
    @property
    def embeddings(self) -> Embeddings: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def api_tokens(self) -> ApiTokens: ...
    @property
    def feed_addresses(self) -> FeedAddresses: ...
    @property
    def votes(self) -> Votes: ...
    @property
    def reactions(self) -> Reactions: ...
    @property
    def paper_statuses(self) -> PaperStatuses: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def discussions(self) -> Discussions: ...
    @property
    def submissions(self) -> Submissions: ...
    @property
    def saved(self) -> Saved: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def news(self) -> PaperNews: ...
    @property
    def result_lists(self) -> ResultLists: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def source_runs(self) -> SourceRuns: ...
    @property
    def source_polls(self) -> SourcePolls: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def restores(self) -> Restores: ...


class Store(Protocol):
    """The database."""

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that only reads. A write in it raises RuntimeError."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that commits at its end and rolls back on an error."""
        ...
