"""How a source's day went, by what came of it."""

from collections.abc import Sequence

from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay, SourceState


def day_of(drafts: Sequence[PaperDraft], trouble: str, revised: Sequence[PaperDraft] = ()) -> SourceDay:
    """Tell a whole day from an empty one, one of which a part came, and one of which nothing did."""
    if trouble:
        state = SourceState.PARTIAL if drafts or revised else SourceState.FAILED
    else:
        state = SourceState.COMPLETE if drafts or revised else SourceState.EMPTY
    return SourceDay(tuple(drafts), state, trouble, tuple(revised))
