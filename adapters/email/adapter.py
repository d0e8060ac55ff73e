"""The pages that mails link to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from adapters.common.tasks import TaskTracker
from adapters.email.inbound.pages import Pages
from adapters.email.inbound.sign_in import MailSignIn
from adapters.email.links import Links
from adapters.email.outbound.surface import EmailSurface
from adapters.email.outbound.turns import Turns
from bot.conversation.dispatcher import Bot
from bot.ports.clock import Clock
from bot.ports.coordination import RateLimiter
from bot.ports.sign_in_links import SignInLinks
from bot.ports.store.store import Store

DRAIN_SECONDS = 10.0
"""How long confirmations and sign-in links may still be sent when the process stops."""


class EmailAdapter:
    """Answers the links of mails."""

    def __init__(
        self,
        bot: Bot,
        surface: EmailSurface,
        links: Links,
        *,
        turns: Turns,
        store: Store,
        clock: Clock,
        limiter: RateLimiter,
    ) -> None:
        self._tasks = TaskTracker("mail")
        self._pages = Pages(bot, links, store=store, clock=clock, tasks=self._tasks, limiter=limiter)
        self._sign_in = MailSignIn(surface, links, turns, store=store, clock=clock, tasks=self._tasks)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The pages."""
        return self._pages.routes()

    @property
    def sign_in_links(self) -> SignInLinks:
        """What mails the links with which people sign in to the web page."""
        return self._sign_in

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Finish what was begun at the end of the block."""
        try:
            yield
        finally:
            await self._tasks.drain(DRAIN_SECONDS)

    async def state(self) -> str:
        """Return "connected": the pages need no connection."""
        return "connected"

    async def settle(self) -> None:
        """Wait until all confirmations are sent."""
        await self._tasks.settle()
