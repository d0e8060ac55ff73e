"""What commands work with; `app/wiring.py` builds it once."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.accounts import AccountLinker
from bot.conversation.boards import BoardReader
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
from bot.posting.mailbox_owners import MailboxOwners
from bot.posting.mailbox_requests import MailboxRequests
from bot.posting.planner import DigestPlanner
from bot.posting.tally_updates import TallyUpdater


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every service that a command or the dispatcher may use, grouped by what it serves."""

    # What is stored, and what time it is
    store: Store
    clock: Clock
    """This computer's clock. For anything posted, shown or due on a platform, use `clocks`."""
    clocks: Clocks
    """The platforms' own clocks."""

    # Who is who
    accounts: AccountLinker
    public_url: str
    """The address under which people reach the web page, without a slash at its end. Empty: there is none."""

    # Finding papers, and bringing them in
    search: Search
    library: Library
    catalogues: Sequence[Catalogue]
    """In the order in which they are asked."""
    citations: Citations
    publishers: WebPages

    # Reading papers
    summarizer: Summarizer
    full_texts: FullTexts
    answerer: Answerer

    # Answering in a channel
    boards: BoardReader
    pages: PageOpener
    links: LinkFollower
    tally_updates: TallyUpdater

    # Posting on schedule
    planner: DigestPlanner
    wakeup: Wakeup
    """Wakes the processes that send, so that a change is posted at once."""
    channel_loss: ChannelLossHandler

    # Papers by mail
    mailbox_owners: MailboxOwners
    mailboxes: MailboxRequests | None
    """None where no mail server is set up."""
