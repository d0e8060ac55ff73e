"""What the program expects of a surface, without knowing any by name."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias

from starlette.routing import BaseRoute

from adapters.common.findings import Finding
from adapters.common.setup import SurfaceServices, TokenSecrets
from app.settings import Settings
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Platform
from bot.ports.clock import Clock
from bot.ports.surface import Surface


class Adapter(Protocol):
    """What passes a surface's events on to the bot."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The addresses at which its platform calls."""
        ...

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Listen as long as the context lasts; where that fails, the task that entered it is cancelled."""
        ...

    async def state(self) -> str:
        """Say in a word or two whether events come in now: `connected` where they do."""
        ...

    async def settle(self) -> None:
        """Wait until everything that has come in is dealt with."""
        ...


class Installed(Protocol):
    """A surface that is set up."""

    @property
    def surface(self) -> Surface:
        """Where posts go."""
        ...

    def adapter(self, bot: Bot, clock: Clock) -> Adapter:
        """Make what passes its events on to the bot; `clock` is the platform's."""
        ...


class SurfaceSetup(Protocol):
    """What a surface declares of itself; a new one is a folder in adapters/ and a line in `SURFACES`."""

    @property
    def platform(self) -> Platform:
        """Its name in the database."""
        ...

    @property
    def label(self) -> str:
        """Its name as people write it."""
        ...

    @property
    def setting(self) -> str:
        """The variable with which one sets it up first."""
        ...

    def is_set_up(
        self, settings: Settings, secrets: Callable[[], TokenSecrets], *, listens: bool = False
    ) -> bool:
        """Whether the settings speak of it.

        Raises:
            UserError: they do not go together.

        """
        ...

    def opened(self, settings: Settings, services: SurfaceServices) -> AbstractAsyncContextManager[Installed]:
        """Make the surface; the settings speak of it."""
        ...

    async def check_tokens(self, settings: Settings, services: SurfaceServices, *, listens: bool) -> None:
        """Ask the platform whether it takes the tokens that are set.

        Raises:
            TokenRefused: it does not take one. Unreachable: it does not answer.

        """
        ...

    def findings(
        self, settings: Settings, services: SurfaceServices, *, readable: bool
    ) -> AsyncIterator[Finding]:
        """Examine it for `paperclub doctor`; `readable` says whether the database can be read."""
        ...


Opening: TypeAlias = Callable[[SurfaceServices], AbstractAsyncContextManager[dict[Platform, Installed]]]
"""Makes surfaces of what a process shares."""
