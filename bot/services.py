"""What commands work with, put together once by `app/wiring.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clocks import Clocks
from bot.links import LinkFollower
from bot.losing import Losing
from bot.opening import PageOpener
from bot.planning import DigestPlanner
from bot.ports import (
    Answerer,
    Catalogue,
    Citations,
    Clock,
    FullTexts,
    Library,
    Search,
    Summarizer,
    Wakeup,
    WebPages,
)
from bot.repositories import Store
from bot.voting import Voting


@dataclass(frozen=True, slots=True)
class Services:
    """The world as the core sees it."""

    store: Store
    search: Search
    summarizer: Summarizer
    full_texts: FullTexts
    answerer: Answerer
    library: Library
    catalogues: Sequence[Catalogue]
    citations: Citations
    publishers: WebPages
    clock: Clock
    clocks: Clocks
    """What counts for what is posted, shown or due on a platform."""
    voting: Voting
    planner: DigestPlanner
    wakeup: Wakeup
    pages: PageOpener
    losing: Losing
    links: LinkFollower
