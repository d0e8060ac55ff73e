"""Papers by their titles."""

from collections.abc import Iterable

from bot.domain.identifiers import title_key
from bot.domain.paper import PaperDraft


def having_title(title: str, found: Iterable[PaperDraft]) -> PaperDraft | None:
    """Give the first that has just this title, whatever its letters' case and marks."""
    key = title_key(title)
    return next((paper for paper in found if key and title_key(paper.title) == key), None)
