"""Finding a paper by its title."""

from collections.abc import Iterable

from bot.domain.identifiers import title_key
from bot.domain.paper import PaperDraft


def with_title(title: str, found: Iterable[PaperDraft]) -> PaperDraft | None:
    """Return the first draft with this title, ignoring case and punctuation."""
    key = title_key(title)
    return next((paper for paper in found if key and title_key(paper.title) == key), None)
