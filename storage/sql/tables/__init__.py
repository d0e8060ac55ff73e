"""The tables, with the design's rules as constraints that the database enforces."""

from storage.sql.tables.accounts import AccountRow, IdentityRow, LinkCodeRow, SessionRow
from storage.sql.tables.api_tokens import ApiTokenRow, FeedAddressRow
from storage.sql.tables.base import Base
from storage.sql.tables.bookkeeping import (
    EventRow,
    RestoreRow,
    ResultListRow,
    SourceCheckRow,
    SourcePollRow,
    SourceRunRow,
)
from storage.sql.tables.delivery import DigestItemRow, DigestRow, PostRow, QueueRow, SlotRow, SubscriptionRow
from storage.sql.tables.installations import InstallationRow
from storage.sql.tables.papers import (
    CategoryRow,
    CitationRow,
    CounterRow,
    DescriptionRow,
    IdentifierRow,
    LinkRow,
    MergedPaperRow,
    NewsRow,
    PaperRow,
    RejectedIdentifierRow,
    SeparatedPaperRow,
    VectorRow,
)
from storage.sql.tables.people import ChannelRow, PersonRow, TeamRow, WorkspaceRow
from storage.sql.tables.talk import (
    AnsweredLinkRow,
    CommentRow,
    DiscussionRow,
    SavedRow,
    ShownRow,
    SubmissionRow,
    VoteRow,
)

__all__ = [
    "AccountRow",
    "AnsweredLinkRow",
    "ApiTokenRow",
    "Base",
    "CategoryRow",
    "ChannelRow",
    "CitationRow",
    "CommentRow",
    "CounterRow",
    "DescriptionRow",
    "DigestItemRow",
    "DigestRow",
    "DiscussionRow",
    "EventRow",
    "FeedAddressRow",
    "IdentifierRow",
    "IdentityRow",
    "InstallationRow",
    "LinkCodeRow",
    "LinkRow",
    "MergedPaperRow",
    "NewsRow",
    "PaperRow",
    "PersonRow",
    "PostRow",
    "QueueRow",
    "RejectedIdentifierRow",
    "RestoreRow",
    "ResultListRow",
    "SavedRow",
    "SeparatedPaperRow",
    "SessionRow",
    "ShownRow",
    "SlotRow",
    "SourceCheckRow",
    "SourcePollRow",
    "SourceRunRow",
    "SubmissionRow",
    "SubscriptionRow",
    "TeamRow",
    "VectorRow",
    "VoteRow",
    "WorkspaceRow",
]
