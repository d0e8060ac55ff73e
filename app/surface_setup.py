"""What the program needs of every surface. It names single surfaces only in `SURFACES`."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from adapters.common.findings import Finding
from adapters.common.setup import SurfaceServices, TokenSecrets
from app.settings import Settings
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Platform
from bot.ports.clock import Clock
from bot.ports.sign_in_links import SignInLinks
from bot.ports.surface import Surface

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


class Adapter(Protocol):
    """Passes a surface's events to the bot."""

    @property
    def routes(self) -> "Sequence[BaseRoute]":
        """The HTTP routes that its platform calls."""
        ...

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Listen while the context lasts. If listening fails, the task that entered it is cancelled."""
        ...

    async def state(self) -> str:
        """Return `connected` if events arrive now, else what is wrong in a word or two."""
        ...

    async def settle(self) -> None:
        """Wait until every event that arrived is handled."""
        ...


@runtime_checkable
class SignsIn(Protocol):
    """An adapter that signs people in to the web page by a link in a mail."""

    @property
    def sign_in_links(self) -> SignInLinks:
        """What mails the links."""
        ...


class Installed(Protocol):
    """A configured surface, open for posts."""

    @property
    def surface(self) -> Surface:
        """Where posts go."""
        ...

    def adapter(self, bot: Bot, clock: Clock) -> Adapter:
        """Return the adapter that passes its events to the bot; `clock` is the platform's."""
        ...


class SurfaceSetup(Protocol):
    """A surface's entry in the registry. A new surface is a folder in adapters/ and a line in `SURFACES`."""

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
        """The environment variable that we name to somebody who has set up no surface yet."""
        ...

    def is_set_up(
        self, settings: Settings, secrets: Callable[[], TokenSecrets], *, listens: bool = False
    ) -> bool:
        """Whether the settings configure it. `listens` says that events have to come in as well.

        Raises:
            UserError: the settings are incomplete or contradict each other.

        """
        ...

    def opened(self, settings: Settings, services: SurfaceServices) -> AbstractAsyncContextManager[Installed]:
        """Open the surface, which must be configured; it is closed at the end of the context."""
        ...

    async def check_tokens(self, settings: Settings, services: SurfaceServices, *, listens: bool) -> None:
        """Ask the platform whether the configured tokens are valid.

        Raises:
            TokenRefused: it refuses one. Unreachable: it does not answer.

        """
        ...

    def findings(
        self, settings: Settings, services: SurfaceServices, *, readable: bool
    ) -> AsyncIterator[Finding]:
        """Yield what `paperclub doctor` reports of it; `readable` says whether the database can be read."""
        ...


Opening: TypeAlias = Callable[[SurfaceServices], AbstractAsyncContextManager[dict[Platform, Installed]]]
"""Opens surfaces with the services that a process shares."""
