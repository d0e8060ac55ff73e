"""What commands work with, put together once by `app/wiring.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.paper_pages import PageOpener
from bot.intake.links import LinkFollower
from bot.ports.clock import Clock
from bot.ports.coordination import Wakeup
from bot.ports.library import Library
from bot.ports.search import Search
from bot.ports.sources import Catalogue, Citations, WebPages
from bot.ports.store.store import Store
from bot.ports.texts import Answerer, FullTexts, Summarizer
from bot.posting.channel_loss import ChannelLossHandler
from bot.posting.clocks import Clocks
from bot.posting.planner import DigestPlanner
from bot.posting.tally_updates import TallyUpdater


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
    tally_updates: TallyUpdater
    planner: DigestPlanner
    wakeup: Wakeup
    pages: PageOpener
    channel_loss: ChannelLossHandler
    links: LinkFollower
