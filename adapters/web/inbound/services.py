"""What the page is given by the program."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.outbound.asking import Receive
from adapters.web.outbound.openid import Provider
from bot.conversation.accounts import AccountLinker
from bot.conversation.paper_talk import PaperTalk
from bot.ports.clock import Clock
from bot.ports.coordination import RateLimiter
from bot.ports.sign_in_links import SignInLinks
from bot.ports.store.store import Store


@dataclass(frozen=True, slots=True)
class WebServices:
    """What every page works with."""

    receive: Receive
    store: Store
    accounts: AccountLinker
    talk: PaperTalk
    clock: Clock
    limiter: RateLimiter
    public_url: str = ""
    """The address under which people reach the page; empty if the operator has not said."""
    providers: Sequence[Provider] = ()
    """The platforms that tell who somebody is."""
    sign_in_links: SignInLinks | None = None
    """Signs people in by mail; None where no mail is set up."""
    demo_account: int | None = None
    """Who a visitor is taken for, where the page is only for trying out on one's own computer."""
