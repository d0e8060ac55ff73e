"""The pages that mails link to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from adapters.common.tasks import TaskTracker
from adapters.email.inbound.form_pace import FormPace
from adapters.email.inbound.pages import Pages
from adapters.email.links import Links
from adapters.email.outbound.surface import EmailSurface
from bot.conversation.dispatcher import Bot
from bot.ports.clock import Clock
from bot.ports.store.store import Store

DRAIN_SECONDS = 10.0
"""How long confirmations may still be sent when the process stops."""


class EmailAdapter:
    """Answers the links of mails."""

    def __init__(
        self,
        bot: Bot,
        surface: EmailSurface,
        links: Links,
        *,
        store: Store,
        clock: Clock,
        form_pace: FormPace,
    ) -> None:
        self._tasks = TaskTracker("mail")
        self._pages = Pages(
            bot, surface, links, store=store, clock=clock, tasks=self._tasks, form_pace=form_pace
        )

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The pages."""
        return self._pages.routes()

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
