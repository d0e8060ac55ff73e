"""The result of fetching a source's day."""

from collections.abc import Sequence

from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay, SourceState


def day_of(drafts: Sequence[PaperDraft], trouble: str, revised: Sequence[PaperDraft] = ()) -> SourceDay:
    """Return the day as complete, empty, partial or failed; `trouble` is empty if all went well."""
    if trouble:
        state = SourceState.PARTIAL if drafts or revised else SourceState.FAILED
    else:
        state = SourceState.COMPLETE if drafts or revised else SourceState.EMPTY
    return SourceDay(tuple(drafts), state, trouble, tuple(revised))
