"""The tables: what the design promises, as constraints that the database keeps."""

from storage.sql.tables.base import Base
from storage.sql.tables.delivery import DigestItemRow, DigestRow, PostRow, QueueRow, SlotRow, SubscriptionRow
from storage.sql.tables.desk import CheckRow, EventRow, FeedRow, RestoreRow, SourceRunRow, ViewRow
from storage.sql.tables.installations import InstallationRow
from storage.sql.tables.papers import (
    ApartRow,
    CategoryRow,
    CounterRow,
    DescriptionRow,
    IdentifierRow,
    LinkRow,
    MergedPaperRow,
    NewsRow,
    PaperRow,
    RefusedNameRow,
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
    "AnsweredLinkRow",
    "ApartRow",
    "Base",
    "CategoryRow",
    "ChannelRow",
    "CheckRow",
    "CommentRow",
    "CounterRow",
    "DescriptionRow",
    "DigestItemRow",
    "DigestRow",
    "DiscussionRow",
    "EventRow",
    "FeedRow",
    "IdentifierRow",
    "InstallationRow",
    "LinkRow",
    "MergedPaperRow",
    "NewsRow",
    "PaperRow",
    "PersonRow",
    "PostRow",
    "QueueRow",
    "RefusedNameRow",
    "RestoreRow",
    "SavedRow",
    "ShownRow",
    "SlotRow",
    "SourceRunRow",
    "SubmissionRow",
    "SubscriptionRow",
    "TeamRow",
    "VectorRow",
    "ViewRow",
    "VoteRow",
    "WorkspaceRow",
]
